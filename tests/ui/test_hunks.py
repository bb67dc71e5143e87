"""Hunks say what an edit changed, and each can be put back without the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.ui.editor.diff import MOST_LINES, text_of
from initplay.ui.editor.hunks import hunks, put_back

ORIGINAL = "\n".join(f"line {number}" for number in range(1, 21)) + "\n"
TEXTS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30).map("\n".join)


def changes(text: str) -> list[list[str]]:
    """Of each hunk, the lines that went and came, with their signs."""
    return [[sign + text for sign, text in hunk.lines if sign != " "] for hunk in hunks(ORIGINAL, text)]


@pytest.mark.parametrize("text", ["", "x", ORIGINAL])
def test_a_text_does_not_differ_from_itself(text):
    assert hunks(text, text) == []


@pytest.mark.parametrize(
    ("edited", "wanted"),
    [
        (ORIGINAL.replace("line 5\n", "five\n"), [["-line 5", "+five"]]),
        (ORIGINAL.replace("line 5\n", ""), [["-line 5"]]),
        (ORIGINAL.replace("line 5\n", "line 5\nnew\n"), [["+new"]]),
        (
            ORIGINAL.replace("line 5\n", "5\n").replace("line 7\n", "7\n"),
            [["-line 5", "+5", "-line 7", "+7"]],
        ),
        (ORIGINAL.replace("line 2\n", "2\n").replace("line 19\n", ""), [["-line 2", "+2"], ["-line 19"]]),
        ("first\n" + ORIGINAL, [["+first"]]),
        (ORIGINAL.rstrip("\n"), [["-"]]),
    ],
)
def test_what_went_and_what_came(edited, wanted):
    assert changes(edited) == wanted


def test_a_hunk_knows_its_place_and_three_lines_around_it():
    (hunk,) = hunks(ORIGINAL, ORIGINAL.replace("line 10\n", "ten\n"))
    assert (hunk.line, hunk.first_change) == (7, 10)
    assert hunk.before == [f"line {number}" for number in range(7, 14)]
    assert hunk.after == ["line 7", "line 8", "line 9", "ten", "line 11", "line 12", "line 13"]


def test_one_hunk_is_put_back_and_the_other_stays():
    edited = ORIGINAL.replace("line 2\n", "2\nand more\n").replace("line 19\n", "19\n")
    above, below = hunks(ORIGINAL, edited)
    assert put_back(edited, above) == ORIGINAL.replace("line 19\n", "19\n")
    assert put_back(edited, below) == ORIGINAL.replace("line 2\n", "2\nand more\n")


@given(TEXTS, TEXTS)
def test_all_hunks_put_back_make_the_original(original, edited):
    for hunk in reversed(hunks(original, edited)):  # from below, so that the places above hold
        edited = put_back(edited, hunk)
    assert edited == original


def test_of_a_long_hunk_the_first_lines_are_drawn_and_the_others_counted():
    (hunk,) = hunks(ORIGINAL, ORIGINAL + "pasted\n" * 70_000)
    lines = text_of(hunk).plain.split("\n")
    assert len(lines) == MOST_LINES + 2
    assert lines[-1] == f"… and {len(hunk.lines) - MOST_LINES:,} more lines"
