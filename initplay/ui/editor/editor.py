"""The editor: Textual's, for Python: in colours by the theme, with indentation, comments, a search, and a
mark on the line that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Offset
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from initplay.ui.editor import lines as of_python
from initplay.ui.editor.find import FindScreen
from initplay.ui.keys import bindings
from initplay.ui.terminal.textual_private.text_area import LightTextArea
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

    is_up_to_date = False
    """Textual asks at each letter."""

    def apply_css(self, text_area: TextArea) -> None:
        if self.is_up_to_date:
            return
        self.is_up_to_date = True
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


class Editor(LightTextArea):
    """A text of Python, at most one line of it marked as the one that failed."""

    BINDINGS = bindings("text")
    COMPONENT_CLASSES = {"editor--failed-line", "editor--failed-sign"} | {
        f"editor--{name}" for name in CAPTURES
    }

    def __init__(self, text: str) -> None:
        self._sheet = _SheetTheme("sheet")
        super().__init__(text, soft_wrap=False, tab_behavior="indent", show_line_numbers=True)
        self._mark: _Mark | None = None
        self._sought = ""
        """What was looked for last."""

    def notify_style_update(self) -> None:
        self._sheet.is_up_to_date = False
        super().notify_style_update()

    def on_mount(self) -> None:
        self.register_theme(self._sheet)
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

    def on_resize(self) -> None:
        if self.has_focus:
            self.call_after_refresh(self.scroll_cursor_visible)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Not to a line that is gone: at undo and redo the cursor follows the text, and where a scrollbar
        comes or goes meanwhile, Textual asks for this in between."""
        if self.cursor_location[0] >= self.document.line_count:
            return self.scroll_offset
        return super().scroll_cursor_visible(center, animate)

    def on_text_area_changed(self) -> None:
        """Let the mark go with its line, where lines came or went above it, and end where that is edited."""
        if self._mark:
            lines = self.document.lines
            row, text, of = self._mark
            places = [place for place in (row, row + len(lines) - of) if lines[place : place + 1] == [text]]
            self.mark(places[0] + 1 if places else None)

    def dressed(self, y: int, strip: Strip) -> Strip:
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

    # Writing Python

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether no binding of the screen gets it, and none is shown: `enter` begins a line here."""
        return key == "enter" or super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Two keys that Textual has for signs to write."""
        if event.key in ("enter", "tab"):
            event.stop()
            event.prevent_default()
            if event.key == "enter":
                self.action_break_line()
            else:
                self.action_indent()

    def action_break_line(self) -> None:
        """Begin a line where Python wants it."""
        row, column = min(self.selection)
        self._type("\n" + of_python.indent_after(self.document.get_line(row)[:column]))

    def action_delete_left(self) -> None:
        """Take back one step of indentation, where the cursor stands behind one; else a letter."""
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        if self.selected_text or not before or before.strip(" ") or column % len(of_python.INDENT):
            super().action_delete_left()
        else:
            start = (row, column - len(of_python.INDENT))
            self.delete(start, (row, column), maintain_selection_offset=False)

    def action_indent(self) -> None:
        """The selected lines one step in; within a line, spaces up to the next step."""
        if self.selection.start[0] != self.selection.end[0]:
            self._change_lines(of_python.indented)
        else:
            step = len(of_python.INDENT)
            self._type(" " * (step - self.get_column_width(*min(self.selection)) % step))

    def action_dedent(self) -> None:
        self._change_lines(of_python.dedented)

    def action_comment(self) -> None:
        self._change_lines(of_python.commented)

    def _type(self, text: str) -> None:
        """Put it in place of what is selected."""
        self.replace(text, *self.selection, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    def _change_lines(self, change: Callable[[Sequence[str]], list[str]]) -> None:
        """Put others in place of the lines that are selected or hold the cursor, by one edit."""
        selection = self.selection
        first, last = min(selection)[0], max(selection)[0]
        if first < last and max(selection)[1] == 0:
            last -= 1  # of that line nothing is selected
        old = [self.document.get_line(row) for row in range(first, last + 1)]
        new = change(old)
        if new == old:
            return
        self.history.checkpoint()
        self.replace("\n".join(new), (first, 0), (last, len(old[-1])), maintain_selection_offset=False)
        self.history.checkpoint()

        def moved(place: tuple[int, int]) -> tuple[int, int]:
            row, column = place
            if not first <= row <= last:
                return place
            return row, max(0, column + len(new[row - first]) - len(old[row - first]))

        self.selection = type(selection)(*map(moved, selection))

    # Finding a place in it

    def action_find(self) -> None:
        self.app.push_screen(FindScreen(self._sought, self._find, self._go_to_line))

    def _go_to_line(self, number: int) -> None:
        self.move_cursor((max(0, min(number, self.document.line_count) - 1), 0), center=True)

    def _find(self, wanted: str, following: bool) -> None:
        self._sought = wanted
        self._go_to_found((max if following else min)(self.selection))

    def action_find_next(self, back: bool = False) -> None:
        if self._sought:
            self._go_to_found((min if back else max)(self.selection), back=back)
        else:
            self.action_find()

    def _go_to_found(self, start: tuple[int, int], *, back: bool = False) -> None:
        place = of_python.found(self.document.lines, self._sought, start, back=back)
        if place is None:
            self.app.notify(f"{self._sought!r} does not stand in this text.", markup=False)
            return
        row, column = place
        self.move_cursor(place, center=True)
        self.move_cursor((row, column + len(self._sought)), select=True)

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
