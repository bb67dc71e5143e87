"""What a terminal sends is sorted into keys, pastes and strings that are dropped, whatever comes and when."""

from __future__ import annotations

import select

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.events import Paste

from initplay.ui.terminal.input import (
    AT_ONCE,
    LASTS,
    PASTE_BEGINS,
    PASTE_ENDS,
    SILENCE,
    Pasted,
    Sequence,
    Splitter,
)
from initplay.ui.terminal.textual_private.driver import Bell, Keys, parser_class

DELAY = 0.1
TICK = 0.05


def pieces(*chunks: str, gap: float = 0.0) -> list[object]:
    """What comes of chunks that are `gap` seconds apart, and of silence then; adjacent texts are joined."""
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
        if piece is Sequence.COMPLETE:
            assert isinstance(whole[-1], str)
        elif piece is Sequence.NO_KEY:
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
    ("a\x1b[?62;1;4cb", ["ab"]),
    ("a\x1b[>1;4000;29cb", ["ab"]),
    ("a\x1b[?62;1;2;4;6;9;15;18;21;22;28;29;52cb", ["ab"]),
    ("a\x1b[?1ub", ["ab"]),
    ("a\x1b[?2026;2$yb", ["a\x1b[?2026;2$yb"]),
    ("a\x1b[?62;1\x1b[Ab", ["a\x1b[Ab"]),
    ("a\x1b[" + "9" * 40 + "mb", ["ab"]),
    ("\x1b[M !!r", ["\x1b[M !!r"]),
    ("\x1b[[Ar", ["\x1b[[Ar"]),
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


def keys_of(*chunks: str) -> list[str]:
    """What Textual makes of the chunks, when it is given what is sorted."""
    parser = parser_class()
    assert parser is not None
    keys = Keys(parser)
    return [str(event) for chunk in chunks for event in keys.read(chunk)]


KNOWN = [sequence for sequence in ANSI_SEQUENCES_KEYS if sequence != "\n"]


@pytest.mark.parametrize(
    "sequence", [*KNOWN, "\x1b[<0;3;4M", "\x1b[97;5u", "\x1b[I", "\x1b[?2026;2$y"], ids=repr
)
def test_every_sequence_that_textual_knows_is_understood_as_ever(sequence):
    alone = [str(event) for event in XTermParser().feed(sequence)]
    assert keys_of(sequence) == keys_of(*sequence) == alone


def test_a_line_feed_is_enter_and_in_what_is_pasted_a_line_feed():
    """Enter is one as long as the terminal has not been told otherwise."""
    assert keys_of("a\nb") == keys_of("a\rb") != keys_of("ab")
    (pasted,) = Keys(XTermParser).read(f"{PASTE_BEGINS}a\nb{PASTE_ENDS}")
    assert isinstance(pasted, Paste) and pasted.text == "a\nb"


ANYTHING = st.characters(codec=None) | st.sampled_from("\x1b[]?<;:0123456789uMmtRy~")


@given(st.text(ANYTHING, max_size=80))
def test_no_text_ends_the_reading_of_keys(text):
    assert all(keys_of(text, *text, "r"))


MEANINGLESS = [
    "\x1b[99999999999u",
    "\x1b[1:2;5u",
    "\x1b[;u",
    "\x1b[1114112u",
    "\x1b[48;0;0;0;0t\x1b[<0;3;4M",
    "\x1b[99;99;99q",
    "\x1b[0n",
]


@pytest.mark.parametrize("sequence", MEANINGLESS, ids=repr)
def test_after_a_sequence_that_means_nothing_keys_are_keys(sequence):
    assert keys_of(sequence, "r")[-1] == keys_of("r")[-1]


def test_who_waits_for_input_hears_that_it_is_over():
    bell = Bell()

    def is_heard() -> bool:
        return bool(select.select([bell.heard], [], [], 0)[0])

    assert not is_heard()
    for _ in range(2):
        bell.clear()
        assert not is_heard()
        bell.set()
        bell.set()
        assert is_heard()
        assert bell.is_set()
    bell.clear()
    assert not is_heard()
    assert not bell.is_set()
