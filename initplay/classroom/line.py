"""What a learner's file in a class folder says: one JSON object a line, its `type` first.

Nothing of the learner is in it but the name that they chose.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

from initplay.words.harmless import harmless_line
from initplay.words.numbers import short_fact

LONGEST_NAME = 24
LONGEST_SENTENCE = 240
"""Characters of what a check said."""
MOST_SENTENCES = 3
"""Of one checking."""

_Text = Annotated[str, Meta(max_length=500)]
_Ordinal = Annotated[int, Meta(ge=1, le=9999)]


class _Line(Struct, frozen=True, kw_only=True):
    at: Any = None
    """By the learner's own clock, UTC. For who reads the file: no board goes by it."""


class Joined(_Line, tag="joined", frozen=True, kw_only=True):
    """Somebody takes part, by that name from here on."""

    name: _Text


class Reached(_Line, tag="step", frozen=True, kw_only=True):
    """Where they are now."""

    lesson: _Text
    step: _Ordinal
    of: _Ordinal


class Predicted(_Line, tag="predicted", frozen=True, kw_only=True):
    """A guess: a number, or the number of an option."""

    key: _Text
    guess: float


class Settled(_Line, tag="settled", frozen=True, kw_only=True):
    """A run settled it; `right` is None where it could not tell."""

    key: _Text
    guess: float
    outcome: float | str | None = None
    right: bool | None = None


class GoalReached(_Line, tag="goal", frozen=True, kw_only=True):
    key: _Text


class Passed(_Line, tag="passed", frozen=True, kw_only=True):
    """Every check of the lesson's exercise passed; `level` is None for code from elsewhere."""

    lesson: _Text
    level: _Ordinal | None = None


class Missed(_Line, tag="missed", frozen=True, kw_only=True):
    """Not every check passed; what they said, where they knew."""

    lesson: _Text
    level: _Ordinal | None = None
    says: tuple[_Text, ...] = ()


Line: TypeAlias = Joined | Reached | Predicted | Settled | GoalReached | Passed | Missed

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def encoded(line: Line) -> bytes:
    """With its line end. Half characters, which a Python text may hold and no file, become question marks."""
    try:
        return _encoder.encode(line) + b"\n"
    except UnicodeEncodeError:
        fields = {name: _whole(value) for name, value in msgspec.structs.asdict(line).items()}
        return _encoder.encode(msgspec.structs.replace(line, **fields)) + b"\n"


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return tuple(map(_whole, value)) if isinstance(value, tuple) else value


def lines_in(data: bytes) -> Iterator[Line | None]:
    """The lines of a file, None for each that is none of ours; one without its end is not written yet."""
    for text in data.split(b"\n")[:-1]:
        if text.strip():
            yield _decoded(text)


def _decoded(text: bytes) -> Line | None:
    try:
        line = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    guess = getattr(line, "guess", 0.0)
    return line if math.isfinite(guess) else None


def clean_name(typed: str) -> str:
    """A name as it may stand on a board; empty where nothing is left of it."""
    return " ".join(harmless_line(typed).split())[:LONGEST_NAME].strip()


def clean_sentence(text: str) -> str:
    """One line, of a length that fits in one write."""
    return " ".join(harmless_line(text).split())[:LONGEST_SENTENCE]


def plain_outcome(value: object) -> float | str | None:
    """What a run found as a line can say it: a finite number, or a word such as "NaN" or "yes"."""
    if value is None or (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ):
        return value  # type: ignore[return-value]
    return clean_sentence(short_fact(value))
