"""A disk that stops serving while one learns: nothing is lost, and both its going and its coming are said."""

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from initplay.learner import away
from initplay.learner.progress import Progress
from initplay.learner.store import Store

resource = pytest.importorskip("resource")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "progress.db"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Each write tries the disk."""
    monkeypatch.setattr(away, "PAUSE", 0.0)


@pytest.fixture
def disk():
    """A disk that can be full for this process, and gets room again."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def has(room: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))

    yield has
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


ROOM = 2**30


def opened(path: Path) -> tuple[Progress, list[str]]:
    progress = Progress.open(path)
    news: list[str] = []
    progress.on_news(news.append)
    return progress, news


def answer(progress: Progress, numbers: range) -> None:
    for number in numbers:
        progress.reach("neuron", number, 99)
        progress.settled(f"neuron/{number}/predict/1", number, number, True, 1.0)
        progress.goal_tried("neuron/1/goal/1")


def assert_answered(path: Path, count: int) -> None:
    progress = Progress.open(path)
    assert progress.warning == ""
    state = progress.lesson_state("neuron")
    assert state.visited == tuple(range(1, count + 1))
    assert sorted(one.guess for one in state.predictions) == list(range(1, count + 1))
    assert progress.goal_runs("neuron/1/goal/1") == count, "what counts is counted once"
    progress.close()


def test_what_was_done_while_the_disk_was_full_is_on_it_once_there_is_room(path, disk):
    progress, news = opened(path)
    answer(progress, range(1, 4))
    disk(512)
    answer(progress, range(4, 7))
    (said,) = news
    assert said == progress.warning
    assert said.startswith("Progress is kept in memory only, until it can be written: ")
    disk(ROOM)
    answer(progress, range(7, 8))
    assert len(news) == 2 and news[1].startswith("Progress is on disk again")
    assert (progress.warning, progress.lost, progress.summary()["saved"]) == ("", "", True)
    progress.close()
    assert_answered(path, 7)


def test_the_end_tries_the_disk_again(path, disk):
    progress, _ = opened(path)
    disk(512)
    answer(progress, range(1, 4))
    assert progress.warning
    disk(ROOM)
    progress.close()
    assert (progress.warning, progress.lost) == ("", "")
    assert_answered(path, 3)


def test_what_no_disk_took_by_the_end_is_said_as_lost(path, disk):
    progress, _ = opened(path)
    answer(progress, range(1, 3))
    assert progress.lost == ""
    disk(512)
    answer(progress, range(3, 5))
    progress.close()
    assert progress.lost.startswith(f"Progress was kept in memory only: {path} cannot be written (")
    disk(ROOM)
    assert_answered(path, 2)


def test_a_disk_that_was_full_at_the_start_takes_all_once_there_is_room(path, disk):
    before = Progress.open(path)
    answer(before, range(1, 3))
    before.close()
    disk(512)
    progress, _ = opened(path)
    answer(progress, range(3, 5))
    assert progress.warning
    disk(ROOM)
    progress.close()
    assert_answered(path, 4)


@pytest.mark.parametrize("gone", [lambda path: shutil.rmtree(path.parent), os.unlink])
def test_a_file_that_is_removed_is_written_again_with_all_it_held(path, gone):
    progress, news = opened(path)
    answer(progress, range(1, 4))
    gone(path)
    answer(progress, range(4, 6))
    assert news == [f"{path} was gone: it is written again, with all that it held."]
    gone(path)
    progress.close()
    assert_answered(path, 5)


def test_a_folder_that_cannot_be_made_again_is_said_until_it_can(path):
    progress, news = opened(path)
    answer(progress, range(1, 4))
    shutil.rmtree(path.parent)
    path.parent.write_text("a file where the folder was")
    answer(progress, range(4, 6))
    assert news == [progress.warning] and f"{path} cannot be written" in news[0]
    path.parent.unlink()
    progress.close()
    assert_answered(path, 5)


def test_two_playgrounds_whose_folder_is_removed_both_write_what_they_have(path):
    one, _ = opened(path)
    other, _ = opened(path)
    answer(one, range(1, 4))
    shutil.rmtree(path.parent)
    other.predicted("neuron/9/predict/1", 9)
    answer(one, range(4, 6))
    one.close()
    other.close()
    keys = {prediction.key for prediction in Progress.open(path).lesson_state("neuron").predictions}
    assert keys == {f"neuron/{number}/predict/1" for number in (1, 2, 3, 4, 5, 9)}


