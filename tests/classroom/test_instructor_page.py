"""What `docs/instructor.md` promises: its half day fits the course, and its keys are the board's."""

from __future__ import annotations

import re
from pathlib import Path

from bundled import COURSE

from initplay.ui.keys import KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "instructor.md").read_text(encoding="utf-8")
SLOTS = re.findall(r"^\| (\d):(\d\d) \| (\d+) \| ([\d ]*)\|", PAGE, re.MULTILINE)


def test_the_timetable_has_no_gap_and_each_lesson_the_time_that_it_takes():
    lessons = {f"{lesson.number:02}": lesson for lesson in COURSE.lessons}
    clock, taught = 0, []
    for hour, minute, minutes, numbers in SLOTS:
        assert clock == 60 * int(hour) + int(minute)
        clock += int(minutes)
        here = [lessons[number] for number in numbers.split()]
        assert int(minutes) >= sum(lesson.minutes or 0 for lesson in here)
        taught += numbers.split()
    assert clock == 240
    assert taught == list(lessons)[: len(taught)] != []


def test_its_keys_are_the_boards():
    written = set(re.findall(r"`(\S+)`", " ".join(re.findall(r"^\| (`.*?) \| ", PAGE, re.MULTILINE))))
    signs = {"←": "left", "→": "right", "↑": "up", "↓": "down", "esc": "escape", "?": "question_mark"}
    bound = {key for one in KEYS["board"] for key in one.keys.split(",")}
    assert {signs.get(key, key) for key in written} <= bound
    assert {"m", "n", "s", "q"} <= written
