"""Answers that differ from another in a part or two."""

from __future__ import annotations

from collections.abc import Callable


def rewriting(standard: str) -> Callable[..., str]:
    """Makes answers of the standard one, by pairs: what stands there, and what shall stand there."""

    def instead(*changes: tuple[str, str]) -> str:
        text = standard
        for part, other in changes:
            assert part in text
            text = text.replace(part, other)
        return text

    return instead