def make_anew(path: Path) -> None:
    """An empty file that has the inode of the one before, as a disk may give it to a new one."""
    before = path.stat().st_ino
    for log in path.parent.glob(f"{path.name}-*"):
        log.unlink()
    os.truncate(path, 0)
    assert path.stat().st_ino == before


def test_a_file_that_another_playground_made_anew_takes_what_was_there_before(path, disk):
    progress, _ = opened(path)
    answer(progress, range(1, 4))
    disk(512)
    answer(progress, range(4, 6))
    assert progress.warning
    disk(ROOM)
    make_anew(path)
    other, _ = opened(path)
    other.reach("blowup", 2, 5)
    progress.close()
    assert progress.lost == ""
    other.close()
    assert_answered(path, 5)
    assert Progress.open(path).lesson_state("blowup").step == 2


def test_so_does_one_made_anew_in_place_of_a_file_that_could_not_be_written_at_the_start(path, disk):
    before = Progress.open(path)
    answer(before, range(1, 4))
    before.close()
    disk(512)
    progress, _ = opened(path)
    answer(progress, range(4, 6))
    disk(ROOM)
    make_anew(path)
    Progress.open(path).close()
    progress.close()
    assert_answered(path, 5)


def test_in_a_file_made_anew_nothing_from_before_gives_way_to_what_is_less(path, disk):
    """Whichever playground was further, and though both have written on the same."""
    progress, _ = opened(path)
    progress.reach("neuron", 5, 9)
    progress.settled("neuron/1/predict/1", 1, 1, True, 1.0)
    progress.predicted("neuron/2/predict/1", 7)
    progress.exercise_helped("neuron", 3, solution=True)
    for _ in range(3):
        progress.goal_tried("neuron/1/goal/1")
    progress.save_edit("neuron", "set aside")
    progress.set_edit_aside("neuron")
    progress.save_edit("neuron", "before")
    disk(512)
    progress.reach("neuron", 1, 9)
    disk(ROOM)
    make_anew(path)
    other, _ = opened(path)
    other.reach("neuron", 2, 9)
    other.predicted("neuron/1/predict/1", 2)
    other.settled("neuron/2/predict/1", 8, 8, True, 1.0)
    other.exercise_helped("neuron", 1)
    other.goal_tried("neuron/1/goal/1")
    other.save_edit("neuron", "another's, aside")
    other.set_edit_aside("neuron")
    other.save_edit("neuron", "another's")
    progress.close()
    other.close()
    after = Progress.open(path)
    state, exercise = after.lesson_state("neuron"), after.exercise_state("neuron")
    assert (state.furthest, after.goal_runs("neuron/1/goal/1")) == (5, 3)
    assert [(one.guess, one.settled) for one in state.predictions] == [(1, True), (8, True)]
    assert (exercise.hints, exercise.solution) == (3, True)
    assert after.edit("neuron") == "another's"
    assert sorted(after.scratches("neuron").values()) == ["another's, aside", "before", "set aside"]


def test_of_two_verdicts_the_first_stays_in_a_file_made_anew_too(path, disk):
    progress, _ = opened(path)
    progress.settled("neuron/1/predict/1", 1, 2, False, 0.0)
    disk(512)
    progress.reach("neuron", 1, 9)
    disk(ROOM)
    make_anew(path)
    other, _ = opened(path)
    other.settled("neuron/1/predict/1", 2, 2, True, 1.0)
    with sqlite3.connect(path) as db:  # a day later
        db.execute("UPDATE predictions SET at = '2100-01-01T00:00:00Z'")
    progress.close()
    other.close()
    (prediction,) = Progress.open(path).lesson_state("neuron").predictions
    assert (prediction.guess, prediction.right) == (1, False)


IN_PLACE = pytest.mark.parametrize("in_place", [lambda path: None, make_anew], ids=["the file left", "anew"])
"""What another playground writes into meanwhile."""


def both_write(path, disk, in_place, first: Callable[[Progress], object], *, other, one) -> Progress:
    """What one playground wrote `first` is on disk; then it writes without the disk, the `other` on it."""
    progress, _ = opened(path)
    first(progress)
    disk(512)
    one(progress)
    progress.reach("neuron", 1, 9)
    assert progress.warning
    disk(ROOM)
    in_place(path)
    another, _ = opened(path)
    other(another)
    another.close()
    progress.close()
    assert (progress.warning, progress.lost) == ("", "")
    return Progress.open(path)


