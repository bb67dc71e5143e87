"""lesson.md cut into pieces: what is a heading, a live fence, a comment, and that no line is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.pieces import Mistake, pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# A", [("#", "A", 1)]),
        ("# Divide by √n, *always* #", [("#", "Divide by √n, *always*", 1)]),
        ("#A\n### B", [("text", "", 1)]),
        ("\n\n## B\ntext\n", [("##", "B", 3), ("text", "", 4)]),
        ("text\n## B", [("text", "", 1), ("##", "B", 2)]),
        ("##", [("##", "", 1)]),
        ("a line\n---\n# A", [("text", "", 1), ("#", "A", 3)]),
        ("    # code", [("text", "", 1)]),
        ("- # in a list", [("text", "", 1)]),
        ("> ## in a quotation", [("text", "", 1)]),
        ("```run x\n```", [("fence", "run x", 1)]),
        ("text\n~~~ goal\na = 1\n~~~\nmore", [("text", "", 1), ("fence", "goal", 2), ("text", "", 5)]),
        ("````goal\n```\n````", [("fence", "goal", 1)]),
        ("  ```goal\n  a = 1\n  ```", [("fence", "goal", 1)]),
        ("    ```goal\n    ```", [("text", "", 1)]),
        ("```python\n# A\n```", [("text", "", 1)]),
        ("```Python\n```", [("text", "", 1)]),
        ("```\n## B\n```", [("text", "", 1)]),
        ("- item\n\n  ```run x\n  ```\n\n# A", [("text", "", 1), ("#", "A", 6)]),
        ("> ```run x\n> ```", [("text", "", 1)]),
        ("1. ```run x\n   ```", [("text", "", 1)]),
        ("a `` `` b ```run x```", [("text", "", 1)]),
        ("<!-- a\n\n# A\n-->\ntext", [("comment", "", 1), ("text", "", 5)]),
        ("text\n<!-- a -->\n```run x\n```", [("text", "", 1), ("comment", "", 2), ("fence", "run x", 3)]),
        ("```python\n<!--\n```", [("text", "", 1)]),
        ("", []),
    ],
)
def test_what_markdown_takes_for_a_heading_a_fence_or_a_comment_is_one(text, found):
    """Only outside of lists and quotations, and only fences that name no language."""
    assert [(piece.kind, piece.head, piece.line) for piece in pieces(text)] == found


def test_a_fence_holds_its_lines_as_they_stand_without_its_own_margin():
    (fence,) = pieces('  ```goal\n  a = """\n    b\n\n  """\n  ```')
    assert fence.body == 'a = """\n  b\n\n"""'


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("```", 1, "this ``` block is never closed: close it with a line ```"),
        ("text\n\n~~~~goal\n~~~\n", 3, "this ~~~~ block is never closed: close it with a line ~~~~"),
        ("```goal\n    ```", 1, "close it with a line ```"),
        ("- a\n\n  ```python\n  x\n\n# A", 3, "close it with a line ```, as far in as it begins"),
        ("> ```\n> x\ntext\n```", 1, "close it with a line ```, as far in as it begins"),
        ("a\n<!-- b\n\n# A", 2, "this comment is never closed: close it with -->"),
    ],
)
def test_what_is_never_closed_is_refused_where_it_begins(text, line, sentence):
    with pytest.raises(Mistake) as caught:
        list(pieces(text))
    assert caught.value.line == line
    assert caught.value.message.endswith(sentence)


LINES = [
    "# A",
    "## B",
    "text",
    "",
    "- item",
    "> quote",
    "```",
    "```python",
    "```run x",
    "~~~",
    "  ```",
    "    ```",
    "> ```",
    "<!-- a",
    "b -->",
    "[a]: b",
    "<div>",
    "---",
    "\tcode",
]
# A file is read with \n at every end of a line; Markdown itself replaces NUL.
any_text = st.text(st.characters(exclude_characters="\r\0"))


@given(st.lists(st.sampled_from(LINES), max_size=14).map("\n".join) | any_text)
def test_no_line_is_lost_and_every_piece_stands_where_it_says(text):
    """Whatever the text: its lines are those of the pieces, in order, and blank ones between them."""
    lines = text.split("\n")
    try:
        found = list(pieces(text))
    except Mistake as mistake:
        assert "never closed" in mistake.message
        opening = lines[mistake.line - 1]
        assert any(sign in opening for sign in ("```", "~~~", "<!--"))
        return
    end = 0
    for piece in found:
        begin = piece.line - 1
        assert begin >= end
        assert not any(line.strip() for line in lines[end:begin])
        end = begin + piece.lines
        taken = lines[begin:end]
        assert len(taken) == piece.lines
        if piece.kind == "text":
            assert piece.body == "\n".join(taken)
        elif piece.kind == "fence":
            assert piece.head in taken[0]
            body = piece.body.split("\n") if piece.lines > 2 else []
            assert [line.lstrip() for line in body] == [line.lstrip() for line in taken[1:-1]]
        elif piece.kind == "comment":
            assert "<!--" in taken[0] and "-->" in taken[-1]
        else:
            assert taken[0].lstrip().startswith(f"{piece.kind} ") or not piece.head
            assert piece.head in taken[0]
    assert not any(line.strip() for line in lines[end:])
