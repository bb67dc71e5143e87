"""Keys that come in one piece, as over a slow line or from quick fingers, go where each alone would go."""

from __future__ import annotations

import pytest
from terminal import Terminal

RIGHT = "\x1b[C"


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        pytest.param("k" + RIGHT, ("●────── 6",), id="a knob is turned"),
        pytest.param("7\r", ("7", "Now run it"), id="a number is typed at once"),
        pytest.param("g7\r", ("7", "Now run it"), id="a number is committed"),
        pytest.param("ey", ("(edited)",), id="a letter is written in the editor"),
    ],
)
def test_the_second_key_goes_where_the_first_one_leads(tmp_path, keys, shown):
    with Terminal(tmp_path, size=(120, 30)) as terminal:
        terminal.until("A line that climbs", "lab ready")
        terminal.send("\r")
        terminal.until("How high", "step 1 of")
        terminal.send(keys)
        terminal.until(*shown)
