"""What lesson code yields becomes plain numbers at that moment, or one sentence about why it cannot."""

# Lessons hand over tensors where floats are recorded.
# pyrefly: ignore-errors

from __future__ import annotations

import enum
import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from initplay.engine import wire
from initplay.lab import (
    Axes,
    Band,
    Chart,
    Histogram,
    Image,
    Note,
    Point,
    Progress,
    Result,
    Row,
    normal,
    uniform,
)
from initplay.lab.events import Bins, Cells, Facts, Layer, Picture, Recorded, Verdict
from initplay.worker import binning, capture
from initplay.worker.capture import MAX_PIXELS, Deferred
from initplay.worker.facts import MAX_CHARACTERS, MAX_FACTS
from initplay.worker.theory import with_theory
from initplay.worker.values import MAX_TEXT, EventError, number_of


def recorded(event: object) -> Recorded:
    captured = capture.capture(event)
    assert not capture.is_on_device(captured), "no device is waited for on the CPU"
    (taken,) = capture.settle([captured])
    wire.frame(wire.Events([taken]))  # it can travel
    return taken


class Level(enum.IntEnum):
    HIGH = 3


class Words(str):
    pass


NUMBERS = [
    3,
    3.0,
    True + 2,
    Level.HIGH,
    np.float64(3),
    np.int64(3),
    np.array(3.0),
    torch.tensor(3),
    torch.tensor([[3.0]]),
    torch.tensor(3.0, requires_grad=True),
    torch.nn.Parameter(torch.tensor([3.0])),
    *(
        torch.tensor(3, dtype=dtype)
        for dtype in (torch.half, torch.bfloat16, torch.double, torch.uint8, torch.int16)
    ),
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: f"{type(number).__name__} {number}")
def test_any_number_of_any_library_is_a_float(number: Any) -> None:
    for event, expected in [
        (Point("c", number, number), Point("c", 3.0, 3.0)),
        (Band("c", number, number, number, number), Band("c", 3.0, 3.0, 3.0, 3.0)),
        (Progress(number, number, "epochs"), Progress(3.0, 3.0, "epochs")),
    ]:
        assert recorded(event) == expected
    point = recorded(Point("c", number, number))
    assert isinstance(point, Point)
    assert type(point.x) is type(point.y) is float


