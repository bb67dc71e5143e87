"""The event vocabulary: what an experiment yields, and what is recorded of it.

Most events are recorded as they are written. Four carry something that cannot travel (a tensor) or take
free keyword arguments, so what the lesson writes and what is recorded differ:

    lesson code yields                      recorded as
    Histogram(chart, tensor, at, range,     Bins
              theory)
    Image(chart, tensor, at)                Picture
    Row(table, **cells)                     Cells
    Result(**values)                        Facts

Lesson code draws most of them through a `Chart` (`chart.py`) and fills tables through a `Table` (`table.py`):

    Chart(...).at(x, y, theory)             Point, and a second one for theory
    Chart(...).band(x, low, mid, high)      Band
    Chart(...).histogram(tensor, at)        Bins
    Chart(...).image(tensor, at)            Picture
    the first of these for a chart          Axes as well, before it
    Table(...).row(*cells)                  Cells

`Started`, `Printed`, `Finished`, `Failed` and `Stopped` come from the engine, never from lesson code;
`Thinned` comes from the recording itself.

Numbers may be given as Python numbers or one-element tensors; recorded, they are floats. NaN and inf are
facts like any other and are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Union

import msgspec

THEORY = "theory"
"""The series name that is drawn as theory: dim, and behind what was measured."""


class Axes(msgspec.Struct, tag="axes", frozen=True):
    """Names a chart's axes and says which of them are logarithmic."""

    chart: str
    x: str = ""
    y: str = ""
    log_x: bool = False
    log_y: bool = False
    reference: str = ""
    """The series that is computed and yet no theory of what is measured: a level to hold it against, or a
    formula that it need not follow. It is drawn in dashes, and not explained."""


class Point(msgspec.Struct, tag="point", frozen=True, gc=False):
    """One point of one curve."""

    chart: str
    x: float
    y: float
    series: str = "measured"


class Band(msgspec.Struct, tag="band", frozen=True, gc=False):
    """A median with what lies around it, as over several seeds, at one x."""

    chart: str
    x: float
    low: float
    mid: float
    high: float
    series: str = "measured"


class Histogram(msgspec.Struct, frozen=True):
    """The distribution of a tensor's values, whatever its shape; `range` fixes the edges of the bins.

    `theory` is what the distribution should be: a function from values to the share of all values that lies
    below each, as `initplay.lab.distributions` has them (`normal`, `uniform`, `rectified`); it is given
    values where those of the tensor are. Where these are on an accelerator it is called some time after the
    `yield`: so it must bind its values when it is made, as those do, and not read a variable that the
    experiment goes on to change.
    """

    chart: str
    tensor: Any
    at: float = 0
    range: tuple[float, float] | None = None
    theory: Callable[[Any], Any] | None = None


class Bins(msgspec.Struct, tag="histogram", frozen=True):
    """A histogram: equal bins from `low` to `high` of the finite values, and a count of all others."""

    chart: str
    at: float
    low: float
    high: float
    counts: list[int]
    below: int = 0
    """Finite values under `low`; more than 0 only where the lesson fixed the range."""
    above: int = 0
    nan: int = 0
    posinf: int = 0
    neginf: int = 0
    theory: list[float] = []
    """For each bin the share of the finite values that theory expects in it; empty without a theory."""

    @property
    def total(self) -> int:
        return sum(self.counts) + self.below + self.above + self.nonfinite

    @property
    def nonfinite(self) -> int:
        return self.nan + self.posinf + self.neginf


class Image(msgspec.Struct, frozen=True):
    """One picture (height, width) or several in a row (n, height, width), as shades from low to high."""

    chart: str
    tensor: Any
    at: float = 0


class Picture(msgspec.Struct, tag="image", frozen=True):
    """`n` pictures of `height` x `width` bytes, row after row: 0 is `low`, 255 is `high`."""

    chart: str
    at: float
    n: int
    height: int
    width: int
    low: float
    high: float
    pixels: bytes
    nonfinite: int = 0
    """Values that were NaN or infinite; they are drawn as `low`."""
    rows: list[str] = []
    """Of a map, where each pixel is a setting of two knobs: what the rows are called, one name for each.
    There `SHADES_FROM` is `low`, and what lies below it is no number."""
    columns: list[str] = []
    log: bool = False
    """Whether shades stand for ratios."""
    level: float | None = None
    """Of a map, a value that parts it: where neighbors lie on its two sides, the border is drawn."""
    zeros: int = 0
    """Settings that came to 0 where shades stand for ratios; they have the lowest."""


NOT_THERE, NO_NUMBER, SHADES_FROM = 0, 1, 2
"""Pixels of a map: a setting that has not been run, one that came to NaN or inf, and the lowest shade."""


class Row:
    """A row of a table, written `Row("sums", neuron=1, total=19.0)`; cells hold what a `Result` may."""

    def __init__(self, table: str, /, **cells: Any) -> None:
        self.table = table
        self.cells = cells


class Cells(msgspec.Struct, tag="row", frozen=True):
    table: str
    cells: dict[str, Any]


