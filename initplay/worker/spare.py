"""A process that imports torch for itself and then waits for its run: where forking is not safe."""

from __future__ import annotations

import os
import socket
import sys

from initplay.engine import wire
from initplay.worker import manners
from initplay.worker.child import live
from initplay.worker.torch_import import NoTorch, import_torch


def main() -> None:
    """`python -c … SOCKET PARENT DATA`: as the fork server's."""
    channel, parent, data = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    manners.die_with(parent)
    manners.be_nice()
    try:
        import_torch(data)
    except NoTorch as error:
        socket.socket(fileno=channel).sendall(wire.frame(wire.Broken(str(error))))
        return
    live(channel, os.dup(1))