@pytest.mark.parametrize(
    ("number", "kept"),
    [(10**400, math.inf), (-(10**400), -math.inf), (math.inf, math.inf), (float("nan"), math.nan)],
)
def test_numbers_that_no_float_holds_are_infinite(number: Any, kept: float) -> None:
    point = recorded(Point("c", number, 0))
    assert isinstance(point, Point)
    assert repr(point.x) == repr(kept)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (42, "yielded 42 (int), which is no event"),
        (None, "yielded None (NoneType), which is no event"),
        (torch.ones(3, 4), "yielded a tensor of shape (3, 4)"),
        (Chart("std"), "yielded Chart('std') (Chart), which is no event"),
        (Point("c", torch.ones(3), 1), "Point's x must be one number, not a tensor of shape (3,)"),
        (Point("c", 1, torch.ones(0)), "Point's y must be one number"),
        (Point("c", 1, "2.5"), "Point's y must be a number, not '2.5' (str)"),
        (Point("c", 1, torch.tensor(1j)), "Point's y must be real, not complex"),
        (Point("c", 1, 1j), "Point's y must be a number"),
        (Point("c", 1, np.ones(3)), "Point's y must be a number"),
        (Point("c", 1, torch.ones(1, device="meta")), "Point's y is on the meta device"),
        (Point("c", 1, torch.ones(1).to_sparse()), "Point's y is sparse; hand over its .to_dense()"),
        (Point(7, 1, 1), "Point's chart must be text, not 7 (int)"),
        (Band("c", 1, 2, None, 4), "Band's mid must be a number"),
        (Histogram("c", torch.ones(2, device="meta")), "Histogram's tensor is on the meta device"),
        (Histogram("c", torch.eye(2).to_sparse()), "Histogram's tensor is sparse"),
        (Histogram("c", torch.eye(2).to_mkldnn()), "is laid out as torch._mkldnn; hand over its .to_dense()"),
        (Histogram("c", torch.ones(2, dtype=torch.cfloat)), "Histogram's tensor must be real"),
        (Histogram("c", "words"), "Histogram's tensor must be a tensor, not 'words' (str)"),
        (Histogram("c", torch.ones(2), range=(1, 1)), "Histogram's range must rise"),
        (Histogram("c", torch.ones(2), range=(0, math.nan)), "Histogram's range must rise"),
        (Histogram("c", torch.ones(2), range=3), "Histogram's range must be two numbers"),
        (Image("c", torch.ones(2000, 501)), "(1, 2000, 501) has more than the 1,000,000 pixels"),
        (Image("c", torch.ones(3)), "must be height x width or n x height x width, not (3,)"),
        (Image("c", torch.ones(0, 3)), "must be height x width or n x height x width"),
        (Note(3), "Note's text must be text, not 3 (int)"),
        (Axes("c", x=3), "Axes' x must be text"),
        (Result(a={"b": 1}), "Result's a must be a number, text, a boolean, None, or a list"),
        (Result(a=torch.zeros(MAX_FACTS + 1)), "Result's a holds more than 10,000 values"),
        (Result(a=[[0] * 5000] * 5000), "Result's a holds more than 10,000 values"),
        (Row("t", cell=object()), "Row's cell must be a number"),
        (Result(a=["x" * 9000] * 5000), "Result's texts hold more than 1,000,000 characters together"),
        (
            Result(**{f"a{number}": ["x" * 9000] * 50 for number in range(3)}),
            "more than 1,000,000 characters",
        ),
        (Result(**{f"{number:09000}": 1 for number in range(112)}), "more than 1,000,000 characters"),
        (Row("t", cell=["x" * 9000] * 5000), "Row's texts hold more than 1,000,000 characters together"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(event: object, said: str) -> None:
    with pytest.raises(EventError) as error:
        capture.capture(event)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def recorded_of(*yielded: object) -> list[Recorded]:
    """What a run records of these, yielded one after the other."""
    axes: dict[str, Axes] = {}
    return [recorded(event) for one in yielded for event in capture.parts(one, axes)]


def test_a_chart_says_its_axes_once_and_before_its_first_point() -> None:
    loss = Chart("loss", x="step", y="loss", log_y=True)
    weight = Chart("weight", x="step")
    yielded = [loss.at(0, torch.tensor(2.0)), weight.at(0, 5), loss.at(1, 1.0)]
    assert recorded_of(*yielded) == [
        Axes("loss", "step", "loss", log_y=True),
        Point("loss", 0, 2),
        Axes("weight", "step"),
        Point("weight", 0, 5),
        Point("loss", 1, 1),
    ]


def test_axes_are_said_in_every_run_though_the_chart_outlives_one() -> None:
    """A chart may stand outside the experiment, whose runs come one after the other."""
    loss = Chart("loss", x="step")
    assert recorded_of(loss.at(0, 2)) == recorded_of(loss.at(0, 2)) == [loss.axes, Point("loss", 0, 2)]


def test_a_chart_that_is_made_again_with_other_axes_says_those() -> None:
    first, again, other = (Chart("loss", x=x) for x in ("step", "step", "epoch"))
    yielded = [chart.at(0, 1) for chart in (first, again, other)]
    point = Point("loss", 0, 1)
    assert recorded_of(*yielded) == [first.axes, point, point, other.axes, point]


def test_theory_stands_at_the_same_x_and_after_what_was_measured() -> None:
    """Once where it is given, however many series the chart has."""
    chart = Chart("rms")
    yielded = [chart.at(3, 1.5, theory=2, series="ours"), chart.at(3, 1.6, series="torch's")]
    assert recorded_of(*yielded)[1:] == [
        Point("rms", 3, 1.5, "ours"),
        Point("rms", 3, 2, "theory"),
        Point("rms", 3, 1.6, "torch's"),
    ]
    assert recorded_of(chart.band(3, 1, 2, 4, theory=torch.tensor(0)))[1:] == [
        Band("rms", 3, 1, 2, 4),
        Point("rms", 3, 0, "theory"),
    ]


def test_a_chart_takes_histograms_and_pictures() -> None:
    """The same events as `Histogram` and `Image` make, after the axes."""
    values = torch.arange(6.0).reshape(2, 3)
    chart = Chart("values", x="layer")
    drawn = recorded_of(chart.histogram(values, at=2, range=(0, 4)), chart.image(values, at=3))
    plain = [recorded(Histogram("values", values, 2, (0, 4))), recorded(Image("values", values, 3))]
    assert drawn == [chart.axes, *plain]


def test_what_a_chart_cannot_draw_is_one_sentence() -> None:
    with pytest.raises(EventError, match="Point's y must be one number, not a tensor of shape"):
        recorded_of(Chart("c").at(0, 1, theory=torch.ones(3)))


def test_theory_is_recorded_as_the_share_that_it_expects_in_each_bin() -> None:
    event = Chart("h").histogram(torch.linspace(-2, 2, 7), range=(-1, 1), theory=normal(0, 1)).events[0]
    bins = recorded(event)
    assert isinstance(bins, Bins) and len(bins.theory) == len(bins.counts)
    assert sum(bins.theory) == pytest.approx(math.erf(1 / math.sqrt(2)))
    assert bins.theory == pytest.approx(bins.theory[::-1], rel=1e-5) and max(bins.theory) == max(
        bins.theory[29:31]
    )


def test_theory_counts_a_spike_in_the_bin_that_values_there_are_counted_in() -> None:
    """Each bin holds its lower edge, the last one its upper edge too."""
    for at, edges in (
        (0.0, (0.0, 2.0)),
        (0.0, (-3.0, 3.0)),
        (1.0, (-1.0, 1.0)),
        (5.0, (-2.0, 5.0)),
        (0.0, (-2.0, 3.0)),
        (0.0, (-7.0, 0.1)),
    ):
        bins = recorded(
            Histogram("h", torch.full((9,), at), range=edges, theory=lambda x, at=at: (x > at) * 1.0)
        )
        assert isinstance(bins, Bins)
        assert [9 * share for share in bins.theory] == bins.counts, (at, edges)


@given(st.floats(-1e30, 1e30), st.floats(1e-30, 1e30))
def test_theory_and_counts_agree_at_every_scale(middle: float, spread: float) -> None:
    """Whatever the edges are: all of a uniform lies within its own range, and equally much in each bin."""
    low, high = middle - spread, middle + spread
    if not low < high:
        return
    bins = recorded(Histogram("h", torch.tensor([middle]), range=(low, high), theory=uniform(low, high)))
    assert isinstance(bins, Bins)
    assert sum(bins.theory) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("theory", "said"),
    [
        (3, "theory failed"),
        (lambda x: x.nonsense, "theory failed"),
        (lambda x: None, "theory failed"),
        (lambda x: x[1:], "tensor of shape (61,), not (60,)"),
        (lambda x: torch.exp(-x), "rise from 0 to 1"),
        (lambda x: x * math.nan, "rise from 0 to 1"),
        (lambda x: x * 1000, "rise from 0 to 1"),
    ],
)
def test_a_theory_that_is_none_is_one_sentence(theory: Any, said: str) -> None:
    with pytest.raises(EventError, match=re.escape(said)) as error:
        capture.capture(Histogram("h", torch.arange(9.0), theory=theory))
    assert "\n" not in str(error.value)


