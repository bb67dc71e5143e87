"""Modules that hold a module which they are in."""

from __future__ import annotations

from torch import nn

KEEP_IT_APART = "keep it out of the modules, such as in a list, self.parent = [parent]"
"""What is to be done about one."""


def circles(net: nn.Module) -> list[str]:
    """The paths by which a module comes back to one that it is in; `parent` or `block.parent`, say."""
    found: list[str] = []
    above: set[nn.Module] = set()
    seen: set[nn.Module] = set()

    def go_down(module: nn.Module, path: str) -> None:
        above.add(module)
        seen.add(module)
        for name, part in module.named_children():
            if part in above:
                found.append(f"{path}{name}")
            elif part not in seen:
                go_down(part, f"{path}{name}.")
        above.remove(module)

    go_down(net, "")
    return found
