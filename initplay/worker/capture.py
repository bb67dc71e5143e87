"""From what lesson code yields to what is recorded, without waiting for the device.

An event's numbers are taken at its `yield`, for the lesson may change the tensor in place right after. On
the CPU they are read at once, but for the few floats of a small histogram: these are copied, and counted with
those of others, for between the steps of an experiment, whose tensors have taken the processor's cache, that
would take eight times as long. On an accelerator reading would wait for everything queued before it, so a
`Deferred` keeps small device copies, and `settle` fetches those of many events in one copy per dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import torch

from initplay.lab.chart import Drawn
from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Check,
    Histogram,
    Image,
    Layer,
    Note,
    Picture,
    Point,
    Progress,
    Recorded,
    Result,
    Row,
    Verdict,
)
from initplay.worker.binning import bin_values, count_values
from initplay.worker.facts import result, row
from initplay.worker.shading import shade_on_device, shades
from initplay.worker.theory import with_theory
from initplay.worker.values import (
    EXACT,
    MAX_TEXT,
    EventError,
    copy_of_few,
    floats_of,
    number_of,
    position_of,
    shown,
    tensor_of,
    text_of,
)

MAX_PIXELS = 1_000_000
_FEW = 2**14
"""Values that cost less to copy than to count."""


class Deferred(msgspec.Struct, frozen=True):
    """An event whose numbers are to be fetched or counted: `build` makes it then."""

    parts: list[torch.Tensor]
    """One-dimensional tensors."""
    build: Callable[[list[list[Any]]], Recorded]
    """Takes the parts as lists of Python numbers, in order."""
    at: float | None = None
    """The event's position, where it is known by now."""
    copied: int = 0
    """Bytes that `build` holds beside the parts."""

    @property
    def size(self) -> int:
        """In bytes."""
        return self.copied + sum(part.nbytes for part in self.parts) if self.parts else self.copied


Captured = Recorded | Deferred


def is_on_device(captured: Captured) -> bool:
    """Whether a device has to be waited for."""
    return type(captured) is Deferred and bool(captured.parts)


def parts(event: object, axes: dict[str, Axes]) -> tuple[object, ...]:
    """The events in what was yielded: several where a `Chart` drew.

    `axes` has the axes said so far in this run, by chart; those of a chart come before the first of it.
    """
    if type(event) is not Drawn:
        return (event,)
    said = event.axes
    if axes.get(said.chart) == said:
        return event.events
    axes[said.chart] = said
    return (said, *event.events)


def capture(event: object) -> Captured:
    """What is to be recorded of a yielded event. Raises EventError when it is none."""
    kind = type(event)
    take = _CAPTURES.get(kind)
    if take is None:
        raise EventError(
            f"yielded {shown(event)}, which is no event; "
            "yield what a Chart draws, a Result or another event of initplay.lab"
        )
    try:
        return take(event)
    except RuntimeError as error:
        reason = str(error).strip().split("\n")[0]
        raise EventError(f"yielded a {kind.__name__} whose tensor cannot be read ({reason})") from error


def settle(captured: list[Captured]) -> list[Recorded]:
    """The same events with every number fetched: one copy per device and dtype, however many events wait."""
    groups: dict[tuple[torch.device, torch.dtype], list[torch.Tensor]] = {}
    for item in captured:
        if isinstance(item, Deferred):
            for part in item.parts:
                groups.setdefault((part.device, part.dtype), []).append(part)
    fetched = {key: iter(torch.cat(parts).tolist()) for key, parts in groups.items()}

    def fetch(part: torch.Tensor) -> list[Any]:
        numbers = fetched[part.device, part.dtype]
        return [next(numbers) for _ in range(part.numel())]

    return [
        item.build([fetch(part) for part in item.parts]) if isinstance(item, Deferred) else item
        for item in captured
    ]


def _numbers(event: Any, **fields: Any) -> Captured:
    """The event with these fields filled in, deferred if any of them is still on a device."""
    waiting = {name: value for name, value in fields.items() if isinstance(value, torch.Tensor)}
    ready = {name: value for name, value in fields.items() if name not in waiting}
    event = msgspec.structs.replace(event, **ready)
    if not waiting:
        return event
    return Deferred(
        list(waiting.values()),
        lambda lists: msgspec.structs.replace(
            event, **{name: float(numbers[0]) for name, numbers in zip(waiting, lists, strict=True)}
        ),
        ready.get("x"),
    )


def _axes(event: Axes) -> Recorded:
    texts = {
        field: text_of(getattr(event, field), f"Axes' {field}") for field in ("chart", "x", "y", "reference")
    }
    return Axes(**texts, log_x=bool(event.log_x), log_y=bool(event.log_y))


