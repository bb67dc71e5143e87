"""The lab as the screens see it: what it runs on, how it is, and who hears of which run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from initplay.engine.client import Client
from initplay.engine.wire import Device, Ready
from initplay.lab.events import Ending, Recorded

if TYPE_CHECKING:
    from initplay.course.knob import Value

Take = Callable[[list[Recorded]], None]


class Lab:
    """One worker for the whole playground, with the device and the digits that runs use."""

    def __init__(self, *, data: str = "auto", device: str = "auto") -> None:
        self.data = data
        self.device = device
        self.devices: list[Device] = []
        self.digits = ""
        """What the digits are, in words; empty until the worker has said so."""
        self.trouble = ""
        """A sentence about what does not work, newest first; empty while all is well."""
        self.on_change: Callable[[], None] = lambda: None
        self.on_trouble: Callable[[str], None] = lambda sentence: None
        self._broken = False
        self._client = Client(self)
        self._takers: dict[int, Take] = {}

    async def open(self) -> None:
        await self._client.open()

    async def close(self) -> None:
        await self._client.close()

    @property
    def state(self) -> str:
        """ "ready", "loading" or "broken"."""
        if self._broken:
            return "broken"
        return "ready" if self._client.ready else "loading"

    @property
    def described(self) -> str:
        """`cpu · MNIST 5k · lab ready`"""
        state = {"ready": "lab ready", "loading": "lab loading", "broken": "lab broken"}[self.state]
        device = "" if self.device == "auto" else self.device
        return " · ".join(part for part in (device, self.digits, state) if part)

    def run(
        self,
        take: Take,
        *,
        lesson: str,
        experiment: str,
        filename: str,
        source: str,
        knobs: Mapping[str, Value],
        seed: int,
        device: str,
        pace: float | None,
        paused: bool,
    ) -> None:
        """Run an experiment; every batch of its events goes to `take`, the ending last."""
        if self._broken:
            raise LabError(self.trouble)
        run_id = self._client.run(
            lesson=lesson,
            experiment=experiment,
            filename=filename,
            source=source,
            knobs=dict(knobs),
            seed=seed,
            device=device,
            data=self.data,
            pace=pace,
            paused=paused,
        )
        self._takers[run_id] = take

    def pause(self) -> None:
        self._client.pause()

    def resume(self) -> None:
        self._client.resume()

    def step(self) -> None:
        self._client.step()

    def slow(self, per_second: float | None) -> None:
        self._client.slow(per_second)

    def stop(self) -> None:
        self._client.stop()

    def next_device(self) -> None:
        """Turn to the next device of this machine for the runs to come."""
        names = [device.name for device in self.devices]
        if names:
            at = names.index(self.device) if self.device in names else -1
            self.device = names[(at + 1) % len(names)]
            self.on_change()

    # What the client reports

    def lab_ready(self, ready: Ready) -> None:
        self.devices = ready.devices
        if self.device == "auto":  # the first accelerator, as the worker would choose
            self.device = ready.devices[:2][-1].name
        self.digits = self.digits or ready.data
        if ready.warning:
            self._complain(ready.warning)
        self.on_change()

    def lab_lost(self, reason: str) -> None:
        self._complain(f"The lab was restarted: {reason}")
        self.on_change()

    def lab_broken(self, reason: str) -> None:
        self._broken = True
        self._complain(reason)
        self.on_change()

    def run_events(self, run_id: int, events: list[Recorded]) -> None:
        take = self._takers.get(run_id)
        if take:
            take(events)
        if events and isinstance(events[-1], Ending):
            self._takers.pop(run_id, None)

    def _complain(self, sentence: str) -> None:
        self.trouble = sentence
        self.on_trouble(sentence)


class LabError(Exception):
    """Nothing can be run; the message is one sentence."""
