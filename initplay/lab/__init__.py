"""What experiment code may import. Nothing here imports torch or numpy until a function needs it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from initplay.lab.chart import Chart
from initplay.lab.events import Axes, Band, Check, Histogram, Image, Note, Point, Progress, Result, Row
from initplay.lab.knobs import LogRange, Range
from initplay.lab.table import Table
from initplay.lab.yours import yours

if TYPE_CHECKING:
    from initplay.lab.distributions import normal, rectified, uniform
    from initplay.lab.examining.examination import Watch, examine
    from initplay.lab.mnist.dataset import Digits, digits, normalized_digits
    from initplay.lab.statistics import bell_average, log_mean_square, log_mean_square_of_relu, rms

__all__ = [
    "Axes",
    "Band",
    "Chart",
    "Check",
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
    "Watch",
    "bell_average",
    "digits",
    "examine",
    "log_mean_square",
    "log_mean_square_of_relu",
    "normal",
    "normalized_digits",
    "rectified",
    "rms",
    "uniform",
    "yours",
]

_NEEDS_TORCH = {
    "bell_average": "initplay.lab.statistics",
    "Watch": "initplay.lab.examining.examination",
    "Digits": "initplay.lab.mnist.dataset",
    "digits": "initplay.lab.mnist.dataset",
    "normal": "initplay.lab.distributions",
    "normalized_digits": "initplay.lab.mnist.dataset",
    "examine": "initplay.lab.examining.examination",
    "log_mean_square": "initplay.lab.statistics",
    "log_mean_square_of_relu": "initplay.lab.statistics",
    "rectified": "initplay.lab.distributions",
    "rms": "initplay.lab.statistics",
    "uniform": "initplay.lab.distributions",
}


def __getattr__(name: str) -> Any:
    """What needs torch comes when it is asked for: the screen imports the events alone, and starts sooner."""
    if name in _NEEDS_TORCH:
        return getattr(import_module(_NEEDS_TORCH[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
