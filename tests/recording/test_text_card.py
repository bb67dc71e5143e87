"""A card says what a run was and what came of it, and its last line does it again."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
import shell
from bundled import COURSE
from hypothesis import given
from hypothesis import strategies as st

import initplay
from initplay.commands import runs
from initplay.course.course import Course
from initplay.lab.events import Facts, Failed, Finished, Started
from initplay.recording.run import Run, replay
from initplay.recording.saved import load
from initplay.recording.text_card import card, command

STARTED = Started(
    lesson="blowup",
    experiment="chain",
    knobs={"depth": 3, "width": 16, "scale": 1 / 512**0.5, "same_weights": False},
    seed=7,
    device="cpu",
    data="MNIST 5k",
    torch="2.13.0",
    initplay="1.0",
    source="secret = '/home/ada/key'",
)
RUN = replay([STARTED, Facts({"final_std": 1 / 3, "shape": [2, 3], "said": "two\nlines"}), Finished(0.1)])


@pytest.fixture(scope="module")
def course() -> Course:
    return COURSE


def asked_for(run: Run, course: Course) -> tuple[object, ...]:
    """What the command line makes of the command: lesson, experiment, knobs, seed, device and digits."""
    program, subcommand, *words = shlex.split(command(run))
    assert (program, subcommand) == ("initplay", "run")
    given = runs.run.make_context("run", words).params
    lesson, experiment = course.find_experiment(given["what"])
    knobs = experiment.parse(given["knobs"])
    return lesson.slug, experiment.name, knobs, given["seed"], given["device"], given["data"]


def test_a_card_in_full():
    assert card(RUN).splitlines() == [
        "initplay blowup/chain · finished",
        "seed 7 · cpu · MNIST 5k",
        "torch 2.13.0 · initplay 1.0",
        "",
        "  depth         3",
        "  width         16",
        "  scale         0.0442",
        "  same_weights  no",
        "",
        "  final_std     0.333",
        "  shape         [2, 3]",
        "  said          two lines",
        "",
        "  initplay run blowup/chain depth=3 width=16 scale=0.044194173824159216 same_weights=false"
        " --seed 7 --device cpu --data embedded",
    ]


def over(*seeds: int) -> Run:
    return replay([msgspec.structs.replace(STARTED, seed=seeds[0], seeds=seeds), Finished(0.1)])


def test_the_card_of_several_seeds_repeats_them_all():
    text = card(over(*range(7, 15)))
    assert "8 seeds, 7 to 14 · cpu" in text
    words = shlex.split(text.splitlines()[-1])
    assert words[words.index("--seeds") + 1] == "8" and words[words.index("--seed") + 1] == "7"
    assert "--seeds" not in card(RUN)


def test_seeds_that_no_command_counts_are_said():
    lines = card(over(7, 9, 10)).splitlines()
    assert "3 seeds: 7, 9 to 10 · cpu · MNIST 5k" in lines
    assert lines[-2] == "The command runs the first seed; the others need one each."
    assert "--seed 7 --device" in lines[-1]


def test_the_card_of_an_edited_text_says_so_and_carries_the_edit():
    before, after = (
        "def chain():\n    x = 1\n    yield x\n",
        "def chain():\n    x = 2  # \x1b[31m\n    yield x\n",
    )
    edited = replay([msgspec.structs.replace(STARTED, source=after, edited=True)])
    lines = card(edited, before).splitlines()
    command_at = lines.index(f"  {command(edited)}")
    assert lines[command_at - 1] == "The text was edited; the command runs the lesson's own."
    assert lines[command_at + 1 :] == [
        "",
        "The edit:",
        "",
        "--- lesson",
        "+++ edited",
        "@@ -1,4 +1,4 @@",
        " def chain():",
        "-    x = 1",
        "+    x = 2  # ",
        "     yield x",
        " ",
    ]


def test_an_edit_is_said_also_where_the_lesson_s_text_is_not_at_hand():
    edited = replay([msgspec.structs.replace(STARTED, edited=True)])
    assert "The text was edited; the command runs the lesson's own." in card(edited)
    assert "secret" not in card(edited)


def test_a_text_that_is_the_lesson_s_own_needs_no_word():
    assert card(RUN, STARTED.source) == card(RUN)
    assert "edited" not in card(RUN)


def test_an_edit_can_be_made_again_with_patch(tmp_path):
    before = Path(initplay.__file__).read_text(encoding="utf-8")
    after = before.replace("__version__", "version") + "x = 1\n"
    edited = replay([msgspec.structs.replace(STARTED, source=after)])
    (tmp_path / "lesson").write_text(before)
    if shutil.which("patch") is None:
        pytest.skip("there is no `patch` here")
    diff = card(edited, before).partition("The edit:\n\n")[2]
    subprocess.run(["patch", "lesson"], input=diff, cwd=tmp_path, text=True, check=True, capture_output=True)
    assert (tmp_path / "lesson").read_text() == after


def test_what_is_on_this_machine_alone_stays_here():
    failed = Failed("It broke.", 3, 'File "/home/ada/x.py"')
    text = card(replay([STARTED, failed]))
    assert "failed" in text and "/home" not in text and "ada" not in text


def test_digits_that_only_the_learner_has_are_named_but_not_asked_for():
    started = Started(
        lesson="blowup", experiment="chain", knobs={}, seed=1, device="cpu", data="MNIST 70k (mine)"
    )
    assert "MNIST 70k (mine)" in card(replay([started]))
    assert "--data" not in command(replay([started]))


def test_a_run_that_never_started_has_neither_card_nor_command():
    for ask in (card, command):
        with pytest.raises(ValueError, match="never started"):
            ask(Run())


def test_every_experiment_of_the_course_is_asked_for_again(course):
    for lesson in course.lessons:
        for experiment in lesson.experiments:
            knobs = experiment.defaults()
            started = Started(
                lesson=lesson.slug,
                experiment=experiment.name,
                knobs=knobs,
                seed=3,
                device="cuda:1",
                data="MNIST 70k",
            )
            expected = (lesson.slug, experiment.name, knobs, 3, "cuda:1", "full")
            assert asked_for(replay([started]), course) == expected


@given(
    depth=st.integers(1, 200),
    scale=st.floats(1e-3, 10.0),
    same=st.booleans(),
    seed=st.integers(0, 2**63 - 1),
)
def test_no_digit_of_a_knob_is_lost(course, depth, scale, same, seed):
    experiment = course.find_experiment("blowup/chain")[1]
    knobs = experiment.check({"depth": depth, "scale": scale, "same_weights": same})
    started = Started(lesson="blowup", experiment="chain", knobs=knobs, seed=seed, device="cpu")
    assert asked_for(replay([started]), course) == ("blowup", "chain", knobs, seed, "cpu", None)


def test_a_run_with_the_learner_s_own_code_says_so_and_has_it():
    started = Started(
        lesson="a", experiment="b", knobs={}, seed=1, device="cpu", mine="def rms(x):\n    ...\n"
    )
    text = card(replay([started]))
    assert "It ran with your own code of the exercise; the command runs the lesson's." in text
    assert text.endswith("Your own code:\n\n  def rms(x):\n      ...\n")


def test_text_that_a_shell_would_take_apart_arrives_whole():
    said = 'it\'s $HOME; rm -rf * "x" \\ \n --seed 3'
    started = Started(lesson="a", experiment="b", knobs={"name": said}, seed=1, device="cpu")
    assert shlex.split(command(replay([started])))[3] == f"name={said}"


def test_the_command_gives_the_same_run(tmp_path, shares_a_fork_server):
    saved = tmp_path / "run.jsonl"
    program, *arguments = shlex.split(command(RUN))
    assert program == "initplay"
    environment = os.environ | {"INITPLAY_HOME": str(tmp_path), "INITPLAY_CACHE": str(tmp_path)}
    done = shell.initplay(*arguments, "--plain", "--save", saved, env=environment)
    assert done.returncode == 0, done.stderr
    again = load(saved).started
    assert again is not None
    for name in ("lesson", "experiment", "knobs", "seed", "device", "data"):
        assert getattr(again, name) == getattr(STARTED, name)