def test_theory_of_values_that_wait_on_a_device_comes_with_them() -> None:
    parts, build = binning._on_device(torch.arange(9.0), (0.0, 8.0))
    bins = with_theory(
        Bins("h", 0, **build([part.tolist() for part in parts])), uniform(0, 8), torch.device("cpu")
    )
    assert bins.theory == pytest.approx([1 / 60] * 60, rel=1e-5)


def test_a_list_that_holds_itself_is_no_fact() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(EventError, match="nested too deep"):
        capture.capture(Result(a=endless))


DTYPES = [
    torch.float32,
    torch.float64,
    torch.half,
    torch.bfloat16,
    torch.int64,
    torch.int8,
    torch.uint8,
    torch.float8_e4m3fn,
    torch.bool,
]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_tensors_of_every_dtype_are_binned_and_drawn(dtype: torch.dtype) -> None:
    tensor = torch.tensor([[0, 1], [1, 1]]).to(dtype)
    bins, picture = recorded(Histogram("c", tensor)), recorded(Image("c", tensor))
    assert isinstance(bins, Bins)
    assert (bins.low, bins.high, bins.counts[0], bins.counts[-1], bins.total) == (0.0, 1.0, 1, 3, 4)
    assert isinstance(picture, Picture)
    assert (picture.n, picture.height, picture.width, picture.pixels) == (1, 2, 2, b"\x00\xff\xff\xff")


