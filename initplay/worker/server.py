"""The fork server: it imports torch once, and makes a fresh process for every run by forking.

It never runs lesson code, never starts a thread, and never touches a device. Requests come down a socket, the
line of one playground; each `Fork` brings the socket and the log of the process to be made. It says which
processes there are and how they ended, and signals them, for only who reaps a process knows that its number
is still its own. `main` serves the playground that started it; `shared_server` makes one for whoever comes.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial

from initplay.engine import wire
from initplay.engine.orphans import take_in_orphans
from initplay.worker import manners, source
from initplay.worker.child import live
from initplay.worker.huge_pages import put_on_huge_pages
from initplay.worker.torch_import import NoTorch, import_torch, import_what_torch_imports_later

PATIENCE = 5.0
"""Seconds that a playground may take to read a notice, or to send the rest of a request."""
REST = 1.0
"""Seconds without a request, after which the server does what would keep the next one waiting."""
MANY = 10
"""Forks without a rest, after which many more are likely: some 50 save what it takes to make huge pages."""


def main() -> None:
    """`python -c … SOCKET PARENT DATA`: the descriptor of the socket, the screen's process id, the digits."""
    descriptor, parent, data = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    line = Line(socket.socket(fileno=descriptor))
    manners.die_with(parent)
    manners.be_nice()
    faulthandler.enable()
    line.say(wire.Hello(wire.PROTOCOL))
    try:
        import_torch(data)
    except NoTorch as error:
        line.say(wire.Broken(str(error)))
        return
    Server(line, partial(make_forks_cheap, data)).serve()


class Line:
    """To one playground."""

    def __init__(self, channel: socket.socket) -> None:
        channel.set_inheritable(False)
        channel.settimeout(PATIENCE)
        self.channel = channel
        self.joined = wire.Join({}, b"")
        self.has_joined = False
        self.pids: dict[int, int] = {}
        """Of its processes that live, by number."""
        self.is_open = True

    def say(self, notice: wire.Notice) -> None:
        """Raises OSError where nobody reads it."""
        self.channel.sendall(wire.frame(notice))

    def request(self) -> tuple[wire.Request, list[int]] | None:
        """What is asked, and the descriptors that came with it; None at the end of the line.

        Raises OSError and WireError for a playground that is not to be dealt with any more.
        """
        prefix, descriptors, _, _ = socket.recv_fds(self.channel, wire.LENGTH_SIZE, 2)
        if len(prefix) < wire.LENGTH_SIZE:
            return None
        return wire.request(_exactly(self.channel, wire.length(prefix))), descriptors

    def hang_up(self) -> None:
        """End what lives for it, and listen no more."""
        self.is_open = False
        for pid in self.pids.values():
            _signal(pid, signal.SIGKILL)


