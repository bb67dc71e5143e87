"""What cannot be examined."""

from __future__ import annotations


class Refused(Exception):
    """The net, its input or its loss cannot be examined; the message is one sentence, with the mend."""
