"""Text that cannot steer a terminal, with everything else left as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.words.harmless import harmless, harmless_line

DIRECTIONS = {
    *"\u061c\u200e\u200f\u2028\u2029",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("plain σ² 한글 √", "plain σ² 한글 √"),
        ("a\tb\nc\rd", "a\tb\nc\rd"),
        ("\x1b[1;31mred\x1b[m", "red"),
        ("\x1b]0;title\x07x\x1b]8;;http://x\x1b\\link", "xlink"),
        ("\x1b]0;never ends", "0;never ends"),
        ("a\x9b2Jb\x00\x07\x7f", "a2Jb"),
        ("x\u202ey\u2066z\u2069", "xyz"),
        ("half \ud83d", "half "),
        ("\x1b", ""),
        ("family \U0001f469\u200d\U0001f469", "family \U0001f469\u200d\U0001f469"),
    ],
)
def test_what_is_left(text, left):
    assert harmless(text) == left
    assert harmless_line(text) == left.translate(str.maketrans("\t\n\r", "   "))


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b[]0m\u202e\ud800\n")))
def test_nothing_steers_and_cleaning_twice_is_cleaning_once(text):
    for clean, allowed in ((harmless, "\t\n\r"), (harmless_line, "")):
        left = clean(text)
        assert not [c for c in left if unicodedata.category(c) in ("Cc", "Cs") and c not in allowed]
        assert not DIRECTIONS & set(left)
        assert clean(left) == left