def nothing(progress: Progress) -> None:
    """Is done."""


def edits(text: str, slug: str = "neuron") -> Callable[[Progress], object]:
    return lambda progress: progress.save_edit(slug, text)


def sets_aside(text: str) -> Callable[[Progress], object]:
    def do(progress: Progress) -> None:
        progress.save_edit("neuron", text)
        progress.set_edit_aside("neuron")

    return do


def date(path, table: str, moment: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"UPDATE {table} SET at = ?", (moment,))


def written(progress: Progress) -> tuple[str | None, list[str]]:
    return progress.edit("neuron"), sorted(progress.scratches("neuron").values())


@IN_PLACE
def test_an_edit_without_the_disk_leaves_another_playgrounds_as_a_scratch(path, disk, in_place):
    after = both_write(path, disk, in_place, nothing, one=edits("one's"), other=edits("other's"))
    assert written(after) == ("one's", ["other's"])


@IN_PLACE
def test_two_scratches_of_one_number_are_both_kept(path, disk, in_place):
    after = both_write(path, disk, in_place, nothing, one=sets_aside("one's"), other=sets_aside("other's"))
    assert written(after) == (None, ["one's", "other's"])


@IN_PLACE
@pytest.mark.parametrize("one", [lambda p: p.set_edit_aside("neuron"), lambda p: p.drop_edit("neuron")])
def test_who_lets_go_of_an_edit_lets_not_go_of_one_that_was_typed_meanwhile(path, disk, in_place, one):
    after = both_write(path, disk, in_place, edits("first"), one=one, other=edits("other's"))
    edit, scratches = written(after)
    assert edit is None and "other's" in scratches


@IN_PLACE
def test_what_one_changed_oneself_is_no_scratch(path, disk, in_place):
    after = both_write(path, disk, in_place, edits("first"), one=edits("then"), other=nothing)
    assert written(after) == ("then", [])


@IN_PLACE
def test_a_reset_lets_go_of_what_another_wrote_meanwhile(path, disk, in_place):
    def one(progress: Progress) -> None:
        progress.save_edit("neuron", "one's")
        progress.reset()

    assert written(both_write(path, disk, in_place, nothing, one=one, other=edits("other's"))) == (None, [])


@IN_PLACE
def test_the_same_edit_of_another_moment_is_no_scratch(path, disk, in_place):
    def other(progress: Progress) -> None:
        progress.save_edit("neuron", "same")
        date(path, "edits", "2001-01-01T00:00:00Z")

    first, one = edits("same"), nothing
    assert written(both_write(path, disk, in_place, first, one=one, other=other)) == ("same", [])


@IN_PLACE
@pytest.mark.parametrize(("moment", "stays"), [("2001", "one's"), ("2100", "other's")])
def test_of_two_texts_of_an_exercise_the_newer_stays(path, disk, in_place, moment, stays):
    """They are no source of the lesson's."""
    slug = "neuron/exercise/1"

    def other(progress: Progress) -> None:
        progress.save_edit(slug, "other's")
        date(path, "edits", f"{moment}-01-01T00:00:00Z")

    after = both_write(path, disk, in_place, nothing, one=edits("one's", slug), other=other)
    assert (after.edit(slug), after.scratches("neuron")) == (stays, {})


def test_of_two_texts_of_an_exercise_the_newer_stays_in_a_file_made_anew(path, disk):
    """Though it is the one from before."""
    slug = "neuron/exercise/1"

    def other(progress: Progress) -> None:
        progress.save_edit(slug, "other's")
        date(path, "edits", "2001-01-01T00:00:00Z")

    after = both_write(path, disk, make_anew, edits("one's", slug), one=nothing, other=other)
    assert (after.edit(slug), after.scratches("neuron")) == ("one's", {})


@IN_PLACE
def test_of_two_observations_both_are_read(path, disk, in_place):
    key = "neuron/1/predict/1"

    def sees(words: str) -> Callable[[Progress], object]:
        def do(progress: Progress) -> None:
            progress.settled(key, 1, 2, False, 0.0)
            progress.observed(key, words)

        return do

    after = both_write(path, disk, in_place, nothing, one=sees("it fell"), other=sees("it rose"))
    (prediction,) = after.lesson_state("neuron").predictions
    assert sorted(prediction.seen.split(" · ")) == ["it fell", "it rose"]
    assert "\n" not in prediction.seen, "it is said in one line"
    after.close()
    again = both_write(path, disk, in_place, nothing, one=sees("it fell"), other=nothing)
    (prediction,) = again.lesson_state("neuron").predictions
    assert prediction.seen == "it fell", "who looks again says so in place of all that was said before"


