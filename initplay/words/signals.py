"""How signals are called."""

from __future__ import annotations

import signal


def signal_name(number: int) -> str:
    """`SIGKILL`; of one without a name, as those for real time are, `signal 40`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
