"""How to read what the bench shows, in two sentences."""

from __future__ import annotations

from initplay.recording.run import Chart
from initplay.words.numbers import short

TABLE = "Each row is one thing the run worked out, the newest last. A dash is a number that there is not."
MAP = (
    "Each cell is a setting: one knob goes down, the other to the right; faint is low and strong is high. "
    "A dot has not run yet, × came to NaN or inf."
)
BORDER = " The line parts the settings on the two sides of {}."
PICTURES = "One cell is two pixels, faint for low and strong for high. The title gives the low and the high."


def reading_of(kind: str, chart: Chart | None) -> str:
    """For a tile of that kind ("chart", "history", "table") and its chart, where it is of one."""
    if chart is None:
        return TABLE
    x = chart.axes.x or "position"
    if kind == "history":
        return (
            f"Each column is the histogram at one {x}: value up, strong where there are many (log scale). "
            "A shape that opens is a spread that grows; × on top stands for values that are NaN or infinite."
        )
    if chart.kind == "histogram":
        return (
            f"Across is the value, up is how densely values lie there in the tensor at this {x}; "
            "dots are theory, outlines are pinned runs. "
            "What is NaN, infinite or outside the edges is counted above."
        )
    if chart.kind == "pictures":
        newest = chart.pictures.items[-1]
        if not newest.rows:
            return PICTURES
        return MAP if newest.level is None else MAP + BORDER.format(short(newest.level))
    scale = ", on a log scale" if chart.axes.log_y else ""
    return (
        f"Across is {x}, up is {chart.axes.y or 'the value'}{scale}; dots are theory, dashes a reference, "
        "a band is a spread. "
        "The upright line is where the scrubber stands, and × is where a number stopped being finite."
    )
