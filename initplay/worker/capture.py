"""From what lesson code yields to what is recorded, without waiting for the device.

An event's numbers are taken at its `yield`, for the lesson may change the tensor in place right after. On
the CPU they are read at once, but for the few values of a small histogram: these are copied, and counted with
those of others, for between the steps of an experiment, whose tensors have taken the processor's cache, that
would take eight times as long. On an accelerator reading would wait for everything queued before it, so a
`Deferred` keeps small device copies, and `settle` fetches those of many events in one copy per dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch

from initplay.lab.chart import Drawn
from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Cells,
    Check,
    Facts,
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
from initplay.worker.binning import BINS, bin_values, count_values

MAX_PIXELS = 1_000_000
MAX_FACTS = 10_000
MAX_DEPTH = 8
MAX_TEXT = 10_000
_SHARES = np.linspace(0, 1, BINS + 1)
"""Where the edges of a histogram's bins lie, from its low to its high."""
_FEW = 2**16
"""Bytes of values that cost less to copy than to count."""
_FLOATS = (torch.float32, torch.float64)
_EXACT = 2**53
"""Up to here every integer is a float."""
_HAIR = 1e-6
"""Of a bin: its lower edge is taken so much lower, that what lies at it is within, however it was rounded."""


class EventError(Exception):
    """What was yielded is no event, or holds what no event can; the message is one sentence."""


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
            f"yielded {_shown(event)}, which is no event; "
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


def _shown(value: object) -> str:
    text = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else repr(value)
    return f"{text[:60]} ({type(value).__name__})"


