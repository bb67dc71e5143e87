"""The editor: Textual's, with Python in the colours of the app's theme and a mark on the line that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from initplay.ui.themes import legible

if TYPE_CHECKING:
    from tree_sitter import Language

# Each capture has a rule `.editor--CAPTURE` in the stylesheet. Textual has a query that tells thirty kinds of
# word apart; it takes ten times as long at every key, for colours that a short text does not need.
CAPTURES = ("comment", "string", "plain", "number", "constant", "keyword", "definition", "type")
_QUERY = """
(comment) @comment
(string) @string
(interpolation) @plain
[(integer) (float)] @number
[(true) (false) (none)] @constant
["and" "as" "assert" "async" "await" "break" "class" "continue" "def" "del" "elif" "else" "except" "finally"
 "for" "from" "global" "if" "import" "in" "is" "lambda" "nonlocal" "not" "or" "pass" "raise" "return" "try"
 "while" "with" "yield"] @keyword
(function_definition name: (identifier) @definition)
(class_definition name: (identifier) @definition)
(type (identifier) @type)
(type (generic_type (identifier) @type))
(decorator "@" @type)
(decorator (identifier) @type)
(decorator (attribute) @type)
"""


def python_grammar() -> Language | None:
    """tree-sitter's Python; None where it cannot be used: there is no wheel, or it is of another ABI."""
    try:
        import tree_sitter_python
        from tree_sitter import Language, Parser, Query

        language = Language(tree_sitter_python.language())
        # All that the editor does with it, so that whatever fails does so here.
        Parser(language).parse(b"x = 1")
        Query(language, _QUERY)
    except Exception:  # noqa: BLE001 (each version says in its own way that it does not fit)
        return None
    return language


class _SheetTheme(TextAreaTheme):
    """Takes every colour from the stylesheet, also when the theme of the app is changed."""

    def apply_css(self, text_area: TextArea) -> None:
        super().apply_css(text_area)
        for name in CAPTURES:
            # Without the ground, which is the line's: the cursor's, the selection's, or the mark's.
            style = text_area.get_component_rich_style(f"editor--{name}")
            self.syntax_styles[name] = style.without_color + Style(
                color=_legible(style, text_area.rich_style)
            )


def _legible(style: Style, around: Style) -> RichColor | None:
    if style.color is None or around.color is None or around.bgcolor is None:
        return style.color
    hue, text, ground = map(Color.from_rich_color, (style.color, around.color, around.bgcolor))
    if hue.ansi is not None:  # the terminal's own, of which only the terminal knows how it looks
        return style.color
    return legible(hue, ground, text).rich_color


class _Mark(NamedTuple):
    row: int
    text: str
    """What stood in the line when it failed."""
    of: int
    """How many lines there were then."""


class Editor(TextArea):
    """A text of Python, at most one line of it marked as the one that failed."""

    COMPONENT_CLASSES = {"editor--failed-line", "editor--failed-sign"} | {
        f"editor--{name}" for name in CAPTURES
    }

    def __init__(self, text: str) -> None:
        super().__init__(text, soft_wrap=False, tab_behavior="indent", show_line_numbers=True)
        self._mark: _Mark | None = None

    def on_mount(self) -> None:
        self.register_theme(_SheetTheme("sheet"))
        self.theme = "sheet"
        if grammar := python_grammar():
            self.register_language("python", grammar, _QUERY)
            self.language = "python"

    # The line that failed

    def mark(self, line: int | None) -> None:
        """Mark that line, counted from 1, or none; it stays marked until it is edited."""
        lines = self.document.lines
        if line is None:
            self._mark = None
        else:
            row = max(0, min(line, len(lines)) - 1)  # Python may miss something after the end
            self._mark = _Mark(row, lines[row], len(lines))
        self.refresh()

    def on_text_area_changed(self) -> None:
        """Let the mark go with its line, where lines came or went above it, and end where that is edited."""
        if self._mark:
            lines = self.document.lines
            row, text, of = self._mark
            places = [place for place in (row, row + len(lines) - of) if lines[place : place + 1] == [text]]
            self.mark(places[0] + 1 if places else None)

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if self._mark is None or self.scroll_offset.y + y != self._mark.row:
            return strip
        return self._as_failed(strip)

    def _as_failed(self, strip: Strip) -> Strip:
        """A sign beside the number, and a ground of its own under all but the cursor and the selection."""
        ground = Style(bgcolor=self.get_component_rich_style("editor--failed-line").bgcolor)
        sign = self.get_component_rich_style("editor--failed-sign") + ground
        cursor_line = self.get_component_rich_style("text-area--cursor-line")
        covered = {self.rich_style.bgcolor, cursor_line.bgcolor}
        edge = self.gutter_width
        number = strip.crop(0, edge - 2)
        text = [
            Segment(segment.text, segment.style + ground)
            if segment.style and segment.style.bgcolor in covered
            else segment
            for segment in strip.crop(edge)
        ]
        gutter = [Segment(segment.text, (segment.style or Style()) + ground) for segment in number]
        return Strip([*gutter, Segment("✗ ", sign), *text], strip.cell_length)

    # Changing it from outside

    def put(self, text: str) -> None:
        """Make this the text, by one edit that can be undone, on the lines that differ and no others."""
        if text == self.text:
            return
        old, new = self.document.lines, text.split("\n")
        shorter = min(len(old), len(new))
        above = next((row for row in range(shorter - 1) if old[row] != new[row]), shorter - 1)
        below = next(
            (row for row in range(shorter - 1 - above) if old[-1 - row] != new[-1 - row]), shorter - 1 - above
        )
        last = len(old) - 1 - below
        self.history.checkpoint()
        self.replace("\n".join(new[above : len(new) - below]), (above, 0), (last, len(old[last])))
        self.history.checkpoint()
        self.move_cursor((above, 0), center=True)
