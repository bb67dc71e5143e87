"""The playground in a real pseudo-terminal: it paints, runs, resizes, and leaves everything as it was."""

from __future__ import annotations

import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from terminal import ALTERNATE_SCREEN, COURSE, Terminal, course_of, gone

ENTER_ALTERNATE = b"\x1b[?1049h"
PAINTED = "A line that climbs"
ROOMY = (160, 40)
"""Here a notice, which stays for ten seconds, hides nothing that is looked for."""


def slow(folder: Path) -> tuple[str, ...]:
    """The command that opens a course whose one experiment goes on for minutes."""
    return course_of(
        folder,
        "wait",
        "A slow one",
        "import time\n\nimport torch\n\nfrom initplay.lab import Axes, Point\n\n\n"
        "def wait(moments: int = 100_000):\n"
        '    yield Axes("time", x="moment", y="value")\n'
        "    for moment in range(moments):\n"
        '        yield Point("time", moment, torch.tensor(moment))\n'
        "        time.sleep(0.01)\n",
    )


@pytest.mark.parametrize(("files", "opens"), [(8, False), (14, False), (24, True)])
def test_few_open_files_are_enough_or_that_is_said(tmp_path, files, opens):
    """With 14 there was a screen that nothing came to, and no key ended it."""
    script = f"ulimit -n {files}; exec {sys.executable} -m initplay --lessons {COURSE}"
    with Terminal(tmp_path, command=["bash", "-c", script]) as terminal:
        if opens:
            terminal.until(PAINTED, "lab ready")
            terminal.send("q")
            assert terminal.wait() == 0
        else:
            assert terminal.wait() == 2
            said = f"only {files} are allowed here: `ulimit -n 256` allows more."
            assert said in " ".join(terminal.written.decode().split())


@contextmanager
def in_the_middle_of_a_run(folder: Path, env: Mapping[str, str | None]) -> Iterator[Terminal]:
    with Terminal(folder, command=slow(folder), env=env) as terminal:
        terminal.until("A slow one")
        terminal.send("r")
        terminal.until("running", "moment")
        yield terminal


@pytest.fixture
def at_work(tmp_path):
    with in_the_middle_of_a_run(tmp_path, {}) as terminal:
        yield terminal


@pytest.fixture(scope="module")
def of_all(tmp_path_factory, joins):
    """One for those tests that leave it running at 100x30."""
    with in_the_middle_of_a_run(tmp_path_factory.mktemp("of_all"), joins) as terminal:
        yield terminal


def test_it_starts_runs_shows_what_came_out_and_then_writes_nothing(tmp_path):
    with Terminal(tmp_path, anew=True) as terminal:
        terminal.until(PAINTED, "? help")
        assert terminal.on(ALTERNATE_SCREEN)
        terminal.run_first()
        terminal.until("✓ run 1 · finished in", "last 5", "› it ended at 5", "step 5 of 5")
        terminal.send("\x1b[D")
        terminal.until("step 4 of 5")
        terminal.silence(1)
        assert terminal.read(1.5) == 0


def test_enter_that_is_typed_before_it_has_the_terminal_is_no_other_key(tmp_path):
    """A terminal makes a line feed of it until then."""
    with Terminal(tmp_path, anew=True) as terminal:
        terminal.send("\r")
        terminal.until("step 1 of")


@pytest.mark.own_fork_server
def test_killed_processes_are_said_the_next_run_works_and_q_leaves_none(tmp_path):
    """Killed are the process of a run, and the fork server in a run."""
    with Terminal(tmp_path, size=ROOMY, command=slow(tmp_path)) as terminal:
        terminal.until("A slow one", "lab ready")
        terminal.send("r")
        terminal.until("▶ run 1 · running", "moment")
        (process,) = terminal.server().children()
        process.kill()
        terminal.until("✗ run 1 · The experiment took its process down", "its process was ended by SIGKILL")
        terminal.send("r")
        terminal.until("▶ run 2 · running", "moment")
        terminal.server().kill()
        terminal.until("✗ run 2 · The experiment took its process down", "the fork server was gone")
        terminal.send("r")
        terminal.until("▶ run 3 · running", "moment")
        family = terminal.family()
        assert len(family) > 1
        terminal.send("q")
        assert terminal.wait() == 0
        assert all(terminal.restored().values()), terminal.restored()
        assert gone(family)


