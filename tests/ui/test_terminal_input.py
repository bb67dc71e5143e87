"""What a terminal sends is sorted into keys, pastes and strings that are dropped, whatever comes and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.ui.terminal.input import (
    AT_ONCE,
    LASTS,
    PASTE_BEGINS,
    PASTE_ENDS,
    SILENCE,
    Forget,
    Pasted,
    Splitter,
)

DELAY = 0.1
TICK = 0.05


def pieces(*chunks: str, gap: float = 0.0) -> list[object]:
    """What comes out when the chunks come, `gap` seconds apart, and then nothing; adjacent texts joined."""
    splitter = Splitter(DELAY)
    found: list[object] = []
    now = 0.0
    for chunk in chunks:
        found += splitter.feed(chunk, now)
        end = now + gap
        while now + TICK <= end:
            now += TICK
            found += splitter.tick(now)
        now = end
    for _ in range(60):
        now += TICK
        found += splitter.tick(now)
    return joined(found)


def joined(found: list[object]) -> list[object]:
    """Without what was begun and forgotten: whoever reads keys never sees it."""
    whole: list[object] = []
    for piece in found:
        if piece is Forget.SEQUENCE:
            assert isinstance(whole[-1], str)
            whole[-1] = whole[-1][: whole[-1].rindex("\x1b")]
            whole = whole if whole[-1] else whole[:-1]
        elif isinstance(piece, str) and whole and isinstance(whole[-1], str):
            whole[-1] += piece
        else:
            whole.append(piece)
    return whole


PASTE = PASTE_BEGINS + "text" + PASTE_ENDS
SORTED = [
    ("r", ["r"]),
    ("\x1b", ["\x1b"]),
    ("\x1b\x1b[A", ["\x1b\x1b[A"]),
    ("\x1b[<0;3;4M\x1b[<0;3;4m", ["\x1b[<0;3;4M\x1b[<0;3;4m"]),
    ("\x1b[2~", ["\x1b[2~"]),
    (f"a{PASTE}b", ["a", Pasted("text"), "b"]),
    (PASTE_BEGINS + PASTE_ENDS, [Pasted("")]),
    (f"{PASTE_BEGINS}a\x1b[Ab\x1b]0;c{PASTE_ENDS}d", [Pasted("a\x1b[Ab\x1b]0;c"), "d"]),
    (PASTE_ENDS + "a", ["a"]),
    ("a\x1b]11;rgb:0/0/0\x07b", ["ab"]),
    ("a\x1b]11;rgb:0/0/0\x1b\\b", ["ab"]),
    ("a\x1bP>|XTerm\x1b\\b", ["ab"]),
    ("a\x1b_Gi=31;OK\x1b\\b", ["ab"]),
    ("a\x1b^private\x9cb", ["ab"]),
    ("a\x1bXstart\x18b", ["ab"]),
    ("a\x1b]0;half\x1b[Ab", ["a\x1b[Ab"]),
    (f"a\x1b]0;half{PASTE}b", ["a", Pasted("text"), "b"]),
    ("\x1b]", ["\x1b]"]),
    ("\x1b]half\x1b", ["\x1b"]),
    ("z" * AT_ONCE + "\x1b[A", [Pasted("z" * AT_ONCE), "\x1b[A"]),
    ("z" * (AT_ONCE - 1), ["z" * (AT_ONCE - 1)]),
]


@pytest.mark.parametrize(("sent", "sorted_"), SORTED, ids=lambda value: repr(value)[:40])
def test_what_comes_at_once_is_sorted(sent, sorted_):
    assert pieces(sent) == sorted_


@pytest.mark.parametrize(("sent", "sorted_"), SORTED[:-2], ids=lambda value: repr(value)[:40])
def test_what_comes_character_by_character_is_sorted_alike(sent, sorted_):
    assert pieces(*sent) == sorted_
    assert pieces(*sent, gap=0.02) == sorted_


@given(st.text(alphabet="\x1b[]P201~;<Mab\\\x07\x18", max_size=40), st.lists(st.integers(1, 5), max_size=40))
def test_how_the_stream_is_cut_makes_no_difference(sent, lengths):
    chunks, at = [], 0
    for length in lengths:
        chunks.append(sent[at : at + length])
        at += length
    chunks.append(sent[at:])
    assert pieces(*filter(None, chunks)) == (pieces(sent) if sent else [])


@given(st.text(alphabet="\x1b[]PX^_201~;ab\\", max_size=60))
def test_whatever_came_keys_are_keys_again_within_a_second(before):
    splitter = Splitter(DELAY)
    list(splitter.feed(before, 0.0))
    for step in range(1, 12):
        list(splitter.tick(step * DELAY))
    assert list(splitter.feed("r", 1.2)) == ["r"]


@pytest.mark.parametrize("begun", ["\x1b]0;", "\x1bP", "\x1b_", "\x1b^", "\x1bX", PASTE_BEGINS])
@pytest.mark.parametrize("every", [0.03, 0.1, 0.2, 0.39])
def test_keys_that_follow_what_never_ends_are_lost_for_less_than_a_second(begun, every):
    """However fast one types."""
    splitter = Splitter(DELAY)
    list(splitter.feed(begun, 0.0))
    arrived: list[object] = []
    now = 0.0
    while now < LASTS + every + 2 * TICK:
        now += every
        arrived = list(splitter.feed("r", now))
    assert arrived[-1] == "r"


def test_a_long_paste_over_a_slow_line_stays_one():
    """300 characters a second for half a minute."""
    chunks = [PASTE_BEGINS, *(["x" * 30] * 300), PASTE_ENDS]
    assert pieces(*chunks, gap=0.1) == [Pasted("x" * 9_000)]


def test_a_paste_that_stops_is_given_as_far_as_it_came():
    assert SILENCE < 1
    assert pieces(PASTE_BEGINS + "half", "r", gap=1.0) == [Pasted("half"), "r"]