@pytest.mark.parametrize(
    "values",
    [
        20_000_000 + torch.arange(1000) % 3,
        torch.arange(2**31 - 60, 2**31 - 1, dtype=torch.int32),
        torch.tensor([2**32 - 1, 2**32 - 2, 2**32 - 5]).to(torch.uint32),
        2**53 + torch.arange(100),
        torch.tensor([-(2**63), 2**63 - 1, 0]),
    ],
    ids=lambda values: str(values[0].item()),
)
def test_whole_numbers_beyond_float32_are_counted_as_near_as_float64_holds_them(values: torch.Tensor) -> None:
    held = values.numpy().astype(np.float64)
    bins = recorded(Histogram("c", values))
    assert isinstance(bins, Bins)
    assert (bins.low, bins.high) == (held.min(), held.max())
    above = held - held.min()  # where numpy's edges are told apart
    assert bins.counts == np.histogram(above, len(bins.counts))[0].tolist()
    picture = recorded(Image("c", values[None]))
    assert isinstance(picture, Picture)
    assert (picture.low, picture.high) == (held.min(), held.max())


def test_tensors_come_in_any_shape() -> None:
    """Not contiguous, with a gradient, a scalar, nested lists, numpy: the values are what counts."""
    grid = torch.arange(12.0).reshape(3, 4)
    for tensor in (
        grid.T,
        grid.requires_grad_() * 1,
        grid.detach()[:, ::2],
        grid.tolist(),
        grid.detach().numpy(),
    ):
        bins = recorded(Histogram("c", tensor))
        assert isinstance(bins, Bins)
        assert bins.total == np.asarray(torch.as_tensor(tensor).detach()).size
    assert recorded(Image("c", grid.detach().T)) == recorded(Image("c", grid.detach().T.contiguous()))
    scalar = recorded(Histogram("c", torch.tensor(2.0)))
    assert isinstance(scalar, Bins)
    assert scalar.total == 1


def test_a_picture_says_its_range_and_what_was_no_number() -> None:
    picture = recorded(Image("c", torch.tensor([[-3e38, 3e38], [math.nan, math.inf]])))
    assert isinstance(picture, Picture)
    assert (picture.low, picture.high) == pytest.approx((-3e38, 3e38))
    assert picture.pixels == b"\x00\xff\x00\x00"
    assert picture.nonfinite == 2
    nothing = recorded(Image("c", torch.full((2, 2), math.nan)))
    assert isinstance(nothing, Picture)
    assert (nothing.low, nothing.high, nothing.nonfinite) == (0.0, 0.0, 4)
    doubles = recorded(Image("c", torch.tensor([[0.0, 1e300]], dtype=torch.float64)))
    assert isinstance(doubles, Picture)
    assert (doubles.high, doubles.nonfinite, doubles.pixels) == (1e300, 0, b"\x00\xff")


