"""Markdown as rows of styled text of a given width: what a page of a lesson looks like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from textual.content import Content
from textual.style import Style

STYLES = ("h1", "h2", "h3", "code", "fence", "bullet", "quote", "rule", "table-head")
"""What is coloured by the style sheet: `page--NAME`."""
LEAST_WIDTH = 4
"""What is deeper indented than there is room for is cut at the edge."""


@dataclass(frozen=True)
class Row:
    """One row on the screen."""

    content: Content
    glue: str = "\n"
    """What stands between the row before and this one in the text: a space where only the edge parts them."""
    margin: int = 0
    """How many characters on the left are no part of the text."""


BLANK = Row(Content())


def parse(markdown: str) -> SyntaxTreeNode:
    """CommonMark with tables, as a tree."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown))


def typeset(tree: SyntaxTreeNode, width: int) -> list[Row]:
    """All blocks of a page, none of its rows wider than `width` cells where words and cells can be broken."""
    return _blocks(tree.children, max(LEAST_WIDTH, width))


def _blocks(nodes: Sequence[SyntaxTreeNode], width: int, *, tight: bool = False) -> list[Row]:
    """Blocks below each other, a blank row between two unless one is a heading of what follows."""
    rows: list[Row] = []
    before = ""
    for node in nodes:
        block = _block(node, max(LEAST_WIDTH, width))
        if rows and block and not tight and before not in ("h2", "h3", "h4", "h5", "h6"):
            rows.append(BLANK)
        rows += block
        before = node.tag
    return rows


def _block(node: SyntaxTreeNode, width: int) -> list[Row]:
    if node.type == "paragraph":
        return _wrapped(_text(node), width)
    if node.type == "heading":
        return _wrapped(_text(node).stylize(_style(f"h{min(3, int(node.tag[1]))}")), width)
    if node.type in ("fence", "code_block"):
        return _code(node.content.rstrip("\n"), node.info, width)
    if node.type in ("bullet_list", "ordered_list"):
        return _list(node, width)
    if node.type == "blockquote":
        return _indented(_blocks(node.children, width - 2), Content.styled("▌ ", _style("quote")))
    if node.type == "table":
        return _table(node, width)
    if node.type == "hr":
        return [Row(Content.styled("─" * width, _style("rule")))]
    return []  # HTML, comments for one


def _style(name: str) -> str:
    return f".page--{name}"


def _wrapped(content: Content, width: int) -> list[Row]:
    return [
        Row(part, " " if number else "\n")
        for line in content.split(allow_blank=True)
        for number, part in enumerate(line.wrap(width))
    ]


def _indented(rows: list[Row], sign: Content, *, once: bool = False) -> list[Row]:
    """Rows behind a mark, which stands before the first of them alone if it is `once`."""
    below = Content(" " * len(sign)) if once else sign
    return [
        replace(row, content=(below if number else sign) + row.content, margin=row.margin + len(sign))
        for number, row in enumerate(rows)
    ]


def _list(node: SyntaxTreeNode, width: int) -> list[Row]:
    """Each item behind its bullet or its number, with as much room between items as the author left."""
    start = int(node.attrs.get("start", 1))
    last = start + len(node.children) - 1
    tight = all(
        child.hidden for item in node.children for child in item.children if child.type == "paragraph"
    )
    rows: list[Row] = []
    for number, item in enumerate(node.children, start):
        sign = "• " if node.type == "bullet_list" else f"{number:>{len(str(last))}}. "
        body = _blocks(item.children, width - len(sign), tight=tight) or [BLANK]
        if rows and not tight:
            rows.append(BLANK)
        body = _indented(body, Content.styled(sign, _style("bullet")), once=True)
        rows += [replace(body[0], margin=0), *body[1:]]
    return rows