@pytest.mark.long
@pytest.mark.own_fork_server
def test_a_fork_server_that_is_killed_before_any_run_is_said_and_the_first_run_works(tmp_path):
    with Terminal(tmp_path, size=ROOMY) as terminal:
        terminal.until(PAINTED, "lab ready")
        terminal.server().kill()
        terminal.until("SIGKILL")
        terminal.run_first()
        terminal.until("✓ run 1 · finished in", "last 5")


@pytest.mark.parametrize(
    "sign",
    [
        signal.SIGTERM,
        *(pytest.param(sign, marks=pytest.mark.long) for sign in (signal.SIGHUP, signal.SIGINT)),
    ],
    ids=lambda sign: sign.name,
)
def test_a_signal_leaves_the_terminal_as_it_was_and_no_process(at_work, sign):
    family = at_work.family()
    assert family
    at_work.process.send_signal(sign)
    at_work.wait()
    assert all(at_work.restored().values()), at_work.restored()
    assert gone(family)
    assert b"Traceback" not in at_work.written


@pytest.mark.own_fork_server
def test_a_signal_at_the_very_start_leaves_no_process(tmp_path):
    with Terminal(tmp_path, anew=True) as terminal:
        family = [terminal.server()]
        terminal.process.send_signal(signal.SIGTERM)
        terminal.wait()
        assert gone(family)
        assert all(terminal.restored().values()), terminal.restored()


@pytest.mark.parametrize(
    "after", [0.1, *(pytest.param(after, marks=pytest.mark.long) for after in (0.0, 0.2, 0.3))]
)
def test_when_the_terminal_goes_away_so_do_the_program_and_its_run(at_work, after):
    """At whatever moment between two drawings: a write that nobody takes must not be waited for."""
    family = at_work.family()
    assert family
    at_work.read(after)
    at_work.let_go()
    at_work.hang_up()
    at_work.wait()
    assert gone(family)


def test_no_run_outlives_a_killed_program(at_work):
    family = at_work.family()
    assert family
    at_work.process.kill()
    at_work.wait()
    assert gone(family)


def test_many_keys_at_once_and_old_mouse_reports_beyond_column_95_do_no_harm(tmp_path):
    with Terminal(tmp_path, size=(200, 40)) as terminal:
        terminal.until(PAINTED)
        for column in (40, 95, 100, 160, 222):
            terminal.send(b"\x1b[M" + bytes([32, 32 + column, 32 + 10]))
            terminal.send(b"\x1b[M" + bytes([35, 32 + column, 32 + 10]))
        terminal.send(b"\xff\xfe\x80\xc3")
        terminal.read(0.2)
        terminal.send("\x1b")
        terminal.read(0.3)
        terminal.send("?")
        terminal.until("esc closes")
        terminal.send("\x1b")
        terminal.wait_for(lambda: not terminal.shows("esc closes"), "Home")
        terminal.send("\r")
        terminal.until("step 1 of 3")
        terminal.send("scopnb" * 6 + "?")  # a digit or a point begins an answer
        terminal.until("esc closes")


LINUX = {"TERM": "linux", "COLORTERM": None}


@pytest.mark.long
@pytest.mark.parametrize("term", ["xterm", "tmux-256color"])
def test_terminals_of_few_colours(tmp_path, term):
    with Terminal(tmp_path, env=LINUX | {"TERM": term}) as terminal:
        terminal.until(PAINTED)
        terminal.run_first()
        terminal.until("run 1", "finished in", "last 5")
        terminal.send("q")
        assert terminal.wait() == 0
        assert b"38;2;" not in terminal.written, "no colours by their red, green and blue"
        assert not terminal.written.isascii()


