"""A socket as asyncio reads and writes it, of which all is read that came before it was lost."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from initplay.engine import wire

_AT_ONCE = 2**16


async def stream(
    line: socket.socket, limit: int = _AT_ONCE
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """As `asyncio.open_unix_connection` has it, but that a line which is lost has ended, and whoever reads
    meets no error. Raises OSError; `limit` are the bytes that are read ahead."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = _ReadToItsEnd(reader, line, loop)
    transport, _ = await loop.create_unix_connection(lambda: protocol, sock=line)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def next_body(reader: asyncio.StreamReader) -> bytes:
    """What the next frame holds. Raises EOFError at the end, WireError for what is no frame of ours."""
    prefix = await reader.readexactly(wire.LENGTH_SIZE)
    return await reader.readexactly(wire.length(prefix))


class _ReadToItsEnd(asyncio.StreamReaderProtocol):
    """Where the other end was closed with bytes of ours unread, or we write to it after that, asyncio's own
    drops what came and was not read yet: why a server cannot work, the last events of a run.

    And it keeps the error for `wait_closed`, which nobody awaits here. It looks at that error itself before
    it is freed, but among garbage the future that holds it may be freed first, and then asyncio complains on
    the terminal: "Future exception was never retrieved".
    """

    def __init__(
        self, reader: asyncio.StreamReader, line: socket.socket, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(reader, loop=loop)
        self._line = line

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            with contextlib.suppress(OSError):  # there is nothing more, or that is lost too
                while came := self._line.recv(_AT_ONCE):
                    self.data_received(came)
        super().connection_lost(None)
