"""How many processes an accelerator has room for: each has a context of its own, whatever it computes."""

from __future__ import annotations

CONTEXT = 320 * 2**20
"""Bytes of the device that a process of torch takes before its first tensor. pytorch/pytorch#86509 measured
287 MB since CUDA loads kernels when they are first called; some devices take more."""
TENSORS = 192 * 2**20
"""Bytes for what a lesson computes with, and for the workspaces of cuBLAS."""
EACH = CONTEXT + TENSORS


def room_for(memory: int) -> int:
    """How many runs fit at once into so many bytes."""
    return memory // EACH
