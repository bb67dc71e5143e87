"""The fork server: it imports torch once, and makes a fresh process for every run by forking.

It never runs lesson code, never starts a thread, and never touches a device. Requests come down its socket;
each `Fork` brings the socket and the log of the process to be made. It says which processes there are and how
they ended, and signals them, for only who reaps a process knows that its number is still its own.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterator

from initplay.engine import wire
from initplay.worker import manners
from initplay.worker.torch_import import NoTorch, import_torch


def main() -> None:
    """`python -c … SOCKET PARENT DATA`: the descriptor of the socket, the screen's process id, the digits."""
    descriptor, parent, data = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    line = socket.socket(fileno=descriptor)
    line.set_inheritable(False)
    manners.die_with(parent)
    manners.be_nice()
    faulthandler.enable()
    server = Server(line)
    server.say(wire.Hello(wire.PROTOCOL))
    try:
        warning = import_torch(data)
    except NoTorch as error:
        server.say(wire.Broken(str(error)))
        return
    server.serve(warning)


class Server:
    """Makes, signals and reaps processes until the screen is gone."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._pids: dict[int, int] = {}
        """Of those that live, by number."""

    def say(self, notice: wire.Notice) -> None:
        self._line.sendall(wire.frame(notice))

    def serve(self, warning: str) -> None:
        """Do what is asked until nobody is there to ask; then end what lives."""
        try:
            with _woken_by_children() as bell:
                while True:
                    ready, _, _ = select.select([self._line, bell], [], [])
                    if bell in ready:
                        os.read(bell, 1024)
                        self._reap()
                    if self._line in ready and not self._obey(warning):
                        return
        except BrokenPipeError:
            pass  # the screen is gone
        finally:
            for pid in self._pids.values():
                _signal(pid, signal.SIGKILL)
            for pid in self._pids.values():  # nobody else will: not every machine has an init that does
                os.waitpid(pid, 0)

    def _obey(self, warning: str) -> bool:
        """Take one request; False at the end of the line."""
        prefix, descriptors, _, _ = socket.recv_fds(self._line, wire.LENGTH_SIZE, 2)
        if len(prefix) < wire.LENGTH_SIZE:
            return False
        request = wire.request(_exactly(self._line, wire.length(prefix)))
        if isinstance(request, wire.Fork):
            channel, log = descriptors
            self._fork(request.number, channel, log, warning)
        elif request.number in self._pids:
            _signal(self._pids[request.number], signal.Signals(request.sign))
        return True

    def _fork(self, number: int, channel: int, log: int, warning: str) -> None:
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, or too little memory
            self.say(wire.Exited(number, 1, f"no process can be made: {error.strerror}"))
        else:
            if pid == 0:
                _become_child(self._line, channel, log, server, warning)
            os.setpgid(pid, pid)  # as it does itself; whoever comes first
            self._pids[number] = pid
            self.say(wire.Forked(number, pid))
        finally:
            os.close(channel)
            os.close(log)

    def _reap(self) -> None:
        """Take note of all that have ended, and end what they have started."""
        for number, pid in list(self._pids.items()):
            # Looked at before it is reaped: until then its number, and its group's, belongs to nobody else.
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _signal(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            del self._pids[number]
            self.say(wire.Exited(number, os.waitstatus_to_exitcode(status)))


def _become_child(line: socket.socket, channel: int, log: int, server: int, warning: str) -> None:
    """Be the new process, and never come back."""
    from initplay.worker.child import live

    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        line.close()
        os.setpgid(0, 0)
        manners.die_with(server)
        live(channel, log, warning)
    except BaseException:  # noqa: BLE001 (whatever it was, this process must not go on as a second server)
        traceback.print_exc()  # into the log, from which its last line is told
        sys.stderr.flush()
    finally:
        os._exit(1)


@contextlib.contextmanager
def _woken_by_children() -> Iterator[int]:
    """A descriptor that can be read from when a child has ended."""
    bell, striker = os.pipe()
    os.set_blocking(striker, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(striker, warn_on_full_buffer=False)
    yield bell


def _exactly(line: socket.socket, size: int) -> bytes:
    body = b""
    while len(body) < size and (part := line.recv(size - len(body))):
        body += part
    return body


def _signal(group: int, sign: signal.Signals) -> None:
    """Signal a process and whatever it has started, which may live on without it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal zombies
        os.killpg(group, sign)
