"""Whatever lesson code does, the run ends with a sentence that says what and where, and the next run works.

Everything here happens in real processes, of one engine that these tests share.
"""

from __future__ import annotations

import math
import sys

import pytest
from recorder import COUNT, Lab

from initplay.lab.events import Bins, Facts, Failed, Finished, Note, Point, Stopped

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNSAID = "<exception str() failed>" if sys.version_info >= (3, 11) else "<unprintable Mute object>"

FAILURES = {
    "raises": (
        """
        def go():
            yield Note("fine")
            x = 1 / 0
        """,
        5,
        "trouble/go stopped at line 5, `x = 1 / 0`: ZeroDivisionError: division by zero",
    ),
    "raises in a function of its own": (
        """
        def inner():
            raise ValueError("too\\ndeep")

        def go():
            yield Note("fine")
            inner()
        """,
        4,
        '`raise ValueError("too\\ndeep")`: ValueError: too',
    ),
    "raises with a note of Python 3.11": (
        """
        def go():
            yield Note("fine")
            error = ValueError("said")
            error.__notes__ = ["noted"]
            raise error
        """,
        7,
        "ValueError: said",
    ),
    "raises in torch": (
        """
        def go():
            yield Note("fine")
            torch.ones(2, 3) @ torch.ones(4, 5)
        """,
        5,
        "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)",
    ),
    "a syntax error": (
        "def go():\n    yield Note('fine'\n",
        4,
        "this is not Python ('(' was never closed)",
    ),
    "raises while it is read": (
        "table = [][3]\ndef go():\n    yield",
        3,
        "IndexError: list index out of range",
    ),
    "a null byte": ("def go():\n    yield '\0'\n", None, "null bytes"),
    "sys.exit": (
        """
        import sys
        def go():
            yield Note("fine")
            sys.exit(3)
        """,
        6,
        "it called sys.exit(), and an experiment ends by returning.",
    ),
    "KeyboardInterrupt": (
        "def go():\n    yield Note('fine')\n    raise KeyboardInterrupt\n",
        5,
        "KeyboardInterrupt",
    ),
    "GeneratorExit": ("def go():\n    yield Note('fine')\n    raise GeneratorExit\n", 5, "GeneratorExit"),
    "endless recursion": ("def go():\n    yield Note('fine')\n    yield from go()\n", None, "RecursionError"),
    "an error that cannot be said": (
        """
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError
        def go():
            yield Note("fine")
            raise Mute
        """,
        8,
        f"Mute: {UNSAID}",
    ),
    "no memory": (
        "def go():\n    yield Note('fine')\n    bytearray(10**18)\n",
        5,
        "there is not enough memory",
    ),
    "input": ("def go():\n    yield Note('fine')\n    input('name? ')\n", 5, "nobody to answer input() here"),
    "yields no event": (
        "def go():\n    yield Note('fine')\n    yield 42\n",
        5,
        "trouble/go, line 5, yielded 42 (int)",
    ),
    "yields no event behind yield from": (
        """
        def part():
            yield Note("fine")
            yield [1, 2]
        def go():
            yield from part()
        """,
        5,
        "line 5, yielded [1, 2] (list), which is no event",
    ),
    "a picture too large": (
        "def go():\n    yield Image('c', torch.zeros(3000, 3000))\n",
        4,
        "has more than the 1,000,000 pixels a screen can use",
    ),
    "a tensor without numbers": (
        "def go():\n    yield Histogram('c', torch.zeros(3, device='meta'))\n",
        4,
        "Histogram's tensor is on the meta device",
    ),
    "a fact that is none": ("def go():\n    yield Result(x={1})\n", 4, "Result's x must be a number, text"),
    "no generator": (
        "def go():\n    return 3\n",
        None,
        "trouble/go is no experiment: it must yield its events.",
    ),
    "no such experiment": ("def other():\n    yield\n", None, "The source defines no experiment 'go'."),
    "a name that is no function": ("go = 3\n", None, "The source defines no experiment 'go'."),
    "knobs that it does not have": (
        "def go(*, depth):\n    yield\n",
        None,
        "missing 1 required keyword-only",
    ),
    "fails while it cleans up": (
        """
        def go():
            try:
                yield 42
            finally:
                raise OSError("while cleaning")
        """,
        5,
        "line 5, yielded 42",
    ),
    "yields while it cleans up": (
        """
        def go():
            try:
                yield 42
            finally:
                yield Note("one more")
        """,
        5,
        "line 5, yielded 42",
    ),
    "patches what the engine stands on": (
        """
        import builtins, sys, time
        def go():
            yield Note("fine")
            sys.stdout = sys.stderr = None
            time.monotonic = time.sleep = lambda *a: 1 / 0
            torch.relu = torch.tensor = torch.Tensor.tolist = torch.nn.init.ones_ = torch.manual_seed = None
            builtins.print = None
            yield Point("c", 1, 1)
            raise ValueError("patched")
        """,
        11,
        "ValueError: patched",
    ),
    "deletes its own module": (
        """
        import sys
        def go():
            del sys.modules[__name__]
            yield Note("fine")
            raise KeyError("gone")
        """,
        7,
        "KeyError: 'gone'",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_is_a_sentence_with_its_line_and_costs_nothing_else(lab: Lab, name: str) -> None:
    source, line, said = FAILURES[name]
    run = await lab.run(source)
    assert isinstance(run.ending, Failed), run.ending
    assert said in run.ending.message
    assert "\n" not in run.ending.message.replace("too\\ndeep", "")
    if line is not None:
        assert run.ending.line == line
    await lab.is_sound()
    assert not lab.lost


async def test_what_came_before_the_failure_is_kept(lab: Lab) -> None:
    run = await lab.run("def go():\n    yield Point('c', 1, 2)\n    print('so far')\n    raise ValueError\n")
    assert run.events[1] == Point("c", 1, 2)
    assert run.printed == ["so far\n"]
    assert isinstance(run.ending, Failed)
    assert "experiment.py" in run.ending.traceback
    assert "perform.py" not in run.ending.traceback


async def test_a_device_or_data_that_is_not_there_is_said(lab: Lab) -> None:
    run = await lab.run(COUNT, device="cuda:77")
    assert isinstance(run.ending, Failed)
    assert run.ending.message.startswith("This machine has no device 'cuda:77'; it has cpu")
    run = await lab.run(COUNT, data="/nowhere/at/all")
    assert isinstance(run.ending, Failed)
    assert "/nowhere/at/all" in run.ending.message
    await lab.is_sound()


async def test_two_million_characters_are_cut_and_the_run_goes_on(lab: Lab) -> None:
    run = await lab.run(
        "def go():\n    for n in range(20_000):\n        print('line', n, 'x' * 99)\n    yield Note('done')\n"
    )
    printed = "".join(run.printed)
    assert isinstance(run.ending, Finished)
    assert 1_000_000 <= len(printed) < 1_100_000
    assert printed.startswith(f"line 0 {'x' * 99}\nline 1 ")
    assert printed.endswith("… what is printed after 1,000,000 characters is not kept\n")
    assert run.events[-2] == Note("done")


async def test_half_a_million_points_all_arrive_and_no_more(lab: Lab) -> None:
    run = await lab.run("def go():\n    for n in range(10**9):\n        yield Point('c', n, n)\n")
    assert isinstance(run.ending, Failed)
    assert "line 5, yielded more than 500,000 events, the most that is kept" in run.ending.message
    assert list(run.charts["c"].curves["measured"].x) == list(range(500_000))
    await lab.is_sound()


async def test_a_chart_for_each_step_is_refused_at_the_thousand_and_first(lab: Lab) -> None:
    run = await lab.run("def go():\n    for n in range(10**9):\n        yield Point(f'chart {n}', 0, n)\n")
    assert isinstance(run.ending, Failed)
    assert "line 5, yielded more than 1,000 charts and tables, the most that is kept" in run.ending.message
    assert len(run.charts) == 1_000
    await lab.is_sound()


async def test_a_tensor_of_twenty_million_values_is_counted_where_it_is(lab: Lab) -> None:
    """More than float32 counts to."""
    run = await lab.run("def go():\n    yield Histogram('c', torch.ones(20_000_000).cumsum(0))\n")
    bins = run.events[1]
    assert isinstance(bins, Bins)
    assert bins.total == 20_000_000
    await lab.is_sound()


async def test_text_that_no_wire_can_carry_arrives_all_the_same(lab: Lab) -> None:
    run = await lab.run(
        """
        def go():
            print("caf\\ud800")
            yield Note("\\udfff" + "x" * 100_000)
            yield Result(word="\\ud800")
            raise ValueError("\\ud800")
        """
    )
    assert run.printed == ["caf?\n"]
    assert run.facts == {"word": "?"}
    assert isinstance(run.ending, Failed)
    assert run.ending.line == 7
    assert run.ending.message.endswith("ValueError: ?")


async def test_numbers_of_numpy_are_facts(lab: Lab) -> None:
    run = await lab.run(
        "import numpy\ndef go():\n    yield Result(std=numpy.ones(3).std(), n=numpy.int64(3))\n"
    )
    assert run.events[1:-1] == [Facts({"std": 0.0, "n": 3})]


async def test_the_same_seed_gives_the_same_numbers(lab: Lab) -> None:
    source = """
        import random, numpy
        def go():
            layer = torch.nn.Linear(2, 2)
            yield Result(torch=torch.randn(3), p=random.random(), n=numpy.random.rand(), weight=layer.weight)
        """
    runs = [await lab.run(source, seed=seed) for seed in (7, 7, 8, -1, 2**40)]
    assert runs[0].facts == runs[1].facts
    assert len({str(run.facts) for run in runs}) == 4


async def test_a_run_can_be_paused_stepped_slowed_and_resumed(lab: Lab) -> None:
    """Each step brings one moment; slow motion and full speed follow on command."""
    run_id = lab.start(COUNT, paused=True)

    def notes() -> list[str]:
        return [event.text for event in lab.events.get(run_id, []) if isinstance(event, Note)]

    run_there = lab.runs[run_id]
    for step in range(2):
        run_there.step()
        await lab.said(run_id, str(step))
    assert notes() == ["0", "1"]
    run_there.slow(50)
    run_there.resume()
    run = await lab.ended(run_id)
    assert notes() == ["0", "1", "2", "3", "4"]
    assert isinstance(run.ending, Finished)
    assert run.moments == 5


async def test_a_paused_run_can_be_stopped_and_keeps_what_it_had(lab: Lab) -> None:
    run_id = lab.start(COUNT, knobs={"steps": 10**9})
    await lab.said(run_id, "3")
    lab.runs[run_id].pause()
    lab.stop(run_id)
    run = await lab.ended(run_id)
    assert run.ending == Stopped()
    assert Note("3") in run.events
    await lab.is_sound()


async def test_a_stopped_run_that_fails_while_it_cleans_up_is_a_stopped_one(lab: Lab) -> None:
    run_id = lab.start(
        """
        def go():
            try:
                while True:
                    yield Note("on")
            finally:
                raise OSError("while cleaning")
        """
    )
    await lab.said(run_id, "on")
    lab.stop(run_id)
    run = await lab.ended(run_id)
    assert run.ending == Stopped()
    assert "OSError: while cleaning" in "".join(run.printed)


async def test_commands_to_a_run_that_has_ended_do_nothing(lab: Lab) -> None:
    run_id = lab.start(COUNT)
    before = await lab.ended(run_id)
    ended = lab.runs[run_id]
    for command in (ended.pause, ended.resume, ended.step, ended.stop):
        command()
    ended.slow(3)
    await lab.is_sound()
    assert lab.events[run_id] == list(before.events)


async def test_runs_go_on_side_by_side(lab: Lab) -> None:
    """Each has its own events, and its own commands."""
    first = lab.start(COUNT, knobs={"steps": 10**9})
    await lab.said(first, "2")
    second, third = lab.start(COUNT), lab.start(COUNT, knobs={"steps": 3})
    runs = [await lab.ended(run_id) for run_id in (second, third)]
    assert lab.ending(first) is None
    lab.stop(first)
    assert (await lab.ended(first)).ending == Stopped()
    assert [run.moments for run in runs] == [5, 3]
    assert all(isinstance(run.ending, Finished) for run in runs)


async def test_not_a_number_is_no_failure(lab: Lab) -> None:
    run = await lab.run(
        "def go():\n    yield Point('c', 1, torch.tensor(0.0) / 0)\n    yield Result(x=float('inf'))\n"
    )
    assert math.isnan(run.charts["c"].curves["measured"].y[0])
    assert run.facts == {"x": math.inf}
    assert isinstance(run.ending, Finished)
