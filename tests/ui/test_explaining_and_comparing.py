"""Why the numbers broke, what several seeds have in common, and what one run changed of another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pilots import (
    NARROW,
    bench,
    in_lesson,
    lesson,
    playing,
    run,
    run_to,
    screen,
    session,
    shows,
    state,
    tap,
    until,
)
from textual.pilot import Pilot

from initplay.lab.events import Failed
from initplay.ui.app import Playground
from initplay.ui.bench import kept
from initplay.ui.bench.attempt import Attempt
from initplay.ui.bench.runs import RunsPane
from initplay.ui.bench.session import FAN_SEEDS
from initplay.ui.home import HomeScreen
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.pages.explain import ExplainScreen

LESSON = """\
# Numbers that break

## Grow

```run grow
```

## Draw

```run draw
```

## Draw wider

```run draw
width = 3.0
```

## Sources

- This lesson is for tests.
"""

EXPERIMENTS = '''\
import time

import torch

from initplay.lab import Axes, Histogram, LogRange, Point, Range, Result


def grow(layers: Range[2, 60] = 45, factor: LogRange[0.1, 100.0] = 10.0):
    """Multiply by a factor until float32 has no room."""
    yield Axes("std", x="layer", y="std", log_y=True)
    value = torch.tensor(1.0)
    for layer in range(1, layers + 1):
        value = value * factor
        yield Point("std", layer, value)
    yield Result(last=value)


def once():
    """A single moment, and it is broken."""
    yield Histogram("spread", torch.tensor([1.0, float("nan")]), at=3)


def draw(width: Range[1.0, 5.0] = 1.0, bad_seed: int = -1, steps: int = 3, wait: float = 0.0):
    """A number by chance, at three steps or more."""
    if torch.initial_seed() == bad_seed:
        raise RuntimeError("an unlucky seed")
    yield Axes("drawn", x="step", y="number")
    for step in range(steps):
        time.sleep(wait)
        yield Point("drawn", step, width * torch.rand(()))
    yield Result(seed=torch.initial_seed(), top=width)
'''


@asynccontextmanager
async def at_step(home: Path, step: int) -> AsyncIterator[Pilot[None]]:
    """The playground with this file's lesson open at a step, counted from 1."""
    folder = home.parent / "lessons" / "01_breaks"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(LESSON, encoding="utf-8")
    (folder / "experiment.py").write_text(EXPERIMENTS, encoding="utf-8")
    async with playing(home, lessons=folder.parent) as pilot:
        app = pilot.app
        assert isinstance(app, Playground)
        await app.push_screen(
            LessonScreen(app.course.find("breaks"), app.engine, app.machine, app.progress, step=step - 1)
        )
        await until(pilot, lambda: lesson(pilot).prose.border_title)
        await pilot.pause()
        yield pilot


def fan_of(pilot: Pilot[None]) -> Attempt:
    attempt = session(pilot).attempt
    assert attempt is not None and attempt.seed_count > 1
    return attempt


def shows_a_fan(pilot: Pilot[None]) -> bool:
    attempt = session(pilot).attempt
    return attempt is not None and attempt.seed_count > 1


async def begin_fan(pilot: Pilot[None], **knobs: float) -> Attempt:
    """Start a fan, and wait until its first two members are in."""
    await bench(pilot).put_up("draw", knobs)
    tap(pilot, "f")
    await until(pilot, lambda: shows_a_fan(pilot) and fan_of(pilot).seeds_done >= 2)
    return fan_of(pilot)


def explains(pilot: Pilot[None]) -> bool:
    return isinstance(pilot.app.screen, ExplainScreen)


