"""A net of the user's own on the bench: what is found, and what becomes of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pilots import NARROW, WIDE, bench, lesson, playing, run, run_to, session, shows, state, tap, until
from textual.pilot import Pilot

from initplay.course.own_net import HOW_TO, OwnNet, own_net
from initplay.lab.events import Facts, Failed, Finished, Layer, Started, Verdict
from initplay.learner.progress import Progress
from initplay.recording import saved
from initplay.recording.run import replay
from initplay.recording.text_card import card
from initplay.recording.why import all_well, explain
from initplay.ui.bench.tiles import TilePlot
from initplay.ui.editor.editor import Editor
from initplay.ui.home import HomeScreen
from initplay.ui.own_net.found import GOES_ON, NOT_YET, OF_SEVERAL, found
from initplay.ui.pages.ask import AskScreen

TEXT = """\
from torch import nn
from parts import width

def batches(loader):
    yield from loader

hidden = [nn.Linear(size, width) for size in (64, width, width, width)]
net = nn.Sequential(*(part for layer in hidden for part in (layer, nn.ReLU())), nn.Linear(width, 10))
"""
BETTER = TEXT + "for layer in net[::2]:\n    nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "parts.py").write_text("width = 32\n")
    file = tmp_path / "net.py"
    file.write_text(TEXT)
    return file


def opened(path: Path, **knobs: Any) -> OwnNet:
    return own_net(str(path), path.read_text(), HOW_TO.format(path.name), knobs=knobs)


async def examined(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: state(pilot) == "finished")


def said(pilot: Pilot[None], words: str) -> bool:
    return any(words in notice.message for notice in pilot.app._notifications)


async def editor(pilot: Pilot[None]) -> Editor:
    tap(pilot, "e")
    await until(pilot, lambda: isinstance(pilot.app.focused, Editor))
    assert isinstance(pilot.app.focused, Editor)
    return pilot.app.focused


async def edit(pilot: Pilot[None], text: str) -> None:
    (await editor(pilot)).put(text)
    await until(pilot, lambda: session(pilot).setting.source == text)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_it_opens_on_what_is_wrong_with_the_net_and_on_its_charts(home, path, size):
    """The neighbour of the file is imported, and a generator that is no experiment is none."""
    async with playing(home, net=opened(path, steps=3), size=size) as pilot:
        await examined(pilot)
        await until(pilot, lambda: shows(pilot, "torch's default under ReLU", "rms by layer", "step 3 of 3"))
        assert len(run(pilot).layers) == 5 and "loss by step" in run(pilot).charts
        await pilot.press("home")  # the table is there at every moment
        assert len(run(pilot).rows("layers", session(pilot).cursor or 0)) == 5
        large = bench(pilot).query_one("#large", TilePlot)
        while large.tile is None or large.tile.name != "layers":
            before = large.tile
            tap(pilot, "c")
            await until(pilot, lambda before=before: large.tile != before)
        await until(pilot, lambda: shows(pilot, "looks like", "Linear"))
        await pilot.press("w")
        await until(pilot, lambda: shows(pilot, "torch's default under ReLU"))
        await pilot.press("escape")
    kept = Progress.open(home / "progress.db")
    assert kept.last_place() is None, "it is no lesson that the learner was at"
    kept.close()


async def test_what_is_edited_runs_and_is_compared_and_the_file_is_written_when_they_say_so(home, path):
    async with playing(home, net=opened(path)) as pilot:
        await examined(pilot)
        await pilot.press("p")
        await edit(pilot, BETTER)
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: session(pilot).kept.begun == 2 and state(pilot) == "finished")
        await until(pilot, lambda: shows(pilot, "run 2", "edited source", "against run 1: source, 2 lines"))
        assert path.read_text() == TEXT and run(pilot).layers[0].scheme != "torch's default"
        await until(pilot, lambda: not isinstance(pilot.app.focused, Editor))  # else it takes the e
        await editor(pilot)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: path.read_text() == BETTER)
        await until(pilot, lambda: not session(pilot).setting.edited and said(pilot, "Written to"))
        await pilot.press("escape", "r")
        await until(pilot, lambda: session(pilot).kept.begun == 3 and state(pilot) == "finished")
        started = run(pilot).started
        assert started and not started.edited


async def test_what_another_editor_writes_runs_unless_both_wrote(home, path):
    async with playing(home, net=opened(path)) as pilot:
        await examined(pilot)
        path.write_text(BETTER)
        await run_to(pilot)
        assert session(pilot).setting.source == BETTER and not session(pilot).setting.edited
        await edit(pilot, TEXT + "# mine\n")
        path.write_text(TEXT + "# theirs\n")
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: said(pilot, "net.py was changed elsewhere, and what runs"))
        await until(pilot, lambda: session(pilot).kept.begun == 3 and state(pilot) == "finished")
        assert "mine" in session(pilot).setting.source
        await editor(pilot)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await until(pilot, lambda: pilot.app.screen.is_mounted)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.focused, Editor))
        assert path.read_text() == TEXT + "# theirs\n", "nothing is written over unasked"
        tap(pilot, "ctrl+l")
        await until(pilot, lambda: session(pilot).setting.source == BETTER)
        tap(pilot, "ctrl+r")
        await until(pilot, lambda: session(pilot).setting.source == TEXT + "# theirs\n")
        await until(pilot, lambda: session(pilot).kept.begun == 4 and state(pilot) == "finished")
        await until(pilot, lambda: bench(pilot).tab == "charts")
        await edit(pilot, TEXT + "# mine\n")
        path.write_text(BETTER)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await pilot.press("enter")
        await until(pilot, lambda: path.read_text() == TEXT + "# mine\n")


async def test_the_bench_and_what_was_not_written_are_there_in_the_next_start(home, path):
    async with playing(home, net=opened(path)) as pilot:
        await examined(pilot)
        await pilot.press("p")
        await edit(pilot, BETTER)
        await pilot.press("escape", "escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
    assert path.read_text() == TEXT
    async with playing(home, net=opened(path)) as pilot:
        await until(pilot, lambda: len(session(pilot).kept.attempts) == 2 and state(pilot) == "finished")
        assert [attempt.number for attempt in session(pilot).kept.attempts] == [1, 2]
        assert [attempt.number for attempt in session(pilot).kept.pinned] == [1]
        assert list(session(pilot).setting.scratches.values()) == [BETTER]


async def test_what_python_cannot_read_is_said_with_its_line_before_anything_runs(home, path):
    path.write_text("class Net(:\n")
    async with playing(home, net=opened(path)) as pilot:
        await until(pilot, lambda: shows(pilot, "net.py:1: this is not Python"))
        assert session(pilot).attempt is None
        path.write_text(TEXT)
        await run_to(pilot)


async def test_a_file_that_is_gone_before_it_is_shown_is_not_written_again(home, path):
    path.write_text("class Net(:\n")
    net = opened(path)
    path.unlink()
    async with playing(home, net=net) as pilot:
        await until(pilot, lambda: shows(pilot, "net.py:1: this is not Python"))
    assert not path.exists()


async def test_a_file_that_has_vanished_is_written_anew_only_when_that_is_wanted(home, path):
    async with playing(home, size=WIDE, net=opened(path)) as pilot:
        await examined(pilot)
        path.unlink()
        await editor(pilot)
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: shows(pilot, "is not there any more. Write it anew?"))
        tap(pilot, "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, AskScreen))
        assert not path.exists()
        tap(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        tap(pilot, "enter")
        await until(pilot, lambda: said(pilot, "Written to"))
        assert path.read_text() == TEXT


async def test_r_examines_again_what_was_saved_beside_its_file(home, path, tmp_path):
    async with playing(home, net=opened(path, steps=2, lr=0.1)) as pilot:
        await examined(pilot)
        saved.save(run(pilot), tmp_path / "run.jsonl")
    path.unlink()
    recording = saved.load(tmp_path / "run.jsonl")
    async with playing(home, recording=recording) as pilot:
        await until(pilot, lambda: shows(pilot, "torch's default under ReLU", "This examination was saved"))
        again = await run_to(pilot)
        assert again is not recording and again.facts == recording.facts
        assert again.started and recording.started and again.started.knobs == recording.started.knobs
        assert not lesson(pilot).bench.file, "nothing is written where a run came from"
        tap(pilot, "f")
        await until(pilot, lambda: shows(pilot, "Of several seeds there are charts"))
    assert not path.exists()


STARTED = Started(
    lesson="examine",
    experiment="net.py:Net",
    knobs={"steps": 0, "lr": 0.5, "name": "Net", "input": "1x8x8", "batch": "", "loss": ""},
    seed=7,
    device="cpu",
    filename="/home/ann/my nets/net.py",
)
LAYER = Layer(name="fc", kind="Linear", rms=1.0)


def test_in_words_what_was_found_and_nothing_is_taken_for_markdown():
    assert found(None) == NOT_YET and found(replay([STARTED])) == GOES_ON
    assert found(replay([STARTED, Failed("a_b_ is no [net].")])) == r"a\_b\_ is no \[net\]."
    several = Started(lesson="examine", experiment="net.py", knobs={}, seed=1, seeds=(1, 2), device="cpu")
    assert found(replay([several, Finished(1)])) == OF_SEVERAL
    assert "no layer loses its signal or its gradient" in found(replay([STARTED, LAYER, Finished(1)]))
    zeros = found(replay([STARTED, LAYER, Facts({"begins_with_zeros": "fc"}), Finished(1)]))
    assert "waits for what begins with zeros to move" in zeros and "its gradient" not in zeros
    facts = {"begins_with_zeros": "fc", "waits_for_zeros": None, "left_out": "blocks.2"}
    dropped = found(replay([STARTED, LAYER, Facts(facts), Finished(1)]))
    assert "is 0 or missing, the dice left the layer out" in dropped and "waits" not in dropped
    untried = found(replay([STARTED, LAYER, Facts({"may_wait_for_zeros": "fc"}), Finished(1)]))
    assert "it may wait for what begins with zeros to move, which was not seen" in untried
    both = found(replay([STARTED, LAYER, Verdict("fc", "*fc* breaks.", "x = x / 2"), Finished(1)]))
    assert both == "**!** \\*fc\\* breaks.\n\n~~~~~~~~python\nx = x / 2\n~~~~~~~~"


def test_why_and_the_card_speak_of_what_was_found():
    run = replay([STARTED, LAYER, Verdict("fc", "fc breaks.", "x = x / 2"), Finished(1)])
    assert explain(run) == ["fc breaks."]
    assert explain(well := replay([STARTED, LAYER, Finished(1)])) == []
    assert "Nothing is found wrong" in all_well(well)
    assert "ended before" in all_well(replay([STARTED, LAYER]))
    text = card(run)
    again = "initplay examine '/home/ann/my nets/net.py:Net' --steps 0 --lr 0.5 --input 1x8x8 --seed 7"
    assert again in text and "! fc breaks.\n    x = x / 2" in text
