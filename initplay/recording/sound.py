"""What a saved event may not say, since no run does: a file was damaged, or written by hand."""

from __future__ import annotations

from itertools import chain

from initplay.lab.events import Bins, Layer, Picture, Recorded

_LARGEST = 2**63
"""Beyond it no number of values goes."""


def fault(event: Recorded) -> str:
    """What is wrong with it, as what is right; empty where nothing is."""
    if isinstance(event, Bins):
        return _of_bins(event)
    if isinstance(event, Picture):
        return _of_picture(event)
    if isinstance(event, Layer) and event.sure is not None and not 0 <= event.sure <= 1:
        return "how sure a scheme is lies between 0 and 1"
    return ""


def _of_bins(bins: Bins) -> str:
    others = (bins.below, bins.above, bins.nan, bins.posinf, bins.neginf)
    if not all(0 <= count < _LARGEST for count in chain(bins.counts, others)):
        return "a count is a whole number from 0 up"
    if bins.theory and len(bins.theory) != len(bins.counts):
        return "theory has a share for each count"
    return ""


def _of_picture(picture: Picture) -> str:
    sizes = (picture.n, picture.height, picture.width)
    if min(sizes) < 1 or picture.n * picture.height * picture.width != len(picture.pixels):
        return "a picture has n times height times width pixels"
    is_map = picture.rows or picture.columns
    if is_map and (len(picture.rows), len(picture.columns)) != (picture.height, picture.width):
        return "a map has a name for each row and each column"
    return ""
