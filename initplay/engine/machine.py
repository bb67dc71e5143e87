"""The machine that runs the experiments: what is known of it, and which device and digits were chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initplay.engine.wire import Device, Ready


TRY_AGAIN = "r in a lesson tries again."


class Machine:
    """Is filled by the engine, whose `Listener` it is, and read by whoever makes an order."""

    def __init__(self, *, data: str = "auto", device: str = "auto") -> None:
        self.data = data
        """The digits of the next order: "auto", "embedded", "full" or a path."""
        self.device = device
        """The device of the next order, as torch calls it; "auto" until the engine has said what there is."""
        self.devices: list[Device] = []
        self.digits = ""
        """What the digits are, in words; empty until the engine has said so."""
        self.state = "loading"
        """ "ready", "loading" or "broken"."""
        self.trouble = ""
        """A sentence about what does not work, the newest; empty while all is well."""
        self.on_change: Callable[[], None] = lambda: None
        self.on_trouble: Callable[[str], None] = lambda sentence: None

    @property
    def described(self) -> str:
        """`cpu · MNIST 5k · lab ready`"""
        device = "" if self.device == "auto" else self.device
        return " · ".join(part for part in (device, self.digits, f"lab {self.state}") if part)

    def choose_next_device(self) -> None:
        """Turn to the next device for the runs to come."""
        names = [device.name for device in self.devices]
        if names:
            at = names.index(self.device) if self.device in names else -1
            self.device = names[(at + 1) % len(names)]
            self.on_change()

    # What the engine reports

    def engine_ready(self, ready: Ready) -> None:
        self.state = "ready"
        self.devices = ready.devices
        if self.device == "auto":  # the first accelerator, as the engine would choose
            self.device = ready.devices[:2][-1].name
        self.digits = self.digits or ready.data
        self.trouble = ready.warning
        if ready.warning:
            self.on_trouble(ready.warning)
        self.on_change()

    def engine_lost(self, reason: str) -> None:
        self.state = "loading"
        self._complain(f"The lab was restarted: {reason}")
        self.on_change()

    def engine_broken(self, reason: str) -> None:
        self.state = "broken"
        self._complain(f"{reason} {TRY_AGAIN}")
        self.on_change()

    def _complain(self, sentence: str) -> None:
        self.trouble = sentence
        self.on_trouble(sentence)
