"""A lesson with a block of every kind, and writing lessons to a folder as an author would."""

from pathlib import Path

EXPERIMENT = """\
import torch
from typing import Literal
from initplay.lab import LogRange, Point, Range, Result

def chain(
    depth: Range[1, 200] = 100,
    scale: LogRange[1e-3, 10.0] = 1.0,
    init: Literal["lecun", "he"] = "he",
    bias: bool = False,
):
    \"\"\"Multiply.\"\"\"
    yield Result(final_std=1.0, nonfinite_after=28)

def layer():
    yield Result(mean=0.0)
"""

LESSON = """\
# Random weights blow up

```lesson
minutes = 12
summary = "One layer is fine. A hundred are not."
```

Before anything else.

## Multiply a hundred times

One layer multiplied the spread by 22.

```python
# a comment that is no heading
x = w @ x
```

- a list with a fence:

  ```run nothing
  ```

```run chain
depth = 100
scale = 1
```

And then?

```predict
ask = "After how many multiplications is the std no longer a number?"
result = "nonfinite_after"
unit = "layers"
why = "Each multiplies by 22.6."
hint = "22 to the n, against 1e38."
```

## Make it survive ##

```run chain
```
<!-- a note to the next author
```run never
-->
```goal
ask = "Keep the final std within [0.5, 2] at depth 100."
final_std = [0.5, 2.0]
depth = 100
init = "he"
```
```predict
ask = "Which way does the mean move?"
options = ["down", "stays", "up"]
answer = 2
```
```exercise my_linear
hint = "reset_parameters"
```

```end
can = "make it survive."
try = "another init."
```

## Sources

He et al. 2015.
"""


RESULTS = """\
[chain]
final_std = "std after the last layer"
nonfinite_after = "layers until it is no number"

[layer]
mean = "mean of the outputs"
"""


def write(folder: Path, lesson: str = LESSON, experiment: str = EXPERIMENT, exercise: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(lesson, encoding="utf-8")
    (folder / "experiment.py").write_text(experiment, encoding="utf-8")
    (folder / "results.toml").write_text(RESULTS, encoding="utf-8")
    for name in ("exercise.py", "solution.py", "checks.py") if exercise else ():
        (folder / name).write_text("x = 1\n")
    return folder


END = '```end\ncan = "multiply."\ntry = "a wider layer."\n```\n\n'


def lesson_with(block: str, run: str = "```run chain\n```\n", end: str = "") -> str:
    return f"# T\n\n## S\n\n{run}{block}\n\n{end}## Sources\n\nA paper.\n"


AFTER_RUN = 7  # the line on which the block of `lesson_with` starts
