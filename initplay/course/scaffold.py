"""A new lesson to start from: small, right, and worth running as it is."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"(?:(\d{2,})_)?([a-z][a-z0-9_]*)")

_LESSON = """\
# TITLE

```lesson
minutes = 5
summary = "One sentence: what the reader will know at the end."
```

Say in a line or two what this lesson is about.

## Guess, then run

A step is one screenful. This one multiplies a random vector by random matrices and follows its spread.

```run spread
layers = 20
scale = 1.0
```

```predict
ask = "By which factor does each layer multiply the std, at width 256 and scale 1?"
result = "growth_per_layer"
why = "Each output adds up 256 independent products: its variance is 256, its std √256 = 16."
hint = "A sum of n independent terms has n times the variance of one."
```

## Turn the knob

The factor is scale · √width. Which scale keeps the spread where it is?

```run spread
layers = 20
scale = 1.0
```

```goal
ask = "Keep the last std within [0.1, 10] through 20 layers."
final_std = [0.1, 10.0]
layers = 20
hint = "Make scale · √width equal to 1."
```

## Sources

- Name the paper or article that the reader should turn to next.
"""

_EXPERIMENT = '''\
import torch

from initplay.lab import Axes, Histogram, LogRange, Point, Range, Result


def spread(
    layers: Range[1, 50] = 20,
    width: LogRange[16, 1024] = 256,
    scale: LogRange[1e-3, 10.0] = 1.0,
):
    """Multiply one random vector by a new random matrix in each layer, and follow its std."""
    yield Axes("std by layer", x="layer", y="std", log_y=True)
    x = torch.randn(width)
    first_std = x.std()
    for layer in range(1, layers + 1):
        w = torch.randn(width, width) * scale
        x = w @ x
        yield Point("std by layer", layer, x.std())
        yield Point("std by layer", layer, (scale * width**0.5) ** layer, series="theory")
        yield Histogram("activations", x, at=layer)
    yield Result(final_std=x.std(), growth_per_layer=(x.std() / first_std) ** (1 / layers))
'''


class ScaffoldError(Exception):
    """A lesson that was not written; one sentence that says why."""


def new_lesson(lessons: Path | str, slug: str, title: str | None = None) -> Path:
    """Writes a lesson into a folder of lessons and returns its own folder.

    `slug` may carry the lesson's number (`13_momentum`); without one it gets the next that is free. Without
    a title, the slug is the title. Nothing that exists is written over. Raises ScaffoldError.
    """
    lessons = Path(lessons)
    name = _NAME.fullmatch(slug)
    if name is None:
        raise ScaffoldError(
            f"{slug!r} is no name for a lesson: use lower-case letters, digits and _, such as momentum."
        )
    number, word = name.groups()
    title = word.replace("_", " ").capitalize() if title is None else title.strip()
    if not title or not title.isprintable():
        raise ScaffoldError("The title is empty or has a line break in it: write one line.")
    try:
        folder = lessons / f"{number or _next_number(lessons)}_{word}"
        _refuse_twin(lessons, folder.name)
        folder.mkdir(parents=True)
        (folder / "lesson.md").write_text(_LESSON.replace("TITLE", title), encoding="utf-8")
        (folder / "experiment.py").write_text(_EXPERIMENT, encoding="utf-8")
    except OSError as error:
        raise ScaffoldError(f"Cannot write the lesson into {lessons}: {error.strerror}.") from None
    return folder


def _taken(lessons: Path) -> list[tuple[int, str, str]]:
    """Number, slug and folder name of the lessons that are there."""
    if not lessons.exists():
        return []
    found = [(_NAME.fullmatch(entry.name), entry.name) for entry in sorted(lessons.iterdir())]
    return [(int(match[1]), match[2], name) for match, name in found if match and match[1]]


def _next_number(lessons: Path) -> str:
    return f"{max((number for number, _, _ in _taken(lessons)), default=0) + 1:02}"


def _refuse_twin(lessons: Path, name: str) -> None:
    number, _, slug = name.partition("_")
    for other_number, other_slug, other in _taken(lessons):
        if other_slug == slug or other_number == int(number):
            what = "lesson" if other_slug == slug else "number"
            raise ScaffoldError(f"{lessons / other} has that {what} already: choose another.")
