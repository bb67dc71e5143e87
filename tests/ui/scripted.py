"""An engine that does what a test tells it, and a session of it: no process, no screen, no clock."""

from __future__ import annotations

from pathlib import Path

from initplay.course.course import Course
from initplay.course.lesson import Lesson
from initplay.engine.machine import Machine
from initplay.engine.order import Order
from initplay.engine.running import Running, Take
from initplay.engine.wire import Device, Ready
from initplay.lab.events import Facts, Finished, Point, Recorded, Started
from initplay.ui.bench.session import Session

COURSE = Path(__file__).parent / "course"


class ScriptedRun(Running):
    """Keeps what it is asked; its events come from the test."""

    def __init__(self, order: Order, take: Take, pace: float | None) -> None:
        super().__init__(order)
        self._take = take
        self.asked: list[object] = []
        self.pace = pace
        self.waits_behind: int | None = None
        self.lab_loads = False

    @property
    def before(self) -> int | None:
        return self.waits_behind

    @property
    def awaits_lab(self) -> bool:
        return self.lab_loads

    def begin(self, *events: Recorded) -> None:
        order = self.order
        started = Started(
            lesson=order.lesson,
            experiment=order.experiment,
            knobs=order.knobs,
            seed=order.seeds[0],
            device="cpu" if order.device == "auto" else order.device,
            source=order.source,
            seeds=order.seeds if len(order.seeds) > 1 else (),
            edited=order.edited,
            mine=order.mine,
        )
        self.send(started, *events)

    def send(self, *events: Recorded) -> None:
        self._take(list(events))

    def finish(self) -> None:
        self.begin(*(Point("c", x, x) for x in range(3)), Facts({"last": 2}), Finished(0.1))

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def step(self) -> None:
        self.asked.append("step")

    def slow(self, per_second: float | None) -> None:
        self.asked.append(("slow", per_second))

    def stop(self) -> None:
        self.asked.append("stop")


class ScriptedEngine:
    def __init__(self) -> None:
        self.runs: list[ScriptedRun] = []

    def start(
        self, order: Order, take: Take, *, paused: bool = False, pace: float | None = None
    ) -> ScriptedRun:
        self.runs.append(ScriptedRun(order, take, pace))
        return self.runs[-1]

    def start_among_many(self, order: Order, take: Take) -> ScriptedRun:
        return self.start(order, take)


class Bench:
    """A session with everything that it is given, at hand for a test."""

    def __init__(self, slug: str = "climb", *, source: str | None = None) -> None:
        self.engine = ScriptedEngine()
        self.machine = Machine(data="embedded", device="cpu")
        self.machine.engine_ready(Ready("2.13", [Device("cpu", "CPU"), Device("cuda:0", "GPU")], "MNIST 5k"))
        self.changes = 0
        self.settled: list[int] = []
        self.time = 0.0
        self.session = Session(
            self.lesson(slug),
            self.engine,
            self.machine,
            self._count,
            settle=self._settle,
            clock=lambda: self.time,
        )
        if source is not None:
            self.session.edit(source)
            self.changes = 0

    @staticmethod
    def lesson(slug: str) -> Lesson:
        return Course.load(COURSE).find(slug)

    def _count(self) -> None:
        self.changes += 1

    def _settle(self, attempt: object) -> list[str]:
        self.settled.append(self.session.attempt.number if self.session.attempt else 0)
        return ["◆ settled."]

    @property
    def run(self) -> ScriptedRun:
        """The latest."""
        return self.engine.runs[-1]

    def ran(self) -> ScriptedRun:
        """Run it, to its end."""
        assert self.session.run()
        self.run.finish()
        return self.run
