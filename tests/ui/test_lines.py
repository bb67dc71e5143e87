"""What a key makes of lines of Python."""

from __future__ import annotations

import pytest

from initplay.ui.editor.lines import commented, dedented, first_blank, found, indent_after, indented


@pytest.mark.parametrize(
    ("line", "indent"),
    [
        ("", ""),
        ("x = 1", ""),
        ("    x = 1", "    "),
        ("def rms(x):", "    "),
        ("    if x:  # why: because", "        "),
        ("x = 1  # a note:", ""),
        ('    s = "# no comment:"', "    "),
        ("if s == '#':", "    "),
        ('print("(")', ""),
        ("x = 'a['", ""),
        (r"x = 'it\'s ('", ""),
        (r"if x == '\\':", "    "),
        ("    y = f(", "        "),
        ("    y = f(a,", "        "),
        ("    )", "    "),
        ("    return x", ""),
        ("        pass", "    "),
        ("    return f(", "        "),
        ("    returned = x", "    "),
        ("return x", ""),
        ("\tif x:", "\t    "),
        ("d = {1: [2,", "    "),
        ("x[1:]", ""),
    ],
)
def test_the_next_line_stands_where_python_has_it(line, indent):
    assert indent_after(line) == indent


def test_lines_go_in_and_out_and_empty_ones_stay_empty():
    lines = ["if x:", "", "    y = 1"]
    assert indented(lines) == ["    if x:", "", "        y = 1"]
    assert dedented(indented(lines)) == lines
    assert dedented(["  x", "\ty", "z", "      w"]) == ["x", "y", "z", "  w"]


@pytest.mark.parametrize(
    ("lines", "out"),
    [
        (["x = 1"], ["# x = 1"]),
        (["    x = 1", "", "        y"], ["    # x = 1", "", "    #     y"]),
        (["# x = 1", "y"], ["# # x = 1", "# y"]),
        ([""], [""]),
    ],
)
def test_lines_are_commented_at_their_edge_and_come_back(lines, out):
    assert commented(lines) == out
    if lines != out:
        assert commented(out) == lines


def test_a_comment_without_a_space_comes_back_too():
    assert commented(["#x", "  #  y"]) == ["x", "   y"]


LINES = ["rms(x)", "    RMS = rms(y)", "", "σ = 1"]


@pytest.mark.parametrize(
    ("text", "start", "back", "place"),
    [
        ("rms", (0, 0), False, (0, 0)),
        ("rms", (0, 1), False, (1, 4)),
        ("rms", (1, 5), False, (1, 10)),
        ("rms", (1, 11), False, (0, 0)),
        ("RMS", (0, 0), False, (1, 4)),
        ("rms", (1, 10), True, (1, 4)),
        ("rms", (0, 0), True, (1, 10)),
        ("σ", (0, 0), False, (3, 0)),
        ("none", (0, 0), False, None),
        ("none", (0, 0), True, None),
        ("", (0, 0), False, None),
    ],
)
def test_a_text_is_found_round_and_round(text, start, back, place):
    assert found(LINES, text, start, back=back) == place


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ('"""Of x (..., n)."""\nf = σ, ...\ng = ...\n', ((1, 7), (1, 10))),
        ("# ...\nx = '...'\n", ((2, 0), (2, 0))),
        ("y = x[..., 0]\nz: tuple[int, ...] = ...\n", ((1, 21), (1, 24))),
        ("x", ((0, 1), (0, 1))),
    ],
)
def test_a_blank_is_one_of_the_code(text, blank):
    assert first_blank(text) == blank