async def test_w_says_why_and_jumps_to_the_first_broken_moment(home):
    async with at_step(home, 1) as pilot:
        await pilot.press("w")
        assert not explains(pilot), "there is nothing to explain yet"
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "layer 45 of 45", "w why"))
        await pilot.press("w")
        await until(pilot, lambda: explains(pilot))
        await until(pilot, lambda: shows(pilot, "std is inf from layer 39 on; at layer 38 it was 1e38."))
        await until(pilot, lambda: shows(pilot, "each layer multiplies it by about 10,", "enter goes there"))
        await pilot.press("escape")
        await until(pilot, lambda: not explains(pilot) and shows(pilot, "layer 45 of 45"))
        await pilot.press("o", "w")
        await until(pilot, lambda: explains(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: not explains(pilot) and shows(pilot, "layer 39 of 45"))
        assert bench(pilot).tab == "charts"


async def test_w_has_no_place_to_jump_to_where_all_is_well_and_one_moment_is_enough(home):
    async with at_step(home, 1) as pilot:
        await bench(pilot).put_up("grow", {"factor": 1.0})
        await run_to(pilot)
        await until(pilot, lambda: not shows(pilot, "w why"))
        await pilot.press("w")
        await until(pilot, lambda: explains(pilot) and shows(pilot, "Nothing broke:"))
        assert not shows(pilot, "enter goes there")
        await pilot.press("enter")
        assert explains(pilot)
        await pilot.press("w")
        await until(pilot, lambda: not explains(pilot))
        await bench(pilot).put_up("once", {})
        await run_to(pilot)
        await pilot.press("w")
        await until(pilot, lambda: explains(pilot) and shows(pilot, "spread at x 3: 1 NaN, of 2 values."))


async def test_f_runs_eight_seeds_and_shows_median_and_band(home):
    async with at_step(home, 2) as pilot:
        first = await run_to(pilot)
        fan = await begin_fan(pilot)
        await until(pilot, lambda: state(pilot) == "finished")
        assert fan.run.facts["seeds"] == fan.seeds_done == FAN_SEEDS == 8
        assert fan.run.facts["seed"] == 45.5, "seeds 42 to 49"
        curve = fan.run.charts["drawn"].curves["measured"]
        assert curve.is_band and all(low < high for low, high in zip(curve.low, curve.high, strict=True))
        assert min(curve.low) < min(first.charts["drawn"].curves["measured"].y) < max(curve.high)
        await until(pilot, lambda: shows(pilot, "✓ run 2 · 8 of 8 seeds", "8 seeds: the line is the median"))
        await pilot.press("l")
        await until(pilot, lambda: shows(pilot, "8 seeds from 42", "against run 1: 1 seed → 8"))


async def test_a_fan_can_be_stopped_midway_and_shows_what_it_has(home):
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot, wait=0.1)
        tap(pilot, "x")
        await until(pilot, lambda: state(pilot) == "stopped")
        done = fan.seeds_done
        assert 2 <= done < FAN_SEEDS and fan.run.facts["seeds"] == done
        await until(pilot, lambda: shows(pilot, f"■ run 1 · stopped after {done} of 8 seeds"))
        await asyncio.sleep(0.5)  # a member and a half
        assert fan.seeds_done == done and session(pilot).going is None
        assert (await run_to(pilot)).facts["seed"] == 42, "the lab is free for the next run"


async def test_a_failing_member_ends_the_fan_with_its_sentence(home):
    async with at_step(home, 2) as pilot:
        await begin_fan(pilot, bad_seed=45)
        await until(pilot, lambda: state(pilot) == "failed")
        await until(
            pilot, lambda: shows(pilot, "✗ run 1 · 3 of 8 seeds, then failed: seed 45:", "unlucky seed")
        )
        assert isinstance(run(pilot).ending, Failed) and run(pilot).facts["seeds"] == 3
        await bench(pilot).put_up("draw", {"bad_seed": 42})
        tap(pilot, "f")
        await until(pilot, lambda: shows(pilot, "✗ run 2 · 0 of 8 seeds, then failed: seed 42:"))


@pytest.mark.parametrize("key", ["n", "b"])
async def test_stepping_to_another_step_stops_a_fan(home, key):
    """Be it to one with the same experiment or with another."""
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot, wait=0.1)
        tap(pilot, key)
        await until(pilot, lambda: not fan.live and session(pilot).going is None)
        assert fan.state == "stopped" and fan.seeds_done < FAN_SEEDS
        await until(pilot, lambda: shows(pilot, "Draw wider" if key == "n" else "Grow"))
        await run_to(pilot)
        assert fan.seeds_done < FAN_SEEDS


