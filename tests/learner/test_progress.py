"""Progress is never lost: what is kept, and what is said where it cannot be."""

import json
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initplay.learner import progress_file
from initplay.learner.progress import ExerciseState, LessonState, Prediction, Progress
from initplay.learner.schema import SCHEMA_VERSION
from initplay.learner.store import ResetError, Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "progress.db"


def reopened(progress: Progress) -> Progress:
    progress.close()
    again = Progress.open(progress.path)
    assert again.warning == ""
    return again


def fill(progress: Progress) -> None:
    progress.reach("blowup", 3, 6)
    progress.predicted("blowup/1/predict/1", 40)
    progress.settled("blowup/1/predict/1", 40, 28.0, False, 0.85)
    progress.observed("blowup/1/predict/1", "it climbs in a straight line, then × at 28")
    progress.goal_reached("blowup/2/goal/1", "run 3, seed 42, scale 0.0442")
    progress.exercise_passed("mylinear")
    progress.save_edit("blowup", "x = 1\n")
    progress.set_setting("theme", "nord")


def assert_filled(progress: Progress) -> None:
    state = progress.lesson_state("blowup")
    assert (state.step, state.furthest, state.total, state.done) == (3, 3, 6, False)
    seen = "it climbs in a straight line, then × at 28"
    assert state.predictions == (Prediction("blowup/1/predict/1", 40, 28.0, False, 0.85, True, seen),)
    assert state.goals == ("blowup/2/goal/1",)
    assert progress.lesson_state("mylinear").exercise_passed
    assert progress.edit("blowup") == "x = 1\n"
    assert progress.setting("theme") == "nord"
    assert progress.last_place() == ("blowup", 3)


def test_everything_is_there_after_a_restart(path):
    progress = Progress.open(path)
    assert progress.warning == ""
    assert progress.last_place() is None
    assert progress.lesson_state("blowup") == LessonState(0, 0, 0, (), (), False)
    fill(progress)
    assert_filled(progress)
    assert_filled(reopened(progress))


def test_the_furthest_step_stays_when_the_learner_goes_back(path):
    progress = Progress.open(path)
    for lesson, step in [("a", 1), ("a", 4), ("b", 1), ("a", 2)]:
        progress.reach(lesson, step, 4)
    state = progress.lesson_state("a")
    assert (state.step, state.furthest, state.visited, state.done) == (2, 4, (1, 2, 4), False)
    assert progress.last_place() == ("a", 2)
    progress.reach("a", 3, 4)
    assert progress.lesson_state("a").done, "every step of it was seen"
    progress.reach("a", 2, 5)
    assert not progress.lesson_state("a").done  # the lesson has grown a step
    assert not progress.lesson_state("b").done


def test_a_guess_may_be_changed_until_a_run_settles_it(path):
    progress = Progress.open(path)
    progress.predicted("a/1/predict/1", 3)
    progress.predicted("a/1/predict/1", 4)
    assert progress.lesson_state("a").predictions == (Prediction("a/1/predict/1", 4),)
    progress.settled("a/1/predict/1", 4, math.nan, None, 0.0)
    (settled,) = progress.lesson_state("a").predictions
    assert (settled.settled, settled.right, settled.score) == (True, None, 0.0)
    assert math.isnan(settled.outcome)
    progress.predicted("a/1/predict/1", 5)
    assert progress.lesson_state("a").predictions[0].guess == 4
    progress.asks_another("a/1/predict/1")
    progress.predicted("a/1/predict/1", 5)
    assert progress.lesson_state("a").predictions == (Prediction("a/1/predict/1", 5),)