def test_two_copies_at_once_one_told_to_have_no_colours_and_one_of_few(tmp_path):
    with Terminal(tmp_path, env={"NO_COLOR": "1"}) as one, Terminal(tmp_path, env=LINUX) as other:
        for terminal in (one, other):
            terminal.until(PAINTED)
            terminal.run_first()
        one.until("✓ run 1 · finished in", "last 5")
        other.until("+ run 1 . finished in", "last 5")
        one.send("n")
        one.until("step 2 of 3")
        other.send("n")
        other.until("step 2 of 3")
        for terminal in (one, other):
            terminal.send("q")
            assert terminal.wait() == 0
    colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", one.written))
    assert not [colour for colour in colours if len(set(colour)) > 1], "grey is no colour"
    assert b"38;2;" not in other.written, "no colours by their red, green and blue"
    assert other.written.isascii(), "its font has few other characters"


@pytest.mark.parametrize("locale", ["C", pytest.param("en_US.ISO-8859-1", marks=pytest.mark.long)])
def test_without_unicode_and_with_a_home_that_cannot_be_made_it_starts(tmp_path, locale):
    (tmp_path / "file").write_text("no folder")
    env = {"LANG": locale, "LC_ALL": locale, "PYTHONUTF8": None}
    env |= {"INITPLAY_HOME": str(tmp_path / "file" / "home")}
    with Terminal(tmp_path, size=ROOMY, env=env) as terminal:
        terminal.until(PAINTED, "memory")
        terminal.run_first()
        terminal.until("run 1", "finished in", "last 5")
        terminal.send("q")
        assert terminal.wait() == 0


def test_what_no_disk_took_by_the_end_is_said_once_the_terminal_is_back(tmp_path):
    home = tmp_path / "data"
    with Terminal(tmp_path, size=ROOMY) as terminal:
        terminal.until(PAINTED, "lab ready")
        shutil.rmtree(home)
        home.write_text("a file where the folder was")
        terminal.send("\r")
        terminal.until("Progress is kept in memory only, until it")
        terminal.send("\x11")
        assert terminal.wait() == 0
        terminal.until("initplay: Progress was kept in memory only: ", "cannot be written")
        assert not terminal.on(ALTERNATE_SCREEN)


def test_a_terminal_of_twenty_columns_and_five_lines(tmp_path):
    with Terminal(tmp_path, size=(20, 5)) as terminal:
        terminal.until("initplay", "? help")
        terminal.run_first()
        terminal.until("step 5 of 5")
        terminal.send("q")
        assert terminal.wait() == 0


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_terminal_that_cannot_draw_is_refused_in_words(tmp_path, term):
    with Terminal(tmp_path, env={"TERM": term}) as terminal:
        assert terminal.wait() == 2
        said = b"initplay: The playground needs a terminal that can be drawn on, and TERM is "
        assert terminal.written.startswith(said + (term or "not set").encode() + b": set it,")
        assert b"\x1b" not in terminal.written


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_on_every_stream_it_is_refused_in_words(tmp_path, stream):
    """Textual reads stdin and writes to stderr: without both of them there is no screen."""
    redirected = {"stdin": "</dev/null", "stdout": "| cat", "stderr": "2>errors"}[stream]
    script = f"cd '{tmp_path}'; '{sys.executable}' -m initplay --lessons '{COURSE}' {redirected}"
    if stream == "stdout":
        script = f"set -o pipefail; {script}"
    with Terminal(tmp_path, command=["bash", "-c", script]) as terminal:
        assert terminal.wait() == 2
        said = terminal.written
        if stream == "stderr":
            said = (tmp_path / "errors").read_bytes()
        assert said.startswith(b"initplay: The playground needs a terminal; ")
        assert b"\x1b" not in said + terminal.written