async def test_a_new_run_takes_a_fans_place_and_is_not_undone_by_its_next_member(home):
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot)
        await bench(pilot).put_up("draw", {"width": 2.0})
        ended = await run_to(pilot)
        assert ended.facts["top"] == 2 and session(pilot).attempt is not fan
        await until(pilot, lambda: not fan.live)
        assert session(pilot).going is None


async def test_a_paused_fan_stays_paused_from_one_seed_to_the_next(home):
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot, wait=0.05)
        session(pilot).pause_or_resume()
        begun = fan.seeds_done
        while fan.seeds_done < begun + 2:
            session(pilot).step()
            await pilot.pause()
        assert fan.seeds_done < FAN_SEEDS and fan.state == "paused"
        session(pilot).pause_or_resume()
        await until(pilot, lambda: not fan.live)
        assert fan.seeds_done == FAN_SEEDS


async def test_another_device_chosen_meanwhile_is_for_the_next_run(home):
    """Else a fan would mix the numbers of two devices."""
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot, wait=0.05)
        assert isinstance(pilot.app, Playground)
        pilot.app.machine.device = "cuda:7"  # as `d` does where there is more than one
        await until(pilot, lambda: not fan.live)
        assert fan.seeds_done == FAN_SEEDS and fan.run.started and fan.run.started.device == "cpu"


async def test_typing_into_the_source_does_not_change_the_rest_of_a_fan(home):
    async with at_step(home, 2) as pilot:
        fan = await begin_fan(pilot, wait=0.05)
        session(pilot).setting.source = EXPERIMENTS + "\ndef half_a_line("
        await until(pilot, lambda: not fan.live)
        assert fan.seeds_done == FAN_SEEDS and fan.state == "finished"


async def test_l_lists_runs_with_what_each_changed_enter_shows_one_again_and_p_pins(home):
    async with at_step(home, 2) as pilot:
        await run_to(pilot)
        await bench(pilot).put_up("draw", {"width": 3.0})
        await run_to(pilot)
        await pilot.press("s")
        await run_to(pilot)
        seed = session(pilot).setting.seed
        await pilot.press("l")
        await until(pilot, lambda: shows(pilot, "● run 3", f"against run 2: seed 42 → {seed}"))
        await until(pilot, lambda: shows(pilot, "against run 1: width 1 → 3 · same seed", "top 3"))
        assert screen(pilot).index("run 3") < screen(pilot).index("run 1  draw"), "newest first"
        await pilot.press("down", "down", "p")
        await until(pilot, lambda: session(pilot).kept.pinned == session(pilot).kept.attempts[:1])
        await until(pilot, lambda: shows(pilot, "seed 42 finished pinned"))
        await pilot.press("enter")
        first = session(pilot).kept.attempts[0]
        await until(pilot, lambda: session(pilot).attempt is first and bench(pilot).tab == "charts")
        assert (session(pilot).setting.knobs["width"], session(pilot).setting.seed) == (1.0, 42)
        await until(pilot, lambda: shows(pilot, "✓ run 1 · finished", "pinned"))
        assert lesson(pilot).focused is None
        await pilot.press("l", "escape")
        await until(pilot, lambda: bench(pilot).tab == "charts" and lesson(pilot).focused is None)
        assert (await run_to(pilot)).facts == first.run.facts


async def test_the_status_says_what_differs_from_the_pinned_run(home):
    async with at_step(home, 2) as pilot:
        await run_to(pilot)
        await pilot.press("p")
        await bench(pilot).put_up("draw", {"width": 2.0})
        await run_to(pilot)
        await until(
            pilot, lambda: shows(pilot, "· against run 1: width 1 → 2 · same seed", "─ run 1, width 1")
        )
        await bench(pilot).put_up("draw", {})
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "· against run 1: the same in everything"))
        await bench(pilot).put_up("grow", {})
        await run_to(pilot)
        await until(pilot, lambda: shows(pilot, "✓ run 4 · finished"))
        assert not shows(pilot, "against run 1")


