"""A lesson that was taken home runs there: with torch and matplotlib, without initplay, on the same draw."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from bundled import COURSE

from initplay.course.lesson import Lesson
from initplay.export.lesson_file import DIGITS, LAB, cells_of, digits, lab, notebook, program
from initplay.export.without_yields import yields_of


@pytest.fixture(params=COURSE.lessons, ids=lambda lesson: lesson.slug)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return request.param


def defined(text: str) -> list[str]:
    """What a text defines at its top level."""
    names = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [
                one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)
            ]
    return names


IN_LAB = set(defined(lab()))


def test_nothing_in_the_lab_that_goes_along_hides_something_else():
    assert [name for name, count in Counter(defined(lab())).items() if count > 1] == []
    assert "initplay." not in "".join(
        ast.unparse(node) for node in ast.walk(ast.parse(lab())) if isinstance(node, ast.ImportFrom)
    )


def test_every_lesson_becomes_a_program_of_plain_functions(lesson):
    text = program(lesson)
    tree = ast.parse(text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for experiment in lesson.experiments:
        assert not list(yields_of(functions[experiment.name]))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [node.module for node in imports if (node.module or "").startswith("initplay.")]
    wanted = {alias.name for node in imports if node.module == LAB for alias in node.names}
    assert wanted <= IN_LAB
    runs = [step for step in lesson.steps if step.run]
    assert text.count("\nlab.run(") >= len(runs) - bool(lesson.exercise)


def test_every_lesson_becomes_a_notebook_with_its_text_and_answers_after_the_run(lesson):
    cells = list(cells_of(lesson))
    whole = "\n".join(cell.text for cell in cells)
    assert cells[0].text.startswith(f"# {lesson.title}") and lesson.sources.strip() in whole
    for step in lesson.steps:
        assert f"## {step.title}" in whole
    text = notebook(lesson)
    read = json.loads(text)
    assert ["".join(cell["source"]) for cell in read["cells"]] == [cell.text for cell in cells]
    nbformat = pytest.importorskip("nbformat", reason="nbformat checks a notebook's form")
    nbformat.validate(nbformat.reads(text, as_version=4))


def test_a_question_stands_before_the_run_and_its_answer_after_it():
    cells = list(cells_of(COURSE.find("blowup")))
    texts = [cell.text for cell in cells]
    asked = next(place for place, text in enumerate(texts) if "With what std do they leave" in text)
    assert texts[asked + 1] == "lab.run(first_layer)" and cells[asked + 1].is_code
    assert "784 variances of 1" in texts[asked + 2] and "784 variances of 1" not in texts[asked]


def test_a_notebooks_cells_run_in_a_fresh_process_without_initplay(tmp_path: Path):
    """Its first experiments draw what the playground's own generator computes with the same seed."""
    pytest.importorskip("matplotlib", reason="what was taken home draws with matplotlib")
    lesson = COURSE.find("blowup")
    (tmp_path / f"{LAB}.py").write_text(lab(), encoding="utf-8")
    (tmp_path / DIGITS).write_bytes(digits().read_bytes())
    code = [cell.text for cell in cells_of(lesson) if cell.is_code]
    chain = next(text for text in code if text.startswith("lab.run(chain"))
    checks = (
        "import sys, json, torch\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'initplay']\n"
        f"{chain}\nfound = lab.results\n"
        "torch.manual_seed(42)\nimport initplay\nfrom pathlib import Path\n"
        f"own = {{}}\nexec(Path({str(lesson.source_path)!r}).read_text('utf-8'), own)\n"
        "facts = [event for event in own['chain']() if hasattr(event, 'values')][-1].values\n"
        "print(json.dumps([found['nonfinite_after'], int(facts['nonfinite_after'])]))\n"
    )
    text = "\n".join([code[0], code[1], checks])
    (tmp_path / "cells.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "cells.py"]
    environment = {"MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "PATH": "", "MPLCONFIGDIR": str(tmp_path)}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    here, there = json.loads(ended.stdout.splitlines()[-1])
    assert here == there and 25 <= here <= 31
    assert "std = 2" in ended.stdout and "theory and you" in ended.stdout
    for number in (1, 2):
        assert f"charts: cells-{number}.png\n" in ended.stdout
        assert (tmp_path / f"cells-{number}.png").stat().st_size > 5_000
