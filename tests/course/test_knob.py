"""What a knob accepts, how its value is shown, and how arrow keys move it."""

import dataclasses
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from initplay.course.experiment import experiments
from initplay.course.knob import Knob, KnobError


def knob(annotated: str) -> Knob:
    """The knob that `name: annotation = default` makes."""
    (experiment,) = experiments(f"def chain({annotated}):\n    yield 1\n")
    (found,) = experiment.knobs
    return found


DEPTH = knob("depth: Range[1, 200] = 100")
SCALE = knob("scale: LogRange[1e-3, 10.0] = 1.0")
SHIFT = knob("shift: Range[-1.0, 1.0] = 0.0")
INIT = knob('init: Literal["lecun", "xavier"] = "lecun"')
CHOSEN = knob("by: Literal[255, 256, 0.5] = 255")
SWITCH = knob("same: bool = True")
SEED = knob("seed: int = 0")
LR = knob("lr: float = 0.1")
TITLE = knob('title: str = ""')


@pytest.mark.parametrize(
    ("knob", "text", "value"),
    [
        (DEPTH, "100", 100),
        (DEPTH, " 7 ", 7),
        (DEPTH, "1e2", 100),
        (DEPTH, "12.0", 12),
        (DEPTH, "2**7", 128),
        (SCALE, "1", 1.0),
        (SCALE, "1/512**0.5", 1 / math.sqrt(512)),
        (SCALE, ".5", 0.5),
        (SHIFT, "-1/4", -0.25),
        (INIT, "xavier", "xavier"),
        (CHOSEN, "256", 256),
        (CHOSEN, "0.5", 0.5),
        (SWITCH, "off", False),
        (SWITCH, "True", True),
        (SWITCH, "NO", False),
        (SWITCH, "1", True),
        (SEED, "-12", -12),
        (LR, "3", 3.0),
        (TITLE, " as typed ", " as typed "),
    ],
)
def test_what_was_typed_becomes_a_value_of_the_knobs_type(knob, text, value):
    parsed = knob.parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("knob", "text", "sentence"),
    [
        (DEPTH, "900", "depth=900 is out of range: depth takes a whole number from 1 to 200."),
        (DEPTH, "1.5", "depth=1.5 is not a whole number: depth takes a whole number from 1 to 200."),
        (DEPTH, "deep", "depth=deep is not a whole number: depth takes a whole number from 1 to 200."),
        (DEPTH, "", "depth= is not a whole number: depth takes a whole number from 1 to 200."),
        pytest.param(DEPTH, "9" * 5000, f"depth={'9' * 40!r} is ", id="a number of 5000 digits"),
        (SCALE, "0", "scale=0 is out of range: scale takes a number from 0.001 to 10.0."),
        (SCALE, "nan", "scale=nan is not a finite number: scale takes a number from 0.001 to 10.0."),
        (SCALE, "inf", "scale=inf is not a finite number: "),
        (SCALE, "1/0", "scale=1/0 is not a number: "),
        (SCALE, "9**9**9", "is not a number"),
        pytest.param(SCALE, "-" * 100_000 + "1", "is not a number", id="a minus 100,000 times"),
        (SCALE, "(" * 79, "is not a number"),
        (SCALE, "exit()", "is not a number"),
        (SCALE, "1\0", "is not a number"),
        pytest.param(LR, "1" + "0" * 400, "is ", id="a number too large for a float"),
        (LR, "1e400", "lr=1e400 is not a finite number: lr takes a number."),
        (INIT, "he", "init=he is not an option: init takes one of lecun, xavier."),
        (SWITCH, "maybe", "same=maybe is neither on nor off: same takes true or false."),
        (SEED, str(2**63), f"seed={2**63} is out of range: seed takes a whole number that fits in 64 bits."),
    ],
)
def test_a_wrong_text_is_answered_with_what_the_knob_takes(knob, text, sentence):
    with pytest.raises(KnobError) as caught:
        knob.parse(text)
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        (DEPTH, True),
        (DEPTH, "100"),
        (DEPTH, 1.5),
        (DEPTH, None),
        (DEPTH, math.nan),
        (SCALE, math.inf),
        (SCALE, False),
        (SWITCH, 1),
        (SWITCH, "on"),
        (INIT, 1),
        (knob("n: Literal[0, 1] = 0"), True),
        (TITLE, 3),
        (LR, 10**400),
        (SEED, [1]),
    ],
)
def test_check_refuses_values_of_another_type(knob, value):
    """What a lesson's TOML or a saved run hands over is held to the same limits as what is typed."""
    with pytest.raises(KnobError, match=f"{knob.name} takes "):
        knob.check(value)