async def test_v_keeps_the_run_behind_and_each_turn_of_a_knob_runs_the_same_draw_again(home):
    async with at_step(home, 2) as pilot:
        first = await run_to(pilot)
        await pilot.press("s", "v")
        await until(pilot, lambda: shows(pilot, "pinned", "auto"))
        assert session(pilot).setting.seed == 42, "the seed of the run that is varied"
        tap(pilot, "shift+right")
        await until(pilot, lambda: run(pilot) is not first and state(pilot) == "finished")
        await until(pilot, lambda: shows(pilot, "auto · against run 1: width 1 →", "· same seed"))
        assert first in [pin.run for pin in session(pilot).kept.pinned]
        second = run(pilot)
        await pilot.press("escape", "v")
        tap(pilot, "shift+right")
        await until(pilot, lambda: run(pilot) not in (first, second) and state(pilot) == "finished")
        await until(pilot, lambda: shows(pilot, "against run 2: width"))


async def test_a_fan_beside_a_pinned_one_says_where_bands_part_and_where_none_does(home):
    async with at_step(home, 2) as pilot:
        await begin_fan(pilot)
        await until(pilot, lambda: not fan_of(pilot).live)
        await pilot.press("p")
        tap(pilot, "f")
        await until(pilot, lambda: fan_of(pilot).number == 2 and not fan_of(pilot).live)
        await until(pilot, lambda: shows(pilot, "Against run 1: no bands part, so no verdict."))
        await bench(pilot).put_up("draw", {"width": 5.0})
        tap(pilot, "f")
        await until(pilot, lambda: fan_of(pilot).number == 3 and not fan_of(pilot).live)
        await until(
            pilot, lambda: shows(pilot, "Against run 1: top is larger here, in every one of these runs.")
        )


async def test_no_more_runs_are_kept_than_the_list_is_long(home, monkeypatch):
    monkeypatch.setattr(kept, "MAX_ATTEMPTS", 4)
    async with at_step(home, 2) as pilot:
        for _ in range(7):
            await run_to(pilot)
        attempts = session(pilot).kept.attempts
        assert [attempt.number for attempt in attempts] == [4, 5, 6, 7]
        assert all(attempt.running is None for attempt in attempts), "nobody holds a run that has ended"
        await until(pilot, lambda: shows(pilot, "runs 4 of 7"))
        await pilot.press("l")
        await until(pilot, lambda: lesson(pilot).query_one(RunsPane).option_count == 4)


async def test_a_run_that_goes_on_while_another_is_looked_at_can_be_stopped_and_ends_with_the_lesson(home):
    async with at_step(home, 2) as pilot:
        await run_to(pilot)
        await bench(pilot).put_up("draw", {"wait": 0.2})
        tap(pilot, "r")
        await until(pilot, lambda: state(pilot) == "running")
        going = session(pilot).attempt
        await bench(pilot).show_attempt(session(pilot).kept.attempts[0])
        await until(pilot, lambda: shows(pilot, "✓ run 1 · finished"))
        tap(pilot, "l")
        await until(pilot, lambda: going is not None and going.state == "finished")
        await until(pilot, lambda: shows(pilot, "wait 0.2 · seed 42 finished"))
        for key, gone in (("x", False), ("escape", True)):
            lesson(pilot).set_focus(None)
            await bench(pilot).put_up("draw", {"wait": 0.01, "steps": 10_000})
            tap(pilot, "r")
            await until(pilot, lambda: state(pilot) == "running")
            going = session(pilot).attempt
            await bench(pilot).show_attempt(session(pilot).kept.attempts[0])
            tap(pilot, key)
            await until(pilot, lambda: going is not None and going.state == "stopped")  # noqa: B023
            assert isinstance(pilot.app.screen, HomeScreen) == gone


async def test_the_list_of_runs_opens_at_the_one_that_is_shown(home):
    async with in_lesson(home, size=NARROW) as pilot:
        await run_to(pilot)
        await pilot.press("l")
        await until(pilot, lambda: lesson(pilot).query_one(RunsPane).highlighted == 0)
        await pilot.press("escape")
        for _ in range(3):
            await run_to(pilot)
        await pilot.press("l")
        await until(pilot, lambda: lesson(pilot).query_one(RunsPane).highlighted == 0)
        await pilot.press("down", "enter")
        await until(pilot, lambda: run(pilot) is session(pilot).kept.attempts[2].run)
        await pilot.press("l")
        await until(pilot, lambda: lesson(pilot).query_one(RunsPane).highlighted == 1)
