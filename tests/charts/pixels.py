"""What a drawing shows, read back from its spans."""

from initplay.charts.sheet import Line
from initplay.lab.events import Recorded
from initplay.recording.run import Chart, replay

_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bits of a character of braille, its two columns from the bottom up."""


def chart_of(*events: Recorded) -> Chart:
    (chart,) = replay(events).charts.values()
    return chart


def text(lines: list[Line]) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in lines]


def roles_of(lines: list[Line], wanted: str) -> str:
    """All text drawn in one role."""
    return "".join(piece for line in lines for piece, role in line if role == wanted)


def dots_of(rows: list[str]) -> list[list[bool]]:
    """For each column of dots in rows of braille which of them are set, from the bottom up."""
    return [
        [bool(_bits(row[column]) & bit) for row in reversed(rows) for bit in side]
        for column in range(len(rows[0]))
        for side in _DOTS
    ]


def _bits(character: str) -> int:
    return max(ord(character) - 0x2800, 0)


def pixels_of(lines: list[Line]) -> list[list[int]]:
    """The shades drawn, two rows of pixels to each line that has any; None where a cell is no picture."""
    rows: list[list[int]] = []
    for line in lines:
        cells = [role for piece, role in line for _ in piece]
        if any(role.startswith("shade:") for role in cells):
            pairs = [role[6:].split("/") if role.startswith("shade:") else ["-1", "-1"] for role in cells]
            rows.append([int(upper) for upper, _ in pairs])
            rows.append([int(lower) for _, lower in pairs])
    return rows
