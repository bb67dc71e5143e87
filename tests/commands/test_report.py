"""A run as text: complete, no wider than asked for, and harmless whatever was recorded."""

from __future__ import annotations

import io
import math
import os
import re

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from initplay.commands import root, runs
from initplay.commands.report import Reporter, Ticker, opening
from initplay.lab.events import (
    Axes,
    Band,
    Bins,
    Cells,
    Facts,
    Failed,
    Finished,
    Note,
    Picture,
    Point,
    Printed,
    Progress,
    Recorded,
    Started,
    Stopped,
)
from initplay.recording.run import Run, replay
from initplay.recording.saved import save

STARTED = Started(
    lesson="blowup",
    experiment="chain",
    knobs={"depth": 100, "scale": 0.1 + 0.2, "same_weights": True},
    seed=42,
    device="cpu",
    data="MNIST 5k",
    torch="2.13.0",
)


def text_of(*events: Recorded, width: int = 80, styled: bool = False, ascii: bool = False) -> str:
    out = io.StringIO()
    reporter = Reporter(out, width=width, styled=styled, ascii=ascii)
    for event in (STARTED, *events):
        reporter.add(event)
    reporter.close(replay([STARTED, *events]))
    return out.getvalue()


def test_the_head_says_what_was_run_and_on_what():
    lines = ["".join(text for text, _ in line) for line in opening(STARTED, 80)]
    assert lines == [
        "blowup/chain",
        "  depth=100 scale=0.3 same_weights=on",
        "  seed 42 · cpu · MNIST 5k · torch 2.13.0",
    ]


def test_results_are_aligned_and_short():
    text = text_of(Facts({"final_std": 1 / 3, "n": 28, "after": None, "shape": [1, 2]}), Finished(0.25))
    assert "results\n  final_std  0.333\n  n          28\n  after      –\n  shape      [1, 2]\n" in text
    assert text.endswith("finished in 250 ms\n")


def test_what_is_printed_in_pieces_stays_on_its_line():
    text = text_of(Printed("one "), Printed("two\nthree"), Note("noted"), Finished(1))
    assert "one two\nthree\n· noted\n" in text


def test_a_long_note_is_wrapped_under_itself():
    text = text_of(Note("word " * 30), Finished(1), width=40)
    assert "· word word word word word word word\n  word" in text
    assert max(map(len, text.splitlines())) <= 40


@pytest.mark.parametrize(
    ("ending", "last"),
    [
        (Finished(61), "finished in 1 min 1 s"),
        (Stopped(), "stopped: after 1 event"),
        (Stopped("It did not answer."), "stopped: It did not answer."),
        (Failed("Line 3 divides by zero.", 3), "failed: Line 3 divides by zero."),
    ],
)
def test_the_last_line_is_the_ending(ending, last):
    assert text_of(Note("x"), ending).splitlines()[-1] == last


def test_a_failure_comes_with_its_traceback():
    text = text_of(Failed("It broke.", 3, "Traceback:\n  File x\nValueError"))
    assert text.endswith("failed: It broke.\n  Traceback:\n    File x\n  ValueError\n")


def test_several_histograms_are_shown_as_the_newest_and_as_a_history():
    def bins(at: float) -> Bins:
        return Bins("activations", at, -at, at, [1, 5, 1])

    assert text_of(bins(1), Finished(1)).count("activations") == 1
    assert text_of(bins(1), bins(2), Finished(1)).count("activations") == 2


def test_pictures_are_drawn_in_characters():
    picture = Picture("digit", 0, 1, 4, 4, 0.0, 1.0, bytes([0, 0, 255, 255] * 4))
    drawn = text_of(picture, Finished(1))
    assert "@@@@" in drawn and "▀" not in drawn


def test_colours_are_the_only_difference_that_style_makes():
    events = (Axes("rms"), Point("rms", 0, 1), Point("rms", 1, math.nan), Note("noted"), Finished(1))
    styled = text_of(*events, styled=True)
    assert "\x1b[" in styled and "\x1b[" not in text_of(*events)
    bare = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", styled).splitlines()]
    assert bare == text_of(*events).splitlines()


