"""What travels between the UI and the worker: u32 length, then msgpack of one tagged struct.

Commands go down the worker's stdin, reports come up a pipe of their own. A `Hello` with the protocol's
version is the first frame up; every `Events` frame names its run, so that a late one can be dropped.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Union

import msgspec

from initplay.lab.events import Recorded

PROTOCOL = 1
MAX_FRAME = 16 * 2**20
"""Bytes; a longer frame is no frame of ours."""

_LENGTH = struct.Struct(">I")
LENGTH_SIZE = _LENGTH.size


class WireError(Exception):
    """The other side sent something that is no frame."""


class Start(msgspec.Struct, tag="start", frozen=True, kw_only=True):
    """Run one experiment of this source text."""

    run_id: int
    lesson: str
    experiment: str
    filename: str
    """The name that tracebacks show."""
    source: str
    knobs: dict[str, Any]
    seed: int
    device: str
    data: str
    """"auto", "embedded", "full" or a path."""
    paused: bool = False
    """Begin held, so that single steps start at the first moment."""
    pace: float | None = None
    """Moments a second, for slow motion; None is full speed."""


class Pause(msgspec.Struct, tag="pause", frozen=True):
    run_id: int


class Resume(msgspec.Struct, tag="resume", frozen=True):
    run_id: int


class Step(msgspec.Struct, tag="step", frozen=True):
    """Go on to the end of the next moment, then hold."""

    run_id: int


class Pace(msgspec.Struct, tag="pace", frozen=True):
    run_id: int
    per_second: float | None


class Stop(msgspec.Struct, tag="stop", frozen=True):
    run_id: int


Command = Union[Start, Pause, Resume, Step, Pace, Stop]  # noqa: UP007 (read at run time, on 3.10 too)


class Device(msgspec.Struct, frozen=True):
    """Something torch can compute on."""

    name: str
    """What torch calls it: "cpu", "cuda:0", "mps"."""
    label: str
    memory: int | None = None
    """Bytes, where that is known."""


class Hello(msgspec.Struct, tag="hello", frozen=True):
    protocol: int


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """torch is loaded."""

    torch: str
    devices: list[Device]
    data: str
    """What the digits are, in words."""
    warning: str = ""
    """A sentence about digits that could not be used."""


class Broken(msgspec.Struct, tag="broken", frozen=True):
    """The worker cannot work at all; the message is one sentence."""

    message: str


class Events(msgspec.Struct, tag="events", frozen=True):
    run_id: int
    events: list[Recorded]


Report = Union[Hello, Ready, Broken, Events]  # noqa: UP007 (read at run time, on 3.10 too)

_encoder = msgspec.msgpack.Encoder()
_command_decoder = msgspec.msgpack.Decoder(Command)
_report_decoder = msgspec.msgpack.Decoder(Report)


def frame(message: Command | Report) -> bytes:
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
    if isinstance(value, list):
        return [_without_surrogates(inner) for inner in value]
    return value


def event_frames(run_id: int, events: list[Recorded]) -> Iterator[bytes]:
    """The events in as many frames as their size asks for, in order."""
    try:
        yield frame(Events(run_id, events))
    except WireError:
        if len(events) == 1:
            raise
        half = len(events) // 2
        yield from event_frames(run_id, events[:half])
        yield from event_frames(run_id, events[half:])


def length(prefix: bytes) -> int:
    """The body's length in bytes from the four before it. Raises WireError when that cannot be."""
    (size,) = _LENGTH.unpack(prefix)
    if size > MAX_FRAME:
        raise WireError(f"a frame claims {size} bytes, more than {MAX_FRAME}")
    return size


def command(body: bytes) -> Command:
    return _decode(_command_decoder, body)


def report(body: bytes) -> Report:
    return _decode(_report_decoder, body)


def _decode(decoder: msgspec.msgpack.Decoder, body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(f"a frame is no message: {error}") from error
