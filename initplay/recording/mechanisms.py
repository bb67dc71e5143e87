"""What went wrong in a run whose numbers may all be finite, where it began, and by which mechanism.

Each is a pure question to a `Run` that yields sentences, and none where it does not apply. They go by what a
recording has: the axes of its charts, its results and its knobs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from initplay.lab.events import THEORY
from initplay.recording.breakage import first_break, measured, named
from initplay.recording.run import Chart, Curve, Run
from initplay.recording.theory import ACROSS_LAYERS, runs_back, speaks_of
from initplay.words.numbers import short

TIMES = ("step", "iteration", "epoch")
"""The x axes along which a net is trained."""
THROWN = 10.0
"""So many times its lowest value before must a loss reach to have been thrown up,"""
ABOVE_FIRST = 3.0
"""and so many times what it began with: that of a trained net jumps about from batch to batch."""
BACK = 1.5
"""At so many times what it began with, or below, is a loss that was thrown up back."""
LONGER = 10
"""So many times longer than it was ever away before it came back, it stays away for good."""
TOLD = 30.0
"""A signal is told of that has become so many times as large or as small."""
BY_FAR = 100.0
"""The layer is told from which on it was so many times as large or as small, if it ever was."""
STRAIGHT = 0.9
"""The share of the scatter of log y that a line must explain, for one factor per layer to mean much."""
LARGEST_LOG = 700.0
"""Of what a float can hold."""
FEW = 3
"""So many layers are told one by one: two or three have no factor in common."""
ALIKE = 2.0
"""So many times the smallest factor may the largest be, for each to be about their mean."""
SMALL_INPUT, LARGE_INPUT = 0.1, 10.0
"""Outside of these an input's rms is far from the 1 that inits and learning rates are made for."""
LEVEL = 0.03
"""How far a batch's loss lies from the one it stands at, as a share of it."""


def mechanisms(run: Run) -> Iterator[str]:
    for mechanism in (
        wrapped_labels,
        compounded,
        thrown_up,
        dead_units,
        copies,
        unheld,
        wrong_by_hand,
        learned_nothing,
    ):
        yield from mechanism(run)


def far_input(run: Run) -> Iterator[str]:
    """Of a net that was trained: an input of another size than inits are made for, whatever came of it."""
    size = _far_input(run)
    if size is not None:
        yield (
            f"The input's rms is {short(size)}, and inits and learning rates are made for about 1: layers "
            "pass that on, and the first weights' gradient has it as a factor. Normalize the input first."
        )


def _far_input(run: Run) -> float | None:
    """The input's rms, where it is far from 1 and the net was trained: a result, or what is at layer 0."""
    if not any("loss" in chart.name and chart.axes.x in TIMES for chart in run.charts.values()):
        return None
    told = run.facts.get("input_rms")
    sizes = [float(told)] if isinstance(told, int | float) else list(_at_layer_0(run))
    size = next(iter(sizes), 1.0)
    return None if SMALL_INPUT <= size <= LARGE_INPUT or not math.isfinite(size) else size


def _at_layer_0(run: Run) -> Iterator[float]:
    for chart in run.charts.values():
        if chart.axes.x == ACROSS_LAYERS and "rms" in chart.name and not runs_back(chart):
            yield from (curve.y[0] for curve in measured(chart)[:1] if curve.x[0] == 0)


def wrapped_labels(run: Run) -> Iterator[str]:
    """Labels that should be below 0 in a type that has no such numbers."""
    largest = run.facts.get("largest_label")
    knobs = run.started.knobs if run.started else {}
    if "uint8" in knobs.values() and isinstance(largest, int | float) and largest > 128:
        yield (
            "The labels wrapped before step 0: uint8 has 0 to 255 and nothing below, so that −1 became 255. "
            f"They go up to {short(largest)}, and the first loss is of errors as large as that."
        )


def compounded(run: Run) -> Iterator[str]:
    """Of each chart over layers, the signal that every layer made smaller or larger by about one factor."""
    for chart in run.charts.values():
        if chart.axes.x == ACROSS_LAYERS and chart.axes.log_y:
            curves = _spoken_of(chart)
            if _far_input(run) is not None:  # what its training made of a net is no doing of the layers'
                curves = curves[:1]
            grown = (_growth(chart, curve) for curve in curves)
            yield from [_compounded_in_words(chart, growth) for growth in grown if growth][:1]


