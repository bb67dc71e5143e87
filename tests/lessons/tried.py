"""The answers to the exercises that are kept here, and what the checks say of each.

    python tests/lessons/tried.py [SLUG]...

prints the table: for each exercise and answer whether it passes, and the first sentence.
"""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from initplay.course.lesson import Lesson
from initplay.lab.checking import Here
from initplay.lab.events import Check

ANSWERS = Path(__file__).parent / "answers"


@lru_cache
def _module(path: Path) -> Any:
    """Loaded once, so that the known mistakes are put to their probes once."""
    spec = importlib.util.spec_from_file_location(f"{path.stem}_of_{path.parent.name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(slug: str) -> Any:
    """RIGHT by name, and WRONG by name with what the sentence must say (a pattern)."""
    return _module(ANSWERS / f"{slug}.py")


def tried(lesson: Lesson, text: str) -> list[Check]:
    """The verdicts on the text, in this process."""
    mine = ModuleType("mine")
    exec(compile(text, "mine.py", "exec"), mine.__dict__)
    right = _module(lesson.path / "solution.py")
    return list(_module(lesson.path / "checks.py").checks(Here(mine, right)))


def _rows(lesson: Lesson) -> Iterator[str]:
    given = answers(lesson.slug)
    texts = [*given.RIGHT.items(), *((name, text) for name, (text, _) in given.WRONG.items())]
    for name, text in texts:
        failed = [check for check in tried(lesson, text) if not check.passed]
        sentence = f"{failed[0].name} | {failed[0].says}" if failed else ""
        head = f"{'failed' if failed else 'passed'}  {name}"
        yield "\n".join([head, *textwrap.wrap(sentence, 100, initial_indent="  ", subsequent_indent="  ")])


def main(slugs: list[str]) -> None:
    import torch

    from initplay.course.course import Course

    torch.set_num_threads(1)  # as in the learner's playground; two threads on so little wait for one another
    for lesson in Course.load(Path(__file__).parents[2] / "lessons").lessons:
        if lesson.exercise and (not slugs or lesson.slug in slugs):
            print(f"\n{lesson.slug}\n")
            for row in _rows(lesson):
                print(row)


if __name__ == "__main__":
    main(sys.argv[1:])