def _code(code: str, language: str, width: int) -> list[Row]:
    """Lines of code on a ground of their own, two cells in; one that is too long goes on in the next row,
    from a blank on where it has one."""
    content = Content(code)
    if language:
        # Brings pygments, which most lessons need not wait for.
        from textual.highlight import highlight

        content = highlight(code, language=language)
    rows = []
    for line in content.split(allow_blank=True):
        for number, part in enumerate(_folded(line.expand_tabs(4), width - 2)):
            padded = (Content("  ") + part).extend_right(width - 2 - part.cell_length)
            rows.append(Row(padded.stylize_before(_style("fence")), "" if number else "\n", margin=2))
    return rows


def _folded(line: Content, width: int) -> Iterator[Content]:
    while len(first := line.fold(width)[0]) < len(line):
        indent = len(line.plain) - len(line.plain.lstrip())
        blank = line.plain.rfind(" ", indent, len(first)) + 1
        part, line = line.divide([blank or len(first)])
        yield part
    yield line


def _table(node: SyntaxTreeNode, width: int) -> list[Row]:
    """In a frame, with rules between the rows where a cell takes more than one."""
    header, *body = [row for part in node.children for row in part.children]
    aligned = [str(cell.attrs.get("style", "")).removeprefix("text-align:") for cell in header.children]
    head = [_text(cell).stylize(_style("table-head")) for cell in header.children]
    table = [head] * any(head) + [[_text(cell) for cell in row.children] for row in body]
    natural = [max(cell.cell_length for cell in column) for column in zip(*table, strict=True)]
    widths = _columns(natural, width)
    set_ = [_side_by_side(row, widths, aligned) for row in table]
    ruled = any(len(rows) > 1 for rows in set_)
    rows = [_rule("┌┬┐", widths)]
    for number, row in enumerate(set_):
        if number and (ruled or (number == 1 and any(head))):
            rows.append(_rule("├┼┤", widths))
        rows += row
    return [*rows, _rule("└┴┘", widths)]


def _columns(natural: list[int], width: int) -> list[int]:
    """The widths of columns: the widest give way until a row, with its frame, fits."""
    widths = [max(1, size) for size in natural]
    while sum(widths) + 3 * len(widths) + 1 > width and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _side_by_side(row: list[Content], widths: list[int], aligned: list[str]) -> list[Row]:
    """One row of a table, as high as its highest cell."""
    bar = Content.styled("│", _style("rule"))
    cells = [cell.wrap(width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for parts in zip_longest(*cells, fillvalue=Content()):
        line = bar
        for part, width, side in zip(parts, widths, aligned, strict=True):
            line += Content(" ") + _placed(part, width, side) + Content(" ") + bar
        lines.append(Row(line))
    return lines


def _placed(part: Content, width: int, side: str) -> Content:
    space = max(0, width - part.cell_length)
    left = {"right": space, "center": space // 2}.get(side, 0)
    return part.pad(left, space - left)


def _rule(corners: str, widths: list[int]) -> Row:
    left, between, right = corners
    return Row(
        Content.styled(left + between.join("─" * (size + 2) for size in widths) + right, _style("rule"))
    )


def _text(node: SyntaxTreeNode) -> Content:
    """The text of a paragraph, a heading or a cell, with what is emphasized in it."""
    return Content.assemble(*(_inline(part) for inline in node.children for part in inline.children))


def _inline(node: SyntaxTreeNode) -> Content:
    if node.type == "code_inline":
        return Content.styled(node.content, _style("code"))
    if node.type == "hardbreak":
        return Content("\n")
    if node.type == "softbreak":
        return Content(" ")
    if node.type == "html_inline":
        return Content()
    if not node.children:
        return Content(node.content)
    inner = Content.assemble(*map(_inline, node.children))
    if node.type == "strong":
        return inner.stylize("bold")
    if node.type == "em":
        return inner.stylize("italic")
    if node.type == "link":
        return inner.stylize(Style(underline=True, link=str(node.attrs.get("href", ""))))
    return inner
