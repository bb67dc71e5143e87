"""A fork server that several playgrounds share: torch is in memory once for all of them.

A playground joins it where INITPLAY_FORK_SERVER is the path of its socket. What is forked for it has its own
environment and folder, and ends with it.
"""

from __future__ import annotations

import faulthandler
import socket
import sys

from initplay.worker import manners
from initplay.worker.server import Server
from initplay.worker.torch_import import NoTorch, import_torch


def main() -> None:
    """`python -c … SOCKET PARENT DATA`: the path to listen at, whom to die with, and the digits of most.

    Who comes before torch is imported waits. Where it cannot be, nobody is served, and each playground finds
    out for itself.
    """
    path, parent, data = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    manners.die_with(parent)
    manners.be_nice()
    faulthandler.enable()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        try:
            import_torch(data)
        except NoTorch as error:
            sys.exit(str(error))
        Server(lines=[], listener=listener).serve()
