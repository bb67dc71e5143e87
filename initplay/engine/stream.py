"""A socket as asyncio reads and writes it, where whoever reads hears of its loss, and nobody else."""

from __future__ import annotations

import asyncio
import socket


async def stream(
    line: socket.socket, limit: int = 2**16
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """As `asyncio.open_unix_connection` has it. Raises OSError; `limit` are the bytes that are read ahead."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = _ToldOnce(reader, loop)
    transport, _ = await loop.create_unix_connection(lambda: protocol, sock=line)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class _ToldOnce(asyncio.StreamReaderProtocol):
    """Asyncio's own keeps the error for `wait_closed` too, which nobody awaits here.

    It looks at that error itself before it is freed, but among garbage the future that holds it may be freed
    first, and then asyncio complains on the terminal: "Future exception was never retrieved".
    """

    def __init__(self, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(reader, loop=loop)
        self._told = reader

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._told.set_exception(exc)
        super().connection_lost(None)
