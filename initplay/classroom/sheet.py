"""A board as lines of text with roles, for a screen or a pipe: all lessons, or one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from initplay.charts.sheet import Line, as_columns, cut
from initplay.classroom.board import Board, ExerciseBoard, LessonBoard, QuestionBoard, StepBoard
from initplay.classroom.folder import Seen
from initplay.classroom.tally import Row
from initplay.words.numbers import short
from initplay.words.spelling import spelled

NARROWEST, WIDEST = 60, 110
BAR = 20
"""Columns of the longest bar."""
MOST_MISTAKES = 8
"""Of one exercise, the most common ones; JSON has them all."""


def headline(board: Board, seen: Seen) -> str:
    """How many there are, and what of the folder could not be read."""
    said = [f"{board.learners} learner{'s' * (board.learners != 1)}"]
    if seen.trouble:
        said.insert(0, "the folder cannot be read")
    if board.learners and board.elsewhere:
        said.append(f"{board.elsewhere} at no step of this course yet")
    if seen.strange:
        said.append(_counted(seen.strange, "file is no learner's", "files are no learner's"))
    if seen.broken:
        said.append(_counted(seen.broken, "broken line passed over", "broken lines passed over"))
    return " · ".join(said)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def overview(board: Board, width: int, *, names: bool = False, ascii: bool = False) -> list[Line]:
    """A line for each lesson: how many are in it now, came, reached its end, were right and passed; with
    `names`, below it who is in it, and below all who is in none."""
    width = _usable(width)
    lines: list[Line] = [[(_column_heads(width), "muted")]]
    most = max((lesson.here for lesson in board.lessons), default=0)
    for lesson in board.lessons:
        title = cut(f"{lesson.number:02}  {_plain(lesson.title, ascii)}", _titles(width), ascii)
        role = "title" if lesson.here else "label" if lesson.is_begun else "muted"
        line: Line = [(title.ljust(_titles(width)), role), ("  ", "label")]
        line += _bar(lesson.here, most, 10, ascii)
        line.append((f"{lesson.been or '':>6}{lesson.at_end or '':>8}{_share_right(lesson):>7}", "label"))
        passed = lesson.exercise.passed if lesson.exercise else 0
        line.append((f"{passed or '':>8}", "good"))
        lines.append(line)
        if names:
            lines += _told([name for step in lesson.steps for name in step.here], width, ascii)
    if names and board.at_none:
        lines += [[], [("At no step of this course", "label")], *_told(board.at_none, width, ascii)]
    return lines


def _told(names: Sequence[str], width: int, ascii: bool) -> list[Line]:
    """Names, in any script, since nothing has to stand under them."""
    told = ", ".join(names)
    told = spelled(told, dot="-") if ascii else told
    return [[(f"     {part}", "muted")] for part in textwrap.wrap(told, width - 5)]


def _titles(width: int) -> int:
    return max(12, width - 45)


def _column_heads(width: int) -> str:
    return " " * (_titles(width) + 2) + "here now".ljust(14) + "  been  at end  right  passed"


def _share_right(lesson: LessonBoard) -> str:
    settled = sum(question.settled for question in lesson.questions)
    right = sum(question.right for question in lesson.questions)
    return f"{right / settled:.0%}" if settled else ""


def page(
    lesson: LessonBoard, width: int, *, names: bool = False, answers: bool = True, ascii: bool = False
) -> list[Line]:
    """All of one lesson. Without `answers`, nothing on it says what is right."""
    width = _usable(width)
    lines: list[Line] = [
        [(cut(f"{lesson.number:02}  {_plain(lesson.title, ascii)}", width, ascii), "title")],
        [(f"    {lesson.here} here, {lesson.been} have been, {lesson.at_end} at its end", "muted")],
    ]
    lines += [[], [("Where they are", "title")]]
    most = max((len(step.here) for step in lesson.steps), default=0)
    for number, step in enumerate(lesson.steps, 1):
        lines += _step(number, step, most, width, names, ascii)
    if asked := [question for question in lesson.questions if question.said]:
        lines += [[], [("What they predict", "title")]]
        for question in asked:
            lines += _question(question, width, answers, ascii)
    if lesson.goals:
        lines += [[], [("Goals reached", "title")]]
        for goal in lesson.goals:
            count = f"{goal.reached:>3} of {goal.came}" if goal.came else "     -"
            asked = cut(_asked(goal.step, goal.ask, ascii), width - 10, ascii)
            lines.append([(f"{count:<10}", "label"), (asked, "label")])
    if lesson.exercise:
        lines += [[], *_exercise(lesson.exercise, width, ascii)]
    return lines


def _step(number: int, step: StepBoard, most: int, width: int, names: bool, ascii: bool) -> Iterator[Line]:
    room = max(12, width - BAR - 12)
    title = cut(f"{number:>3}  {_plain(step.title, ascii)}", room, ascii)
    yield [(title.ljust(room), "label"), ("  ", "label"), *_bar(len(step.here), most, BAR, ascii)]
    if names:
        yield from _told(step.here, width, ascii)


def _question(question: QuestionBoard, width: int, answers: bool, ascii: bool) -> Iterator[Line]:
    said = f"{question.said} said"
    if answers and question.settled:
        said += f", {question.right} of {question.settled} right"
    if answers and isinstance(question.value, int | float):
        said += f", it is {short(question.value)} {_plain(question.unit, ascii)}".rstrip()
    asked = textwrap.wrap(_asked(question.step, question.ask, ascii), width - 2, subsequent_indent="     ")
    yield from ([(part, "label")] for part in asked)
    yield [(f"     {said}", "muted")]
    labels = [cut(_plain(row.label, ascii), width - BAR - 16, ascii) for row in question.rows]
    widest = max(map(len, labels), default=0)
    most = max((row.count for row in question.rows), default=0)
    for row, label in zip(question.rows, labels, strict=True):
        stands_for_the_answer = row.settled and not row.count and not isinstance(question.value, str)
        if answers or not stands_for_the_answer:
            yield _row(row, label.ljust(widest), most, answers, ascii)


def _row(row: Row, label: str, most: int, answers: bool, ascii: bool) -> Line:
    settled = answers and row.settled
    role = "good" if settled else "label"
    mark = ("*" if ascii else "◆") if settled else " "
    return [(f"   {mark} {label}  ", role), *_bar(row.count, most, BAR, ascii, role)]


def _exercise(exercise: ExerciseBoard, width: int, ascii: bool) -> Iterator[Line]:
    yield [(cut(f"Exercise: {exercise.name} (step {exercise.step})", width, ascii), "title")]
    levels = ", ".join(f"{count} at level {level}" for level, count in enumerate(exercise.levels, 1) if count)
    passed = f"{exercise.passed} passed{f': {levels}' if levels else ''}"
    told = textwrap.wrap(f"{exercise.tried} had it checked, {passed}", width - 5)
    yield from ([(f"     {part}", "label")] for part in told)
    for mistake in exercise.mistakes[:MOST_MISTAKES]:
        still = f" ({mistake.still} of them not yet through)" if mistake.still else ""
        count = f"{mistake.learners:>3}  "
        says = textwrap.wrap(_plain(mistake.says, ascii) + still, width - 7)
        for number, part in enumerate(says):
            yield [(" " * 2 + (count if number == 0 else " " * 5), "warn"), (part, "label")]
    if (more := len(exercise.mistakes) - MOST_MISTAKES) > 0:
        yield [(f"       and {_counted(more, 'other', 'others')}", "muted")]


def _asked(step: int, ask: str, ascii: bool) -> str:
    return f"{step:>3}  {_plain(ask, ascii)}"


def _bar(count: int, most: int, width: int, ascii: bool, role: str = "s0") -> Line:
    """A bar and its count, in `width` + 4 columns; a dot where there is nobody."""
    if not count:
        return [(("." if ascii else "·").ljust(width + 4), "muted")]
    bar = ("#" if ascii else "█") * max(1, round(width * count / most))
    return [(bar, role), (f" {count}".ljust(width + 4 - len(bar)), "label")]


def _plain(text: str, ascii: bool) -> str:
    return as_columns(" ".join(text.split()), ascii)


def _usable(width: int) -> int:
    return min(max(width, NARROWEST), WIDEST)


def whole(seen: Seen, board: Board, width: int, *, names: bool, answers: bool, ascii: bool) -> Iterator[Line]:
    """Everything there is, for a pipe or paper."""
    said = headline(board, seen)
    yield from ([(part, "title")] for part in textwrap.wrap(as_columns(said, ascii), _usable(width)))
    yield []
    yield from overview(board, width, names=names, ascii=ascii)
    for lesson in board.lessons:
        if lesson.is_begun:
            yield []
            yield from page(lesson, width, names=names, answers=answers, ascii=ascii)
