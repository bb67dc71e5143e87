"""What terminals send that is no key, and keys that come too soon for their screen: it goes on answering."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from terminal import Terminal

ESCAPE, ENTER, PASTE, PASTED = "\x1b", "\r", "\x1b[200~", "\x1b[201~"
HALF = "\x1b[55357u"
"""The key that stands for half of a surrogate pair in the protocol of kitty."""


@pytest.fixture(scope="module")
def started(tmp_path_factory, joins) -> Iterator[Terminal]:
    with Terminal(tmp_path_factory.mktemp("home"), size=(140, 40), env=joins) as terminal:
        terminal.until("A line that climbs", "lab ready")
        yield terminal


@pytest.fixture
def terminal(started) -> Terminal:
    """At home, as each test leaves it that has not failed."""
    if not is_at_home(started):
        go_home(started)
    return started


def is_at_home(terminal: Terminal) -> bool:
    pages = ("esc closes", "🔎", "esc leave", "is no key here")
    return terminal.shows("predict or run") and not any(map(terminal.shows, pages))


def go_home(terminal: Terminal) -> None:
    def has_arrived() -> bool:
        if is_at_home(terminal):
            return terminal.read(0.3) == 0 and is_at_home(terminal)
        terminal.send(ESCAPE)
        terminal.read(0.3)
        return False

    terminal.wait_for(has_arrived, "home, with nothing more to come")


def answers(terminal: Terminal) -> None:
    terminal.send("?")
    terminal.until("esc closes")
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: not terminal.shows("esc closes"), "a page that closes")


BEGINS = ["\x1b]11;rgb:", PASTE]
OTHERS = ["\x1bP1$r", "\x1bXq", "\x1b^q", "\x1b_Gq"]
"""Which are read as the first one is (tests/ui/test_terminal_input.py)."""


@pytest.mark.parametrize(
    "begins", [*BEGINS, *(pytest.param(begins, marks=pytest.mark.long) for begins in OTHERS)], ids=repr
)
def test_what_never_ends_does_not_keep_the_keyboard(terminal, begins):
    """The key that is pressed a second later is answered, though one goes on typing meanwhile."""
    terminal.send(begins)
    for _ in range(10):
        terminal.send("n")
        terminal.read(0.1)
    answers(terminal)


@pytest.mark.parametrize(
    "reply",
    [
        "\x1b]11;rgb:2e2e/3434/3636\x1b\\",
        "\x1b]4;1;q\x07",
        "\x1bP>|qterm(390)\x1b\\",
        "\x1b_Gi=31;q\x1b\\",
        "\x1b[?62;1;4c",
        "\x1b[99999999999u",
        "\x1b[1:2;5u",
        f"{PASTE}q\rq\x11{PASTED}",
    ],
    ids=repr,
)
def test_what_is_no_key_does_nothing(terminal, reply):
    """A letter in it neither quits nor opens anything."""
    before = terminal.text
    terminal.send(reply)
    answers(terminal)
    terminal.wait_for(lambda: terminal.text == before, f"the screen as it was:\n{before}")


def test_letters_that_come_at_once_are_a_paste_without_its_marks(terminal):
    """They go nowhere, and so does what comes before there is silence."""
    before = terminal.text
    terminal.send("q" * 300)
    terminal.read(0.5)
    assert terminal.text == before

    def help_is_there() -> bool:
        if not terminal.shows("esc closes"):
            terminal.send("?")
            terminal.read(0.5)
        return terminal.shows("esc closes")

    terminal.wait_for(help_is_there, "a page of help")
    go_home(terminal)


def test_half_a_surrogate_pair_and_control_characters_are_pasted_into_the_editor_and_it_runs(terminal):
    terminal.send(ENTER)
    terminal.until("step 1 of")
    terminal.send("e")
    terminal.until("ctrl+r run", "FACTOR = 1")
    terminal.send(b"\x1b[200~# one \xed\xa0\xbd\x00\x07 \xff two\r\n\x1b[201~" + HALF.encode() + b"# three\r")
    terminal.until("two", "# three", "source (edited)")
    terminal.send("\x12")
    terminal.until("✓ run 1 · edited source · finished")
    terminal.send("e")
    terminal.until("ctrl+r run")
    terminal.send("\x0c")
    terminal.wait_for(lambda: not terminal.shows("source (edited)"), "the lesson's own text")
    go_home(terminal)


HASTE = {
    "the palette, again and again": "\x10\x1b" * 5 + "\x10\x10\x10",
    "a command, chosen twice": "\x10theme\r\r\r",
    "a page, closed twice": "?\x1b\x1b\x1b",
    "a page over a page": "?i\x10",
    "keys for a lesson that is not there yet": ENTER + "nbkexrc",
    "keys for a lesson that is left": f"{ENTER}{ESCAPE}nbkerc",
    "pages of a list that is empty": "\x10zzzz\x1b[6~\x1b[5~\x1b[6~",
    "clicks on what is being replaced": "".join(
        f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m" + key
        for row in range(6, 16, 3)
        for column, key in ((30, "r"), (10, "\x10"), (40, ESCAPE))
    ),
}


@pytest.mark.parametrize("keys", HASTE.values(), ids=HASTE)
def test_keys_may_come_faster_than_screens(terminal, keys):
    terminal.send(keys)
    terminal.read(0.1)
    go_home(terminal)
    answers(terminal)


def test_a_window_that_is_pulled_about_comes_to_rest(terminal):
    terminal.painted = False
    for turn in range(100):
        terminal.resize(*((140, 40), (1, 1), (80, 24), (300, 90))[turn % 4])
        terminal.read(0.004)
    terminal.painted = True
    terminal.resize(140, 40)
    terminal.silence(0.3)
    answers(terminal)


def test_it_starts_in_the_smallest_window(tmp_path):
    with Terminal(tmp_path, size=(1, 1)) as terminal:
        terminal.wait_for(lambda: len(terminal.written) > 500, "a frame")
        terminal.silence(0.3)
        terminal.resize(100, 30)
        terminal.until("A line that climbs", "? help")
        terminal.run_first()
        terminal.until("✓ run 1 · finished")
