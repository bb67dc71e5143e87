"""Taking part: whose file it is, under which name, and that one's own progress comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from initplay.classroom.folder import Folder
from initplay.classroom.learner import Guess, Learner
from initplay.classroom.progress import ClassProgress
from initplay.learner.progress import Progress


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "class"
    path.mkdir()
    return path


def join(folder: Path, home: Path, **how) -> ClassProgress:
    home.mkdir(exist_ok=True)
    return ClassProgress.join(folder, path=home / "progress.db", **how)


def visit(folder: Path, home: Path, **how) -> None:
    """Join, take one step, leave."""
    progress = join(folder, home, **how)
    progress.reach("blowup", 2, 9)
    progress.close()


def learners(folder: Path) -> tuple[Learner, ...]:
    return Folder(folder).look().learners


def test_what_is_kept_is_told_and_nothing_else_of_the_learner(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("USER", "jane.doe")
    monkeypatch.setenv("LOGNAME", "jane.doe")
    progress = join(folder, tmp_path / "home")
    progress.reach("blowup", 3, 9)
    progress.predicted("blowup/1/predict/1", 2.0)
    progress.settled("blowup/1/predict/1", 2.0, float("nan"), None, 0.0)
    progress.observed("blowup/1/predict/1", "my own words")
    progress.goal_reached("blowup/2/goal/1", "chain of my own")
    progress.save_edit("blowup", "my own code")
    progress.exercise_helped("blowup", 3, solution=True)
    progress.exercise_missed("blowup", 2, ["You left the root out.", "", "You left the root out."])
    progress.exercise_passed("blowup", 2)
    progress.set_setting("theme", "dracula")
    progress.close()
    (learner,) = learners(folder)
    assert learner.furthest == {"blowup": 3}
    assert learner.guesses == {"blowup/1/predict/1": Guess(2.0, True, "NaN", None)}
    assert learner.goals == {"blowup/2/goal/1"}
    assert (learner.passed, learner.missed) == ({"blowup": {2}}, {"blowup": {"You left the root out.": None}})
    text = next(folder.iterdir()).read_text()
    assert not [word for word in ("jane", "own", "solution", "dracula", str(tmp_path)) if word in text]
    kept = Progress.open(tmp_path / "home" / "progress.db")
    assert kept.lesson_state("blowup").goals == ("blowup/2/goal/1",)
    assert kept.exercise_state("blowup").passed == (2,)
    kept.close()


def test_an_answer_that_a_run_had_shown_is_kept_and_not_told(folder, tmp_path):
    progress = join(folder, tmp_path / "home")
    progress.reach("blowup", 3, 9)
    progress.shown("blowup/1/predict/1")
    for number in (1, 2):
        progress.predicted(f"blowup/{number}/predict/1", 28.0)
        progress.settled(f"blowup/{number}/predict/1", 28.0, 28.0, True, 1.0)
    assert len(progress.lesson_state("blowup").predictions) == 2
    progress.close()
    (learner,) = learners(folder)
    assert learner.guesses == {"blowup/2/predict/1": Guess(28.0, True, 28.0, True)}


def test_two_learners_of_one_name_have_two_files(folder, tmp_path):
    for home in ("one", "other"):
        visit(folder, tmp_path / home, name="Ada")
    assert [learner.name for learner in learners(folder)] == ["Ada", "Ada"]


def test_one_learner_has_one_file_from_start_to_start_and_another_name_is_not_another_learner(
    folder, tmp_path
):
    visit(folder, tmp_path / "home", name="Ada")
    visit(folder, tmp_path / "home")
    assert [learner.name for learner in learners(folder)] == ["Ada"]
    visit(folder, tmp_path / "home", name="Grace")
    assert [learner.name for learner in learners(folder)] == ["Grace"]


def test_the_name_is_asked_for_once_and_made_up_for_who_gives_none(folder, tmp_path):
    offered: list[str] = []

    def ask(made_up: str) -> str:
        offered.append(made_up)
        return ""

    visit(folder, tmp_path / "home", ask=ask)
    visit(folder, tmp_path / "home", ask=ask)
    assert [learner.name for learner in learners(folder)] == offered
    assert len(offered[0].split()) == 2


def test_where_nobody_can_be_asked_the_name_is_the_one_that_would_be_offered_later(folder, tmp_path):
    visit(folder, tmp_path / "home")
    (before,) = learners(folder)
    offered: list[str] = []
    visit(folder, tmp_path / "home", ask=lambda made_up: offered.append(made_up) or "")
    assert offered == [before.name]


def test_a_reset_begins_the_progress_anew_and_no_other_learner(folder, tmp_path):
    visit(folder, tmp_path / "home", name="Ada")
    progress = join(folder, tmp_path / "home")
    progress.reset()
    progress.reach("neuron", 1, 8)
    progress.close()
    (learner,) = learners(folder)
    assert (learner.name, learner.lesson) == ("Ada", "neuron")


@pytest.mark.parametrize("kept", ["Ada", 7, {"file": "../../else.jsonl", "name": "Ada"}, {"file": 3}])
def test_an_identity_that_cannot_be_used_is_drawn_anew(folder, tmp_path, kept):
    (tmp_path / "home").mkdir()
    before = Progress.open(tmp_path / "home" / "progress.db")
    before.set_setting("class", kept)
    before.close()
    visit(folder, tmp_path / "home")
    assert len(learners(folder)) == 1


def test_a_class_that_cannot_be_told_loses_nothing_of_the_learners(tmp_path):
    progress = join(tmp_path / "gone", tmp_path / "home")
    progress.reach("blowup", 3, 9)
    progress.close()
    assert progress.warning.count("The class does not hear of you") == 1
    kept = Progress.open(tmp_path / "home" / "progress.db")
    assert kept.last_place() == ("blowup", 3)
    assert not kept.warning
    kept.close()


def test_the_board_has_the_first_verdict_as_the_learner_has(folder, tmp_path):
    one, other = join(folder, tmp_path / "home"), join(folder, tmp_path / "home")
    for progress, guess, right in ((one, 2.0, True), (other, 3.0, False)):
        progress.predicted("blowup/1/predict/1", guess)
        progress.settled("blowup/1/predict/1", guess, 2.0, right, 1.0)
        progress.close()
    (learner,) = learners(folder)
    assert learner.guesses == {"blowup/1/predict/1": Guess(2.0, True, 2.0, True)}
