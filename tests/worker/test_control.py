"""A run is held, stepped, slowed and ended at its events; a step is one whole moment."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from initplay.worker.control import Control, StopRun

DEADLINE = 10.0


class Walk:
    """Goes through events on a thread of its own, as an experiment does, and tells which have passed."""

    def __init__(self, control: Control, moments: list[bool]) -> None:
        self._control = control
        self._moments = moments
        self._passed: queue.Queue[int | None] = queue.Queue()
        self.stopped = False
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        try:
            for number, new_moment in enumerate(self._moments):
                self._control.gate(new_moment=new_moment)
                self._passed.put(number)
        except StopRun:
            self.stopped = True
        self._passed.put(None)

    def passes(self, *numbers: int) -> None:
        """These events pass, and then nothing does until somebody asks for more."""
        assert [self._passed.get(timeout=DEADLINE) for _ in numbers] == list(numbers)
        self.is_held()

    def is_held(self) -> None:
        until = monotonic() + DEADLINE
        # Holding shows as a waiter on the condition: the thread has nowhere else to wait.
        while not self._control._changed._waiters:  # type: ignore[attr-defined]
            assert monotonic() < until, "it is not held"
            threading.Event().wait(0.001)
        assert self._passed.empty()

    def ends(self, *numbers: int) -> None:
        got = [self._passed.get(timeout=DEADLINE) for _ in range(len(numbers) + 1)]
        assert got == [*numbers, None]
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()


Start = Callable[..., Walk]
# Two events of preparation, then moments of two, three and one event.
MOMENTS = [False, False, False, False, True, False, False, True]


@pytest.fixture
def start() -> Iterator[Start]:
    controls: list[Control] = []

    def begin(control: Control, moments: list[bool] = MOMENTS) -> Walk:
        controls.append(control)
        return Walk(control, moments)

    yield begin
    for control in controls:
        control.stop()


def test_nothing_holds_a_run_that_nobody_asked_to_hold(start: Start) -> None:
    start(Control()).ends(*range(8))


def test_a_step_is_one_whole_moment(start: Start) -> None:
    """What comes before the first position is part of the first moment."""
    control = Control(paused=True)
    walk = start(control)
    walk.passes()
    control.step()
    walk.passes(0, 1, 2, 3)
    control.step()
    walk.passes(4, 5, 6)
    control.step()
    walk.ends(7)


def test_several_steps_asked_for_at_once_are_all_taken(start: Start) -> None:
    control = Control(paused=True)
    walk = start(control)
    control.step()
    control.step()
    walk.passes(0, 1, 2, 3, 4, 5, 6)


def test_resuming_lets_everything_pass(start: Start) -> None:
    control = Control(paused=True)
    walk = start(control)
    control.step()
    walk.passes(0, 1, 2, 3)
    control.resume()
    walk.ends(4, 5, 6, 7)


def test_pausing_holds_at_the_next_event_and_a_step_then_ends_that_moment() -> None:
    control = Control()
    control.gate(new_moment=False)
    control.pause()
    walk = Walk(control, [False, False, True])
    walk.passes()
    control.step()
    walk.passes(0, 1)
    control.stop()
    walk.ends()
    assert walk.stopped


def test_pausing_forgets_the_steps_not_yet_taken(start: Start) -> None:
    control = Control(paused=True)
    control.step()
    control.step()
    control.pause()
    start(control).passes()


def test_a_step_after_a_resumed_one_is_a_whole_moment_too() -> None:
    """Resumed in the middle of a step, a run goes on; the next step is not taken for the rest of it."""
    control = Control(paused=True)
    control.step()
    control.gate(new_moment=True)
    control.resume()
    for _ in range(3):
        control.gate(new_moment=True)
    control.step()
    walk = Walk(control, [True, False, True])
    walk.passes(0, 1)
    control.stop()
    walk.ends()


def test_a_step_holds_a_running_run_after_one_moment() -> None:
    control = Control()
    control.gate(new_moment=True)
    control.step()
    walk = Walk(control, [True, False, True])
    walk.passes(0, 1)
    control.stop()
    walk.ends()


@pytest.mark.parametrize("hold", [{"paused": True}, {"pace": 1e-6}], ids=["paused", "slow"])
def test_a_held_run_can_be_stopped(start: Start, hold: dict) -> None:
    control = Control(**hold)
    walk = start(control, [True])
    walk.passes()
    control.stop()
    walk.ends()
    assert walk.stopped


def test_a_run_asked_to_stop_stops_at_its_next_event() -> None:
    control = Control()
    control.stop()
    with pytest.raises(StopRun):
        control.gate(new_moment=False)


def test_slow_motion_holds_before_moments_and_not_within_them() -> None:
    control = Control(pace=20)
    began = monotonic()
    for new_moment in [False, *[True, False, False] * 4]:
        control.gate(new_moment=new_moment)
    took = monotonic() - began
    assert took >= 4 / 20 * 0.9
    assert control.held_seconds == pytest.approx(took, abs=0.05)


def test_slow_motion_can_be_lifted_while_it_holds(start: Start) -> None:
    control = Control(pace=1e-6)
    walk = start(control, [True, True])
    walk.passes()
    control.slow(None)
    walk.ends(0, 1)


def test_slow_motion_and_pause_together(start: Start) -> None:
    """A step is taken at once however slow the motion is, and resuming goes back to it."""
    control = Control(paused=True, pace=1e-6)
    walk = start(control, [True, True])
    walk.passes()
    control.step()
    walk.passes(0)
    control.resume()
    walk.passes()
    control.slow(None)
    walk.ends(1)
