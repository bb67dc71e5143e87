"""An examination as text: at any width every scheme and every number is there, and no line too long."""

from __future__ import annotations

import pytest

from initplay.lab.events import Layer, Verdict
from initplay.lab.examining.text import CUT_SHORT, NOTHING_WRONG, written

SCHEMES = [
    "kaiming_normal_, fan_out, linear = lecun_normal_, kept (in, out)",
    "uniform_ to ±0.107 (0.782 / √fan_in)",
    "torch's default; weight_hh_l0 orthogonal_, a gate",
]
LAYERS = [
    Layer(
        name=f"encoder.layers.encoder_layer_{number}.mlp.linear_1",
        kind="ParametrizedConv1d",
        scheme=scheme,
        sure=0.991,
        rms=0.0605,
        theory_rms=0.0629,
        grad_rms=1.31e-5,
        update_ratio=3.59e-5,
        dead=0.42,
    )
    for number, scheme in enumerate(SCHEMES)
]
FACTS = {"loss": 2.295, "loss_name": "cross_entropy", "loss_of_knowing_nothing": 2.303, "input_rms": 1.0}
VERDICTS = [Verdict("", "the signal falls from rms 1 into fc to 0.0605 out of head.", "x = 1")]


@pytest.mark.parametrize("width", [30, 40, 60, 66, 80, 90, 100, 120])
def test_no_scheme_and_no_number_is_cut_and_no_line_is_too_long(width: int):
    text = written(LAYERS, VERDICTS, FACTS, ["A note of several words that says what is not seen."], width)
    assert max(map(len, text.splitlines())) <= width
    assert all(word in text for scheme in SCHEMES for word in scheme.split())
    assert text.replace("\n ", "").count(".linear_1") == len(LAYERS)
    for number in ("0.0605", "0.0629", "1.31e-5", "3.59e-5", "42%"):
        assert text.count(number) >= len(LAYERS)


def test_columns_stand_as_long_as_there_is_room_for_them():
    """Kinds go before the columns do; below that a layer is a paragraph."""
    heads = {width: written(LAYERS, [], FACTS, [], width).splitlines()[0] for width in (100, 80, 60)}
    assert "kind" in heads[100] and "weights look like" in heads[100]
    assert "kind" not in heads[80] and "weights look like" in heads[80]
    assert heads[60].startswith("encoder.layers.encoder_layer_0.mlp.linear_1")


def test_of_what_was_cut_short_nothing_is_said_to_be_right():
    said = {whole: written(LAYERS, [], FACTS, [], is_whole=whole) for whole in (True, False)}
    assert NOTHING_WRONG in " ".join(said[True].split()) and CUT_SHORT not in " ".join(said[True].split())
    assert NOTHING_WRONG not in " ".join(said[False].split()) and CUT_SHORT in " ".join(said[False].split())
