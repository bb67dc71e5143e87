"""How many processes an accelerator has room for: each has a context of its own, whatever it computes."""

from __future__ import annotations

CONTEXT = 620 * 2**20
"""Bytes of the device that a process of torch takes before its first tensor: 612 MB on an H100 with CUDA 13.
Others take less (pytorch/pytorch#86509 measured 287 MB): room for too few is better than for too many."""
TENSORS = 204 * 2**20
"""Bytes for what a lesson computes with, for its kernels and for the workspaces of cuBLAS: 202 MB there, for
a training step of the course's."""
EACH = CONTEXT + TENSORS


def room_for(memory: int) -> int:
    """How many runs fit at once into so many bytes."""
    return memory // EACH
