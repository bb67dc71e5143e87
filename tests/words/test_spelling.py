"""Text in ASCII means what it meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from initplay.words.spelling import SPELL, spelled, spelled_markdown

LESSONS = Path(__file__).parents[2] / "lessons"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("√512 = 22.6", "sqrt(512) = 22.6"),
        ("1/√n_in", "1/sqrt(n_in)"),
        ("√(2/(1 + a²))", "sqrt(2/(1 + a^2))"),
        ("√½ a layer", "sqrt(1/2) a layer"),
        ("√Σx², √E[x²]", "sqrt(sum x^2), sqrt(E[x^2])"),
        ("√ of the mean", "sqrt of the mean"),
        ("E[w²x²]", "E[w^2 x^2]"),
        ("(√512)²⁸ = 2¹²⁶", "(sqrt(512))^28 = 2^126"),
        ("2⁻²⁵", "2^-25"),
        ("n · v", "n * v"),
        ("t·s/√n", "t * s/sqrt(n)"),
        ("3×3", "3x3"),
        ("scale × √width", "scale * sqrt(width)"),
        ("1/√(2π), σ² ≈ 1 ± 0.5", "1/sqrt(2pi), sigma^2 ~ 1 +- 0.5"),
        ("Müller, 5 µs → ∞", "Muller, 5 us -> inf"),
        ("日", "?"),
    ],
)
def test_formulas_are_spelled(text, words):
    assert spelled(text) == words


def test_a_dot_that_parts_words_does_not_multiply():
    assert spelled("layer 3 · 500 values, w·x", dot="-") == "layer 3 - 500 values, w * x"


@given(st.text())
def test_anything_becomes_ascii_and_ascii_stays(text):
    assert spelled(text).isascii()
    assert spelled(spelled(text)) == spelled(text)


@pytest.mark.parametrize("file", sorted(LESSONS.glob("**/*.md")), ids=lambda file: file.parent.name)
def test_a_page_of_the_course_keeps_its_shape_and_loses_no_character(file):
    """No star becomes emphasis, no sign the sign of a list."""
    text = file.read_text(encoding="utf-8")
    assert shape(spelled_markdown(text)) == shape(text)
    assert spelled(text).count("?") == text.count("?")


def shape(text: str) -> list[object]:
    tokens = MarkdownIt("gfm-like").parse(text)
    return [(token.type, token.tag, [part.type for part in token.children or ()]) for token in tokens]


def test_a_sign_that_begins_a_line_begins_no_list():
    assert "bullet_list_open" not in str(shape(spelled_markdown("the gain\n· z, and\n− 3\n× 4")))


def test_a_stream_that_lacks_a_character_gets_it_spelled():
    assert "by √n, 2 σ²".encode("ascii", SPELL) == b"by sqrt n, 2 sigma^2"
