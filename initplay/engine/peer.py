"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct


def is_of_the_same_user(line: socket.socket) -> bool:
    """Whether its process is this user's. Only Linux tells; elsewhere the folder's permissions must do."""
    credentials = _credentials(line)
    return credentials is None or credentials[1] == os.getuid()


def process_of(line: socket.socket) -> int:
    """The number of its process; 0 where nobody tells."""
    credentials = _credentials(line)
    return credentials[0] if credentials else 0


def name_of_server_for(process: int) -> str:
    """What the process is called that forks for the playground of this number: others then tell whose it is.

    Linux keeps 15 characters.
    """
    return f"forks-{process}"


def _credentials(line: socket.socket) -> tuple[int, int, int] | None:
    """Process, user and group."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    size = struct.calcsize("3i")
    process, user, group = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return process, user, group
