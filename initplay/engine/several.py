"""An order for several seeds: several runs, as many at once as there are cores for, and one recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import msgspec

from initplay.engine.order import Order
from initplay.engine.running import Running, Take
from initplay.lab.events import Ending, Failed, Finished, Progress, Recorded, Stopped
from initplay.recording.run import Run
from initplay.recording.seeds import combine

Begin = Callable[[Order, Take, bool, float | None], Running]
"""Starts a run of one seed, held or not, at a pace or at full speed."""


SOON = 0.03
"""Seconds that combining may hold up the screen; where it takes more, there is one recording, at the end."""


class SeveralRuns(Running):
    """As each seed ends, the recording of all that have finished is handed over anew.

    It ends with the first that does not finish, as that one did.
    """

    def __init__(
        self,
        order: Order,
        take: Take,
        begin: Begin,
        at_once: Callable[[str], int],
        *,
        paused: bool = False,
        pace: float | None = None,
    ) -> None:
        """`at_once`: how many may run side by side on a device."""
        super().__init__(order)
        self._take = take
        self._begin = begin
        self._waiting = list(enumerate(order.seeds))
        self._running: dict[int, Running] = {}
        self._finished: dict[int, Run] = {}
        self._unfinished: Run | None = None
        """The first that did not finish."""
        self._ending: Ending | None = None
        """How it is to end, where not all will finish."""
        self._at_once = at_once
        self._paused = paused
        self._pace = pace
        self._combining = 0.0
        """Seconds that the last time took."""
        self._started = False
        self._begin_next()  # the others when it is known what they run on

    @property
    def before(self) -> int | None:
        return next((one.before for one in self._running.values() if one.before is not None), None)

    @property
    def awaits_lab(self) -> bool:
        return any(one.awaits_lab for one in self._running.values())

    def pause(self) -> None:
        self._paused = True
        for running in self._running.values():
            running.pause()

    def resume(self) -> None:
        self._paused = False
        for running in self._running.values():
            running.resume()

    def step(self) -> None:
        self._paused = True
        for running in self._running.values():
            running.step()

    def slow(self, per_second: float | None) -> None:
        self._pace = per_second
        for running in self._running.values():
            running.slow(per_second)

    def stop(self) -> None:
        """Begin no other; those that finish all the same are taken in."""
        self._give_up(Stopped())

    def _give_up(self, ending: Ending) -> None:
        if self._ending is None:
            self._ending = ending
            self._waiting.clear()
            for running in list(self._running.values()):
                running.stop()

    def _begin_next(self) -> None:
        if self._waiting:
            place, seed = self._waiting.pop(0)
            take = partial(self._hear, place, Run())
            self._running[place] = self._begin(self.order.with_seed(seed), take, self._paused, self._pace)

    def _hear(self, place: int, member: Run, events: list[Recorded]) -> None:
        for event in events:
            member.add(event)
        if not self._started and place in self._running:
            self.refused = self._running[place].refused
        if not self._started and member.started is not None:
            self._started = True
            started = msgspec.structs.replace(
                member.started, seed=self.order.seeds[0], seeds=self.order.seeds
            )
            self._take([started, self._progress()])
            while self._waiting and len(self._running) < self._at_once(started.device):
                self._begin_next()
        if member.ending is not None:
            self._close(place, member, member.ending)

    def _close(self, place: int, member: Run, ending: Ending) -> None:
        self._running.pop(place, None)
        if isinstance(ending, Finished):
            member.keep_what_is_combined()
            self._finished[place] = member
        else:
            self._unfinished = self._unfinished or member
            self._give_up(_with_its_seed(ending, member))
        self._begin_next()
        if not self.live:  # giving up has ended the others, and the last of them has told of all
            return
        if self._running:
            self._take(self._so_far())
        else:
            self.live = False
            complete = len(self._finished) == len(self.order.seeds)  # a stop may come too late
            self._take(self._combined(None if complete else self._ending))

    def _so_far(self) -> list[Recorded]:
        """What has finished until now, where that is soon combined; else only how many have."""
        if self._combining > SOON:
            return [self._progress()]
        began = time.perf_counter()
        combined = self._combined(None)[:-1]
        self._combining = time.perf_counter() - began
        return [*combined, self._progress()]

    def _combined(self, ending: Ending | None) -> list[Recorded]:
        """Everything that has finished, as one run, in the order of the seeds; where nothing has, what was
        recorded of the first that did not."""
        finished = [self._finished[place] for place in sorted(self._finished)]
        if finished:
            return list(combine(finished, ending).events)
        if self._unfinished is None or ending is None:
            return []
        return [*self._unfinished.events[:-1], ending]

    def _progress(self) -> Progress:
        return Progress(len(self._finished), len(self.order.seeds), "seeds")


def _with_its_seed(ending: Ending, member: Run) -> Ending:
    """Why it failed, with the seed that it failed at, where it had begun with one."""
    if isinstance(ending, Failed) and member.started is not None:
        return msgspec.structs.replace(ending, message=f"seed {member.started.seed}: {ending.message}")
    return ending