def test_one_that_comes_back_draws_all_of_its_screen(tmp_path):
    with Terminal(tmp_path) as terminal:
        terminal.until(PAINTED, "lab ready")
        before = terminal.text
        terminal.screen.erase_in_display(2)
        assert terminal.screen.display[0].isspace()
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_for(lambda: terminal.text == before, "the same screen")


@pytest.mark.own_fork_server
def test_stopped_and_brought_back_while_it_leaves_it_does_not_take_the_terminal_again(tmp_path):
    """As by ctrl+z, which stops it as soon as the terminal is as it was; it is still ending its processes."""
    with Terminal(tmp_path) as terminal:
        terminal.until(PAINTED)
        family = [terminal.server()]
        terminal.send("q")
        terminal.wait_for(lambda: not terminal.running or not terminal.on(ALTERNATE_SCREEN), "a left screen")
        leaving = psutil.Process(terminal.process.pid) if terminal.running else None
        terminal.process.send_signal(signal.SIGTSTP)
        terminal.wait_for(
            lambda: not terminal.running or (leaving and leaving.status() == psutil.STATUS_STOPPED), "a stop"
        )
        terminal.process.send_signal(signal.SIGCONT)
        assert terminal.wait() == 0
        assert all(terminal.restored().values()), terminal.restored()
        assert gone(family)


def test_a_run_goes_on_through_every_size(of_all):
    for columns, rows in ((200, 60), (80, 24), (20, 5), (100, 30)):
        of_all.resize(columns, rows)
        of_all.read(0.3)
    of_all.until("▶ run 1 · running", "? help")
    assert max(len(line) for line in of_all.text.splitlines()) <= 100


def test_a_storm_of_resizes_is_weathered(of_all):
    for turn in range(60):
        of_all.resize(60 + turn * 7 % 90, 10 + turn * 5 % 40)
        of_all.read(0.005)
    of_all.resize(100, 30)
    of_all.until("▶ run 1 · running", "? help")


PULLED_ON = """
import fcntl, struct, termios
from textual.drivers.linux_driver import LinuxDriver
from initplay.cli import main

look = LinuxDriver._get_terminal_size

def look_and_be_late(driver):
    found = look(driver)
    if found == (81, 24):  # the window is pulled on before that is told
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
    return found

LinuxDriver._get_terminal_size = look_and_be_late
main()
"""


def test_of_two_sizes_the_later_stays_however_close_they_come(tmp_path):
    """The signal of the second interrupts whoever handles that of the first."""
    with Terminal(tmp_path, command=(sys.executable, "-c", PULLED_ON)) as terminal:
        terminal.until("Press enter to begin", "lab ready")
        terminal.resize(81, 24)
        terminal.screen.resize(30, 120)
        terminal.wait_for(lambda: len(terminal.screen.display[0].rstrip()) > 110, "a screen of 120 columns")


def test_a_stopped_program_comes_back(of_all):
    """As by a shell's `fg`: it takes the terminal anew, and drops what was typed until then.

    Again and again, for a signal comes at any point, and once in some hundred times in the middle of a write.
    """
    stopped = psutil.Process(of_all.process.pid)
    for _ in range(20):
        entered = of_all.written.count(ENTER_ALTERNATE)
        of_all.process.send_signal(signal.SIGSTOP)
        of_all.wait_for(lambda: stopped.status() == psutil.STATUS_STOPPED, "a stop")
        of_all.process.send_signal(signal.SIGCONT)
        of_all.wait_for(lambda before=entered: of_all.written.count(ENTER_ALTERNATE) > before, "its return")
    of_all.send("x")
    of_all.until("■ run 1 · stopped")


def test_the_terminal_is_asked_its_size_whatever_a_shell_has_exported(tmp_path, joins):
    env = {"COLUMNS": "120", "LINES": "40"}
    with Terminal(tmp_path, size=(80, 24), env=env | joins) as terminal:
        terminal.until("lab ready", "? help")  # which is on the last line
        terminal.send("q")
        assert terminal.wait() == 0
