"""The source pane: colours, the line that failed, the diff, and an editor of one's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pilots import NARROW, WIDE, bench, in_lesson, lesson, run, screen, session, shows, state, tap, until
from rich.style import Style
from textual.color import Color

from initplay.ui.editor.diff import LESSONS_OWN, DiffScreen, HunkView
from initplay.ui.editor.editor import Editor, python_grammar
from initplay.ui.editor.pane import KEYS, SourcePane
from initplay.ui.terminal.textual_private.frames import lines_of
from initplay.ui.themes import LEGIBLE, contrast


async def opened(pilot) -> Editor:
    await pilot.press("e")
    await until(pilot, lambda: isinstance(lesson(pilot).focused, Editor))
    editor = lesson(pilot).query_one(Editor)
    # Its colours come with the theme, which it takes as it is drawn.
    await until(pilot, lambda: lines_of(editor.screen) and editor.theme == "sheet" and _is_dressed(editor))
    return editor


def _is_dressed(editor: Editor) -> bool:
    """Whether a line in sight is painted word by word; always, where there is no grammar."""
    lines = [editor.render_line(y) for y in range(editor.scrollable_content_region.height)]
    return not editor.is_syntax_aware or any(len(list(line)) > 3 for line in lines)


def original(pilot) -> str:
    return lesson(pilot).lesson.source


def row_of(editor: Editor, text: str) -> int:
    return next(number for number, line in enumerate(editor.text.split("\n")) if text in line)


def style_of(editor: Editor, line: str, word: str) -> Style:
    """How a word of the line that holds `line` is painted."""
    row = row_of(editor, line)
    editor.move_cursor((row, 0), center=True)
    editor.move_cursor((row + 1, 0))  # with no cursor on it
    lines_of(editor.screen)  # it takes the colours of a theme as it is drawn
    strip = editor.render_line(row - editor.scroll_offset.y)
    return next(segment.style or Style() for segment in strip if segment.text.strip() == word)


def marked_on_screen(pilot) -> list[str]:
    """The lines of the screen that have the mark's sign beside their number."""
    return [line for line in screen(pilot).split("\n") if "✗ " in line and line.split("✗")[0][-1:].isdigit()]


def marked(pilot) -> int | None:
    """The number of the line that is marked, as the screen shows it; None where none is in sight."""
    numbers = [line.split("✗")[0].split()[-1] for line in marked_on_screen(pilot)]
    return int(numbers[0]) if numbers else None


# Colours