def without_its_mark(path: Path) -> None:
    """As an initplay left it that drew none."""
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM settings WHERE name = ?", (away.MARK,))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def test_a_file_whose_mark_is_in_its_log_is_the_one_that_was_left(path, disk):
    """So what was let go of in it meanwhile stays away."""
    before = Progress.open(path)
    before.save_edit("neuron", "first")
    before.save_edit("blowup", "let go of")
    before.close()
    without_its_mark(path)
    one = Progress.open(path)
    one.save_edit("neuron", "then")
    one.drop_edit("blowup")
    disk(512)
    other, _ = opened(path)  # which can read the file alone
    other.reach("neuron", 1, 9)
    assert other.warning and other.edit("neuron") == "first"
    disk(ROOM)
    other.close()
    assert other.lost == ""
    one.close()
    assert written(after := Progress.open(path)) == ("then", [])
    assert after.edit("blowup") is None


def test_a_file_made_anew_in_place_of_one_without_a_mark_takes_what_was_there_before(path, disk):
    """The learner's number tells them apart."""
    before = Progress.open(path)
    assert before.learner
    answer(before, range(1, 4))
    before.close()
    without_its_mark(path)
    disk(512)
    progress, _ = opened(path)
    answer(progress, range(4, 6))
    assert progress.warning
    disk(ROOM)
    make_anew(path)
    other = Progress.open(path)
    assert other.learner
    other.close()
    progress.close()
    assert_answered(path, 5)


def test_what_another_playground_took_back_meanwhile_stays_away(path, disk):
    """In the file that was left nothing is missing."""
    progress, _ = opened(path)
    answer(progress, range(1, 4))
    progress.save_edit("neuron", "mine")
    disk(512)
    answer(progress, range(4, 6))
    disk(ROOM)
    other, _ = opened(path)
    other.drop_edit("neuron")
    other.close()
    progress.close()
    assert_answered(path, 5)
    assert Progress.open(path).edit("neuron") is None


def test_what_another_playground_wrote_meanwhile_stays(path, disk):
    one, _ = opened(path)
    other, _ = opened(path)
    disk(512)
    answer(one, range(1, 3))
    assert one.warning
    disk(ROOM)
    other.reach("blowup", 2, 5)
    one.close()
    other.close()
    assert_answered(path, 2)
    assert Progress.open(path).lesson_state("blowup").step == 2


def test_a_reset_in_memory_is_one_on_disk_too(path, disk):
    progress, _ = opened(path)
    answer(progress, range(1, 3))
    disk(512)
    answer(progress, range(3, 5))
    assert progress.reset() is None
    disk(ROOM)
    progress.close()
    assert Progress.open(path).lesson_state("neuron").step == 0


def test_a_file_of_a_newer_version_is_not_tried_again(tmp_path):
    progress = Progress(Store.in_memory(tmp_path / "progress.db", "newer"))
    answer(progress, range(1, 3))
    progress.close()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_gone_at_the_end_and_cannot_be_made_is_said_as_lost(path):
    """Though nothing was recorded since."""
    progress, _ = opened(path)
    answer(progress, range(1, 4))
    shutil.rmtree(path.parent)
    path.parent.write_text("in its place")
    progress.close()
    assert progress.lost.startswith(f"Progress was kept in memory only: {path}")


def test_after_a_return_another_playground_is_waited_for_again(path, disk):
    progress, _ = opened(path)
    disk(512)
    answer(progress, range(1, 4))
    disk(ROOM)
    answer(progress, range(4, 5))
    assert progress.warning == ""
    with held_by_another(path, seconds=0.5):
        answer(progress, range(5, 6))
    assert (progress.warning, progress.lost) == ("", "")
    progress.close()
    assert_answered(path, 5)


def test_the_end_waits_for_another_playground_that_writes(path, disk):
    progress, _ = opened(path)
    disk(512)
    answer(progress, range(1, 4))
    disk(ROOM)
    with held_by_another(path, seconds=0.5):
        progress.close()
    assert progress.lost == ""
    assert_answered(path, 3)


@contextmanager
def held_by_another(path, seconds: float) -> Iterator[None]:
    """Its file is locked until then by somebody who writes."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(seconds, other.rollback)
    release.start()
    try:
        yield
    finally:
        release.join()
        other.close()
