"""Two layers that do not fit one another: what the one gives, and the other takes."""

from __future__ import annotations

from torch import nn

from initplay.lab.examining.call import Trace
from initplay.lab.examining.kinds import dimension_of_units

_TAKES = ("in_features", "in_channels", "num_features", "num_channels", "input_size")
"""What torch's layers call the number of units that they take."""


def unfitting(trace: Trace, within: str) -> str:
    """Of a pass that ended early, in this layer: what it takes, what it got and of whom, and what would mend
    it. Empty where that is not known, or where it got what the net was given."""
    entered = trace.entered[-1] if trace.entered else None
    if entered is None or entered.name != within or entered.first is None or not entered.signal:
        return ""
    takes, gets = _taken_by(entered.module), entered.first.shape
    unit = dimension_of_units(entered.module, len(gets))
    before = entered.signal.norm or entered.signal.call
    if not takes or not before or not -len(gets) <= unit < len(gets) or gets[unit] == takes:
        return ""
    got = gets[unit]
    units = _units(entered.module)
    one, other = as_layer(within), as_layer(before.name)
    said = f"{one} takes {takes} {units} and gets {got} from {other}: let it take {got}"
    gives = before.leaving[before.unit] if before.leaving else None
    return f"{said}, or {other} give {takes}" if got == gives else said


def as_layer(name: str) -> str:
    """A layer's name in a sentence: of one that has but a number, `layer 2`."""
    return f"layer {name}" if name.rpartition(".")[2].isdecimal() else name


def _taken_by(module: nn.Module) -> int | None:
    found = (getattr(module, name, None) for name in _TAKES)
    return next((one for one in found if isinstance(one, int)), None)


def _units(module: nn.Module) -> str:
    return (
        "numbers"
        if dimension_of_units(module, 2) == -1 and not hasattr(module, "num_features")
        else "channels"
    )
