"""What lint says beyond what loading refuses."""

import sys

import pytest
from authoring import END, EXPERIMENT, lesson_with, write

from initplay.course.course import Course
from initplay.course.exercise import exercises_in
from initplay.course.lint import lint


def test_lint_takes_one_lesson_folder_from_inside_it_too(folder, monkeypatch):
    (folder / "solution.py").write_text("x = 1\ndef (")
    monkeypatch.chdir(folder)
    assert [str(problem) for problem in lint(".")] == [str(problem) for problem in lint(folder)]
    (problem,) = lint(".")
    assert (problem.path.name, problem.line) == ("solution.py", 2)
    assert "this is not Python" in problem.message


def test_lint_is_stricter_than_loading(tmp_path):
    """No sources and a Result value that nothing yields are mistakes; the rest is advice."""
    block = "```predict\nask = 'a'\nresult = 'final_sd'\nmark = 'loss'\n```"
    text = f"# T\n\n## S\n\n```run chain\n```\n{block}\n"
    write(tmp_path / "00_one", text)
    write(tmp_path / "01_two", "# T\n\n## S\n\ntext\n\n## Sources\n\nA paper.\n")
    assert Course.load(tmp_path).problems == ()
    found = [(p.path.parent.name, p.line, p.message.partition(":")[0], p.warning) for p in lint(tmp_path)]
    assert found == [
        ("00_one", 1, "no goal", True),
        ("00_one", 3, "no sources", False),
        ("00_one", 3, "no end", True),
        ("00_one", 7, "experiment.py yields no Result value 'final_sd'", False),
        ("00_one", 7, "experiment.py draws no chart 'loss'", False),
        ("01_two", 1, "no prediction", True),
        ("01_two", 1, "no goal", True),
        ("01_two", 3, "no end", True),
    ]
    assert ": warning: no goal" in str(lint(tmp_path)[0])


@pytest.mark.parametrize(("size", "said"), [(200_000, []), (200_001, ["201 kB"]), (2_340_000, ["2,340 kB"])])
def test_a_text_that_the_screen_would_take_long_to_set_is_told_with_its_size(tmp_path, size, said):
    text = lesson_with("", end=END)
    write(tmp_path / "00_long", text.replace("A paper.", "w" * (size - len(text) + len("A paper."))))
    found = [problem for problem in lint(tmp_path) if "kB" in problem.message]
    assert [problem.message.partition(" of text")[0] for problem in found] == said
    assert all(problem.warning and problem.line == 1 for problem in found)


def test_a_step_that_asks_about_a_run_has_that_run_itself(tmp_path):
    """By the time of a later step the learner has turned the knobs, or comes in at that step."""
    goal = "```goal\nask = 'a'\nmean = 1\n```"
    number = "```predict\nask = 'a'\nresult = 'mean'\n```"
    options = "```predict\nask = 'a'\noptions = ['a', 'b']\nanswer = 1\n```"
    later = f"\n## Later\n\n{goal}\n{number}\n{options}"
    write(tmp_path / "00_one", lesson_with(f"{goal}\n{number}\n{later}", end=END))
    write(tmp_path / "01_two", lesson_with(f"{options}\n{goal}", run=""))
    assert [problem.path.parent.name for problem in Course.load(tmp_path).problems] == ["01_two"]
    found = [(problem.line, problem.message) for problem in lint(tmp_path / "00_one")]
    asked = "its run stands in an earlier step: put a `run` block above it in this one"
    assert found == [(18, f"goal: {asked}"), (22, f"predict: {asked}"), (26, f"predict: {asked}")]


def test_backticks_in_what_is_shown_as_it_is_written_are_told(tmp_path):
    """In a block's texts and options nobody reads Markdown; in the prose beside them it is at home."""
    asked = "```predict\nask = 'a'\noptions = ['`a`', 'b']\nanswer = 1\nwhy = 'see `e`'\n```"
    goal = "```goal\nask = 'a'\nmean = 1\nhint = 'turn `gain`'\n```"
    end = "```end\ncan = 'do it'\ntry = '`scale` 2'\n```\n\n"
    write(tmp_path / "00_one", lesson_with(f"With `x`:\n\n{asked}\n{goal}", end=end))
    found = [problem for problem in lint(tmp_path / "00_one") if "backticks" in problem.message]
    assert [problem.message.partition(":")[0] for problem in found] == ["options", "why", "hint", "try"]
    assert all(problem.warning for problem in found)


