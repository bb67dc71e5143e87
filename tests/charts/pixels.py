"""What a drawing shows, read back from its spans."""

from initplay.charts.sheet import Line


def text(lines: list[Line]) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in lines]


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
