"""What one learner's file in a class folder comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

from initplay.classroom.line import (
    GoalReached,
    Joined,
    Line,
    Missed,
    Passed,
    Predicted,
    Reached,
    Settled,
    clean_name,
    clean_sentence,
    lines_in,
)
from initplay.classroom.names import made_up


@dataclass(frozen=True)
class Guess:
    """The latest on one question."""

    value: float
    settled: bool = False
    outcome: float | str | None = None
    right: bool | None = None


@dataclass
class Learner:
    """One learner, as far as their file says. A line told twice changes nothing."""

    file: str
    name: str
    lesson: str = ""
    """Where they are; empty before the first step."""
    step: int = 0
    furthest: dict[str, int] = field(default_factory=dict)
    """The furthest step of each lesson."""
    ends: dict[str, int] = field(default_factory=dict)
    """How many steps each has."""
    guesses: dict[str, Guess] = field(default_factory=dict)
    """By the key of the question."""
    goals: set[str] = field(default_factory=set)
    passed: dict[str, set[int]] = field(default_factory=dict)
    """The levels at which each lesson's exercise passed; none known for code from elsewhere."""
    missed: dict[str, dict[str, None]] = field(default_factory=dict)
    """What checks said, by lesson, each sentence once and in order; a lesson without any was tried."""
    broken: int = 0
    """Lines that are none of ours."""

    def at_end(self, lesson: str) -> bool:
        """Whether the lesson's last step was reached."""
        return 0 < self.ends.get(lesson, 0) <= self.furthest.get(lesson, 0)

    def take(self, line: Line) -> None:
        if isinstance(line, Joined):
            self.name = clean_name(line.name) or self.name
        elif isinstance(line, Reached):
            self.lesson, self.step = line.lesson, line.step
            self.furthest[line.lesson] = max(line.step, self.furthest.get(line.lesson, 0))
            self.ends[line.lesson] = line.of
        elif isinstance(line, Predicted):
            self._guess(line.key, Guess(line.guess))
        elif isinstance(line, Settled):
            self._guess(line.key, Guess(line.guess, True, line.outcome, line.right))
        elif isinstance(line, GoalReached):
            self.goals.add(line.key)
        elif isinstance(line, Passed):
            levels = self.passed.setdefault(line.lesson, set())
            levels |= {line.level} if line.level else set()
        elif isinstance(line, Missed):
            said = self.missed.setdefault(line.lesson, {})
            said |= dict.fromkeys(clean_sentence(sentence) for sentence in line.says)

    def _guess(self, key: str, guess: Guess) -> None:
        earlier = self.guesses.get(key)
        if earlier is None or guess.settled or earlier.value != guess.value:
            self.guesses[key] = guess


def learner_of(file: str, data: bytes) -> Learner | None:
    """What the file with that name says; None where no line of it is ours."""
    learner = Learner(file, made_up(file))
    ours = False
    for line in lines_in(data):
        if line is None:
            learner.broken += 1
        else:
            ours = True
            learner.take(line)
    return learner if ours else None
