"""The screen in ASCII: each cell that has been laid out gets a character that every terminal has."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from initplay.course.course import Course
from initplay.course.lesson import Block, Code, End, ExerciseBlock, Goal, Lesson, Prose, RunBlock
from initplay.course.prediction import Predict
from initplay.words.spelling import CELLS, spelled, spelled_markdown

_Code = TypeVar("_Code", bound=Code)
KEY_NAMES = {"⏎": "enter", "⌫": "backspace"}
"""Textual's signs for keys that no character looks like."""


class AsciiFilter(LineFilter):
    """The last filter before the terminal: no character that is not ASCII passes it, whoever drew it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [segment if segment.text.isascii() else _in_ascii(segment) for segment in segments]


def _in_ascii(segment: Segment) -> Segment:
    """The ends of a scrollbar, eighths of a cell, are of its colours alone: signs would end what is beside
    it."""
    is_scrollbar = segment.style is not None and "@mouse.down" in segment.style.meta
    return Segment(" " * segment.cell_length if is_scrollbar else in_cells(segment.text), segment.style)


@lru_cache(maxsize=4096)
def in_cells(text: str) -> str:
    """`text` in ASCII, exactly as many cells wide."""
    return set_cell_size("".join(map(_cell, text)), cell_len(text))


def _cell(character: str) -> str:
    if character.isascii():
        return character
    width = cell_len(character)
    if (alike := CELLS.get(character)) is not None:
        return alike
    letters = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return letters.ljust(width) if 0 < len(letters) <= width else "?" * width


class AsciiCourse(Course):
    """A course whose words are spelled before they are laid out; what is run and what is kept stay."""

    _spelled: tuple[Lesson, ...] | None = None

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        if self._spelled is None:
            self._spelled = tuple(map(spelled_lesson, super().lessons))
        return self._spelled


def spelled_lesson(lesson: Lesson) -> Lesson:
    return replace(
        _spelled_code(lesson),
        title=spelled(lesson.title),
        summary=spelled(lesson.summary),
        part=spelled(lesson.part),
        sources=spelled_markdown(lesson.sources),
        steps=tuple(
            replace(step, title=spelled(step.title), blocks=tuple(map(_spelled_block, step.blocks)))
            for step in lesson.steps
        ),
    )


def _spelled_code(code: _Code) -> _Code:
    return replace(
        code,
        experiments=tuple(replace(found, doc=spelled(found.doc)) for found in code.experiments),
        meanings={
            experiment: {name: spelled(meaning) for name, meaning in results.items()}
            for experiment, results in code.meanings.items()
        },
    )


def _spelled_block(block: Block) -> Block:
    if isinstance(block, Prose):
        return replace(block, text=spelled_markdown(block.text))
    if isinstance(block, RunBlock):
        return replace(block, code=block.code and _spelled_code(block.code))
    if isinstance(block, Predict):
        return replace(
            block,
            ask=spelled(block.ask),
            unit=spelled(block.unit),
            options=tuple(map(spelled, block.options)),
            why=spelled(block.why),
            hint=spelled(block.hint),
        )
    if isinstance(block, Goal):
        return replace(block, ask=spelled(block.ask), why=spelled(block.why), hint=spelled(block.hint))
    if isinstance(block, End):
        return replace(block, can=spelled(block.can), more=spelled(block.more))
    if isinstance(block, ExerciseBlock):
        return replace(
            block,
            hint=spelled(block.hint),
            hint_2=spelled(block.hint_2),
            hint_3=spelled(block.hint_3),
        )
    return block