def test_a_picture_may_have_as_many_pixels_as_it_says() -> None:
    picture = recorded(Image("c", torch.zeros(1000, MAX_PIXELS // 1000)))
    assert isinstance(picture, Picture)
    assert len(picture.pixels) == MAX_PIXELS


@pytest.mark.parametrize("event", [Result(g=math.factorial(171)), Row("t", g=[1, -math.factorial(171)])])
def test_a_whole_number_beyond_floats_is_refused_and_not_called_infinite(event: Any) -> None:
    with pytest.raises(EventError, match="g is a whole number too large for a number here"):
        recorded(event)


def test_facts_become_plain_python() -> None:
    facts = recorded(
        Result(
            outputs=torch.tensor([[19, 22], [43, 50]]),
            std=np.float64(0.5),
            half=np.float32(0.5),
            count=np.int32(3),
            level=Level.HIGH,
            yes=np.bool_(True),
            big=10**300,
            word=Words("hi"),
            mixed=(1, [2.5, None, "x"], torch.tensor(True)),
        )
    )
    assert facts == Facts(
        {
            "outputs": [[19, 22], [43, 50]],
            "std": 0.5,
            "half": 0.5,
            "count": 3,
            "level": 3,
            "yes": True,
            "big": 1e300,
            "word": "hi",
            "mixed": [1, [2.5, None, "x"], True],
        }
    )
    assert recorded(Row("t", neuron=torch.tensor(1), total=19.0)) == Cells("t", {"neuron": 1, "total": 19.0})


def test_long_text_is_cut_and_says_so() -> None:
    long = "x" * (MAX_TEXT + 1)
    for event in (
        Note(long),
        Axes(long, long),
        Point(long, 1, 1, long),
        Progress(1, 2, long),
        Band(long, 1, 1, 1, 1),
    ):
        assert len(wire.frame(wire.Events([recorded(event)]))) < 3 * MAX_TEXT
    note = recorded(Note(long))
    assert isinstance(note, Note)
    assert note.text == "x" * MAX_TEXT + " …"


def test_as_much_text_as_an_event_may_hold_can_travel() -> None:
    """Also where a character takes four bytes."""
    texts = ["\U0001f600" * MAX_TEXT] * (MAX_CHARACTERS // MAX_TEXT - 1)
    assert recorded(Result(a=texts)) == Facts({"a": texts})


def test_a_change_in_place_after_the_yield_alters_nothing() -> None:
    tensor = torch.arange(4.0).reshape(2, 2)
    taken = [
        capture.capture(event)
        for event in (Histogram("h", tensor), Image("i", tensor), Point("p", 0, tensor.sum()))
    ]
    facts = capture.capture(Result(values=tensor))
    before = capture.settle([*taken, facts])
    tensor.fill_(math.nan)
    assert capture.settle([*taken, facts]) == before
    assert before[-1] == Facts({"values": [[0.0, 1.0], [2.0, 3.0]]})


_VALUES = torch.tensor([[-1.0, 0.5, 2.0], [3.0, 0.25, -4.0]])


@pytest.mark.parametrize(
    "tensor",
    [
        pytest.param(_VALUES.T, id="transposed"),
        pytest.param(_VALUES.clone().requires_grad_(), id="with a gradient to come"),
        pytest.param(torch.nn.Parameter(_VALUES.clone()), id="parameter"),
        pytest.param(torch.complex(_VALUES, -_VALUES).conj().imag, id="negative by its bit alone"),
        pytest.param(_VALUES.double(), id="double"),
        pytest.param(_VALUES.bfloat16(), id="of a type that numpy has not"),
        pytest.param(_VALUES[0].expand(2, 3), id="one row seen twice"),
    ],
)
def test_a_histogram_counts_the_values_however_they_lie(tensor: torch.Tensor) -> None:
    plain = tensor.detach().float().contiguous().clone().flatten()
    assert recorded(Histogram("h", tensor)) == recorded(Histogram("h", plain))


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_is_refused_at_its_yield() -> None:
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    for event, said in (
        (Histogram("h", nested), "Histogram's tensor is nested"),
        (Point("p", 0, nested), "Point's y is nested"),
        (nested, "yielded a nested tensor"),
    ):
        with pytest.raises(EventError, match=said):
            capture.capture(event)


def test_a_position_is_known_though_the_rest_waits_on_a_device() -> None:
    """Of whatever kind the number is that was yielded: steps and slow motion part moments by it."""
    waiting = capture._numbers(Point("c", 0, 0), x=number_of(np.int64(3), "x"), y=torch.ones(1))
    assert isinstance(waiting, Deferred) and waiting.at == 3
    assert capture.settle([waiting]) == [Point("c", 3, 1)]


def test_a_change_in_place_while_numbers_wait_on_a_device_alters_nothing() -> None:
    """The parts of a deferred histogram are its own, though they have not been fetched."""
    tensor = torch.arange(100.0)
    parts, build = binning._on_device(tensor, None)
    waiting = Deferred(parts, lambda lists: Bins("h", 0, **build(lists)))
    tensor.fill_(math.nan)
    assert capture.settle([waiting]) == [recorded(Histogram("h", torch.arange(100.0)))]


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8]),
                st.lists(st.integers(0, 255), max_size=4),
            ),
            max_size=3,
        )
        | st.none(),
        max_size=8,
    )
)
def test_settling_gives_each_event_its_own_numbers_in_order(plan: list[Any]) -> None:
    """However many events wait, of whatever dtypes, among others that are ready."""

    def event(number: int, lists: list[Any]) -> Recorded:
        return Facts({str(number): lists})

    waiting = [
        Note(str(number))
        if parts is None
        else Deferred(
            [torch.tensor(values, dtype=dtype) for dtype, values in parts],
            lambda lists, number=number: event(number, lists),
        )
        for number, parts in enumerate(plan)
    ]
    assert capture.settle([*waiting]) == [
        Note(str(number)) if parts is None else event(number, [values for _, values in parts])
        for number, parts in enumerate(plan)
    ]