def test_of_two_playgrounds_the_first_verdict_stays(path):
    one, other = Progress.open(path), Progress.open(path)
    key = "a/1/predict/1"
    one.predicted(key, 3)
    other.predicted(key, 4)
    other.settled(key, 4, 4, True, 1.0)
    one.shown(key)
    one.predicted(key, 5)
    one.settled(key, 5, 7, False, 0.0)
    settled = Prediction(key, 4, 4, True, 1.0, True)
    assert one.lesson_state("a").predictions == other.lesson_state("a").predictions == (settled,)
    assert other.lesson_state("a").shown == ()


def test_what_was_seen_may_be_said_again_and_may_hold_anything_typed(path):
    progress = Progress.open(path)
    progress.settled("a/1/predict/1", 2, 2, True, 1.0)
    assert progress.lesson_state("a").predictions[0].seen == ""
    progress.observed("a/1/predict/1", "a line")
    progress.observed("a/1/predict/1", "σ '; DROP TABLE \ud800")
    assert reopened(progress).lesson_state("a").predictions[0].seen == "σ '; DROP TABLE ?"


def test_lessons_whose_names_begin_alike_are_kept_apart(path):
    progress = Progress.open(path)
    progress.goal_reached("deep_nets/1/goal/1", "run 1")
    progress.predicted("deepXnets/1/predict/1", 1)
    assert progress.lesson_state("deep") == progress.lesson_state("deep_net")
    assert progress.lesson_state("deep").goals == ()
    assert progress.lesson_state("deep_nets").predictions == ()


def test_an_edit_set_aside_is_a_scratch_copy_with_a_name_and_the_same_text_is_one_copy(path):
    progress = Progress.open(path)
    assert progress.set_edit_aside("blowup") is None
    for text, name in (("x = 1", "scratch 1"), ("x = 2", "scratch 2"), ("x = 1", "scratch 1")):
        progress.save_edit("blowup", text)
        assert progress.set_edit_aside("blowup") == name
        assert progress.edit("blowup") is None
    assert reopened(progress).scratches("blowup") == {"scratch 2": "x = 2", "scratch 1": "x = 1"}
    assert reopened(progress).scratches("other") == {}


def test_an_edit_is_kept_until_it_is_dropped(path):
    progress = Progress.open(path)
    assert progress.edit("blowup") is None
    progress.save_edit("blowup", "σ = 1\ud800\0\n")
    assert reopened(progress).edit("blowup") == "σ = 1?\0\n"
    progress = Progress.open(path)
    progress.drop_edit("blowup")
    assert reopened(progress).edit("blowup") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.tuples(st.text(min_size=1), json_values), max_size=4))
def test_settings_hold_any_json_value(pairs):
    progress = Progress(Store.in_memory(Path("memory")))
    for name, value in pairs:
        progress.set_setting(name, value)
    for name, value in dict(pairs).items():
        assert progress.setting(name) == value
    assert progress.setting("") is None
    progress.close()


def test_the_summary_is_json_with_nothing_that_json_lacks(path):
    progress = Progress.open(path)
    fill(progress)
    progress.settled("blowup/1/predict/2", 1, math.inf, None, 0.0)
    summary = json.loads(json.dumps(progress.summary(), allow_nan=False))
    assert summary["last_place"] == {"lesson": "blowup", "step": 3}
    assert list(summary["lessons"]) == ["blowup", "mylinear"]
    first, second = summary["lessons"]["blowup"]["predictions"]
    assert (first["seen"], second["seen"]) == ("it climbs in a straight line, then × at 28", "")
    assert second["outcome"] == "inf"
    assert (summary["saved"], summary["warning"], summary["path"]) == (True, "", str(path))


def test_a_reset_forgets_all_but_settings_and_keeps_a_copy(path):
    progress = Progress.open(path)
    fill(progress)
    backup = progress.reset()
    assert backup is not None
    assert backup.parent == path.parent
    assert backup.name.startswith("progress.backup-")
    assert progress.lesson_state("blowup") == LessonState(0, 0, 0, (), (), False)
    assert progress.setting("theme") == "nord"
    assert progress.summary()["lessons"] == {}
    progress.settled("blowup/1/predict/1", 40, 28.0, False, 0.85)
    assert progress.lesson_state("blowup").predictions[0].seen == "", "what was seen is forgotten as well"
    assert_filled(Progress.open(backup))
    second = progress.reset()
    assert second != backup


