"""The wheel works where there is no checkout: installed, from another folder, with its lessons and digits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder

from initplay.course.course import Course

REPO = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(REPO)]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory) -> Path:
    """A fresh environment's bin: its own initplay, and the other packages of the one that runs this."""
    root = tmp_path_factory.mktemp("environment")
    venv.create(root, with_pip=False)
    python = root / "bin" / "python"
    plainly = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
    install = ["--python", str(python), "install", *plainly, str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, timeout=120)
    (packages,) = root.glob("lib/python*/site-packages")
    # A folder named in a .pth is searched, but its own .pth files (an editable initplay) are not read.
    borrowed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return root / "bin"


def call(program: Path, *arguments: str, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"INITPLAY_HOME": str(cwd / "home"), "INITPLAY_CACHE": str(cwd / "cache")}
    ended = subprocess.run(
        [program, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_wheel_carries_lessons_digits_and_licences_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {path.relative_to(REPO / "lessons") for path in (REPO / "lessons").glob("*/*.*")}
    assert {f"initplay/lessons/{path}" for path in wanted} <= set(names)
    shipped = ["lab/mnist/digits/mnist_5k.npz", "lab/mnist/digits/ATTRIBUTION.md", "ui/home.tcss"]
    shipped += ["ui/lesson.tcss", "ui/board.tcss"]
    shipped += ["course/template/lesson.md", "course/template/experiment.py", "course/template/results.toml"]
    for name in shipped:
        assert f"initplay/{name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests")]
    assert wheel.stat().st_size < 3 * 2**20


def test_what_is_released_as_source_has_what_its_tests_read():
    included = {file.distribution_path for file in SdistBuilder(str(REPO)).recurse_included_files()}
    for folder in ("docs", "lessons", "tests", "benchmarks"):
        there = {str(path.relative_to(REPO)) for path in (REPO / folder).rglob("*.[mp][dy]")}
        assert there and there <= included


def test_an_installed_initplay_lists_and_runs_its_lessons(installed, tmp_path):
    where = call(installed / "python", "-c", "import initplay; print(initplay.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)

    listed = json.loads(call(installed / "initplay", "list", "--json", cwd=tmp_path))
    assert Path(listed["path"]).is_relative_to(installed.parent)
    in_checkout = [lesson.folder_name for lesson in Course.load(REPO / "lessons").lessons]
    assert [lesson["folder"] for lesson in listed["lessons"]] == in_checkout

    first = listed["lessons"][0]
    experiment = f"{first['slug']}/{first['experiments'][0]['name']}"
    ran = call(installed / "initplay", "run", experiment, "--json", "--device", "cpu", cwd=tmp_path)
    told = [json.loads(line) for line in ran.splitlines()]
    assert (told[0]["type"], told[-1]["type"]) == ("started", "finished")
    assert told[0]["data"] == "MNIST 5k"
