"""A lesson as cells of prose and of code, and the files that they make: a notebook, or a plain program."""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import initplay
from initplay.course.lesson import Code, End, ExerciseBlock, Goal, Lesson, Prose, RunBlock, Step
from initplay.course.prediction import Predict
from initplay.export.inlined import Taken, Text, text_of_module
from initplay.export.without_yields import without_yields

LAB = "initplay_lab"
"""The module that a lesson draws with once it has left initplay; it lies beside the lesson's file."""
DIGITS = "mnist_5k.npz"
_TAKEN = {
    "initplay.lab.statistics": ("rms", "log_mean_square", "log_mean_square_of_relu", "bell_average"),
    "initplay.lab.distributions": ("normal", "uniform", "rectified"),
    "initplay.lab.clinic": ("one_fault", "two_faults"),
}
_OF_INITPLAY = Path(initplay.__file__).parent


class Cell(NamedTuple):
    text: str
    is_code: bool = False


def notebook(lesson: Lesson) -> str:
    """The lesson as a Jupyter notebook: JSON, after nbformat's fourth version."""
    cells = [_json_cell(number, cell) for number, cell in enumerate(cells_of(lesson))]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _json_cell(number: int, cell: Cell) -> dict[str, Any]:
    common = {"id": f"cell-{number}", "metadata": {}, "source": cell.text.splitlines(keepends=True)}
    if cell.is_code:
        return {"cell_type": "code", "execution_count": None, "outputs": [], **common}
    return {"cell_type": "markdown", **common}


def program(lesson: Lesson) -> str:
    """The lesson as a Python file in the cells that editors know by `# %%`, its prose in comments."""
    return "\n\n".join(_as_comment_or_code(cell) for cell in cells_of(lesson)) + "\n"


def _as_comment_or_code(cell: Cell) -> str:
    if cell.is_code:
        return f"# %%\n{cell.text.strip()}"
    lines = [f"# {line}".rstrip() for line in cell.text.strip().splitlines()]
    return "\n".join(["# %% [markdown]", *lines])


def lab() -> str:
    """The text of the module that lies beside: what draws, and what the lab computes with."""
    taken = Taken()
    for module, names in _TAKEN.items():
        text_of_module(module).take(names, taken)
    init = text_of_module("initplay.lab.init")
    public = [
        name for name, node in init.nodes.items() if isinstance(node, ast.FunctionDef) and name[0] != "_"
    ]
    init.take(init.nodes, taken)
    named = ", ".join(f"{name}={name}" for name in public)
    begin, end = _template().split("import math\n", 1)
    own = f"from types import SimpleNamespace\n\nimport math\n{end}"
    return (
        f"{begin}{chr(10).join(taken.imports)}\n{own}\n\n{_body(taken)}\n\ninit = SimpleNamespace({named})\n"
    )


def is_lab(text: bytes) -> bool:
    """Whether it is that text, of this version or another: by the line that it begins with."""
    return text.splitlines()[:1] == _template().encode().splitlines()[:1]


def _template() -> str:
    return (_OF_INITPLAY / "export" / "template" / "lab.py").read_text("utf-8")


def _body(taken: Taken) -> str:
    return "\n\n\n".join(taken.definitions) + "\n"


def digits() -> Path:
    """Where the digits lie that go along."""
    return _OF_INITPLAY / "lab" / "mnist" / "digits" / DIGITS


def cells_of(lesson: Lesson) -> Iterator[Cell]:
    yield Cell(f"# {lesson.title}\n\n{lesson.summary}\n\n{_how(lesson)}")
    yield Cell(_code(lesson), is_code=True)
    for code, name in _borrowed(lesson):
        yield Cell(_lent(code, name), is_code=True)
    for step in lesson.steps:
        yield Cell(f"## {step.title}\n\n{_asked(step)}".strip())
        for block in step.blocks:
            if isinstance(block, RunBlock):
                yield Cell(_call(block), is_code=True)
        if answered := _answered(step):
            yield Cell(answered)
    if lesson.sources.strip():
        yield Cell(f"## Sources\n\n{lesson.sources.strip()}")


