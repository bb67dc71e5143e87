"""What experiment code may import. Nothing here imports torch or numpy until a function needs it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from initplay.lab.chart import Chart
from initplay.lab.events import Axes, Band, Histogram, Image, Note, Point, Progress, Result, Row
from initplay.lab.knobs import LogRange, Range
from initplay.lab.table import Table

if TYPE_CHECKING:
    from initplay.lab.mnist.dataset import Digits, digits, normalized_digits
    from initplay.lab.statistics import normal, rectified, rms, uniform

__all__ = [
    "Axes",
    "Band",
    "Chart",
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
    "Table",
    "digits",
    "normal",
    "normalized_digits",
    "rectified",
    "rms",
    "uniform",
]

_NEEDS_TORCH = {
    "Digits": "initplay.lab.mnist.dataset",
    "digits": "initplay.lab.mnist.dataset",
    "normal": "initplay.lab.statistics",
    "normalized_digits": "initplay.lab.mnist.dataset",
    "rectified": "initplay.lab.statistics",
    "rms": "initplay.lab.statistics",
    "uniform": "initplay.lab.statistics",
}


def __getattr__(name: str) -> Any:
    """What needs torch comes when it is asked for: the screen imports the events alone, and starts sooner."""
    if name in _NEEDS_TORCH:
        return getattr(import_module(_NEEDS_TORCH[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
