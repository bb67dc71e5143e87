"""Keys that come in one piece, as over a slow line or from quick fingers, go where each alone would go."""

from __future__ import annotations

import pytest
from terminal import Terminal

ENTER, ESCAPE, BACK, RUN = "\r", "\x1b", "\x7f", "\x12"
RIGHT, LEFT = "\x1b[C", "\x1b[D"
ASKED = "a whole number from 1 to 50"
"""Of who types the value of a knob."""


@pytest.mark.parametrize(
    ("keys", "shown", "gone"),
    [
        pytest.param("k5" + ESCAPE, ("▸steps", "━●────── 5"), ASKED, id="a knob's value is left"),
        pytest.param(f"k5{BACK}12{ENTER}", ("▸steps", "─── 12"), ASKED, id="a knob's digit is taken back"),
        pytest.param(f"k7{ENTER}{BACK}", ("▸steps", "─── 10"), ASKED, id="a knob is set, then as it was"),
        pytest.param(
            f"7{ENTER}rk", ("✓ run 1", "▸steps"), "", id="a number is committed, and the lesson gone on with"
        ),
        pytest.param(f"exyz{BACK}{LEFT}w", ("(edited)", "xwy"), "", id="a line is written in the editor"),
        pytest.param(f"e\x1b[200~ab\x1b[201~c{RUN}", ("abc", "invalid syntax"), "", id="a paste is run"),
        pytest.param(
            f"i/x{BACK}slop{ENTER}/zq", ("Nothing here says zq.",), "", id="a word is sought, then another"
        ),
        pytest.param("??tk" + RIGHT, ("●────── 6",), "esc closes", id="the help is closed again"),
        pytest.param(f"j2{ENTER}k{RIGHT}", ("step 2 of", "●────── 9"), "", id="another step is gone to"),
        pytest.param(f"M{BACK}4{ENTER}", ("last by steps", "✓ run 1"), "", id="a sweep is changed and run"),
    ],
)
def test_a_key_goes_where_the_ones_before_it_lead(tmp_path, keys, shown, gone):
    with Terminal(tmp_path, size=(120, 30)) as terminal:
        terminal.until("A line that climbs", "lab ready")
        terminal.send("\r")
        terminal.until("How high", "step 1 of")
        terminal.send(keys)
        terminal.wait_for(lambda: terminal.shows(*shown) and not (gone and terminal.shows(gone)), f"{shown}")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        pytest.param(f"{ENTER}k8{ENTER}", ("step 1 of", "─── 8"), id="into a knob"),
        pytest.param(f"{ENTER}exy", ("step 1 of", "xy"), id="into the editor"),
    ],
)
def test_keys_go_from_home_to_where_they_lead(tmp_path, keys, shown):
    with Terminal(tmp_path, size=(120, 30)) as terminal:
        terminal.until("A line that climbs", "lab ready")
        terminal.send(keys)
        terminal.until(*shown)
