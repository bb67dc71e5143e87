"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct


def is_of_the_same_user(line: socket.socket) -> bool:
    """Whether its process is this user's. Only Linux tells; elsewhere the folder's permissions must do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", credentials)
    return user == os.getuid()
