"""Signals that end the program: the terminal is restored first, and no process is left behind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable


def leave_on_signals(leave: Callable[[], object]) -> None:
    """Leave in good order on SIGTERM and SIGHUP."""
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, leave)
