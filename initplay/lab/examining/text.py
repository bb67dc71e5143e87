"""An examination in plain text, without torch: a table of layers, then what is wrong and what to change."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from initplay.lab.events import Layer, Verdict
from initplay.words.numbers import short

NARROWEST, WIDEST = 60, 120
_NAME, _SCHEME = 30, 38
"""Columns that a name and a scheme may take."""
_MOST_ROWS = 200
NOTHING_WRONG = (
    "Nothing is found wrong: no layer loses its signal or its gradient, and the first loss is as it "
    "should be."
)


def written(
    layers: Sequence[Layer],
    verdicts: Sequence[Verdict],
    facts: Mapping[str, Any],
    notes: Sequence[str],
    width: int = 100,
) -> str:
    """All of it; `facts` are the results of the run, `notes` what could not be seen."""
    width = min(max(width, NARROWEST), WIDEST)
    parts = ["\n".join(_table(layers, width)), "\n".join(facts_in_words(facts))]
    parts += ["\n".join(textwrap.wrap(note, width)) for note in notes]
    parts += ["\n".join(_verdict(verdict, width)) for verdict in verdicts]
    if not verdicts:
        parts.append(NOTHING_WRONG)
    return "\n\n".join(part for part in parts if part)


def _table(layers: Sequence[Layer], width: int) -> Iterator[str]:
    shown = layers[:_MOST_ROWS]
    rows = [_row(layer) for layer in shown]
    head = (
        "layer",
        "kind",
        "weights look like",
        "sure",
        "rms",
        "theory",
        "gradient",
        "update",
        "dead",
        "satur.",
    )
    # The two last are left out where no layer has any.
    kept = [number for number in range(len(head)) if number < 8 or any(row[number] for row in rows)]
    widths = {
        number: max(len(head[number]), *(len(row[number]) for row in rows)) if rows else 5 for number in kept
    }
    over = sum(widths.values()) + 2 * (len(kept) - 1) - width
    for number in (2, 0, 1):  # texts are cut where it is too wide, the schemes first
        least = min(widths[number], (_NAME // 2, 10, 16)[number])
        cut = max(0, min(over, widths[number] - least))
        widths[number] -= cut
        over -= cut
    for row in (head, *rows):
        cells = [_cut(row[number], widths[number], number) for number in kept]
        yield "  ".join(cells).rstrip()
    if len(layers) > _MOST_ROWS:
        yield f"… and {len(layers) - _MOST_ROWS} more"


def _row(layer: Layer) -> tuple[str, ...]:
    numbers = (layer.rms, layer.theory_rms, layer.grad_rms, layer.update_ratio)
    shares = (layer.dead, layer.saturated)
    return (
        layer.name,
        layer.kind,
        layer.scheme or "",
        "" if layer.sure is None else f"{math.floor(100 * layer.sure)}%",
        *("" if one is None else short(one) for one in numbers),
        *("" if one is None else f"{one:.0%}" for one in shares),
    )


def _cut(text: str, width: int, column: int) -> str:
    """Texts left and numbers right; of a name its end is kept, which tells it from others."""
    if len(text) > width:
        text = "…" + text[1 - width :] if column == 0 else text[: width - 1] + "…"
    return text.ljust(width) if column < 3 else text.rjust(width)


def facts_in_words(facts: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of the net as a whole, a line each."""
    loss, unknowing = facts.get("loss"), facts.get("loss_of_knowing_nothing")
    if loss is not None:
        beside = "" if unknowing is None else f"; a net that knows nothing has {short(unknowing, 4)}"
        yield f"first loss {short(loss, 4)} ({facts.get('loss_name')}){beside}"
    last, steps = facts.get("loss_last"), facts.get("steps")
    if steps and last is not None:
        lr = short(facts.get("lr", math.nan))
        yield f"loss after {steps} steps of SGD at {lr}, always on this batch: {short(last, 4)}"
    sizes = [
        f"{what} rms {short(facts[name])}"
        for what, name in (("input", "input_rms"), ("output", "output_rms"))
        if facts.get(name) is not None
    ]
    if sizes:
        yield ", ".join(sizes)


def _verdict(verdict: Verdict, width: int) -> Iterator[str]:
    yield from textwrap.wrap(verdict.text, width, initial_indent="! ", subsequent_indent="  ")
    if verdict.change:
        yield ""
        yield from (f"      {line}" for line in verdict.change.splitlines())