def test_check_takes_a_whole_float_for_an_int_and_an_int_for_a_float():
    assert DEPTH.check(100.0) == 100
    assert type(DEPTH.check(100.0)) is int
    assert type(SCALE.check(1)) is float


@pytest.mark.parametrize(
    ("knob", "value", "text"),
    [
        (DEPTH, 100, "100"),
        (SCALE, 1.0, "1.0"),
        (SCALE, 1 / math.sqrt(512), "0.0442"),
        (SCALE, 0.1304, "0.1304"),
        (LR, 1e-5, "1e-5"),
        (LR, 1 / 3, "0.333"),
        (knob("x: Range[1000.0, 1000.5] = 1000.0"), 1000 + 1 / 3, "1000.333"),
        (knob("x: Range[0.0, 0.9999] = 0.5"), 0.99987654321, "0.9999"),
        (SWITCH, True, "on"),
        (INIT, "lecun", "lecun"),
    ],
)
def test_values_are_shown_short(knob, value, text):
    assert knob.format(value) == text


def test_arrow_keys_take_round_steps():
    def walk(knob, value, steps):
        return [value := knob.stepped(value, 1 if steps > 0 else -1) for _ in range(abs(steps))]

    assert walk(DEPTH, 198, 3) == [199, 200, 200]
    assert walk(knob("w: Range[1, 512] = 50"), 1, 3) == [5, 10, 15]
    assert walk(knob("w: Range[1, 512] = 50"), 512, -2) == [510, 505]
    assert walk(SHIFT, 0.013, 3) == [0.02, 0.04, 0.06]
    assert walk(SCALE, 1.0, 4) == [1.12, 1.26, 1.41, 1.58]
    assert walk(SCALE, 1.0, -3) == [0.891, 0.794, 0.708]
    assert walk(knob("w: LogRange[1, 1024] = 64"), 1, 4) == [2, 3, 4, 5]
    assert walk(knob("w: LogRange[2, 1024] = 512"), 512, 2) == [562, 631]
    assert walk(knob("w: LogRange[2, 1024] = 512"), 562, -3) == [512, 447, 398]
    assert walk(knob("w: LogRange[2, 1024] = 512"), 508, 1) == [562], "a hair's step is none"
    assert DEPTH.stepped(1, 10) == 11
    assert DEPTH.stepped(1, 10**12) == 200
    assert INIT.stepped("xavier", 1) == "lecun"
    assert (SWITCH.stepped(True, 1), SWITCH.stepped(True, 2)) == (False, True)
    assert (SEED.stepped(3, 1), LR.stepped(0.5, 1), TITLE.stepped("a", 1)) == (3, 0.5, "a")


def test_only_sliders_have_positions():
    assert not SEED.is_slider
    with pytest.raises(TypeError, match="only a slider"):
        SEED.position(1)


numbers = st.floats(-1e12, 1e12, allow_nan=False) | st.floats(-2, 2, allow_nan=False)


@st.composite
def sliders(draw) -> Knob:
    """Sliders of every kind and of very different spans, as an author may write them."""
    if draw(st.booleans()):
        low = draw(st.integers(-(10**12), 10**12) | st.integers(-3, 3))
        high = low + draw(st.integers(1, 10**12) | st.integers(1, 300))
    else:
        low = draw(numbers)
        high = low + draw(st.floats(1e-6, 1e12) | st.floats(1e-3, 10))
    assume(high - low > 1e-8 * max(abs(low), abs(high)))
    kind = "Range"
    if draw(st.booleans()):
        assume(low > 1e-300)
        kind = "LogRange"
    return knob(f"x: {kind}[{low!r}, {high!r}] = {low!r}")


