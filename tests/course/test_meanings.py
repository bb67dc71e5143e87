"""What `results.toml` says of a lesson's Results, and what is said of the file where it is wrong."""

import pytest
from authoring import RESULTS, write

from initplay.course.course import Course
from initplay.course.lint import lint


def test_a_lesson_knows_what_its_results_mean(tmp_path):
    write(tmp_path / "00_one")
    (lesson,) = Course.load(tmp_path).lessons
    assert lesson.meanings["chain"]["final_std"] == "std after the last layer"
    assert set(lesson.meanings) == {"chain", "layer"}
    assert lint(tmp_path) == []


def test_a_lesson_without_the_file_loads_and_lint_asks_for_each_meaning(tmp_path):
    folder = write(tmp_path / "00_one")
    (folder / "results.toml").unlink()
    (lesson,) = Course.load(tmp_path).lessons
    assert lesson.meanings == {}
    asked = [str(problem) for problem in lint(folder)]
    path = folder / "results.toml"
    assert asked == [
        f'{path}:1: warning: no meaning of the Result value {name!r}: write {name} = "..." under [{where}]'
        for where, name in (("chain", "final_std"), ("chain", "nonfinite_after"), ("layer", "mean"))
    ]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("[chain]\nfinal_std = 3\n", 2, 'final_std is a line of text: write final_std = "..."'),
        ("[layer]\n\n[chain]\nmean = 'a'\nfinal_std = ' '", 5, "final_std is a line of text"),
        ("final_std = 'a'\n", 1, "stands outside any experiment: write [NAME] above final_std"),
        ("[chain]\nfinal_std =\n", 2, "is not TOML: "),
        ("[chain]\n[chain]\n", 2, "is not TOML: "),
    ],
)
def test_a_mistake_in_the_file_is_a_sentence_at_its_line(tmp_path, text, line, sentence):
    folder = write(tmp_path / "00_one")
    (folder / "results.toml").write_text(text, encoding="utf-8")
    course = Course.load(tmp_path)
    assert course.lessons == ()
    (problem,) = course.problems
    assert (problem.path.name, problem.line) == ("results.toml", line)
    assert sentence in problem.message


@pytest.mark.parametrize("more", ["[chain]\nfinal_sd = 'a'\n", "[chian]\nfinal_std = 'a'\n"])
def test_lint_finds_a_meaning_of_what_is_not_there(tmp_path, more):
    folder = write(tmp_path / "00_one")
    header = more.partition("\n")[0]
    text = RESULTS.replace(header, more.rstrip()) if header in RESULTS else RESULTS + more
    (folder / "results.toml").write_text(text, encoding="utf-8")
    (problem,) = lint(folder)
    assert problem.warning and "yields no Result value" in problem.message