class Growth(NamedTuple):
    """A signal from where it starts to where it arrives."""

    curve: Curve
    points: list[tuple[float, float]]
    """On its way: the first is where it starts, the last where it arrives."""
    factor: float
    """Per layer: the geometric mean of them all."""
    far_from: float
    """The first layer with less than a hundredth, or more than a hundred times, of what it started with; if
    there is none, the one where it arrives."""


def _growth(chart: Chart, curve: Curve) -> Growth | None:
    found = first_break(chart, curve)
    until = None if found is None else found.place
    points = [
        (x, y)
        for x, y in zip(curve.x[:until], curve.y[:until], strict=True)
        if math.isfinite(x) and math.isfinite(y) and y > 0
    ]
    points.sort(reverse=runs_back(chart))
    if len(points) < 3 or points[0][0] == points[-1][0] or not is_geometric(points):
        return None
    start, end = points[0], points[-1]
    logs = math.log(end[1]) - math.log(start[1])
    if abs(logs) < math.log(TOLD):
        return None
    bound = math.log(start[1]) + math.copysign(math.log(BY_FAR), logs)
    far_from = next((x for x, y in points if (math.log(y) - bound) * math.copysign(1, logs) >= 0), end[0])
    return Growth(curve, points, math.exp(min(logs / abs(end[0] - start[0]), LARGEST_LOG)), far_from)


def is_geometric(points: Sequence[tuple[float, float]]) -> bool:
    """Whether log y is so nearly a line over x that one factor per x tells of it."""
    xs, logs = [x for x, _ in points], [math.log(y) for _, y in points]
    x_mean, log_mean = sum(xs) / len(xs), sum(logs) / len(logs)
    x_scatter = sum((x - x_mean) * (x - x_mean) for x in xs)
    scatter = sum((log - log_mean) * (log - log_mean) for log in logs)
    together = sum((x - x_mean) * (log - log_mean) for x, log in zip(xs, logs, strict=True))
    return scatter > 0 and x_scatter > 0 and together * together / (x_scatter * scatter) >= STRAIGHT


def _compounded_in_words(chart: Chart, growth: Growth) -> str:
    shrinks = growth.factor < 1
    name, back = named(chart.name, growth.curve), " on its way back" if runs_back(chart) else ""
    (first, start), (last, end) = growth.points[0], growth.points[-1]
    what = "collapses" if shrinks else "blows up"
    bound = "less than a hundredth of that" if shrinks else "more than a hundred times that"
    begun, arrived = f"{short(start)} at layer {short(first)}", f"{short(end)} at layer {short(last)}"
    on_its_way = f"{bound} from layer {short(growth.far_from)} on, " if growth.far_from != last else ""
    return f"{name} {what}{back}: {_factors_in_words(growth)}: {begun}, {on_its_way}{arrived}."


def _factors_in_words(growth: Growth) -> str:
    """What each layer does to the signal: one by one where they are few, else what they do on average."""
    steps = list(zip(growth.points, growth.points[1:], strict=False))
    if len(steps) <= FEW:
        told = [
            f"{short(after / before)} from layer {short(here)} to {short(there)}"
            for (here, before), (there, after) in steps
        ]
        return f"it is multiplied by {', by '.join(told)}"
    logs = [
        (math.log(after) - math.log(before)) / abs(there - here) for (here, before), (there, after) in steps
    ]
    if max(logs) - min(logs) > math.log(ALIKE):
        return f"a layer multiplies it by {short(growth.factor)} on average, and factors multiply"
    return f"each layer multiplies it by about {short(growth.factor)}, and factors multiply"


def _spoken_of(chart: Chart) -> list[Curve]:
    """The measured curves that theory is about, where there is a theory; else all."""
    theory = chart.curves.get(THEORY)
    return [curve for curve in measured(chart) if theory is None or speaks_of(theory, curve, chart)]


class Throw(NamedTuple):
    """How a loss was thrown up: from where it was lowest to where it was highest."""

    name: str
    low: tuple[float, float]
    peak: tuple[float, float]
    back: tuple[float, float] | None
    """Where it had come back; None where it never did, and diverged."""
    last: float
    unit: str


