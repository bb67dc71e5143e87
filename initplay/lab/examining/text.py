"""An examination in plain text, without torch: a table of layers, then what is wrong and what to change."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from initplay.lab.events import Layer, Verdict
from initplay.words.numbers import short

NARROWEST, WIDEST = 30, 120
_MOST_ROWS = 200
_HEAD = (
    "layer", "kind", "weights look like", "sure", "rms", "theory", "gradient", "update", "dead", "satur."
)  # fmt: skip
_GAP = 2
_NAME, _KIND, _SCHEME = range(3)
"""Columns of text, of which the last is never cut."""
_LEAST = {_SCHEME: 17, _NAME: 14, _KIND: 10}
"""To what width columns of text may shrink, in this order."""
_NEAR = 0.1
"""Of the loss of knowing nothing: so near, a first loss is called the same."""
CUT_SHORT = "It ended before all was looked at: what is not said here may be wrong all the same."
NOTHING_WRONG = "Nothing is found wrong: no layer loses its signal or its gradient"


def nothing_wrong(facts: Mapping[str, Any]) -> str:
    """What is said where no fault was found, without its end."""
    why = " or ".join(_why_without_gradient(facts))
    if not why:
        return NOTHING_WRONG
    missing = "is 0 or missing" if facts.get("left_out") else "is 0"
    return f"Nothing is found wrong: no layer loses its signal, and where a gradient {missing}, {why}"


def _why_without_gradient(facts: Mapping[str, Any]) -> Iterator[str]:
    """Of layers that have none, and are no fault."""
    is_known = "waits_for_zeros" in facts  # what older runs that are kept do not say
    if facts.get("waits_for_zeros") or (not is_known and facts.get("begins_with_zeros")):
        yield "it waits for what begins with zeros to move"
    if facts.get("may_wait_for_zeros"):
        yield "it may wait for what begins with zeros to move, which was not seen"
    if facts.get("left_out"):
        yield "the dice left the layer out"


def written(
    layers: Sequence[Layer],
    verdicts: Sequence[Verdict],
    facts: Mapping[str, Any],
    notes: Sequence[str],
    width: int = 100,
    *,
    is_whole: bool = True,
) -> str:
    """All of it; `facts` are the results of the run, `notes` what could not be seen. A run is whole that came
    to its end."""
    width = min(max(width, NARROWEST), WIDEST)
    parts = ["\n".join(table(layers, width))]
    parts.append("\n".join(line for fact in facts_in_words(facts) for line in _wrapped(fact, width)))
    parts += ["\n".join(textwrap.wrap(note, width)) for note in notes]
    parts += ["\n".join(_verdict(verdict, width)) for verdict in verdicts]
    if not is_whole:
        parts.append("\n".join(textwrap.wrap(CUT_SHORT, width)))
    elif not verdicts:
        parts.append("\n".join(textwrap.wrap(_nothing_wrong(facts), width)))
    return "\n\n".join(part for part in parts if part)


def _nothing_wrong(facts: Mapping[str, Any]) -> str:
    """With what is to be said of the first loss, where there is one to compare it with."""
    loss, unknowing = facts.get("loss"), facts.get("loss_of_knowing_nothing")
    well = nothing_wrong(facts)
    if loss is None or unknowing is None:
        return f"{well}."
    if abs(loss - unknowing) <= _NEAR * unknowing:
        return f"{well}, and the first loss is that of a net that knows nothing."
    where = "above" if loss > unknowing else "below"
    return f"{well}, and the first loss is not far {where} that of a net that knows nothing."


def table(layers: Sequence[Layer], width: int) -> Iterator[str]:
    """A row for each layer. Where it is too wide, schemes go on in the next line and names lose their
    beginning; then kinds are left out; and where that is not enough, each layer is a paragraph."""
    shown = layers[:_MOST_ROWS]
    rows = [_HEAD, *map(_row, shown)]
    natural = {number: max(len(row[number]) for row in rows) for number in range(len(_HEAD))}
    # The two last are left out where no layer has any.
    some = {
        number: size for number, size in natural.items() if number < 8 or any(r[number] for r in rows[1:])
    }
    without_kind = {number: size for number, size in some.items() if number != _KIND}
    widths = next((one for one in (_fitted(some, width), _fitted(without_kind, width)) if one), None)
    if widths:
        yield from (line for row in rows for line in _lines_of(row, widths))
    else:
        yield from (line for layer in shown for line in _paragraph(layer, width))
    if len(layers) > _MOST_ROWS:
        yield f"… and {len(layers) - _MOST_ROWS} more"


def _fitted(widths: Mapping[int, int], width: int) -> dict[int, int] | None:
    """The columns' widths, less what those of texts can give; None where that is too little."""
    fitted = dict(widths)
    over = sum(fitted.values()) + _GAP * (len(fitted) - 1) - width
    for number, least in _LEAST.items():
        if number in fitted:
            cut = max(0, min(over, fitted[number] - least))
            fitted[number] -= cut
            over -= cut
    return None if over > 0 else fitted


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


def _lines_of(row: Sequence[str], widths: Mapping[int, int]) -> Iterator[str]:
    """Texts left and numbers right; of a name its end is kept, which tells it from others."""
    scheme, *more = _wrapped(row[_SCHEME], widths[_SCHEME]) or [""]
    texts = {_NAME: _end_of(row[_NAME], widths[_NAME]), _SCHEME: scheme}
    if _KIND in widths:
        texts[_KIND] = _cut(row[_KIND], widths[_KIND])
    cells = [
        texts[number].ljust(width) if number in texts else row[number].rjust(width)
        for number, width in widths.items()
    ]
    yield (" " * _GAP).join(cells).rstrip()
    indent = sum(width + _GAP for number, width in widths.items() if number < _SCHEME)
    yield from (" " * indent + line for line in more)


def _paragraph(layer: Layer, width: int) -> Iterator[str]:
    """The same in words, for a terminal that is too narrow for columns."""
    yield from _wrapped(f"{layer.name} ({layer.kind})", width)
    row = dict(zip(_HEAD, _row(layer), strict=True))
    scheme = f"{row['weights look like']} ({row['sure']} sure)" if row["sure"] else row["weights look like"]
    numbers = [f"{name} {row[name]}" for name in _HEAD[4:] if row[name]]
    for line in (scheme, ", ".join(numbers)):
        yield from (f"  {part}" for part in _wrapped(line, width - 2))


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines, those after the first a column further in."""
    return textwrap.wrap(text, width, subsequent_indent=" ", break_on_hyphens=False)


def _end_of(text: str, width: int) -> str:
    return text if len(text) <= width else "…" + text[1 - width :]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


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
