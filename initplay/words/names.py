"""How the names of a program stand in a sentence."""

from __future__ import annotations


def spelled(name: str) -> str:
    """`final_std` as it is read: final std."""
    return name.replace("_", " ")
