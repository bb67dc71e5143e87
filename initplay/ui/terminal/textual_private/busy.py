"""Who still has something to do."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump

_handling: set[MessagePump] = set()


def note_who_handles_a_message() -> None:
    """Textual tells how many messages wait for somebody, and not whether one is being handled."""
    dispatch = getattr(MessagePump, "_dispatch_message", None)
    if dispatch is None:
        return

    async def dispatch_noted(pump: MessagePump, message: Message) -> None:
        _handling.add(pump)
        try:
            await dispatch(pump, message)
        finally:
            _handling.discard(pump)

    MessagePump._dispatch_message = dispatch_noted  # type: ignore[method-assign]


def is_busy(pump: MessagePump) -> bool:
    """Whether messages wait for it, or it handles one."""
    return pump in _handling or has_more(pump)


def has_more(pump: MessagePump) -> bool:
    """Whether messages wait for it behind the one that it handles."""
    # Textual takes the next one out of the queue to see whether it takes the place of this one.
    return pump.message_queue_size > 0 or getattr(pump, "_pending_message", None) is not None
