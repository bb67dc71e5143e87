"""What cannot be examined."""

from __future__ import annotations


def is_of_memory(error: BaseException) -> bool:
    """Whether it was raised because there is too little memory, on whatever device."""
    return (
        isinstance(error, MemoryError)
        or "OutOfMemory" in type(error).__name__
        or "allocate memory" in str(error)
    )


class Refused(Exception):
    """The net, its input or its loss cannot be examined; the message is one sentence, with the mend."""