def thrown_up(run: Run) -> Iterator[str]:
    """A loss that training made many times as large: one that stayed up, or else one that came back."""
    throws = sorted(_throws(run), key=lambda throw: throw.back is not None)
    for throw in throws[:1]:
        said = _divergence_in_words(throw) if throw.back is None else _leap_in_words(throw, throw.back)
        why = WHY_DIVERGED if throw.back is None else WHY_LEAPT
        yield f"{said}{why if _far_input(run) is None else ''}"


WHY_DIVERGED = (
    " So it goes where steps overshoot, and each makes the next one longer: at too high a learning rate, or "
    "where gradients are never cleared and add up."
)
"""A recording does not tell which: that the steps were of a healthy rate, it cannot know."""
WHY_LEAPT = " A step that is too long does that, and so does a batch unlike those before it."


def _divergence_in_words(throw: Throw) -> str:
    (begun, low), (reached, peak) = throw.low, throw.peak
    came_down = math.isfinite(throw.last) and throw.last < peak / THROWN
    ended = f", and ended at {short(throw.last)}" if came_down else ""
    return (
        f"{throw.name} diverges from {throw.unit} {short(begun)} on: it went from {short(low)} to "
        f"{short(peak)} at {throw.unit} {short(reached)}{ended}."
    )


def _leap_in_words(throw: Throw, back: tuple[float, float]) -> str:
    at_low, at_peak, at_back = (
        f"{short(y)} at {throw.unit} {short(x)}" for x, y in (throw.low, throw.peak, back)
    )
    return f"{throw.name} leaps and falls back: from {at_low} to {at_peak}, and down to {at_back}."


def _throws(run: Run) -> Iterator[Throw]:
    for chart in run.charts.values():
        if "loss" not in chart.name or chart.axes.x not in TIMES:
            continue
        for curve in measured(chart):
            throw = _throw(chart, curve)
            if throw is not None:
                yield throw


def _throw(chart: Chart, curve: Curve) -> Throw | None:
    """What lies behind the last point at which the loss was as low as at first is where it stayed up: it
    diverged if that is far above all that it came back from before, or far longer. Else its highest leap
    before that."""
    found = first_break(chart, curve)
    ys = curve.y[: None if found is None else found.place]
    if not ys or min(ys) < 0 or ys[0] == 0:
        return None
    is_back = [y <= BACK * ys[0] for y in ys]
    home = len(ys) - is_back[::-1].index(True)  # of so many points the last is back
    before, behind = ys[:home], ys[home:]
    breaks_off = found is not None and not math.isfinite(curve.y[found.place])
    excursions = (len(list(some)) for back, some in groupby(is_back[:home]) if not back)
    never_so_long = len(behind) > LONGER * max(excursions, default=0)
    stays_up = bool(behind) and (breaks_off or never_so_long or max(behind) >= ABOVE_FIRST * max(before))
    peak = home + behind.index(max(behind)) if stays_up else before.index(max(before))
    low = min(range(peak + 1), key=lambda place: (ys[place], -place))
    if ys[peak] < THROWN * ys[low] or ys[peak] < ABOVE_FIRST * ys[0]:
        return None
    back = None if stays_up else is_back.index(True, peak)
    return Throw(
        named(chart.name, curve),
        (curve.x[low], ys[low]),
        (curve.x[peak], ys[peak]),
        None if back is None else (curve.x[back], ys[back]),
        curve.y[-1],
        chart.axes.x,
    )


WHY_DEAD = "A ReLU that is below 0 for every input gives 0 and has slope 0: no gradient reaches its weights."


def dead_units(run: Run) -> Iterator[str]:
    """ReLUs that answer no input: counted over the steps, counted at the end, or the only one there is."""
    knobs = run.started.knobs if run.started else {}
    if any("leaky" in str(value) for value in knobs.values()):
        return  # its slope below 0 is not 0
    charted = [
        curve
        for chart in run.charts.values()
        if "dead" in chart.name and chart.axes.x in TIMES
        for curve in measured(chart)
        if any(y > 0 for y in curve.y)
    ]
    counted = run.facts.get("dead_units")
    if charted:
        yield f"{_deaths_in_words(charted[0])} {WHY_DEAD}"
    elif isinstance(counted, int | float) and counted > 0:
        units = "1 unit is" if counted == 1 else f"{short(counted)} units are"
        yield f"{units} dead in the end{_where_thrown(run)}. {WHY_DEAD}"
    elif run.facts.get("dead") is True:
        yield f"{_death_of_the_only_one(run)} {WHY_DEAD}"


