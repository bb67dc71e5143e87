"""lesson.md read into steps and blocks, and refused with sentences that say what to do."""

from pathlib import Path

import pytest
from authoring import AFTER_RUN, END, EXPERIMENT, lesson_with, write
from hypothesis import given
from hypothesis import strategies as st

from initplay.course.course import Course
from initplay.course.experiment import experiments
from initplay.course.lesson import End, ExerciseBlock, Goal, Prose, RunBlock
from initplay.course.lesson_md import Reader
from initplay.course.lint import lint
from initplay.course.prediction import Predict


def load_one(folder: Path):
    (lesson,) = Course.load(folder.parent).lessons
    return lesson


def test_a_lesson_is_read_into_steps_and_blocks_in_order(folder):
    lesson = load_one(folder)
    assert (lesson.number, lesson.slug, lesson.folder_name) == (2, "blowup", "02_blowup")
    assert (lesson.title, lesson.minutes) == ("Random weights blow up", 12)
    assert lesson.summary == "One layer is fine. A hundred are not."
    assert lesson.sources == "He et al. 2015."
    assert lesson.source == EXPERIMENT
    assert [experiment.name for experiment in lesson.experiments] == ["chain", "layer"]
    assert lesson.exercise == "my_linear"

    first, second = lesson.steps
    assert (first.title, first.line) == ("Multiply a hundred times", 10)
    before, prose, run, between, predict = first.blocks
    assert before == Prose("Before anything else.", 8)
    assert isinstance(prose, Prose)
    assert prose.text.startswith("One layer multiplied")
    assert "# a comment that is no heading" in prose.text
    assert prose.text.endswith("```run nothing\n  ```")
    assert run == RunBlock("chain", {"depth": 100, "scale": 1.0}, 24)
    assert between == Prose("And then?", 29)
    assert predict == Predict(
        key="blowup/1/predict/1",
        ask="After how many multiplications is the std no longer a number?",
        experiment="chain",
        line=31,
        result="nonfinite_after",
        unit="layers",
        why="Each multiplies by 22.6.",
        hint="22 to the n, against 1e38.",
    )

    assert second.title == "Make it survive"
    again, goal, question, exercise, end = second.blocks
    assert again == RunBlock("chain", {}, 41)
    assert goal == Goal(
        key="blowup/2/goal/1",
        ask="Keep the final std within [0.5, 2] at depth 100.",
        experiment="chain",
        targets={"final_std": (0.5, 2.0), "depth": 100, "init": "he"},
        line=46,
    )
    assert isinstance(question, Predict)
    assert (question.key, question.options, question.answer) == (
        "blowup/2/predict/1",
        ("down", "stays", "up"),
        2,
    )
    assert exercise == ExerciseBlock("my_linear", 57, hint="reset_parameters")
    assert end == lesson.end == End("make it survive.", "another init.", 61)
    assert lint(folder.parent) == []


def test_crlf_and_a_byte_order_mark_change_nothing(folder):
    plain = load_one(folder)
    for name in ("lesson.md", "experiment.py"):
        path = folder / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_one(folder) == plain


