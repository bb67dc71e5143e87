"""The site, the house and the signals, from start to end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger

from initplay.serving.doorkeeper import Doorkeeper
from initplay.serving.house import House
from initplay.serving.site import Site

_STOPPED = "The server was stopped."


async def serve(
    house: House, doorkeeper: Doorkeeper, host: str, port: int, begun: Callable[[int], object]
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, and leave with every visitor's work kept.

    `begun` is told the port, once who comes is served. Raises OSError where nobody can be, and NotInstalled.
    """
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sign, over.set)
    server_logger.addFilter(_is_ours_to_mend)
    runner = web.AppRunner(Site(house, doorkeeper).app, access_log=None, shutdown_timeout=1.0)
    try:
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await house.open()  # before anybody comes
        await site.start()
        begun(runner.addresses[0][1])
        await over.wait()
        await site.stop()
    finally:
        await house.close(_STOPPED)
        await runner.cleanup()


def _is_ours_to_mend(record: logging.LogRecord) -> bool:
    """Of a request that cannot be read, as one with a line of 9,000 characters, its sender has been told."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