positions = st.floats(0, 1)


@given(sliders(), positions, positions)
def test_positions_are_monotone_exact_at_the_ends_and_always_in_range(slider, one, other):
    assert (slider.at(0), slider.at(1)) == (slider.low, slider.high)
    assert (slider.position(slider.low), slider.position(slider.high)) == (0, 1)
    left, right = sorted([one, other])
    assert slider.low <= slider.at(left) <= slider.at(right) <= slider.high
    assert 0 <= slider.position(slider.at(left)) <= slider.position(slider.at(right)) <= 1
    assert type(slider.at(one)) is type(slider.default)
    assert slider.check(slider.at(one)) == slider.at(one)


@given(sliders(), positions)
def test_a_position_comes_back_within_half_a_percent_of_the_slider(slider, position):
    value = slider.at(position)
    if isinstance(value, float):
        assert slider.position(value) == pytest.approx(position, abs=0.005)
    else:
        around = [slider.position(v) for v in (value - 1, value + 1)]
        assert around[0] - 0.005 <= position <= around[1] + 0.005


@given(sliders(), positions, positions, st.integers(1, 5))
def test_steps_move_in_their_direction_and_keep_order(slider, one, other, steps):
    low, high = sorted([slider.at(one), slider.at(other)])
    assert slider.low <= slider.stepped(low, steps) <= slider.stepped(high, steps) <= slider.high
    assert slider.low <= slider.stepped(low, -steps) <= slider.stepped(high, -steps) <= slider.high
    assert slider.stepped(low, steps) > low or low == slider.high
    assert slider.stepped(low, -steps) < low or low == slider.low
    assert slider.stepped(low, 0) == low


@given(sliders(), positions, positions, st.integers(1, 5))
def test_as_many_steps_back_lead_to_where_one_was(slider, default, start, steps):
    """From the default, and from wherever a step leads; where no end stopped it."""
    slider = dataclasses.replace(slider, default=slider.at(default))
    for stop in (slider.default, slider.stepped(slider.at(start), 1), slider.stepped(slider.at(start), -1)):
        for way in (steps, -steps):
            there = slider.stepped(stop, way)
            if there not in (slider.low, slider.high):
                assert slider.stepped(there, -way) == stop


@given(sliders())
def test_a_slider_is_crossed_in_a_few_hundred_steps(slider):
    """A million presses would be no control."""
    assert slider.stepped(slider.low, 2000) == slider.high
    assert slider.stepped(slider.high, -2000) == slider.low


@given(sliders(), positions)
def test_what_is_shown_can_be_typed_back(slider, position):
    for value in (slider.at(position), slider.low + (slider.high - slider.low) * position):
        value = slider.check(type(slider.default)(min(max(value, slider.low), slider.high)))
        again = slider.parse(slider.format(value))
        assert slider.position(again) == pytest.approx(slider.position(value), abs=0.006)
        assert isinstance(value, int) is isinstance(again, int)
        assert isinstance(value, float) or again == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_input_is_shown_short_and_comes_back_nearly(value):
    text = LR.format(value)
    assert len(text) <= len("-4.94066e-324")
    assert LR.parse(text) == pytest.approx(value, rel=0.006)


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_any_text_is_a_value_or_one_sentence(text):
    for k in (DEPTH, SCALE, INIT, SWITCH, SEED, LR):
        try:
            value = k.parse(text)
        except KnobError as error:
            assert str(error).isprintable()
        else:
            assert k.check(value) == value


@given(st.text(alphabet="0123456789.+-*/%() e", max_size=90))
def test_typed_arithmetic_never_hangs_or_escapes(text):
    try:
        assert isinstance(LR.parse(text), float)
    except KnobError as error:
        assert "lr takes a number" in str(error)