def _number(value: Any, what: str) -> float | torch.Tensor:
    """A float, or a one-element device tensor that will become one."""
    if type(value) is float:
        return value
    if type(value) is int and -_EXACT <= value <= _EXACT:
        return float(value)
    if isinstance(value, torch.Tensor):
        if value.dim() == 0 and value.is_cpu and not value.is_sparse:  # as nearly all are
            number = value.item()
            if type(number) is float:
                return number
        if value.numel() != 1:
            raise EventError(f"{what} must be one number, not a tensor of shape {tuple(value.shape)}")
        _refuse_unreadable(value, what)
        if value.is_cpu:
            return float(value.item())
        return value.detach().clone().reshape(1)
    if isinstance(value, str):  # which float would read
        raise EventError(f"{what} must be a number, not {_shown(value)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        raise EventError(f"{what} must be a number, not {_shown(value)}") from None


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


def _refuse_unreadable(tensor: torch.Tensor, what: str) -> None:
    """Raises EventError for a tensor that has no real numbers lying in order."""
    if tensor.is_complex():
        raise EventError(f"{what} must be real, not complex; take its .abs() or its .real")
    if tensor.is_meta:
        raise EventError(f"{what} is on the meta device, where tensors have shapes but no numbers")
    if tensor.layout != torch.strided:
        raise EventError(f"{what} is sparse; hand over its .to_dense()")


def _text(value: object, what: str) -> str:
    if type(value) is str and len(value) <= MAX_TEXT:
        return value
    if not isinstance(value, str):
        raise EventError(f"{what} must be text, not {_shown(value)}")
    value = str.__str__(value)  # of a class of its own it could not travel
    return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + " …"


def _axes(event: Axes) -> Recorded:
    texts = {
        field: _text(getattr(event, field), f"Axes' {field}") for field in ("chart", "x", "y", "reference")
    }
    return Axes(**texts, log_x=bool(event.log_x), log_y=bool(event.log_y))


def _point(event: Point) -> Captured:
    """There are more of them than of all else."""
    chart, x, y, series = event.chart, event.x, event.y, event.series
    if type(chart) is not str or type(series) is not str or len(chart) + len(series) > MAX_TEXT:
        chart, series = _text(chart, "Point's chart"), _text(series, "Point's series")
    if type(x) is not float:
        x = _number(x, "Point's x")
    if type(y) is not float:
        y = _number(y, "Point's y")
    if type(x) is float and type(y) is float:
        return Point(chart, x, y, series)
    return _numbers(Point(chart, 0, 0, series), x=x, y=y)


def _band(event: Band) -> Captured:
    chart, series = _text(event.chart, "Band's chart"), _text(event.series, "Band's series")
    numbers = {name: _number(getattr(event, name), f"Band's {name}") for name in ("x", "low", "mid", "high")}
    return _numbers(Band(chart, 0, 0, 0, 0, series), **numbers)


def _progress(event: Progress) -> Captured:
    label = _text(event.label, "Progress's label")
    done, total = _number(event.done, "Progress's done"), _number(event.total, "Progress's total")
    return _numbers(Progress(0, 0, label), done=done, total=total)


def _note(event: Note) -> Recorded:
    return Note(_text(event.text, "Note's text"))


def _check(event: Check) -> Recorded:
    said = {
        field: _text(getattr(event, field), f"Check's {field}")
        for field in ("name", "expected", "got", "says")
    }
    return Check(passed=bool(event.passed), **said)


def _tensor(value: Any, what: str) -> torch.Tensor:
    if not isinstance(value, torch.Tensor):
        try:
            value = torch.as_tensor(value)
        except (TypeError, ValueError, RuntimeError):
            raise EventError(f"{what} must be a tensor, not {_shown(value)}") from None
    _refuse_unreadable(value, what)
    return value.detach() if value.requires_grad else value


def _floats(tensor: torch.Tensor) -> torch.Tensor:
    """Its values in a row, as float32 where they are not float64."""
    values = tensor if tensor.dim() == 1 else tensor.reshape(-1)
    return values if values.dtype in _FLOATS else values.float()


def _at(value: Any, what: str) -> float:
    """A position. It may be a tensor, but then it is waited for: nobody counts layers on a device."""
    number = _number(value, what)
    return float(number.item()) if isinstance(number, torch.Tensor) else number


def _histogram(event: Histogram) -> Captured:
    chart, at = _text(event.chart, "Histogram's chart"), _at(event.at, "Histogram's at")
    values = _floats(_tensor(event.tensor, "Histogram's tensor"))
    edges = None if event.range is None else _edges(event.range)
    if values.is_cpu and event.theory is None and values.nbytes <= _FEW:
        kept = values.numpy(force=True).copy()
        return Deferred([], lambda _: Bins(chart, at, **count_values(kept, edges)), at, kept.nbytes)
    parts, build = bin_values(values, edges)

    def bins(lists: list[list[Any]]) -> Bins:
        return _with_theory(Bins(chart, at, **build(lists)), event.theory, values.device)

    if values.is_cpu:
        return bins([part.tolist() for part in parts])
    return Deferred(parts, bins, at)


def _edges(between: Any) -> tuple[float, float]:
    try:
        low, high = between
    except (TypeError, ValueError):
        raise EventError(f"Histogram's range must be two numbers, not {_shown(between)}") from None
    edges = _at(low, "Histogram's range"), _at(high, "Histogram's range")
    if not (math.isfinite(edges[0]) and math.isfinite(edges[1]) and edges[0] < edges[1]):
        raise EventError(f"Histogram's range must rise from one finite number to another, not {edges}")
    return edges


def _with_theory(bins: Bins, theory: Callable[[torch.Tensor], Any] | None, device: torch.device) -> Bins:
    if theory is None:
        return bins
    return msgspec.structs.replace(bins, theory=_expected(theory, bins, device))


def _expected(theory: Callable[[torch.Tensor], Any], bins: Bins, device: torch.device) -> list[float]:
    """The share that theory expects in each bin. A bin holds its lower edge, and the last one both.

    Theory is given the edges where the values are, for there it has made what it reckons with.
    """
    edges = bins.low * _SHARES[::-1] + bins.high * _SHARES
    edges = np.maximum.accumulate(edges)  # rounding must not turn back
    edges -= _HAIR * (bins.high / BINS - bins.low / BINS)
    edges[-1] = math.nextafter(bins.high, math.inf)  # what lies below it holds what lies at it
    try:
        below = torch.as_tensor(_below(theory, edges, device)).numpy(force=True).astype(float)
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise EventError(
            f"Histogram's theory failed on a tensor of {len(edges)} values ({reason})"
        ) from error
    if below.shape != edges.shape:
        raise EventError(
            "Histogram's theory must give the share of the values that lies below each of those it is given, "
            f"so a tensor of shape {tuple(edges.shape)}, not {tuple(below.shape)}"
        )
    expected = below[1:] - below[:-1]
    if not bool(((expected >= -1e-9) & (expected <= 1 + 1e-9)).all()):  # NaN too is not
        raise EventError("Histogram's theory must give shares that rise from 0 to 1")
    return np.maximum(expected, 0).tolist()


def _below(theory: Callable[[torch.Tensor], Any], edges: np.ndarray, device: torch.device) -> Any:
    """The share that lies below each edge; in float64, but where the device has none."""
    if device.type == "cpu":
        return theory(torch.from_numpy(edges))
    with device:
        return theory(torch.from_numpy(edges).to(device, torch.float32 if device.type == "mps" else None))


def _image(event: Image) -> Captured:
    chart, at = _text(event.chart, "Image's chart"), _at(event.at, "Image's at")
    tensor = _tensor(event.tensor, "Image's tensor")
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
    values = _floats(tensor)
    if values.is_cpu:
        return Picture(chart, at, n, height, width, *_shades(values.numpy(force=True)))
    finite = values.isfinite()
    low = torch.where(finite, values, math.inf).amin()
    high = torch.where(finite, values, -math.inf).amax()
    # Halved first, for the difference of two large floats can be infinite.
    half = high / 2 - low / 2  # 0 also where the difference is the least that there is
    shades = ((values / 2 - low / 2) / torch.where(half > 0, half, 1) * 255).round()
    pixels = torch.where(finite, shades, 0).to(torch.uint8)

    def picture(lists: list[list[Any]]) -> Picture:
        bytes_, (lowest, highest), (bad,) = lists
        if lowest > highest:  # nothing finite
            lowest = highest = 0.0
        return Picture(chart, at, n, height, width, lowest, highest, bytes(bytes_), int(bad))

    return Deferred([pixels, torch.stack([low, high]), (~finite).sum().reshape(1)], picture, at)


def _shades(values: np.ndarray) -> tuple[float, float, bytes, int]:
    """The least and the greatest finite value, a byte for each value between them, and how many are not
    finite: by numpy, whose calls cost a third of torch's."""
    finite = np.isfinite(values)
    bad = finite.size - int(np.count_nonzero(finite))
    if bad == finite.size:
        return 0.0, 0.0, bytes(finite.size), bad
    low, high = (values[finite].min(), values[finite].max()) if bad else (values.min(), values.max())
    if bad:
        values = np.where(finite, values, low)
    half = high / 2 - low / 2  # as above
    pixels = np.rint((values / 2 - low / 2) / (half if half > 0 else 1) * 255).astype(np.uint8)
    return float(low), float(high), pixels.tobytes(), bad


def _row(event: Row) -> Recorded:
    table = _text(event.table, "Row's table")
    return Cells(
        table,
        {_text(name, "Row's cell"): _fact(value, f"Row's {name}") for name, value in event.cells.items()},
    )


def _result(event: Result) -> Recorded:
    return Facts(
        {
            _text(name, "Result's name"): _fact(value, f"Result's {name}")
            for name, value in event.values.items()
        }
    )


def _fact(value: Any, what: str) -> Any:
    """A number, text, boolean, None, or nested lists of them; small tensors and arrays become lists."""
    left = MAX_FACTS

    def plain(value: Any, depth: int) -> Any:
        nonlocal left
        size = math.prod(getattr(value, "shape", ()))
        left -= 1
        if left < 0 or size > left or depth > MAX_DEPTH:
            raise EventError(
                f"{what} holds more than {MAX_FACTS:,} values, or lists nested too deep, for a fact"
            )
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _text(value, what)
        if isinstance(value, float):
            return float(value)  # numpy's own cannot travel
        if isinstance(value, int):
            return int(value) if abs(value) < 2**63 else _large(value, what)
        if isinstance(value, list | tuple):
            return [plain(inner, depth + 1) for inner in value]
        if isinstance(value, torch.Tensor):
            _refuse_unreadable(value, what)
        if hasattr(value, "tolist"):  # tensors, numpy's arrays and scalars
            return plain(value.tolist(), depth)
        raise EventError(
            f"{what} must be a number, text, a boolean, None, or a list of them, not {_shown(value)}"
        )

    return plain(value, 0)


def _large(value: int, what: str) -> float:
    """A whole number that 64 bits do not hold. As infinite it would be taken for one that overflowed."""
    try:
        return float(value)
    except OverflowError:
        raise EventError(f"{what} is a whole number too large for a number here, over 1.8e308") from None


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
    Result: _result,
    Row: _row,
    Verdict: _as_it_is,
}
