"""A fork server that several playgrounds share: torch is in memory once for all of them.

A playground joins it where INITPLAY_FORK_SERVER is the path of its socket, and is given a process that
serves it alone, forked from this one. What is forked there has the playground's environment and folder, and
ends with it; code that kills its parent, or a line that is not read, costs that one playground.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import traceback

from initplay.engine import wire
from initplay.engine.peer import is_of_the_same_user, name_of_server_for, process_of
from initplay.worker import manners
from initplay.worker.server import Line, Server, make_forks_cheap
from initplay.worker.torch_import import NoTorch, import_torch, import_what_torch_imports_later


def main() -> None:
    """`python -c … SOCKET PARENT DATA`: the path to listen at, whom to die with, and the digits of most.

    Who comes before all is imported waits: a class comes within that second, and whoever were served without
    would each import the rest, 110 MB, for themselves. Where torch cannot be imported, nobody is served, and
    each playground finds out for itself.
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
        import_what_torch_imports_later()
        make_forks_cheap(data)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
        while True:
            channel, _ = listener.accept()
            with channel:
                if is_of_the_same_user(channel):  # what another asks for would run in our name
                    _serve_apart(channel, listener)


def _serve_apart(channel: socket.socket, listener: socket.socket) -> None:
    """Make a fork server for one playground, which is named after the playground's process."""
    shared = os.getpid()
    try:
        if os.fork():
            return
    except OSError:  # there is no room: the playground hears the end of its line
        return
    try:
        listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        manners.die_with(shared)
        manners.be_called(name_of_server_for(process_of(channel)))
        line = Line(channel)
        line.say(wire.Hello(wire.PROTOCOL))
        Server(line, None).serve()
    except BrokenPipeError:  # it has hung up already
        pass
    except BaseException:  # noqa: BLE001 (whatever it was, this process must not go on as a second listener)
        traceback.print_exc()
    finally:
        os._exit(0)