def test_a_thousand_waiting_events_cost_one_copy_for_each_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fetch makes the device finish all it was asked for, so a training loop must not pay one a step."""
    waiting = [
        Deferred(
            [torch.tensor([step * 1.0]), torch.tensor([step])],
            lambda lists: Point("loss", lists[1][0], lists[0][0]),
        )
        for step in range(1000)
    ]
    fetched = []
    fetch = torch.Tensor.tolist
    monkeypatch.setattr(
        torch.Tensor, "tolist", lambda tensor: (fetched.append(tensor.dtype), fetch(tensor))[1]
    )
    settled = capture.settle([*waiting])
    assert sorted(map(str, fetched)) == ["torch.float32", "torch.int64"]
    assert settled == [Point("loss", step, step) for step in range(1000)]


def test_what_examining_yields_travels_as_it_is_and_nothing_else_does_under_its_name():
    layer = Layer(name="fc", kind="Linear", shape=[3, 4], rms=0.5)
    verdict = Verdict("fc", "it breaks")
    assert capture.capture(layer) == layer and capture.capture(verdict) == verdict
    with pytest.raises(EventError, match="yielded a Layer that cannot travel"):
        capture.capture(Layer(name="fc", kind="Linear", rms=torch.tensor(0.5)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("tiny", [1.4e-45, 3e-45, 1e-40])
def test_an_image_of_the_least_numbers_there_are_has_shades_and_warns_of_nothing(tiny):
    picture = capture.capture(Image("i", torch.tensor([[0.0, tiny]])))
    assert isinstance(picture, Picture)
    assert picture.pixels[0] == 0
    assert (picture.low, picture.high) == (0.0, float(torch.tensor(tiny)))
