"""A Python file's bytes as text, in the encoding that Python reads it in: UTF-8, or what a byte order mark or
a comment in one of its first two lines says."""

from __future__ import annotations

import codecs
import io
import tokenize

_OF_NAMES = ("idna", "punycode")
"""Encodings of the names of hosts, which fail on a line that is long."""


class NotText(Exception):
    """Python cannot read the file; the message goes on from its name, with the mend, and has no full stop."""


def decoded(data: bytes) -> str:
    """The text, with line ends of one kind. Raises NotText."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotText("is not read by Python, since it is in UTF-16: save it as UTF-8")
    try:
        text = data.decode(encoding_of(data))
    except UnicodeDecodeError as error:
        if error.start >= len(data):
            raise NotText(f"is not text in {error.encoding}: it ends too soon") from error
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x} in line {line}"
        mend = "save it so, or name its encoding in the first line, such as # coding: latin-1"
        where = "UTF-8" if error.encoding.startswith("utf-8") else error.encoding
        raise NotText(f"is not text in {where} ({byte}: {error.reason}): {mend}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes) -> str:
    """The encoding of a file that begins so. Raises NotText where it names one that there is not, and
    UnicodeDecodeError where it names none and its first lines are not in UTF-8."""
    try:
        found = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        if str(error).startswith("invalid or missing"):
            data.decode("utf-8")
        if data.startswith(codecs.BOM_UTF8):
            raise NotText(
                "is not read by Python, since it begins with the mark of UTF-8 and names another encoding in "
                "a comment: take that comment out"
            ) from error
        raise NotText(f"is not read by Python ({error}): name an encoding that there is, or none") from error
    if not is_read_by_python(found):
        raise NotText(f"is not read by Python (unknown encoding: {found}): name one of text, such as utf-8")
    return found


def is_read_by_python(encoding: str) -> bool:
    """Whether a file can be in it: it is of text, as rot13 is not, and has ASCII as ASCII, as UTF-16 has not:
    else the line that names it could not be read."""
    line = f"# coding: {encoding}\n"
    try:
        return encoding not in _OF_NAMES and line.encode().decode(encoding) == line
    except (LookupError, UnicodeError):  # there is none such, or it is from bytes to bytes
        return False