async def test_python_is_coloured_by_the_theme_and_follows_it(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        seen = {}
        for theme in ("textual-dark", "textual-light"):
            pilot.app.theme = theme
            await until(pilot, lambda: editor.rich_style.bgcolor is not None)
            await pilot.pause()
            plain = editor.rich_style.color
            of = {
                "keyword": style_of(editor, "def climb(", "def").color,
                "string": style_of(editor, "Walk up", '"""Walk up a slope."""').color,
                "number": style_of(editor, "FACTOR = 1", "1").color,
                "type": style_of(editor, "steps: Range", "Range").color,
            }
            assert len({plain, *of.values()}) == 5, "all told apart"
            assert style_of(editor, "def climb(", "climb").bold
            seen[theme] = of
        assert all(seen["textual-dark"][name] != seen["textual-light"][name] for name in of)


async def test_every_colour_is_legible(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        editor.insert("# a comment\n", (0, 0))
        grounds = set()
        for theme in ("textual-light", "nord", "solarized-light", "atom-one-light", "textual-dark"):
            pilot.app.theme = theme
            await pilot.pause()
            for line, word in (
                ("# a comment", "# a comment"),
                ("def climb(", "def"),
                ("Walk up", '"""Walk up a slope."""'),
                ("FACTOR = 1", "1"),
                ("steps: Range", "Range"),
                ("noisy: bool = False", "False"),
            ):
                style = style_of(editor, line, word)
                assert style.color and style.bgcolor, (theme, word)
                on_ground = (Color.from_rich_color(colour) for colour in (style.color, style.bgcolor))
                assert contrast(*on_ground) >= LEGIBLE, (theme, word)
                grounds.add(style.bgcolor)
        assert len(grounds) >= 5, "each theme was looked at"


async def test_without_colours_keywords_are_bold_and_comments_italic(home, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        assert style_of(editor, "def climb(", "def").bold
        editor.insert("# a word\n", (0, 0))
        assert style_of(editor, "# a word", "# a word").italic


NEXT_ABI = """
import ctypes

_LANGUAGE = ctypes.create_string_buffer((99).to_bytes(4, "little") + bytes(1024))
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype, _capsule.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)

def language():
    return _capsule(ctypes.addressof(_LANGUAGE), b"tree_sitter.Language", None)
"""
GRAMMARS = {
    "not installed": "raise ImportError('No module named tree_sitter_python')",
    "built for another system": "raise OSError('undefined symbol: tree_sitter_python')",
    "of another interface": "",
    "of another ABI": NEXT_ABI,
}


@pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)
async def test_with_a_grammar_that_does_not_fit_the_editor_works_and_is_plain(
    home, tmp_path, monkeypatch, grammar
):
    (tmp_path / "tree_sitter_python.py").write_text(grammar)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "tree_sitter_python", raising=False)
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        assert not editor.is_syntax_aware
        editor.move_cursor((row_of(editor, "FACTOR = 1"), len("FACTOR = ")))
        await pilot.press("4")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished")
        assert run(pilot).facts["last"] == 5 * 41
    monkeypatch.delitem(sys.modules, "tree_sitter_python", raising=False)


def test_a_grammar_with_other_names_is_not_used(monkeypatch):
    monkeypatch.setattr("initplay.ui.editor.editor._QUERY", "(no_such_node) @string")
    assert python_grammar() is None


IMPORTED = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pilots import in_lesson, lesson, until

async def play():
    async with in_lesson(Path(sys.argv[2])) as pilot:
        before = {"tree_sitter", "textual.widgets._text_area"} & set(sys.modules)
        await pilot.press("e")
        await until(pilot, lambda: lesson(pilot).focused is not None)
        print(sorted(before), "tree_sitter" in sys.modules)

asyncio.run(play())
"""


def test_what_only_the_editor_needs_is_imported_with_it(home):
    script = [sys.executable, "-c", IMPORTED, str(Path(__file__).parent), str(home)]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=120)
    assert ended.stdout == "[] True\n", ended.stderr


# The line that failed


async def test_the_line_a_run_failed_at_is_marked_until_it_is_edited(home):
    async with in_lesson(home, "trouble") as pilot:
        editor = await opened(pilot)
        ground = style_of(editor, "the author's mistake", "raise").bgcolor
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "failed" and marked(pilot))
        await until(pilot, lambda: bench(pilot).tab == "source" and editor.has_focus)
        row = row_of(editor, "the author's mistake")
        assert marked(pilot) == row + 1
        await until(pilot, lambda: "mistake" in "".join(marked_on_screen(pilot)))
        assert style_of(editor, "the author's mistake", "raise").bgcolor != ground
        await until(pilot, lambda: shows(pilot, "RuntimeError: the author's mistake"))
        editor.insert("# above\n", (0, 0))
        await until(pilot, lambda: marked(pilot) == row + 2)
        editor.undo()
        await until(pilot, lambda: marked(pilot) == row + 1)
        editor.insert("# below\n", editor.document.end)
        await pilot.pause()
        assert marked(pilot) == row + 1, "and the line is the same"
        editor.insert("  # it was here", (row, len(editor.document.get_line(row))))
        await until(pilot, lambda: marked(pilot) is None and marked_on_screen(pilot) == [])


async def test_the_mark_goes_when_a_run_succeeds(home):
    async with in_lesson(home, "trouble") as pilot:
        editor = await opened(pilot)
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "failed" and marked(pilot))
        await until(pilot, lambda: bench(pilot).tab == "source" and editor.has_focus)
        await bench(pilot).put_up("fine", {})
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: state(pilot) == "finished" and marked(pilot) is None)
        assert bench(pilot).tab == "charts"


async def test_a_run_that_failed_before_the_editor_was_opened_is_marked_when_it_is(home):
    async with in_lesson(home, "trouble") as pilot:
        tap(pilot, "r")
        await until(pilot, lambda: state(pilot) == "failed")
        editor = await opened(pilot)
        assert marked(pilot) == row_of(editor, "the author's mistake") + 1
        await until(pilot, lambda: "mistake" in "".join(marked_on_screen(pilot)))


async def test_what_cannot_be_read_is_marked_before_any_run_and_mended(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        row = row_of(editor, "FACTOR = 1")
        editor.move_cursor((row, len("FACTOR = ")))
        await pilot.press("(")
        await until(pilot, lambda: marked(pilot) == row + 1)
        assert editor.cursor_location == (row, len("FACTOR = (")), "who types is left alone"
        await until(pilot, lambda: shows(pilot, "this is not Python") and marked_on_screen(pilot))
        await pilot.press("backspace")
        await until(pilot, lambda: marked(pilot) is None and not shows(pilot, "this is not Python"))
        assert session(pilot).attempt is None


async def test_a_knob_that_makes_no_control_is_marked_too(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        row = row_of(editor, "offset: float = 0.0")
        editor.replace("offset: list = 0.0", (row, 4), (row, 4 + len("offset: float = 0.0")))
        await until(pilot, lambda: marked(pilot) == row + 1 and shows(pilot, "which is no control"))


# The diff


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_diff_has_signs_and_one_hunk_can_be_put_back(home, size):
    async with in_lesson(home, size=size) as pilot:
        editor = await opened(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: shows(pilot, LESSONS_OWN.same))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, Editor))
        edited = original(pilot).replace("FACTOR = 1", "FACTOR = 2").replace("sleep(0.01)", "sleep(0.02)")
        editor.put(edited)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: shows(pilot, "- FACTOR = 1", "+ FACTOR = 2"))
        assert isinstance(pilot.app.screen, DiffScreen)
        await pilot.press("tab")
        await until(pilot, lambda: shows(pilot, "- time.sleep(0.01)", "+ time.sleep(0.02)"))
        await pilot.press("enter")
        await until(pilot, lambda: len(pilot.app.screen.query(HunkView)) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: editor.text == original(pilot).replace("FACTOR = 1", "FACTOR = 2"))
        await until(pilot, lambda: session(pilot).setting.source == editor.text)
        await pilot.press("ctrl+z")
        await until(pilot, lambda: editor.text == edited)


async def test_a_diff_longer_than_the_screen_scrolls(home):
    async with in_lesson(home, size=NARROW) as pilot:
        editor = await opened(pilot)
        editor.insert("".join(f"# {number} of sixty\n" for number in range(60)), (0, 0))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: shows(pilot, "+ # 0 of sixty") and not shows(pilot, "+ # 59 of sixty"))
        await pilot.press("end")
        await until(pilot, lambda: shows(pilot, "+ # 59 of sixty"))


# Keys and undo


async def test_a_text_from_elsewhere_is_one_edit_that_can_be_undone(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        for change in ("ctrl+l", "put"):
            editor.load_text(original(pilot))
            editor.move_cursor((row_of(editor, "FACTOR = 1"), len("FACTOR = ")))
            await pilot.press("4", "2")
            typed = editor.text
            if change == "put":
                editor.put(typed.replace("FACTOR = 421", "FACTOR = 5\nOTHER = 6"))
            else:
                await pilot.press("ctrl+l")
            after = editor.text
            assert after != typed, change
            for key, wanted in (
                ("ctrl+z", typed),
                ("ctrl+z", original(pilot)),
                ("ctrl+y", typed),
                ("ctrl+y", after),
            ):
                await pilot.press(key)
                await until(pilot, lambda: editor.text == wanted)  # noqa: B023


async def test_any_text_can_take_another_s_place(home):
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        for old, new in (
            ("a\nb\nc", "a\nx\nc"),
            ("", "a"),
            ("a", ""),
            ("a\n", "a"),
            ("a\na\na", "a"),
            ("a", "a\na\nb"),
            ("a\nb", "b"),
        ):
            editor.load_text(old)
            editor.put(new)
            assert editor.text == new, f"after {old!r}"
            editor.undo()
            assert editor.text == old, f"after {new!r} was undone"


async def test_the_note_names_the_keys_in_a_narrow_terminal(home):
    assert len(KEYS) <= 80
    async with in_lesson(home, size=NARROW) as pilot:
        await opened(pilot)
        await until(pilot, lambda: shows(pilot, KEYS))
        pane = lesson(pilot).query_one(SourcePane)
        bound = {key for binding in pane.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
        assert {word for word in KEYS.split() if word.startswith("ctrl+")} <= bound


# An editor of one's own; the real thing is in tests/e2e


async def test_why_no_editor_opens_is_said(home, monkeypatch):
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    async with in_lesson(home) as pilot:
        editor = await opened(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: shows(pilot, "No editor is set: start initplay as `EDITOR=vim initplay`"))
        assert editor.text == original(pilot)
        # And of a terminal that cannot be lent.
        monkeypatch.setenv("VISUAL", "true")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: shows(pilot, "This terminal cannot be handed to another editor."))
