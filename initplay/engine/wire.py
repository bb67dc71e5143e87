"""What travels between the screen and its processes: u32 length, then msgpack of one tagged struct.

Two kinds of line, each a socket of its own:

    screen ─ Join, Compile, Fork, Signal ─▶ fork server      one line, as long as the playground is open
    screen ◀─ Hello, Broken, Forked, Exited ─ fork server
    screen ─ Examine, Warm, Start, Pause … ─▶ a process of a run       one line each
    screen ◀─ Ready, Events ─ a process of a run

A `Hello` with the protocol's version is the fork server's first frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Union

import msgspec

from initplay.engine.order import Order
from initplay.lab.events import Recorded

PROTOCOL = 7
MAX_FRAME = 16 * 2**20
"""Bytes; a longer frame is no frame of ours."""

_LENGTH = struct.Struct(">I")
LENGTH_SIZE = _LENGTH.size


class WireError(Exception):
    """The other side sent something that is no frame."""


class Join(msgspec.Struct, tag="join", frozen=True):
    """The first request: what the processes of this line have as their environment and folder."""

    environment: dict[bytes, bytes]
    folder: bytes


class Compile(msgspec.Struct, tag="compile", frozen=True):
    """Compile a lesson's own text, for all the processes that are made from now on.

    With the frame travels a descriptor: of the file with the text.
    """

    filename: str


class Fork(msgspec.Struct, tag="fork", frozen=True):
    """Make a process. With the frame travel two descriptors: its socket, and the file for its log."""

    number: int


class Signal(msgspec.Struct, tag="signal", frozen=True):
    """Signal a process and whatever it has started; nothing where it has ended."""

    number: int
    sign: int


Request = Union[Join, Compile, Fork, Signal]  # noqa: UP007 (read at run time, on 3.10 too)


class Hello(msgspec.Struct, tag="hello", frozen=True):
    protocol: int


class Broken(msgspec.Struct, tag="broken", frozen=True):
    """Nothing can be run at all; the message is one sentence."""

    message: str


class Forked(msgspec.Struct, tag="forked", frozen=True):
    number: int
    pid: int


class Exited(msgspec.Struct, tag="exited", frozen=True):
    """A process has ended, or could not be made."""

    number: int
    code: int
    """As `subprocess` has it: negative for a signal."""
    reason: str = ""
    """Why it could not be made."""


Notice = Union[Hello, Broken, Forked, Exited]  # noqa: UP007 (read at run time, on 3.10 too)


class Examine(msgspec.Struct, tag="examine", frozen=True):
    """Say what this machine can run on, and what these digits are; answered by `Ready`."""

    data: str
    measures: bool = False
    """Whether to say what is free on each device, which takes a context on it."""


class Warm(msgspec.Struct, tag="warm", frozen=True):
    """Do what the first run of a process would do first, while nobody waits for it."""

    data: str
    """The digits that most runs ask for."""
    has_memory: bool = True
    """Whether to take memory for its tensors and its events too. Thirty on one machine would take a gigabyte
    more, and time from one another."""


class Start(msgspec.Struct, tag="start", frozen=True, kw_only=True):
    """Run an order with one of its seeds."""

    order: Order
    seed: int
    threads: int
    """How many torch computes with."""
    paused: bool = False
    """Begin held, so that single steps start at the first moment."""
    pace: float | None = None
    """Moments a second, for slow motion; None is full speed."""
    among_many: bool = False
    """Report no events but the beginning, the facts and the ending."""


class Pause(msgspec.Struct, tag="pause", frozen=True):
    pass


class Resume(msgspec.Struct, tag="resume", frozen=True):
    pass


class Step(msgspec.Struct, tag="step", frozen=True):
    """Go on to the end of the next moment, then hold."""


class Pace(msgspec.Struct, tag="pace", frozen=True):
    per_second: float | None


class Stop(msgspec.Struct, tag="stop", frozen=True):
    pass


Command = Union[Examine, Warm, Start, Pause, Resume, Step, Pace, Stop]  # noqa: UP007 (read at run time)


class Device(msgspec.Struct, frozen=True):
    """Something torch can compute on."""

    name: str
    """What torch calls it: "cpu", "cuda:0", "mps"."""
    label: str
    memory: int | None = None
    """Bytes, where that is known."""
    free: int | None = None
    """Bytes of these that nobody uses, where that was asked for and is known."""


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """torch is loaded."""

    torch: str
    devices: list[Device]
    data: str
    """What the digits are, in words."""
    warning: str = ""
    """A sentence about digits that could not be used."""


class Events(msgspec.Struct, tag="events", frozen=True):
    events: list[Recorded]


Report = Union[Ready, Broken, Events]  # noqa: UP007 (read at run time, on 3.10 too)

_encoder = msgspec.msgpack.Encoder()
_request_decoder = msgspec.msgpack.Decoder(Request)
_notice_decoder = msgspec.msgpack.Decoder(Notice)
_command_decoder = msgspec.msgpack.Decoder(Command)
_report_decoder = msgspec.msgpack.Decoder(Report)


def frame(message: Request | Notice | Command | Report) -> bytes:
    """One message as it travels. Raises WireError when it is too long for a frame."""
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError:
        body = _encoder.encode(_without_surrogates(msgspec.to_builtins(message, builtin_types=(bytes,))))
    if len(body) > MAX_FRAME:
        raise WireError(f"a frame of {len(body)} bytes is longer than {MAX_FRAME}")
    return _LENGTH.pack(len(body)) + body


def _without_surrogates(value: Any) -> Any:
    """Half characters, which UTF-8 lacks but any Python text may hold, become question marks."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(inner) for inner in value]
    return value


def event_frames(events: list[Recorded]) -> Iterator[bytes]:
    """The events in as many frames as their size asks for, in order."""
    try:
        yield frame(Events(events))
    except WireError:
        if len(events) == 1:
            raise
        half = len(events) // 2
        yield from event_frames(events[:half])
        yield from event_frames(events[half:])


def length(prefix: bytes) -> int:
    """The body's length in bytes from the four before it. Raises WireError when that cannot be."""
    (size,) = _LENGTH.unpack(prefix)
    if size > MAX_FRAME:
        raise WireError(f"a frame claims {size} bytes, more than {MAX_FRAME}")
    return size


def request(body: bytes) -> Request:
    return _decode(_request_decoder, body)


def notice(body: bytes) -> Notice:
    return _decode(_notice_decoder, body)


def command(body: bytes) -> Command:
    return _decode(_command_decoder, body)


def report(body: bytes) -> Report:
    return _decode(_report_decoder, body)


def _decode(decoder: msgspec.msgpack.Decoder, body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(f"a frame is no message: {error}") from error