def _deaths_in_words(curve: Curve) -> str:
    first = next(place for place, y in enumerate(curve.y) if y > 0)
    units = "1 unit is" if curve.y[first] == 1 else f"{short(curve.y[first])} units are"
    when = "from the start" if first == 0 else f"at step {short(curve.x[first])}"
    before = f", and none was at step {short(curve.x[first - 1])}" if first else ""
    return f"{units} dead {when}{before}; at step {short(curve.x[-1])} there are {short(curve.y[-1])}."


def _where_thrown(run: Run) -> str:
    throw = next((throw for throw in _throws(run) if throw.back is None), None)
    return (
        f"; long steps carry units there, as those from {throw.unit} {short(throw.low[0])} on"
        if throw and _far_input(run) is None
        else ""
    )


def _death_of_the_only_one(run: Run) -> str:
    if run.facts.get("dead_at_first") is True:
        return "The unit is dead from the start."
    still = [
        _still_from(curve)
        for chart in run.charts.values()
        if chart.name in ("weight", "bias") and chart.axes.x in TIMES
        for curve in measured(chart)
    ]
    return (
        f"The unit died at step {short(max(still))}: nothing has moved since." if still else "The unit died."
    )


def _still_from(curve: Curve) -> float:
    """The x from which on it has been, to the last bit, what it is at the end."""
    place = len(curve.y) - 1
    while place and curve.y[place - 1] == curve.y[-1]:
        place -= 1
    return curve.x[place]


def copies(run: Run) -> Iterator[str]:
    """Hidden units that began alike, and so are one unit, many times."""
    distinct, units = run.facts.get("distinct_units"), run.facts.get("units")
    if not (isinstance(distinct, int) and isinstance(units, int) and 1 == distinct < units):
        return
    if run.facts.get("largest_weight") == 0:
        why = "no weight has moved: each gradient is a product with other weights or outputs, which are 0."
    else:
        why = "alike they stay: same weights get the same gradient. Only a start that differs parts them."
    yield f"All {units} units are copies from step 0 on, and {why}"


def unheld(run: Run) -> Iterator[str]:
    """Weights that no `nn.Parameter` holds, so that an optimizer never hears of them."""
    trained = any("loss" in chart.name and chart.axes.x in TIMES for chart in run.charts.values())
    if trained and run.facts.get("parameters") == 0:
        yield (
            "No weight is trained: model.parameters() is empty, so that no step updates any, and a loss "
            "changes only from batch to batch."
        )


def wrong_by_hand(run: Run) -> Iterator[str]:
    """Gradients worked out by hand that are not those of autograd."""
    count, names = run.facts.get("wrong_tensors"), run.facts.get("wrong")
    if isinstance(count, int) and count > 0 and isinstance(names, str):
        if count == 1:
            yield (
                f"Worked out by hand, {names} differs from what autograd gives: the mistake is in its line, "
                "or in one before it that hardly shows it here."
            )
        else:
            yield (
                f"Worked out by hand, {names} differ from what autograd gives. They stand in the order in "
                "which they are worked out: look for the mistake in the first, or in what that is made from."
            )


def learned_nothing(run: Run) -> Iterator[str]:
    """A loss that stands at that of guessing until the end."""
    for chart in run.charts.values():
        reference = chart.curves.get(chart.axes.reference)
        if (
            "loss" not in chart.name
            or "guess" not in chart.axes.reference
            or not reference
            or not reference.y
        ):
            continue
        guessing = reference.y[-1]
        for curve in measured(chart):
            ys, place = curve.y, len(curve.y)
            while place and abs(ys[place - 1] - guessing) <= LEVEL * guessing:
                place -= 1
            if len(ys) - place >= max(10, len(ys) // 4):
                begun = f"{chart.axes.x} {short(curve.x[place])}"
                low, high = short(min(ys[place:])), short(max(ys[place:]))
                stands = f"stands at {low}" if low == high else f"stays from {low} to {high}"
                yield (
                    f"{named(chart.name, curve)} {stands} from {begun} on, beside {short(guessing)} of "
                    f"{reference.series}: so far the net hardly tells one digit from another."
                )