def _how(lesson: Lesson) -> str:
    return (
        f"Lesson {lesson.number:02} of initplay. `lab.run` calls an experiment with knobs, and shows what "
        f"it drew with matplotlib; `{LAB}.py` and `{DIGITS}` lie beside this file. Change a knob, or `seed`, "
        "and run it again. Keys that the text names are those of the playground."
    )


def _code(lesson: Code) -> str:
    plain = without_yields(lesson.source, [experiment.name for experiment in lesson.experiments])
    return _with_our_imports(plain).strip()


def _with_our_imports(source: str) -> str:
    """Imports of initplay's lab as imports of the module that lies beside."""
    lines = source.splitlines(keepends=True)
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [node for node in imports if ast.unparse(node).split()[1].split(".")[0] == "initplay"]
    for node in ours:
        row = node.lineno - 1
        lines[row] = lines[row].replace(f"from {getattr(node, 'module', '')} import", f"from {LAB} import", 1)
    first = ours[0].lineno - 1 if ours else (imports[-1].end_lineno or 0) if imports else 0
    lines.insert(first, f"import {LAB} as lab\n")
    return "".join(lines)


def _borrowed(lesson: Lesson) -> list[tuple[Code, str]]:
    """The experiments of other lessons that its steps run."""
    found = {}
    for step in lesson.steps:
        if step.run and step.run.code:
            found[step.run.address] = (step.run.code, step.run.experiment)
    return list(found.values())


def _lent(code: Code, name: str) -> str:
    """Another lesson's experiment with all that it needs, in a function, for its names may be here too."""
    taken = Taken()
    Text(without_yields(code.source, [name]), instead=LAB).take([name], taken)
    inner = f"{chr(10).join(taken.imports)}\n\n{_body(taken)}\nreturn {name}\n"
    called = _name_of(code, name)
    return f"def {called}_of_lesson():\n{textwrap.indent(inner, '    ')}\n\n{called} = {called}_of_lesson()"


def _name_of(code: Code | None, name: str) -> str:
    return f"{code.slug}_{name}" if code else name


def _call(run: RunBlock) -> str:
    knobs = "".join(f", {name}={value!r}" for name, value in run.knobs.items())
    return f"lab.run({_name_of(run.code, run.experiment)}{knobs})"


def _asked(step: Step) -> str:
    """What is read before the run: prose, questions."""
    parts = []
    for block in step.blocks:
        if isinstance(block, Prose) and not block.after:
            parts.append(block.text.strip())
        elif isinstance(block, Predict):
            options = [f"\n- {option}" for option in block.options]
            parts.append(f"**Predict.** {block.ask}" + "\n".join(["", *options]))
        elif isinstance(block, ExerciseBlock):
            parts.append(f"**Exercise.** Write `{block.name}` yourself; initplay has the checks.")
    return "\n\n".join(parts)


def _answered(step: Step) -> str:
    """What is read after it: answers, goals, the end."""
    parts = []
    for block in step.blocks:
        if isinstance(block, Predict):
            parts.append(
                _folded("The answer", " ".join(part for part in (_answer(block), block.why) if part))
            )
        elif isinstance(block, Prose) and block.after:
            parts.append(block.text.strip())
        elif isinstance(block, Goal):
            parts.append(
                f"**Goal.** {block.ask}" + (f"\n\n{_folded('A hint', block.hint)}" if block.hint else "")
            )
        elif isinstance(block, End):
            parts.append(f"You can {block.can}\n\n{block.more}".strip())
    return "\n\n".join(parts)


def _folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>" if text else ""


def _answer(question: Predict) -> str:
    if question.answer is not None:
        return f"{question.options[question.answer - 1]}."
    if question.expected is not None:
        return f"{question.expected:.4g} {question.unit}".strip() + "."
    return f"The run says it: `{question.result}`." if question.result else ""
