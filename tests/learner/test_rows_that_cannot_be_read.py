"""A bad byte in a cell of the progress file costs that row at most, and the file as it was is kept."""

import json
import random
import sqlite3
from contextlib import closing
from datetime import datetime, timezone

import pytest
from bundled import COURSE
from click.testing import CliRunner

from initplay.commands.root import initplay
from initplay.course.prediction import Predict
from initplay.learner.journal import journal
from initplay.learner.progress import Progress
from initplay.learner.quiz import questions_due

NOW = datetime(2026, 1, 31, tzinfo=timezone.utc)
BAD = "CAST(x'ff22' AS TEXT)"
"""No UTF-8."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def path(home):
    """A file with something in every table."""
    path = home / "progress.db"
    progress = Progress.open(path)
    for lesson in COURSE.lessons[:2]:
        act(progress, lesson.slug, len(lesson.steps))
        for asked in (block for block in lesson.blocks if isinstance(block, Predict)):
            progress.predicted(asked.key, 2)
            progress.settled(asked.key, 2, asked.answer or 28.0, False, 0.5)
            progress.observed(asked.key, "it climbs, then × at 28")
    progress.set_setting("theme", "nord")
    progress.close()
    return path


def act(progress, slug, steps):
    """Every kind of thing that is kept of a lesson."""
    progress.reach(slug, 1, steps)
    progress.reach(slug, 2, steps)
    progress.shown(f"{slug}/9/predict/1")
    progress.goal_tried(f"{slug}/2/goal/1")
    progress.goal_reached(f"{slug}/2/goal/1", "run 3")
    progress.exercise_passed(slug, 2)
    progress.exercise_at(slug, 2)
    progress.save_edit(slug, "x = 1")
    progress.set_edit_aside(slug)
    progress.save_edit(slug, "x = 2")
    progress.asked_again(f"{slug}/1/predict/1", 1, True, NOW)


def use(path):
    """All that a playground asks of it, on this file as it is now."""
    progress = Progress.open(path)
    json.dumps(progress.summary(), allow_nan=False)
    assert journal(COURSE.lessons, progress)
    questions_due(COURSE.lessons, progress, NOW)
    for lesson in COURSE.lessons[:3]:
        progress.edit(lesson.slug)
        progress.scratches(lesson.slug)
        act(progress, lesson.slug, len(lesson.steps))
    progress.setting("theme")
    assert progress.learner >= 0
    assert progress.last_place() == (COURSE.lessons[2].slug, 2)
    progress.close()
    return progress.warning


def assert_commands_work():
    for options in ([], ["--json"], ["--page"]):
        ended = CliRunner().invoke(initplay, ["progress", *options])
        assert ended.exit_code == 0, ended


CELLS = [
    ("predictions", f"guess = {BAD}"),
    ("predictions", "guess = '['"),
    ("predictions", "guess = '1' || printf('%.400d', 0)"),
    ("predictions", "outcome = '{'"),
    ("predictions", f"at = {BAD}"),
    ("predictions", "at = '2026-13-31T23:59:59Z'"),
    ("predictions", f"key = key || {BAD}"),
    ("predictions", "guess = x'32'"),
    ("observations", f"words = {BAD}"),
    ("goals", f"run = {BAD}"),
    ("edits", f"source = {BAD}"),
    ("scratches", f"source = {BAD}"),
    ("scratches", "key = replace(key, '/', '/x')"),
    ("visited", "key = key || 'x'"),
    ("exercise_passes", "key = key || 'x'"),
    ("lessons", f"slug = slug || {BAD}"),
    ("lessons", "visit = 9223372036854775807 - rowid"),
    ("asked_again", f"at = {BAD}"),
    ("settings", "value = '['"),
    ("settings", f"value = {BAD}"),
]


@pytest.mark.parametrize(("table", "cell"), CELLS)
def test_a_row_that_cannot_be_read_is_passed_over_and_the_others_are_kept(path, table, cell):
    with closing(sqlite3.connect(path)) as db, db:
        (row,) = db.execute(f"SELECT MIN(rowid) FROM {table}").fetchone()
        db.execute(f"UPDATE {table} SET {cell} WHERE rowid = ?", (row,))
        (before,) = db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    progress = Progress.open(path)
    (aside,) = path.parent.glob("progress.corrupt-*.db")
    said = f"The progress file was damaged: it is kept as {aside}, and goes on without 1 entry of it."
    assert progress.warning == said
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(aside)) as old:
        (after,) = db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
        assert after == before - (table != "settings"), "which steps were split is noted anew"
        assert old.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (before,)
    progress.close()
    assert use(path) == "", "it is said once"


@pytest.mark.parametrize("value", ["5", '{"a": 1}', "[[1]]", "null", '["nord"]'])
def test_a_setting_of_another_kind_is_as_none(path, value):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE settings SET value = ?", (value,))
    assert use(path) == ""


@pytest.mark.parametrize("options", [[], ["--json"], ["--page"]])
def test_the_commands_say_what_was_passed_over(path, options):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE predictions SET guess = {BAD} WHERE rowid = (SELECT MAX(rowid) FROM predictions)")
    ended = CliRunner().invoke(initplay, ["progress", *options])
    assert ended.exit_code == 0
    assert "goes on without 1 entry of it" in (ended.stdout if "--json" in options else ended.stderr)


def test_a_byte_of_a_key_in_the_index_alone_costs_nothing(path):
    content = path.read_bytes()
    key = f"{COURSE.lessons[0].slug}/2/goal/1".encode()
    places = [at for at in range(len(content)) if content.startswith(key, at)]
    for at in places:
        path.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
        use(path)
        assert Progress.open(path).goal_runs(key.decode()) >= 1
        assert len(Progress.open(path).goals_reached(COURSE.lessons[0].slug)) == 1


@pytest.mark.parametrize("seed", range(2))
def test_no_bytes_keep_the_playground_or_a_command_from_starting(path, seed):
    """Bytes changed where the file is not empty, one or a few at a time."""
    draw = random.Random(seed)
    sound = path.read_bytes()
    used = [at for at, byte in enumerate(sound) if byte]
    for number in range(40):
        for file in path.parent.iterdir():
            file.unlink()
        content = bytearray(sound)
        for at in range(first := draw.choice(used), min(first + draw.choice((1, 1, 2, 4)), len(sound))):
            content[at] = draw.choice(
                (0xFF, ord("["), draw.randrange(256), content[at] ^ 1 << draw.randrange(8))
            )
        path.write_bytes(content)
        use(path)
        if number % 20 == 0:
            path.write_bytes(content)
            assert_commands_work()
