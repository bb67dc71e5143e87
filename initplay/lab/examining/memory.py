"""How much memory is left, and what is too large for it."""

from __future__ import annotations

import os

import torch
from torch import nn

from initplay.lab.examining.refused import Refused

NO_MEMORY = "There is not enough memory for a pass of this net: examine fewer examples, or smaller ones."


def refuse_what_is_too_large(net: nn.Module, copies: int) -> None:
    """Raises Refused where the parameters, so many times, are more than what memory is left."""
    need = copies * sum(
        own.numel() * own.element_size() for own in net.parameters() if not nn.parameter.is_lazy(own)
    )
    device = next((own.device for own in net.parameters() if own.device.type != "meta"), torch.device("cpu"))
    left = free_memory(device)
    if left is not None and need > left:
        count = sum(own.numel() for own in net.parameters() if not nn.parameter.is_lazy(own))
        raise Refused(
            f"The net is too large for here: {count:,} parameters take {gigabytes(need / copies)}, with "
            f"gradients and a copy {gigabytes(need)}, and {gigabytes(left)} are free: examine a smaller one "
            "of its kind, with fewer or narrower layers."
        )


def free_memory(device: torch.device) -> int | None:
    """Bytes that are left on a device, or None where nobody says."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def gigabytes(count: float) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 / 10 else f"{count / 2**20:.0f} MB"