MISTAKES = {
    "no title": ("## S\n\ntext\n", 1, "no title: begin it with a line such as"),
    "empty": ("", 1, "no title"),
    "text before the title": ("text\n\n# T\n\n## S\n\ntext\n", 1, "no title"),
    "two titles": ("# T\n\n## S\n\ntext\n\n# U\n", 7, "a second title"),
    "no step": ("# T\n\ntext\n", 1, "no step: start one with"),
    "only sources": ("# T\n\n## Sources\n\ntext\n", 1, "no step"),
    "a title without words": ("#\n\n## S\n\ntext\n", 1, "this heading is empty"),
    "a step without words": ("# T\n\n##\n\ntext\n", 3, "this heading is empty"),
    "an empty step": ("# T\n\n## S\n\n## Next\n\ntext\n", 3, "the step 'S' is empty"),
    "a fence left open": (lesson_with("```python\nx = 1\n"), AFTER_RUN, "``` block is never closed"),
    "a comment left open": (lesson_with("<!-- oops\n"), AFTER_RUN, "comment is never closed"),
    "a run above the steps": (
        "# T\n\n```run chain\n```\n\n## S\n\ntext\n",
        3,
        "move it below a `## ` heading",
    ),
    "a misspelt block": (lesson_with("```predic\n```"), AFTER_RUN, "'predic' (did you mean 'predict'?)"),
    "a block in capitals": (lesson_with("```Goal\n```"), AFTER_RUN, "'Goal' (did you mean 'goal'?)"),
    "an unknown block": (
        lesson_with("```widget\n```"),
        AFTER_RUN,
        "unknown block 'widget': allowed are lesson,",
    ),
    "a block with a colon": (
        lesson_with("```run: chain\n```"),
        AFTER_RUN,
        "unknown block 'run:' (did you mean 'run'?)",
    ),
    "bad TOML": (
        lesson_with("```goal\nask = 'a'\nfinal_std = [0.5,\n```"),
        AFTER_RUN + 2,
        "the goal block is not TOML",
    ),
    "a value without quotes": (
        lesson_with("```goal\n\nask = why\n```"),
        AFTER_RUN + 2,
        "not TOML: invalid value",
    ),
    "a key twice": (lesson_with("```goal\nask = 'a'\nask = 'b'\n```"), AFTER_RUN + 2, "not TOML"),
    "two lesson blocks": ("# T\n```lesson\n```\n```lesson\n```\n## S\ntext", 4, "stands once"),
    "a lesson block in a step": (lesson_with("```lesson\n```"), AFTER_RUN, "stands once"),
    "minutes as text": ('# T\n```lesson\nminutes = "9"\n```\n## S\ntext', 3, "whole number from 1 to 600"),
    "an unknown lesson key": ("# T\n```lesson\nminute = 9\n```\n## S\ntext", 3, "(did you mean 'minutes'?)"),
    "a run of nothing": (lesson_with("```run\n```"), AFTER_RUN, "run: names no experiment: write `run NAME`"),
    "a run of a stranger": (
        lesson_with("```run chian\n```"),
        AFTER_RUN,
        "no 'chian' (did you mean 'chain'?)",
    ),
    "two runs in a step": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\n```\n```run layer\n```"),
        AFTER_RUN + 4,
        "run: the step 'S' has a `run` already, on line 5: keep one, or begin a new step",
    ),
    "a run below what is asked": (
        lesson_with("```predict\nask='a'\noptions=['a', 'b']\nanswer=1\n```\n```run chain\n```", run=""),
        10,
        "run: stands below what is asked about it on line 5: move it above that",
    ),
    "TOML without an end": (
        lesson_with("```goal\nask = " + "[" * 5000 + "\n```"),
        AFTER_RUN,
        "the goal block is not TOML: it is nested too deep",
    ),
    "a strange knob": (lesson_with("```run chain\ndept = 1\n```"), AFTER_RUN + 1, "(did you mean 'depth'?)"),
    "a knob out of range": (
        lesson_with("```run chain\nscale = 1.0\ndepth = 900\n```"),
        AFTER_RUN + 2,
        "run: depth=900 is out of range: depth takes a whole number from 1 to 200",
    ),
    "a knob of another type": (
        lesson_with("```run chain\nbias = 1\n```"),
        AFTER_RUN + 1,
        "takes true or false",
    ),
    "neither result nor options": (
        lesson_with("```predict\nask = 'a'\n```"),
        AFTER_RUN,
        "give either `result`",
    ),
    "both result and options": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\noptions = ['a', 'b']\nanswer = 1\n```"),
        AFTER_RUN,
        "give either `result`",
    ),
    "an empty ask": (
        lesson_with("```predict\nask = ' '\nresult = 'mean'\n```"),
        AFTER_RUN + 1,
        "ask is empty",
    ),
    "no ask": (lesson_with("```predict\nresult = 'mean'\n```"), AFTER_RUN, "ask is empty or missing"),
    "an ask that is a number": (
        lesson_with("```predict\nask = 1\nresult = 'mean'\n```"),
        AFTER_RUN + 1,
        "ask is text",
    ),
    "a misspelt key": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanser = 1\n```"),
        AFTER_RUN + 3,
        "unknown key 'anser' (did you mean 'answer'?)",
    ),
    "one option": (
        lesson_with("```predict\nask = 'a'\noptions = ['a']\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "two or more",
    ),
    "the same option twice": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'a', 'b']\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "two or more different texts",
    ),
    "options that are numbers": (
        lesson_with("```predict\nask = 'a'\noptions = [1, 2]\nanswer = 1\n```"),
        AFTER_RUN + 2,
        "list of texts",
    ),
    "an answer out of range": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanswer = 3\n```"),
        AFTER_RUN + 3,
        "from 1 to 2",
    ),
    "no answer": (lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\n```"), AFTER_RUN, "from 1 to 2"),
    "an answer to a result that is no number": (
        lesson_with("```predict\nask='a'\nresult='mean'\nanswer='1 / 0'\n```"),
        AFTER_RUN + 3,
        "predict: answer is written '1 / 0', which has no value",
    ),
    "an infinite answer to a result": (
        lesson_with("```predict\nask='a'\nresult='mean'\nanswer=inf\n```"),
        AFTER_RUN + 3,
        "answer is the number that theory or many draws say",
    ),
    "within more than all of it": (
        lesson_with("```predict\nask='a'\nresult='mean'\nwithin=25\n```"),
        AFTER_RUN + 3,
        "within is the share by which a number may be off, from 0 (exact) to 9",
    ),
    "options within": (
        lesson_with("```predict\nask='a'\noptions=['a', 'b']\nanswer=1\nwithin=0.1\n```"),
        AFTER_RUN + 4,
        "within belongs to `result`",
    ),
    "an after that waits for nothing": (
        lesson_with("```after\nmore\n```"),
        AFTER_RUN,
        "after: waits for a prediction: put a `predict` block above it in its step",
    ),
    "an empty after": (
        lesson_with("```predict\nask='a'\nresult='mean'\n```\n```after\n\n```"),
        AFTER_RUN + 4,
        "after: is empty",
    ),
    "a chart for options": (
        lesson_with("```predict\nask = 'a'\noptions = ['a', 'b']\nanswer = 1\nmark = 'c'\n```"),
        AFTER_RUN + 4,
        "mark belongs to `result`",
    ),
    "what it shows is no text": (
        lesson_with("", run="```run chain\nshows = 1\n```\n"),
        6,
        'run: shows is text: write shows = "..."',
    ),
    "an exercise that shows what nothing runs": (
        lesson_with("```exercise my_linear\nshows = 'std'\n```"),
        AFTER_RUN + 1,
        'exercise: shows is about its experiment: name that, experiment = "..."',
    ),
    "a range on no chart": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nrange = [1, 100]\n```"),
        AFTER_RUN + 3,
        'name the chart, mark = "..."',
    ),
    "a range that is empty": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [100, 100]\n```"),
        AFTER_RUN + 4,
        "two numbers, the lower first",
    ),
    "a range without an end": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [1, inf]\n```"),
        AFTER_RUN + 4,
        "two numbers, the lower first",
    ),
    "a range that is a word": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = '1 to 100'\n```"),
        AFTER_RUN + 4,
        "write range = [1, 100]",
    ),
    "decades from 0 on": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nmark = 'c'\nrange = [0, 9]\nlog = true\n```"),
        AFTER_RUN + 4,
        "begins above 0 where log is true",
    ),
    "decades of nothing": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nlog = true\n```"),
        AFTER_RUN + 3,
        "log is about a range",
    ),
    "log that is no switch": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nlog = 1\n```"),
        AFTER_RUN + 3,
        "log is true or false",
    ),
    "look that is no switch": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\nlook = 'yes'\n```"),
        AFTER_RUN + 3,
        "look is true or false",
    ),
    "a prediction above every run": (
        lesson_with("```predict\nask = 'a'\nresult = 'mean'\n```", run=""),
        5,
        "predict: put a `run` block above it",
    ),
    "a goal above every run": (
        lesson_with("```goal\nask = 'a'\nmean = 1\n```", run=""),
        5,
        "put a `run` block",
    ),
    "a goal without targets": (lesson_with("```goal\nask = 'a'\n```"), AFTER_RUN, "no target"),
    "a range the wrong way round": (
        lesson_with("```goal\nask = 'a'\nmean = [2, 1]\n```"),
        AFTER_RUN + 2,
        "mean is a range mean = [low, high] with low <= high",
    ),
    "a range of three": (
        lesson_with("```goal\nask = 'a'\nmean = [1, 2, 3]\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a target that is no number": (
        lesson_with("```goal\nask = 'a'\nmean = nan\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a date for a target": (
        lesson_with("```goal\nask = 'a'\nmean = 2020-01-01\n```"),
        AFTER_RUN + 2,
        "is a range",
    ),
    "a knob that cannot get there": (
        lesson_with("```goal\nask = 'a'\ndepth = 900\n```"),
        AFTER_RUN + 2,
        "out of range",
    ),
    "a knob range out of reach": (
        lesson_with("```goal\nask = 'a'\ndepth = [300, 400]\n```"),
        AFTER_RUN + 2,
        "depth can never lie in [300, 400]: it takes a whole number from 1 to 200",
    ),
    "a range for a choice": (
        lesson_with("```goal\nask = 'a'\ninit = [1, 2]\n```"),
        AFTER_RUN + 2,
        "one value",
    ),
    "an exercise without a name": (lesson_with("```exercise\n```"), AFTER_RUN, "needs a name"),
    "two exercises": (lesson_with("```exercise a\n```\n```exercise b\n```"), AFTER_RUN + 2, "one exercise"),
    "an end without a thing to try": (
        lesson_with("```end\ncan = 'a'\n```"),
        AFTER_RUN,
        'end: try is empty or missing: write try = "..."',
    ),
    "an end of another key": (lesson_with("```end\ncna = 'a'\n```"), AFTER_RUN + 1, "did you mean 'can'?"),
    "an end with prose below it": (
        lesson_with(f"{END}And more."),
        AFTER_RUN,
        "end: closes the lesson: move it to the end of the last step, above Sources",
    ),
    "an end in the middle": (lesson_with(f"{END}## T\n\ntext"), AFTER_RUN, "end: closes the lesson"),
    "a live block in Sources": (lesson_with("") + "```run chain\n```\n", 9, "below Sources"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_at_its_line(tmp_path, mistake):
    """Exactly one problem is reported: a mistake does not drag others behind it."""
    text, line, sentence = MISTAKES[mistake]
    folder = write(tmp_path / "02_blowup", text)
    course = Course.load(tmp_path)
    (problem,) = course.problems
    assert course.lessons == ()
    assert (problem.path, problem.line) == (folder / "lesson.md", line), problem
    assert sentence in problem.message
    assert "\n" not in str(problem)
    assert problem in lint(folder)


def test_every_mistake_of_a_lesson_is_reported_at_once(tmp_path):
    text = lesson_with("```run chain\ndepth = 900\n```\n```goal\nask = ''\nmean = 1\n```\n```widget\n```")
    write(tmp_path / "02_blowup", text)
    assert [problem.line for problem in Course.load(tmp_path).problems] == [8, 11, 14]


def test_a_prediction_may_be_a_place_on_a_chart(tmp_path):
    place = "mark = 'std by layer'\nrange = [1, 1000]\nlog = true\n"
    write(tmp_path / "01_one", lesson_with(f"```predict\nask = 'a'\nresult = 'mean'\n{place}```"))
    (asked,) = (b for b in Course.load(tmp_path).lessons[0].blocks if isinstance(b, Predict))
    assert (asked.mark, asked.span, asked.log, asked.whole) == ("std by layer", (1, 1000), True, True)


def test_a_step_says_what_of_its_run_is_in_sight_first(tmp_path):
    """A chart on which a guess lies is that without a word."""
    mark = "```predict\nask = 'a'\nresult = 'mean'\nmark = 'std by layer'\n```"
    of_mine = "```exercise my_linear\nexperiment = 'chain'\nshows = 'sums'\nknobs = { depth = 3 }\n```"
    shows = "```run chain\nshows = 'sums'\ndepth = 3\n```\n"
    lessons = {
        "00_none": (lesson_with(""), ""),
        "01_said": (lesson_with("", run=shows), "sums"),
        "02_mark": (lesson_with(mark), "std by layer"),
        "03_both": (lesson_with(mark, run=shows), "std by layer"),
        "04_mine": (lesson_with(of_mine, run=""), "sums"),
    }
    for name, (text, first) in lessons.items():
        (step,) = load_one(write(tmp_path / name / "00_one", text)).steps
        assert step.run
        assert (step.shows, step.run.knobs) == (first, {"depth": 3} if step.run.shows else {}), name


WORDS = ["run chain", "run layer", "predict", "goal", "end", "exercise x", "lesson", "lessn", "python", ""]
TOML = [
    "ask = 'a'",
    "result = 'mean'",
    "options = ['a', 'b']",
    "answer = 1",
    "depth = 3",
    "mean = [1, 2]",
    "a =",
]
words = st.text(st.characters(exclude_characters="\r"), max_size=9)
blocks = st.builds(
    lambda word, body: "\n".join([f"```{word}", *body, "```"]),
    st.sampled_from(WORDS),
    st.lists(st.sampled_from(TOML), max_size=3) | st.lists(words, max_size=2),
)
texts = st.lists(blocks | st.sampled_from(["# T", "## S", "## Sources", "text", ""]) | words)


@given(texts.map("\n".join))
def test_any_text_is_a_lesson_or_its_mistakes_each_in_one_sentence_at_a_line_of_it(text):
    reader = Reader(Path("02_blowup"), slug="blowup", experiments=experiments(EXPERIMENT))
    reader.read(text)
    for problem in reader.problems:
        assert 1 <= problem.line <= text.count("\n") + 1
        assert "\n" not in problem.message
    for step in reader.steps:
        assert sum(isinstance(block, RunBlock) for block in step.blocks) <= 1


def test_what_comes_after_a_prediction_is_prose_that_waits(tmp_path):
    """It is Markdown, fences of code and all, where it is fenced by more signs than those."""
    block = "```predict\nask='a'\nresult='mean'\n```\n````after\nSo *much*.\n\n```python\nx = 1\n```\n````"
    lesson = load_one(write(tmp_path / "00_one", lesson_with(block), exercise=False))
    *_, question, waits = lesson.steps[0].blocks
    assert isinstance(question, Predict)
    assert waits == Prose("So *much*.\n\n```python\nx = 1\n```", AFTER_RUN + 5, after=True)


def test_a_number_may_have_an_answer_and_a_share_of_its_own(tmp_path):
    """Where one draw scatters: as a number or as arithmetic; else the run settles it, within a quarter."""
    asked = "```predict\nask='a'\nresult='mean'\n{}```"
    blocks = [asked.format(more) for more in ("answer='2**-25'\nwithin=0.05\n", "answer=3\n", "")]
    lesson = load_one(write(tmp_path / "00_one", lesson_with("\n".join(blocks)), exercise=False))
    found = [block for block in lesson.blocks if isinstance(block, Predict)]
    assert [(one.expected, one.within) for one in found] == [(2**-25, 0.05), (3, 0.25), (None, 0.25)]