def test_a_text_that_answers_what_is_predicted_below_it_is_a_mistake(tmp_path):
    """The number to 1 %, or the words of the right option alone; behind the question it may stand."""
    number = "```predict\nask = 'a'\nresult = 'mean'\nanswer = '784**0.5'\n```"
    words = "```predict\nask = 'a'\noptions = ['the first layer', 'the last layer']\nanswer = 2\n```"
    asked = {
        f"It is 28.1 then.\n\n{number}": "28.1",
        f"{number}\n\nIt is 28 then.": "",
        f"{number}\n\n```after\nIt is 28 then.\n```": "",
        f"It is 280 or 2.8 then.\n\n{number}": "",
        f"Look at the last layer.\n\n{words}": "the last layer",
        f"Is it the first layer or the last layer?\n\n{words}": "",
        f"Look.\n\n{words}": "",
    }
    for place, (block, said) in enumerate(asked.items()):
        folder = write(tmp_path / f"0{place}_one", lesson_with(block), exercise=False)
        found = [problem.message for problem in lint(folder) if "answers it" in problem.message]
        expected = f"predict: the text above says {said!r}, which answers it: put that in an `after` block"
        assert found == ([expected] if said else []), block


def test_what_is_to_be_in_sight_first_is_drawn_by_its_run_and_not_beside_a_guess(tmp_path):
    experiment = EXPERIMENT.replace("yield Result(final", "yield Point('std', 1, 1)\n    yield Result(final")
    mark = "```predict\nask = 'a'\nresult = 'final_std'\nmark = 'final_std'\n```"
    draws_none = "shows: experiment.py draws no chart or table {}: name one that it draws"
    guess = "shows: 'final_std' is first here, for a guess lies on it: leave shows out"
    for place, (shows, block, said) in enumerate(
        [
            ("std", "", []),
            ("sdt", "", [draws_none.format("'sdt' (did you mean 'std'?)")]),
            ("nowhere to be found", "", [draws_none.format("'nowhere to be found'")]),
            ("std", mark, [guess]),
        ]
    ):
        text = lesson_with(block, run=f"```run chain\nshows = '{shows}'\n```\n")
        folder = write(tmp_path / f"0{place}_one", text, experiment, exercise=False)
        found = [(problem.line, problem.message) for problem in lint(folder) if "shows" in problem.message]
        assert found == [(5, message) for message in said]


REFUSED_AS_IT_RUNS = pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 reads it")


@pytest.mark.parametrize(
    "deep",
    ["-" * 100_000 + "1", pytest.param("a" + ".b" * 100_000, marks=REFUSED_AS_IT_RUNS)],
    ids=["signs", "attributes"],
)
def test_a_text_that_nests_too_deep_is_said_with_its_line(folder, deep):
    """Python raises an error without a word and without a line there, of one kind or of another."""
    for name in ("experiment.py", "solution.py"):
        kept = (folder / name).read_text()
        (folder / name).write_text(f"x = 1\ny = (\n    2)  # \f \u2028\nz = {deep}\nw = 1\n")
        (problem,) = [one for one in lint(folder) if not one.warning]
        assert (problem.path.name, problem.line) == (name, 4)
        assert "this is not Python: it nests too deep to be read" in problem.message
        assert exercises_in(folder) == []  # so that nobody runs it
        (folder / name).write_text(kept)


def test_a_sweep_of_what_there_is_not_is_a_mistake(folder):
    """An experiment, a knob, a fact or a level, each with the nearest name that there is."""
    text = """\
[chain]
over = ["depht=1,2"]
facts = ["final_sd"]
levels = {nonfinite_aftr = 1, final_std = 1}
[chian]
over = ["depth=1,2"]
"""
    (folder / "sweeps.toml").write_text(text)
    found = [(one.path.name, one.line, one.message) for one in lint(folder) if not one.warning]
    of_results = "[chain] yields no Result value {!r} (did you mean {!r}?): name one that it yields"
    assert found == [
        ("sweeps.toml", 1, "[chain] has no knob 'depht' (did you mean 'depth'?)"),
        ("sweeps.toml", 1, of_results.format("final_sd", "final_std")),
        ("sweeps.toml", 1, of_results.format("nonfinite_aftr", "nonfinite_after")),
        ("sweeps.toml", 5, "[chian] is no experiment of this lesson (did you mean 'chain'?)"),
    ]
