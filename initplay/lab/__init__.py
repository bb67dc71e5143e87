"""What experiment code may import. Nothing here imports torch or numpy until a function needs it."""

from typing import TYPE_CHECKING, Any

from initplay.lab.events import Axes, Band, Histogram, Image, Note, Point, Progress, Result, Row
from initplay.lab.knobs import LogRange, Range

if TYPE_CHECKING:
    from initplay.lab.mnist.dataset import Digits, digits

__all__ = [
    "Axes",
    "Band",
    "Digits",
    "Histogram",
    "Image",
    "LogRange",
    "Note",
    "Point",
    "Progress",
    "Range",
    "Result",
    "Row",
    "digits",
]


def __getattr__(name: str) -> Any:
    """The digits come when they are asked for: the screen imports the events alone, and starts sooner."""
    if name in ("Digits", "digits"):
        from initplay.lab.mnist import dataset

        return getattr(dataset, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
