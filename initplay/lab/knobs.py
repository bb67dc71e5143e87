"""Annotations that put a slider on the screen.

    def chain(depth: Range[1, 200] = 100, scale: LogRange[1e-3, 10.0] = 1.0): ...

They are read from the text of the experiment, never from the running function, so at run time they do
nothing at all: `chain()` is the plain function it looks like. `bool`, `Literal["a", "b"]`, `int`, `float`
and `str` make controls too; `initplay.course.experiment` has the whole list.
"""

from __future__ import annotations

from types import GenericAlias
from typing import TYPE_CHECKING, Any

# To a type checker a knob may be used as the number it carries; at run time it is an empty class.
_Number = Any if TYPE_CHECKING else object


class Range(_Number):
    """`Range[low, high]`: a slider with even steps; whole numbers when bounds and default are all ints."""

    __class_getitem__ = classmethod(GenericAlias)


class LogRange(_Number):
    """`LogRange[low, high]`: a slider whose equal steps are equal factors; `low` must be above zero."""

    __class_getitem__ = classmethod(GenericAlias)