class Server:
    """Makes, signals and reaps processes for as long as there is somebody to ask for them."""

    def __init__(self, line: Line, make_forks_cheap: Callable[[], None] | None) -> None:
        """`make_forks_cheap` is called in a rest; None where its memory is that of a process which serves
        others too, and has done that."""
        self._line = line
        self._make_forks_cheap = make_forks_cheap
        self._bell = self._striker = -1
        """The two ends of a pipe that is written into when a child has ended."""
        self._rested = False
        self._forks = 0
        self._is_nice = False
        self._has_orphans = False
        """Whether something of a run's that has left its group is still to end."""

    def serve(self) -> None:
        line = self._line
        try:
            self._bell, self._striker = _bell_that_children_ring()
            take_in_orphans()
            while not self._is_over:
                asking = [line.channel] if line.is_open else []
                # Not before it is joined: until then the playground weighs its session, and would undo it.
                rests = line.has_joined and not (self._rested and self._is_nice)
                ready, _, _ = select.select([self._bell, *asking], [], [], REST if rests else None)
                if not ready:
                    self._rest()
                if self._bell in ready:
                    os.read(self._bell, 1024)
                self._deal_with(line, asks=line.channel in ready)
        finally:
            line.hang_up()

    @property
    def _is_over(self) -> bool:
        return not (self._line.is_open or self._line.pids or self._has_orphans)

    def _rest(self) -> None:
        if not self._rested:
            self._rested = True
            import_what_torch_imports_later()
            if self._make_forks_cheap:
                self._make_forks_cheap()
        self._be_nice()

    def _deal_with(self, line: Line, *, asks: bool) -> None:
        """Tell it what has ended, and take a request; hang up on one that is gone or talks nonsense."""
        try:
            _reap(line)
            if asks and not self._obey(line):
                line.hang_up()
        except (OSError, ValueError, wire.WireError):
            line.hang_up()
        self._has_orphans = _end_orphans(line)
        if self._is_over:
            line.channel.close()  # only now: its end tells the playground that nothing is left

    def _obey(self, line: Line) -> bool:
        """Take one request; False at the end of the line. Raises what `Line.request` does, and ValueError."""
        asked = line.request()
        if asked is None:
            return False
        request, descriptors = asked
        try:
            if isinstance(request, wire.Join):
                line.joined, line.has_joined = request, True
            elif isinstance(request, wire.Compile):
                (written,) = descriptors
                with open(written, encoding="utf-8", newline="", closefd=False) as text:
                    source.compile_ahead(text.read(), request.filename)
            elif isinstance(request, wire.Fork):
                channel, log = descriptors
                self._fork(line, request.number, channel, log)
            elif request.number in line.pids:
                _signal(line.pids[request.number], signal.Signals(request.sign))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _fork(self, line: Line, number: int, channel: int, log: int) -> None:
        server = os.getpid()
        manners.have_environment(line.joined.environment)  # here, since each fork would copy it to change it
        self._be_nice()
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, or too little memory
            line.say(wire.Exited(number, 1, f"no process can be made: {error.strerror}"))
        else:
            if pid == 0:
                self._become_child(line, channel, log, server)
            os.setpgid(pid, pid)  # as it does itself; whoever comes first
            line.pids[number] = pid
            line.say(wire.Forked(number, pid))
            self._forks += 1
            if self._forks == MANY and not self._rested and self._make_forks_cheap:
                self._make_forks_cheap()

    def _be_nice(self) -> None:
        """Let the screen's session go first: from the first rest on, for what is imported in it would take
        ten times as long on a busy machine, and at once where others want the cores."""
        others_want_the_cores = self._make_forks_cheap is None
        if not self._is_nice and (self._rested or others_want_the_cores):
            self._is_nice = manners.have_the_session_be_nice()

    def _become_child(self, line: Line, channel: int, log: int, server: int) -> None:
        """Be the new process, and never come back."""
        try:
            signal.set_wakeup_fd(-1)  # what it was is not told: from Python 3.12 on, a fork takes it away
            os.close(self._striker)
            os.close(self._bell)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            line.channel.close()
            os.setpgid(0, 0)
            manners.die_with(server)
            manners.enter(line.joined.folder)
            manners.stay_within(os.environ.get(manners.MEMORY, ""))
            live(channel, log)
        except BaseException:  # noqa: BLE001 (whatever it was, this process must not go on as a second server)
            traceback.print_exc()  # into the log, from which its last line is told
            sys.stderr.flush()
        finally:
            os._exit(1)


def make_forks_cheap(data: str) -> None:
    """Of a process that has read these digits: its forks then copy less, and sooner."""
    from initplay.worker.rehearsal import rehearse_to_fork  # it imports torch

    rehearse_to_fork(data)
    put_on_huge_pages()


def _reap(line: Line) -> None:
    """Take note of all that have ended, and end what they have started."""
    for number, pid in list(line.pids.items()):
        # Looked at before it is reaped: until then its number, and its group's, belongs to nobody else.
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            continue
        _signal(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        del line.pids[number]
        if line.is_open:
            line.say(wire.Exited(number, os.waitstatus_to_exitcode(status)))


def _end_orphans(line: Line) -> bool:
    """End what runs have started that is no longer in their groups and has no parent left but us; whether one
    is still to end. What it has started itself comes to us then."""
    runs = set(line.pids.values())
    has_some = False
    for pid in set(manners.children()) - runs:
        if os.waitpid(pid, os.WNOHANG) == (0, 0) and os.getpgid(pid) not in runs:
            with contextlib.suppress(PermissionError):  # it is another user's by now
                os.kill(pid, signal.SIGKILL)
                has_some = True
    return has_some


def _bell_that_children_ring() -> tuple[int, int]:
    """A descriptor that can be read from when a child has ended, and the one that is written into then."""
    bell, striker = os.pipe()
    os.set_blocking(striker, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(striker, warn_on_full_buffer=False)
    return bell, striker


def _exactly(channel: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer at the end of the line. Raises OSError where they take longer than PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    body = b""
    while len(body) < size and (part := channel.recv(size - len(body))):
        body += part
        if time.monotonic() > deadline:
            raise TimeoutError("the rest of a request does not come")
    return body


def _signal(pid: int, sign: signal.Signals) -> None:
    """Signal a process that is not reaped yet, and whatever it has started, which may live on without it."""
    for send in (os.killpg, os.kill):  # it may have left the group that is named after it
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS refuses to signal zombies
            send(pid, sign)
