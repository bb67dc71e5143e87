"""`lesson.md` cut into its headings, the fences that may be live, its comments, and the text between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_BLOCKS = MarkdownIt("commonmark").disable(["inline", "text_join"])  # the words inside are left alone
_LANGUAGES = frozenset(
    [
        *("python", "py", "python3", "pycon", "ipython", "console", "shell", "sh", "bash", "zsh", "text"),
        *("txt", "plain", "output", "none", "math", "latex", "tex", "markdown", "md", "toml", "ini", "json"),
        *("yaml", "yml", "diff", "c", "cpp", "c++", "cuda", "rust", "julia", "html", "csv"),
    ]
)


class Mistake(Exception):
    """What is wrong in lesson.md, and on which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Piece:
    """A part of lesson.md, as it is written."""

    kind: str
    """`#`, `##`, `fence` (one that may be live), `comment` or `text`."""
    head: str
    """A heading's words, or the info string of a fence."""
    body: str
    """What a fence holds, or the text; empty for the others."""
    line: int
    """Its first line, counted from 1."""
    lines: int
    """How many lines it takes; those of a fence's body begin after the first."""


def pieces(text: str) -> Iterator[Piece]:
    """The pieces in order; `text` has its line ends as \\n.

    Blank lines around a text belong to no piece, every other line belongs to one. Fences of code, and any
    fence inside a list or a quotation, stay in the text around them; so does what looks like a heading inside
    them. Raises Mistake where a fence or a comment is never closed.
    """
    lines = text.split("\n")
    begun = 0
    for piece in _landmarks(text):
        yield from _text(lines, begun, piece.line - 1)
        yield piece
        begun = piece.line - 1 + piece.lines
    yield from _text(lines, begun, len(lines))


def _landmarks(text: str) -> Iterator[Piece]:
    """The headings, live fences and comments that stand in no list and no quotation."""
    tokens = _BLOCKS.parse(text + "\n")
    for number, token in enumerate(tokens):
        begin, end = token.map or (0, 0)
        if token.type == "fence":
            _refuse_open_fence(token, begin, end)
        if token.level > 0:
            continue
        if token.type == "fence" and _may_be_live(token.info.strip()):
            yield Piece("fence", token.info.strip(), token.content.removesuffix("\n"), begin + 1, end - begin)
        elif token.type == "heading_open" and token.markup in ("#", "##"):
            yield Piece(token.markup, tokens[number + 1].content, "", begin + 1, end - begin)
        elif token.type == "html_block" and token.content.lstrip().startswith("<!--"):
            if "-->" not in token.content:
                raise Mistake(begin + 1, "this comment is never closed: close it with -->")
            yield Piece("comment", "", "", begin + 1, end - begin)


def _refuse_open_fence(fence: Token, begin: int, end: int) -> None:
    """Markdown closes an open fence at the end of its list or file; here it is a mistake."""
    if fence.content.count("\n") < end - begin - 1:
        return  # the first line and the last are the fence itself
    place = ", as far in as it begins" if fence.level else ""
    message = f"this {fence.markup} block is never closed: close it with a line {fence.markup}{place}"
    raise Mistake(begin + 1, message)


def _may_be_live(info: str) -> bool:
    word = info.partition(" ")[0]
    return bool(word) and word.lower() not in _LANGUAGES


def _text(lines: list[str], begin: int, end: int) -> Iterator[Piece]:
    """The text of these lines without the blank ones around it; nothing where all are blank."""
    written = [index for index in range(begin, end) if lines[index].strip()]
    if written:
        first, last = written[0], written[-1]
        yield Piece("text", "", "\n".join(lines[first : last + 1]), first + 1, last - first + 1)