class Progress(msgspec.Struct, tag="progress", frozen=True, gc=False):
    """How far a long piece of work has come."""

    done: float
    total: float
    label: str = ""


class Note(msgspec.Struct, tag="note", frozen=True):
    """A sentence to the learner about what just happened."""

    text: str


class Check(msgspec.Struct, tag="check", frozen=True):
    """One check of what the learner wrote for an exercise."""

    name: str
    passed: bool
    expected: str = ""
    """What is right, in a few words."""
    got: str = ""
    says: str = ""
    """Where it did not pass, a sentence that knows the mistake or says what differs."""
    reached: bool = True
    """Whether there was an answer to judge: not after a loop without an end, nor where a question about
    something beside the answer met the error that others have told of already."""

    @property
    def failed(self) -> bool:
        """Whether the answer is wrong: one that was not reached is neither that nor right."""
        return self.reached and not self.passed


class Layer(msgspec.Struct, tag="layer", frozen=True, kw_only=True):
    """One layer of a net that was examined, in the order of the forward pass; None where there is no
    number."""

    name: str
    """Its path in the net, as `named_modules` has it."""
    kind: str
    """The name of its class."""
    shape: list[int] = []
    """Of its weight."""
    scheme: str | None = None
    """The initialization that its weight looks as if it came from."""
    sure: float | None = None
    """How sure that is, from 0 to 1."""
    rms: float | None = None
    """Of its output, before any activation."""
    theory_rms: float | None = None
    """What weights of this size, were they random, make of the input that it got."""
    grad_rms: float | None = None
    """Of the loss's gradient by its output; of a parameter that is in no product, by itself."""
    dead: float | None = None
    """The share of its units that are 0 behind a ReLU for the whole batch."""
    saturated: float | None = None
    """The share of its values at the ends of tanh or sigmoid."""
    update_ratio: float | None = None
    """How large a step of SGD is beside the weight, rms by rms."""


class Verdict(msgspec.Struct, tag="verdict", frozen=True):
    """What is wrong with a net that was examined, and what to change."""

    layer: str
    """Where; empty where it is the net as a whole."""
    text: str
    change: str | None = None
    """Python that mends it, with the net as `net`, `nn` and `torch`; None where no line of code does."""


class Facts(msgspec.Struct, tag="result", frozen=True):
    """What predictions and goals are judged by: numbers, text, booleans, None, or nested lists of them."""

    values: dict[str, Any]


class Result:
    """The facts of a run, written `Result(final_std=x.std())`.

    Each is a number, text, a boolean, None, or a list of such.
    """

    def __init__(self, /, **values: Any) -> None:
        self.values = values


EXAMINE = "examine"
"""In place of a lesson's slug, where a net in a user's file was examined."""


class Started(msgspec.Struct, tag="started", frozen=True, kw_only=True):
    """The first event of every run: all that is needed to run it again."""

    lesson: str
    experiment: str
    knobs: dict[str, Any]
    seed: int
    device: str
    data: str = ""
    """What the digits are, in words, as the screen says it."""
    torch: str = ""
    initplay: str = ""
    source: str = ""
    seeds: tuple[int, ...] = ()
    """The seeds of all the runs that this one is made of; empty or one for a single run."""
    edited: bool = False
    """Whether the text that ran is not the lesson's own."""
    mine: str = ""
    """What the learner wrote for the lesson's exercise, where it ran with that."""
    filename: str = ""
    """The path of the user's file, where a net of theirs was examined."""


class Printed(msgspec.Struct, tag="printed", frozen=True):
    """What the experiment printed, whole lines where it wrote whole lines."""

    text: str


class Thinned(msgspec.Struct, tag="thinned", frozen=True):
    """Stands in a recording where an event was, which was let go to save memory."""

    what: str
    """The event's own tag: "image", "histogram", "row", "note", "result" or "printed"."""
    chart: str = ""
    """The chart or the table that it belonged to."""
    at: float | None = None
    """The position of a picture or a histogram, whose moment stays."""


class Finished(msgspec.Struct, tag="finished", frozen=True):
    seconds: float


class Failed(msgspec.Struct, tag="failed", frozen=True):
    """The experiment raised, handed over what no chart can show, or took its process down."""

    message: str
    """One sentence: what happened, and where."""
    line: int | None = None
    """Line of the experiment's source, counted from 1, where that is known."""
    traceback: str = ""


class Stopped(msgspec.Struct, tag="stopped", frozen=True):
    """The run was ended from outside before it was done."""

    message: str = ""


Recorded = Union[  # noqa: UP007 (msgspec reads the union at run time, on 3.10 too)
    Axes,
    Point,
    Band,
    Bins,
    Picture,
    Cells,
    Progress,
    Note,
    Check,
    Layer,
    Verdict,
    Facts,
    Started,
    Printed,
    Thinned,
    Finished,
    Failed,
    Stopped,
]
"""Every event as it travels and is kept."""

Ending = Finished | Failed | Stopped
"""The last event of every run is one of these."""
