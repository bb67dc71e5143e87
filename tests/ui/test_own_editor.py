"""The editor that $VISUAL or $EDITOR names: what it saves comes back, and what goes wrong is one sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from initplay.ui.editor.own_editor import NotEdited, command, edited, keyboards_signals_left_to_it


def editor(folder: Path, *lines: str) -> list[str]:
    """A command that runs these lines of Python on the file it is given."""
    script = folder / "editor.py"
    script.write_text(
        "\n".join(("import os, pathlib, signal, sys", "file = pathlib.Path(sys.argv[-1])", *lines))
    )
    return [sys.executable, str(script)]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"EDITOR": "vim"}, ["vim"]),
        ({"EDITOR": "vim", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"EDITOR": "'/opt/my editor' -n", "VISUAL": " "}, ["/opt/my editor", "-n"]),
    ],
)
def test_the_environment_names_the_editor(environment, wanted):
    assert command(environment) == wanted


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "EDITOR=vim initplay"),
        ({"EDITOR": ""}, "EDITOR=vim initplay"),
        ({"EDITOR": "vim '"}, "no command"),
    ],
)
def test_where_it_names_none_a_sentence_says_how(environment, says):
    with pytest.raises(NotEdited, match=says):
        command(environment)


async def test_what_it_saves_comes_back(tmp_path):
    script = editor(
        tmp_path,
        "assert file.name == 'experiment.py'",
        "text = file.read_text(encoding='utf-8')",
        "file.unlink()",  # as editors do that write anew
        "file.write_text(text.replace('σ', 'sigma') + 'more\\r\\n', encoding='utf-8', newline='')",
    )
    assert await edited("σ = 1\n", script) == "sigma = 1\nmore\n"


async def test_the_mark_that_an_editor_puts_before_utf_8_is_none_of_the_text(tmp_path):
    script = editor(tmp_path, "file.write_bytes(b'\\xef\\xbb\\xbf' + file.read_bytes())")
    assert await edited("x = 1\n", script) == "x = 1\n"


async def test_its_file_is_gone_afterwards(tmp_path):
    note = tmp_path / "where"
    await edited("x = 1\n", editor(tmp_path, f"pathlib.Path({str(note)!r}).write_text(str(file))"))
    assert note.read_text().endswith("experiment.py")
    assert not Path(note.read_text()).parent.exists()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["file.write_text('lost')", "sys.exit(3)"], "exit code 3"),
        (["os.kill(os.getpid(), signal.SIGKILL)"], "SIGKILL"),
        (["file.write_bytes(b'\\xff\\xfe')"], "not UTF-8"),
        (["file.unlink()"], "could not be handed"),
        (["file.write_bytes(b'x = 1\\0\\n')"], "zero byte"),
    ],
)
async def test_an_editor_that_fails_is_said_in_a_sentence(tmp_path, lines, says):
    with pytest.raises(NotEdited, match=says):
        await edited("x = 1\n", editor(tmp_path, *lines))


async def test_an_editor_that_is_not_there(tmp_path):
    with pytest.raises(NotEdited, match="'no-such-editor' cannot be started: No such file"):
        await edited("x = 1\n", ["no-such-editor"])
    plain = tmp_path / "plain"
    plain.write_text("no program")
    plain.chmod(stat.S_IRUSR)
    with pytest.raises(NotEdited, match="cannot be started"):
        await edited("x = 1\n", [str(plain)])


async def test_the_keyboard_s_signals_are_the_editor_s(tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGQUIT)
    to_both = f"os.kill({os.getpid()}, sign); caught.append(sign)"
    script = editor(
        tmp_path,
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, 'not the default'",
        "caught = []",
        f"for sign in (signal.SIGINT, signal.SIGQUIT): {to_both}",
        "file.write_text(str(len(caught)))",
    )
    with keyboards_signals_left_to_it():
        assert await edited("x = 1\n", script) == "2"
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGQUIT)) == before


async def test_an_editor_does_not_outlive_the_playground(tmp_path):
    begun = tmp_path / "begun"
    script = editor(
        tmp_path,
        f"pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))",
        "signal.pause()",
    )
    editing = asyncio.create_task(edited("x = 1\n", script))
    while not (begun.exists() and begun.read_text()):
        await asyncio.sleep(0.01)
    editing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await editing
    pid = int(begun.read_text())
    for _ in range(1000):
        if not _alive(pid):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the editor goes on")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
