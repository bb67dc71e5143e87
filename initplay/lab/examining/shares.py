"""How much of an activation's output is where no gradient passes."""

from __future__ import annotations

from torch import Tensor


def dead_share(kind: str, output: Tensor, unit: int) -> float | None:
    """The share of units whose output is 0 for every example and place; None where that is no death."""
    if kind not in ("relu", "relu6", "threshold") or output.dim() < 2:
        return None
    others = [dim for dim in range(output.dim()) if dim != output.dim() + unit]
    output = output.detach()
    largest = output.abs().amax(others) if kind == "threshold" else output.amax(others)
    return (largest == 0).float().mean().item()


def saturated_share(kind: str, output: Tensor) -> float | None:
    """The share of values within 3 % of where the function ends; None where it has no ends."""
    output = output.detach()
    if output.is_complex():
        return None
    if kind in ("tanh", "hardtanh", "softsign"):
        return (output.abs() > 0.97).float().mean().item()
    if kind in ("sigmoid", "hardsigmoid"):
        return ((output - 0.5).abs() > 0.47).float().mean().item()
    return None
