"""An order for several seeds, with runs that do what the test has them do."""

from __future__ import annotations

from initplay.engine.order import Order
from initplay.engine.running import Running, Take
from initplay.engine.several import SeveralRuns
from initplay.lab.events import Facts, Failed, Finished, Recorded, Started, Stopped
from initplay.recording.run import Run


class Member(Running):
    """A run of one seed that goes as far as it is told."""

    def __init__(self, order: Order, take: Take, paused: bool, pace: float | None) -> None:
        super().__init__(order)
        self.take = take
        self.paused = paused
        self.pace = pace
        self.stopped = False

    def begin(self) -> None:
        seed = self.order.seeds[0]
        self.take([Started(lesson="l", experiment="e", knobs={}, seed=seed, device="cpu")])

    def end(self, ending: Recorded) -> None:
        self.take([Facts({"x": self.order.seeds[0]}), ending])

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def step(self) -> None:
        self.paused = True

    def slow(self, per_second: float | None) -> None:
        self.pace = per_second

    def stop(self) -> None:
        self.stopped = True


class Several:
    """Three seeds, so many at a time, and what was recorded of them."""

    def __init__(self, at_once: int = 1) -> None:
        self.members: list[Member] = []
        self.run = Run()
        order = Order(
            lesson="l", experiment="e", filename="e.py", source="", knobs={}, seeds=(1, 2, 3), device="cpu"
        )

        def begin(one: Order, take: Take, paused: bool, pace: float | None) -> Running:
            self.members.append(Member(one, take, paused, pace))
            return self.members[-1]

        self.running = SeveralRuns(order, self.take, begin, lambda device: at_once)

    def take(self, events: list[Recorded]) -> None:
        assert self.run.ending is None, "nothing comes after the ending"
        if isinstance(events[0], Started):
            self.run = Run()
        for event in events:
            self.run.add(event)


def test_a_seed_that_begins_while_they_are_held_begins_held_and_at_their_pace():
    """Holding and slow motion are of the whole order, not of the seeds that happen to go on."""
    several = Several()
    several.members[0].begin()
    several.running.pause()
    several.running.slow(4.0)
    several.members[0].end(Finished(1.0))
    assert (several.members[1].paused, several.members[1].pace) == (True, 4.0)
    several.running.resume()
    several.running.slow(None)
    several.members[1].begin()
    several.members[1].end(Finished(1.0))
    assert (several.members[2].paused, several.members[2].pace) == (False, None)


def test_a_step_holds_the_seeds_to_come():
    several = Several()
    several.members[0].begin()
    several.running.step()
    several.members[0].end(Finished(1.0))
    assert several.members[1].paused


def test_a_failure_names_its_seed():
    """Whether others have finished or none has."""
    several = Several(at_once=2)
    several.members[0].begin()
    several.members[1].begin()
    several.members[1].end(Failed("no luck"))
    several.members[0].end(Finished(1.0))
    assert several.run.ending == Failed("seed 2: no luck") and several.run.facts["seeds"] == 1
    several = Several()
    several.members[0].begin()
    several.members[0].end(Failed("no luck"))
    assert several.run.ending == Failed("seed 1: no luck")


def test_what_never_began_is_no_matter_of_its_seed():
    """A device that is not there is refused in the same words as for one seed."""
    several = Several()
    several.members[0].take([Failed("there is no cuda:7")])
    assert several.run.ending == Failed("there is no cuda:7")


def test_a_stop_that_comes_too_late_for_the_last_seed_is_none():
    several = Several(at_once=3)
    for place in range(3):
        several.members[place].begin()
    several.members[0].end(Finished(1.0))
    several.members[1].end(Finished(1.0))
    several.running.stop()
    several.members[2].end(Finished(1.0))
    assert isinstance(several.run.ending, Finished) and several.run.facts["seeds"] == 3


def test_a_stop_midway_takes_in_what_finishes_all_the_same():
    several = Several(at_once=2)
    for place in range(2):
        several.members[place].begin()
    several.running.stop()
    assert [member.stopped for member in several.members] == [True, True], "and no third was begun"
    several.members[0].end(Finished(1.0))
    several.members[1].end(Stopped())
    assert isinstance(several.run.ending, Stopped) and several.run.facts["seeds"] == 1
    assert len(several.members) == 2 and not several.running.live
