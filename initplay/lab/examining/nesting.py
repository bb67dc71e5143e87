"""Modules within modules: which were running when something was raised, and whether they are too many."""

from __future__ import annotations

import sys
import traceback

from torch import nn

from initplay.lab.examining.refused import Refused

_CALL = nn.Module.__call__.__code__
_FRAMES = 3
"""Of Python, at least, that a call of a module takes with its forward."""
_LONG = 60
"""Letters of a name that are all read."""


def running(net: nn.Module, error: BaseException) -> list[str]:
    """The modules of the net that were called when it was raised, the outermost first. A hook on each of them
    would tell it too, and be a call more within each."""
    names = {id(module): name for name, module in net.named_modules()}
    callers = (frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code is _CALL)
    modules = (id(frame.f_locals.get("self")) for frame in callers)
    return [names[one] for one in modules if one in names]


def are_too_many(names: list[str]) -> bool:
    """Whether modules within modules, none of them twice, took most of the calls that Python takes within one
    another; where one is there twice it is no wonder."""
    return len(set(names)) == len(names) and 2 * _FRAMES * len(names) > sys.getrecursionlimit()


def too_deep(reached: str) -> Refused:
    return Refused(
        f"The net is nested too deep: Python takes {sys.getrecursionlimit():,} calls within one another, and "
        f"{reached}: put the layers side by side in one nn.Sequential, or raise the limit by "
        "sys.setrecursionlimit() in the file."
    )


def refuse_what_is_too_deep(net: nn.Module) -> None:
    """Raises Refused where Python does not even get to the innermost module."""
    try:
        for _ in net.modules():
            pass
    except RecursionError as error:
        raise too_deep("those to list its modules are more") from error


def shortened(name: str) -> str:
    """A module's name, of which where it is long the first two parts and the last tell enough."""
    parts = name.split(".")
    return name if len(name) <= _LONG or len(parts) < 4 else ".".join([*parts[:2], "…", parts[-1]])
