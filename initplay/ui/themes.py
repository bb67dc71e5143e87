"""Two built-in themes of Textual, and the hues that series are drawn in."""

from __future__ import annotations

DARK = "textual-dark"
LIGHT = "textual-light"

# Okabe and Ito, "Color Universal Design" (2008): told apart by nearly everyone. Yellow and sky blue are too
# pale on a light ground, black is lost on a dark one, so each ground has its own order.
_ON_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#0072B2", "#999999")
_ON_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B07D00", "#56B4E9", "#7A4FA3", "#555555")


def series_variables(*, dark: bool) -> dict[str, str]:
    """CSS variables `$series-0` to `$series-7`."""
    return {f"series-{number}": hue for number, hue in enumerate(_ON_DARK if dark else _ON_LIGHT)}