def _point(event: Point) -> Captured:
    """There are more of them than of all else, and what is asked first is what most are."""
    chart, x, y, series = event.chart, event.x, event.y, event.series
    if type(chart) is not str or type(series) is not str or len(chart) + len(series) > MAX_TEXT:
        chart, series = text_of(chart, "Point's chart"), text_of(series, "Point's series")
    if type(x) is int and abs(x) <= EXACT:  # steps and layers are counted
        x = float(x)
    elif type(x) is not float:
        x = number_of(x, "Point's x")
    if type(y) is not float:
        y = number_of(y, "Point's y")
    if type(x) is float and type(y) is float:
        return Point(chart, x, y, series)
    return _numbers(Point(chart, 0, 0, series), x=x, y=y)


def _band(event: Band) -> Captured:
    chart, series = text_of(event.chart, "Band's chart"), text_of(event.series, "Band's series")
    numbers = {
        name: number_of(getattr(event, name), f"Band's {name}") for name in ("x", "low", "mid", "high")
    }
    return _numbers(Band(chart, 0, 0, 0, 0, series), **numbers)


def _progress(event: Progress) -> Captured:
    label = text_of(event.label, "Progress's label")
    done, total = number_of(event.done, "Progress's done"), number_of(event.total, "Progress's total")
    return _numbers(Progress(0, 0, label), done=done, total=total)


def _note(event: Note) -> Recorded:
    return Note(text_of(event.text, "Note's text"))


def _check(event: Check) -> Recorded:
    said = {
        field: text_of(getattr(event, field), f"Check's {field}")
        for field in ("name", "expected", "got", "says")
    }
    return Check(passed=bool(event.passed), reached=bool(event.reached), **said)


def _histogram(event: Histogram) -> Captured:
    chart, at = text_of(event.chart, "Histogram's chart"), position_of(event.at, "Histogram's at")
    edges = None if event.range is None else _edges(event.range)
    if event.theory is None and (kept := copy_of_few(event.tensor, _FEW)) is not None:
        return Deferred([], partial(_bins, chart, at, kept, edges), at, kept.nbytes)
    values = floats_of(tensor_of(event.tensor, "Histogram's tensor"))
    parts, build = bin_values(values, edges)

    def bins(lists: list[list[Any]]) -> Bins:
        return with_theory(Bins(chart, at, **build(lists)), event.theory, values.device)

    if values.is_cpu:
        return bins([part.tolist() for part in parts])
    return Deferred(parts, bins, at)


def _bins(chart: str, at: float, values: torch.Tensor, edges: tuple[float, float] | None, _: object) -> Bins:
    return Bins(chart, at, **count_values(values.numpy(force=True).reshape(-1), edges))


def _edges(between: Any) -> tuple[float, float]:
    try:
        low, high = between
    except (TypeError, ValueError):
        raise EventError(f"Histogram's range must be two numbers, not {shown(between)}") from None
    edges = position_of(low, "Histogram's range"), position_of(high, "Histogram's range")
    if not (math.isfinite(edges[0]) and math.isfinite(edges[1]) and edges[0] < edges[1]):
        raise EventError(f"Histogram's range must rise from one finite number to another, not {edges}")
    return edges


def _image(event: Image) -> Captured:
    chart, at = text_of(event.chart, "Image's chart"), position_of(event.at, "Image's at")
    tensor = tensor_of(event.tensor, "Image's tensor")
    if tensor.dim() == 2:
        tensor = tensor[None]
    if tensor.dim() != 3 or tensor.numel() == 0:
        raise EventError(
            f"Image's tensor must be height x width or n x height x width, not {tuple(tensor.shape)}"
        )
    if tensor.numel() > MAX_PIXELS:
        raise EventError(
            f"Image's tensor of shape {tuple(tensor.shape)} has more than the {MAX_PIXELS:,} pixels a screen "
            "can use; show a part of it"
        )
    n, height, width = tensor.shape
    values = floats_of(tensor)
    if values.is_cpu:
        return Picture(chart, at, n, height, width, *shades(values.numpy(force=True)))
    parts, read = shade_on_device(values)
    return Deferred(parts, lambda lists: Picture(chart, at, n, height, width, *read(lists)), at)


def _as_it_is(event: Layer | Verdict) -> Recorded:
    """The lab's own examining yields these, with numbers and text in them; of others they are looked at."""
    try:
        return msgspec.convert(msgspec.to_builtins(event), type(event))
    except (msgspec.ValidationError, TypeError) as error:
        raise EventError(f"yielded a {type(event).__name__} that cannot travel ({error})") from None


_CAPTURES: dict[type, Callable[[Any], Captured]] = {
    Axes: _axes,
    Band: _band,
    Check: _check,
    Histogram: _histogram,
    Image: _image,
    Layer: _as_it_is,
    Note: _note,
    Point: _point,
    Progress: _progress,
    Result: result,
    Row: row,
    Verdict: _as_it_is,
}