def test_a_reset_without_room_for_the_copy_forgets_nothing(path):
    progress = Progress.open(path)
    fill(progress)
    shutil.rmtree(path.parent)
    with pytest.raises(ResetError, match=r"Nothing was reset: the backup .* failed"):
        progress.reset()
    assert_filled(progress)


def test_the_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path / "elsewhere"))
    fill(Progress.open())
    assert (tmp_path / "elsewhere" / "progress.db").exists()
    monkeypatch.delenv("INITPLAY_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert tmp_path in Progress.open().path.parents
    assert "initplay" in Progress.open().path.parts


# What the file may look like when the program starts.


def damage_header(path: Path) -> None:
    path.write_bytes(b"not a database" * 1000)


def damage_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


def truncate_to_a_page(path: Path) -> None:
    os.truncate(path, 4096)


def truncate_in_the_header(path: Path) -> None:
    os.truncate(path, 50)


def be_another_programs(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE settings (a, b, c)")
    db.close()


def lose_a_table(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE goals")
    db.close()


@pytest.mark.parametrize(
    "damage",
    [
        damage_header,
        damage_middle,
        truncate_to_a_page,
        truncate_in_the_header,
        be_another_programs,
        lose_a_table,
    ],
)
def test_a_damaged_file_is_moved_aside_and_a_new_one_started(path, damage):
    progress = Progress.open(path)
    fill(progress)
    progress.close()
    damage(path)
    damaged = path.read_bytes()
    progress = Progress.open(path)
    (aside,) = path.parent.glob("progress.corrupt-*.db")
    assert aside.read_bytes() == damaged
    assert str(aside) in progress.warning
    assert "a new one was started" in progress.warning
    assert progress.last_place() is None
    fill(progress)
    assert_filled(reopened(progress))


def test_an_empty_file_is_a_new_one(path):
    path.parent.mkdir()
    path.touch()
    progress = Progress.open(path)
    assert progress.warning == ""
    fill(progress)
    assert_filled(reopened(progress))


def test_random_damage_never_keeps_the_program_from_starting(path):
    """Byte by byte over the file: sound, moved aside, or said; and it works in every case."""
    progress = Progress.open(path)
    fill(progress)
    progress.close()
    sound = path.read_bytes()
    for at in range(0, len(sound), len(sound) // 60):
        shutil.rmtree(path.parent)
        path.parent.mkdir()
        path.write_bytes(sound[:at] + b"\xff" * 40 + sound[at + 40 :])
        progress = Progress.open(path)
        progress.reach("neuron", 1, 2)
        assert progress.lesson_state("neuron").step == 1
        assert progress.summary()["lessons"]["neuron"]["step"] == 1
        progress.close()


def test_a_file_with_other_tables_is_moved_aside(path):
    """Its version is not a newer one, so there is nothing that could read it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE lessons (slug TEXT PRIMARY KEY)")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    progress = Progress.open(path)
    assert "was damaged: it is kept as" in progress.warning
    fill(progress)
    assert_filled(reopened(progress))
    (aside,) = path.parent.glob("*corrupt*.db")
    with closing(sqlite3.connect(aside)) as db:
        assert db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("lessons",)]


VERSION_2 = """
CREATE TABLE lessons (slug TEXT PRIMARY KEY, step INTEGER NOT NULL, furthest INTEGER NOT NULL,
    total INTEGER NOT NULL, visit INTEGER NOT NULL);
CREATE TABLE predictions (key TEXT PRIMARY KEY, guess TEXT NOT NULL, outcome TEXT, is_right INTEGER,
    score REAL, settled INTEGER NOT NULL, at TEXT NOT NULL);
CREATE TABLE observations (key TEXT PRIMARY KEY, words TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE goals (key TEXT PRIMARY KEY, run TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE exercises (slug TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE edits (slug TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO lessons VALUES ('blowup', 3, 3, 6, 1);
INSERT INTO predictions VALUES ('blowup/1/predict/1', '40', '28.0', 0, 0.85, 1, '2026-01-31T23:59:59Z');
INSERT INTO observations VALUES ('blowup/1/predict/1', 'it climbs in a straight line, then × at 28',
    '2026-01-31T23:59:59Z');
INSERT INTO goals VALUES ('blowup/2/goal/1', 'run 3, seed 42, scale 0.0442', '2026-01-31T23:59:59Z');
INSERT INTO exercises VALUES ('mylinear', '2026-01-31T23:59:59Z');
INSERT INTO edits VALUES ('blowup', 'x = 1' || char(10), '2026-01-31T23:59:59Z');
INSERT INTO settings VALUES ('theme', '"nord"');
PRAGMA user_version = 2;
"""
"""A file as learners have it."""


@pytest.fixture
def kept(path):
    """A file that was written before, with one thing of every kind in it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_2)
    return path


def test_a_file_that_learners_have_keeps_everything(kept):
    progress = Progress.open(kept)
    assert progress.warning == ""
    assert_filled(progress)
    assert_filled(reopened(progress))
    assert not list(kept.parent.glob("*corrupt*"))


@pytest.mark.parametrize(
    ("furthest", "visited", "done"), [(3, (1, 2, 3), False), (6, (1, 2, 3, 4, 5, 6), True)]
)
def test_the_steps_of_an_older_file_count_as_seen_up_to_the_furthest(kept, furthest, visited, done):
    with closing(sqlite3.connect(kept)) as db, db:
        db.execute("UPDATE lessons SET furthest = ?", (furthest,))
    state = Progress.open(kept).lesson_state("blowup")
    assert (state.visited, state.done) == (visited, done)
    again = Progress.open(kept).lesson_state("blowup")
    assert again.visited == visited, "this is done once"


def test_what_was_answered_after_its_run_is_kept_as_such(kept):
    """In an older file nothing is known to be so."""
    progress = Progress.open(kept)
    progress.shown("blowup/3/predict/1")
    progress.predicted("blowup/3/predict/1", 28)
    progress.settled("blowup/3/predict/1", 28, 28, True, 1.0)
    progress = reopened(progress)
    state = progress.lesson_state("blowup")
    assert [(one.key, one.right, one.after_run) for one in state.predictions] == [
        ("blowup/1/predict/1", False, False),
        ("blowup/3/predict/1", True, True),
    ]
    assert state.shown == ("blowup/3/predict/1",)
    told = progress.summary()["lessons"]["blowup"]["predictions"]
    assert [one["after_run"] for one in told] == [False, True]
    progress.reset()
    assert progress.lesson_state("blowup").shown == ()


def test_levels_and_help_of_an_exercise_are_kept_in_an_older_file_too(kept):
    progress = Progress.open(kept)
    assert progress.exercise_state("mylinear") == ExerciseState(done=True), (
        "it was passed before there were levels"
    )
    progress.exercise_at("mylinear", 2)
    progress.exercise_helped("mylinear", 2)
    progress.exercise_helped("mylinear", 1, solution=True)
    progress.exercise_passed("mylinear", 3)
    progress.exercise_passed("mylinear", 1)
    progress.exercise_helped("blowup", 1)
    progress = reopened(progress)
    assert progress.exercise_state("mylinear") == ExerciseState(2, (1, 3), 2, True, done=True)
    assert progress.exercise_state("blowup") == ExerciseState(1, (), 1, False)
    told = progress.summary()["lessons"]["mylinear"]
    assert told["exercise_passed"] and told["exercise_levels"] == [1, 3]
    assert not {"hints", "solution"} & set(told), "what was looked up is the learner's own affair"
    assert_filled(progress)


def test_an_older_initplay_still_reads_a_file_that_this_one_has_opened(kept):
    """It compares the tables that it knows, and the version."""
    progress = Progress.open(kept)
    progress.exercise_passed("blowup", 1)
    progress.close()
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        columns = [row[1] for row in db.execute("PRAGMA table_info(exercises)")]
    assert columns == ["slug", "at"]


def test_a_file_that_cannot_be_written_is_still_shown(kept, monkeypatch):
    def refuses(*_):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(progress_file, "_use_log", refuses)
    before = kept.read_bytes()
    progress = Progress.open(kept)
    assert "cannot be written" in progress.warning
    progress.observed("blowup/1/predict/1", "it climbs in a straight line, then × at 28")
    assert_filled(progress)
    progress.close()
    assert kept.read_bytes() == before


def test_a_newer_file_is_left_untouched(path):
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE from_the_future (a)")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    before, stat = path.read_bytes(), path.stat()
    progress = Progress.open(path)
    assert "from a newer initplay and was left as it is" in progress.warning
    fill(progress)
    assert_filled(progress)
    progress.close()
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == stat.st_mtime_ns
    assert os.listdir(path.parent) == ["progress.db"]


def test_a_newer_version_that_is_running_is_respected_too(path):
    """Its version may still be in the log only."""
    path.parent.mkdir()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE from_the_future (a)")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    assert "newer" in Progress.open(path).warning
    assert [name for (name,) in db.execute("SELECT name FROM sqlite_master")] == ["from_the_future"]
    db.close()


# Where nothing can be written.


@pytest.mark.parametrize("where", ["a file for a folder", "the proc filesystem", "a folder for the file"])
def test_a_place_that_cannot_be_written_is_said_and_memory_serves(tmp_path, where):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / "progress.db").mkdir(parents=True)
    path = {
        "a file for a folder": tmp_path / "file" / "home" / "progress.db",
        "the proc filesystem": Path("/proc/initplay/progress.db"),
        "a folder for the file": tmp_path / "folder" / "progress.db",
    }[where]
    progress = Progress.open(path)
    assert progress.warning.startswith("Progress is kept in memory only, until it can be written: ")
    assert str(path) in progress.warning
    fill(progress)
    assert_filled(progress)
    assert progress.reset() is None
    assert progress.last_place() is None


def in_process(code: str, *arguments: object, **options) -> subprocess.Popen:
    """A Python that has Progress at hand; `path` is its first argument."""
    start = (
        "import os, sys, pathlib\n"
        "from initplay.learner.progress import Progress\n"
        "path = pathlib.Path(sys.argv[1])\n"
    )
    command = [sys.executable, "-c", start + code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.fixture
def reachable():
    """A folder that a user without privileges can reach, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="initplay-"))
    folder.chmod(0o755)
    yield folder
    (folder / "home").chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_what_a_read_only_home_holds_is_still_shown(reachable):
    home = reachable / "home"
    progress = Progress.open(home / "progress.db")
    fill(progress)
    progress.close()
    (home / "progress.db").chmod(0o444)
    home.chmod(0o555)
    code = (
        "path.as_uri()\n"  # imports what it needs, which nobody else may read where Python is root's own
        "if os.geteuid() == 0:\n"  # to whom permissions do not apply
        "    os.setgid(65534)\n"
        "    os.setuid(65534)\n"
        "p = Progress.open(path)\n"
        "print(p.warning)\n"
        "p.reach('blowup', 5, 6)\n"
        "print(p.lesson_state('blowup').furthest, p.edit('blowup'), p.setting('theme'))\n"
    )
    process = in_process(code, home / "progress.db")
    printed, errors = process.communicate(timeout=20)
    assert errors == ""
    warning, state, *_ = printed.splitlines()
    assert "kept in memory only" in warning
    assert "cannot be written" in warning
    assert state.startswith("5 x = 1")
    assert_filled(Progress.open(home / "progress.db"))


def test_a_disk_that_fills_up_moves_the_rest_to_memory(path):
    """What was written before stays on disk; what comes after is served, and said not to be kept."""
    code = """
import resource
p = Progress.open(path)
p.reach("neuron", 1, 9)
print(p.warning == "")
p.close()
p = Progress.open(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, path.stat().st_size))
for step in range(2, 400):
    p.reach("neuron", step, 400)
    p.save_edit("neuron", "x = 1  # " + "y" * 2000 * (step % 7))
    assert p.lesson_state("neuron").step == step
print(p.warning)
print(p.last_place(), len(p.edit("neuron")))
"""
    process = in_process(code, path)
    printed, errors = process.communicate(timeout=20)
    assert errors == ""
    first, warning, last = printed.splitlines()
    assert first == "True"
    assert warning.startswith("Progress is kept in memory only, until it can be written: ")
    assert last.startswith("('neuron', 399)")
    progress = Progress.open(path)
    assert progress.warning == ""
    assert progress.lesson_state("neuron").step >= 1


def test_a_full_disk_at_the_start_is_said(tmp_path):
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
p = Progress.open(path)
p.reach("neuron", 1, 2)
print(p.last_place(), p.warning)
"""
    process = in_process(code, tmp_path / "home" / "progress.db")
    printed, errors = process.communicate(timeout=20)
    assert errors == ""
    assert printed.startswith("('neuron', 1) Progress is kept in memory only")


# Several processes, and sudden ends.


@pytest.mark.parametrize("after", [0.02, 0.05, 0.1, 0.2])
def test_a_killed_process_loses_nothing_that_it_was_told_is_done(path, after):
    """Each number is printed after its call returned; the file must hold the last one printed."""
    code = """
p = Progress.open(path)
for step in range(1, 10**9):
    p.reach("neuron", step, 10**9)
    p.goal_reached(f"neuron/{step}/goal/1", "run")
    print(step, flush=True)
"""
    process = in_process(code, path)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    printed = (first + process.communicate(timeout=20)[0]).split()
    progress = Progress.open(path)
    assert progress.warning == ""
    state = progress.lesson_state("neuron")
    assert int(printed[-1]) <= state.step <= int(printed[-1]) + 1
    assert int(printed[-1]) <= len(state.goals) <= state.step


def test_copies_that_run_at_once_keep_everything(path):
    """Started together on no file at all, so that they also meet while it is being made."""
    code = """
p = Progress.open(path)
for n in range(60):
    p.goal_reached(f"neuron/{n}/goal/{sys.argv[2]}", "run")
    p.reach(sys.argv[2], n + 1, 60)
print(p.warning)
"""
    processes = [in_process(code, path, name) for name in ("a", "b", "c")]
    for process in processes:
        printed, errors = process.communicate(timeout=30)
        assert (printed, errors) == ("\n", "")
    progress = Progress.open(path)
    assert len(progress.lesson_state("neuron").goals) == 180
    assert all(progress.lesson_state(name).done for name in ("a", "b", "c"))


def test_progress_is_opened_without_torch_numpy_or_textual(path):
    code = (
        "Progress.open(path).reach('neuron', 1, 2)\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'torch', 'numpy', 'textual', 'msgspec'}))"
    )
    printed, errors = in_process(code, path).communicate(timeout=20)
    assert (printed.strip(), errors) == ("[]", "")


@pytest.mark.parametrize("what", ["a pipe", "a device"])
def test_what_is_no_file_is_put_aside_and_not_waited_for(path, what):
    path.parent.mkdir()
    if what == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with closing(Progress.open(path)) as progress:
        assert "was damaged" in progress.warning
        progress.predicted("climb/p", 1)
    assert path.is_file()
