"""A step that runs an experiment of another lesson: whose text it is, and whose prediction, goal and edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pilots import COURSE, bench, in_lesson, lesson, run, session, shows, state, tap, until
from textual.widgets import TextArea

from initplay.learner.progress import Progress

TEXT = """\
# Borrowed

## Their line

Another lesson's line.

```run climb/climb
steps = 5
```

```predict
ask = "What is the last value?"
result = "last"
```

```goal
ask = "Make it 7."
last = 5.0
```

## Our own

```run small
```

## Sources

- This lesson is for tests.
"""


@pytest.fixture
def lessons(tmp_path) -> Path:
    course = tmp_path / "lessons"
    shutil.copytree(COURSE, course)
    (course / "03_borrowed").mkdir()
    (course / "03_borrowed" / "lesson.md").write_text(TEXT)
    code = "from initplay.lab import Result\n\ndef small():\n    yield Result(size=1)\n"
    (course / "03_borrowed" / "experiment.py").write_text(code)
    return course


async def test_it_runs_and_is_answered_in_the_lesson_that_is_read(home, lessons):
    async with in_lesson(home, "borrowed", lessons=lessons) as pilot:
        await until(pilot, lambda: shows(pilot, "climb/climb"))
        await pilot.press("g", "5", "enter", "r")
        await until(pilot, lambda: state(pilot) == "finished")
        started = run(pilot).started
        assert started is not None and (started.lesson, started.experiment) == ("climb", "climb")
        await until(pilot, lambda: shows(pilot, "Goal reached"))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(lesson(pilot).focused, TextArea))
        assert lesson(pilot).query_one(TextArea).text == session(pilot).setting.lesson.source
        await pilot.press("#")
        await until(pilot, lambda: session(pilot).setting.edited)
        await pilot.press("escape")
        tap(pilot, "n")
        await until(pilot, lambda: shows(pilot, "borrowed/small"))
        await until(pilot, lambda: not lesson(pilot).query(TextArea))
        assert bench(pilot).tab == "charts" and not session(pilot).setting.edited
    progress = Progress.open(home / "progress.db")
    state_of_reader = progress.lesson_state("borrowed")
    assert state_of_reader.goals and [kept.settled for kept in state_of_reader.predictions] == [True]
    assert progress.edit("borrowed") is None and "#" in (progress.edit("climb") or "")
    assert not progress.lesson_state("climb").predictions
    progress.close()
