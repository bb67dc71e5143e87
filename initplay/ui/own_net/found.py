"""What an examination found, in Markdown for the side of the bench."""

from __future__ import annotations

import re
from collections.abc import Iterator

from initplay.lab.events import Failed, Verdict
from initplay.lab.examining.text import facts_in_words, nothing_wrong
from initplay.recording.run import Run

NOT_YET = "`r` examines the net."
GOES_ON = "The net is examined …"
OF_SEVERAL = "Of several seeds there are charts and results alone: `r` examines one, layer by layer."
_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_FENCE = "~" * 8


def found(run: Run | None) -> str:
    """The verdicts of a run, each with the change that mends it; where there are none, how it stands."""
    return "\n\n".join(_parts(run))


def _parts(run: Run | None) -> Iterator[str]:
    if run is None:
        yield NOT_YET
        return
    if isinstance(run.ending, Failed):
        yield _plain(run.ending.message)
    elif not run.layers:
        several = run.started is not None and len(run.started.seeds) > 1
        yield OF_SEVERAL if several else GOES_ON if run.ending is None else NOT_YET
    elif not run.verdicts and run.state == "finished":
        yield nothing_wrong(run.facts)
    for verdict in run.verdicts:
        yield from _verdict(verdict)
    if run.layers:
        yield from (_plain(line) for line in facts_in_words(run.facts))


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"**!** {_plain(verdict.text)}"
    if verdict.change:
        yield f"{_FENCE}python\n{verdict.change}\n{_FENCE}"


def _plain(text: str) -> str:
    """The text with nothing in it that Markdown takes for more than text."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)