def test_the_head_of_several_seeds_names_them_and_an_edited_text_is_said():
    started = msgspec.structs.replace(STARTED, seeds=(42, 43, 44), edited=True)
    (*_, last) = ["".join(text for text, _ in line) for line in opening(started, 80)]
    assert last == "  3 seeds, 42 to 44 · cpu · MNIST 5k · torch 2.13.0 · edited text"


def test_what_was_not_kept_is_said():
    pictures = [Picture("w", at, 1, 1, 1_000_000, 0.0, 1.0, bytes(1_000_000)) for at in range(50)]
    assert "To save memory, these are not kept: " in text_of(*pictures, Finished(1))


hostile = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(
    [
        "\u202eturned",
        "\u2066a\u2069",
        "\x85",
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "\x9b2J",
        "\x00",
        "a\rb",
        "\t",
        "한글",
        "\n\n",
    ]
)


@settings(max_examples=60)
@given(hostile, st.booleans(), st.integers(1, 130))
def test_nothing_that_was_said_can_steer_a_terminal(text, ascii, width):
    """No control character, no escape sequence and nothing that turns the direction of writing, from any
    text of any event."""
    started = Started(lesson=text, experiment=text, knobs={text: text}, seed=1, device=text, data=text)
    events = (
        started,
        Axes(text, text, text),
        Point(text, 1.0, 2.0, text),
        Band(text, 2.0, 1.0, 2.0, 3.0, text),
        Bins(text + "h", 1.0, 0.0, 1.0, [1]),
        Picture(text + "p", 1.0, 1, 1, 1, 0.0, 1.0, b"x"),
        Cells(text, {text: text, "list": [text]}),
        Progress(1.0, 2.0, text),
        Note(text),
        Printed(text),
        Facts({text: text, "list": [[text]]}),
        Failed(text, 1, text),
    )
    told = text_of(*events, width=width, ascii=ascii)
    assert all(c == "\n" or c.isprintable() for c in told)
    assert told.isascii() or not ascii


def test_the_ticker_says_how_far_it_is_and_cleans_up():
    out = io.StringIO()
    ticker = Ticker(out, 40)
    run = Run()
    run.add(Progress(1, 4, "epochs"))
    ticker.show(run)
    assert "[#####...............] 25% epochs" in out.getvalue()
    ticker.clear()
    assert out.getvalue().endswith(" \r") and out.getvalue().count("\n") == 0


@pytest.mark.parametrize("total", [0, math.nan, math.inf, -1])
def test_the_ticker_survives_progress_without_an_end(total):
    out = io.StringIO()
    run = Run()
    run.add(Progress(math.nan, total, "\x1b[31mx"))
    Ticker(out, 40).show(run)
    assert out.getvalue().strip() and "\x1b" not in out.getvalue()


def test_replay_reads_its_file_once(tmp_path):
    """So that it may come through a pipe, whose contents can be had one time."""
    saved = tmp_path / "run.jsonl"
    save(replay([STARTED, Note("What was seen."), Finished(0.1)]), saved)
    reading, writing = os.pipe()
    os.write(writing, saved.read_bytes())
    os.close(writing)
    try:
        told = [
            CliRunner().invoke(runs.replay, [path, "--plain"]) for path in (f"/dev/fd/{reading}", str(saved))
        ]
    finally:
        os.close(reading)
    assert "What was seen." in told[0].output
    assert told[0].output == told[1].output


def test_replay_and_check_read_no_device_and_wait_for_no_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for command, said in (
        (["replay", "/dev/zero"], "/dev/zero cannot be read: it is no file."),
        (["replay", str(tmp_path / "pipe")], "pipe is empty: it holds no run."),
        (["check", "mylinear", "/dev/zero"], "/dev/zero cannot be read (it is no file)."),
    ):
        told = CliRunner().invoke(root.initplay, command)
        assert told.exit_code == 2 and said in told.output, told.output
