"""Two built-in themes of Textual, the hues that series are drawn in, and what keeps a hue legible."""

from __future__ import annotations

from textual.color import Color

from initplay.charts.svg import HUES

DARK = "textual-dark"
LIGHT = "textual-light"

# Okabe and Ito, "Color Universal Design" (2008): told apart by nearly everyone. Yellow and sky blue are too
# pale on a light ground, black is lost on a dark one, so each ground has its own order.
_ON_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")


def series_variables(*, dark: bool) -> dict[str, str]:
    """CSS variables `$series-0` to `$series-7`."""
    return {f"series-{number}": hue for number, hue in enumerate(_ON_DARK if dark else HUES)}


LEGIBLE = 4.5
"""The contrast that WCAG 2.1 asks of text (success criterion 1.4.3)."""


def legible(hue: Color, ground: Color, text: Color) -> Color:
    """The hue, with as much of the text's own colour mixed in as it takes to be read on that ground."""
    mixed = (hue.blend(text, tenths / 10) for tenths in range(10))
    return next((color for color in mixed if contrast(color, ground) >= LEGIBLE), text)


def contrast(one: Color, other: Color) -> float:
    """From 1, the same, to 21, black on white: WCAG 2.1's ratio of relative luminances."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
