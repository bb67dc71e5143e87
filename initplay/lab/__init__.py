"""What experiment code may import. Nothing here imports torch or numpy until a function needs it."""

from initplay.lab.events import Axes, Band, Histogram, Image, Note, Point, Progress, Result, Row
from initplay.lab.knobs import LogRange, Range
from initplay.lab.mnist import Digits, digits

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
