"""What the checks of an initialization ask, whatever it draws, of one that fills a tensor in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

Question = Callable[[Any], Any]
"""What a `Probe` asks of the learner's module."""
_BEFORE = 7.0
"""What a tensor holds until it is filled."""


def of_draws(w: torch.Tensor) -> dict[str, Any]:
    """What can be said of a tensor of at least 2,000 draws, whoever drew them and in which order.

    A uniform draw ("box") has a fourth moment of 1.8 stds to the fourth, a normal one ("bell") of 3. The
    names are short: a report has one line of 65 columns for them all.
    """
    w = w.detach()
    mean = w.mean()
    squares = (w - mean).square()
    std = squares.mean().sqrt()
    fourth = squares.square().mean() / std**4
    return {
        "std": float(f"{std.item():.3g}"),  # further digits are this draw's own
        "mean 0": bool(mean.abs() < 6 * std / math.sqrt(w.numel())),
        "form": "box" if 1.6 < fourth < 2 else "bell" if 2.6 < fourth < 3.4 else "neither",
        "drawn": len(w.reshape(-1)[:2_000].unique()) > 1_800,
    }


class Fills:
    """Makes the questions about the initialization of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def weight(self, shape: tuple[int, ...], *args: Any, **how: Any) -> Question:
        """What a weight of this shape is filled with."""

        def ask(mine: Any) -> dict[str, Any]:
            w = torch.full(shape, _BEFORE)
            self._fill(mine, w, *args, **how)
            return of_draws(w) | {"filled": bool((w != _BEFORE).any())}

        return ask

    def parameter(self, shape: tuple[int, ...]) -> Question:
        """What it is filled with, and whether it still is one that can be trained."""

        def ask(mine: Any) -> dict[str, Any]:
            w = torch.nn.Parameter(torch.full(shape, _BEFORE))
            self._fill(mine, w)
            return of_draws(w) | {
                "is trained": w.requires_grad,
                "has a history": w.grad_fn is not None,
                "gradients are recorded": torch.is_grad_enabled(),
            }

        return ask

    def given_back(self, mine: Any) -> Any:
        """Whether it gives back the tensor that it was given."""
        w = torch.zeros(3, 5)
        out = self._fill(mine, w)
        return out if out is None or out is ... else "w" if out is w else "something else"

    def twice(self, mine: Any) -> str:
        """Whether two calls in a row draw the same."""
        first, second = torch.zeros(2, 30, 20)
        self._fill(mine, first)
        self._fill(mine, second)
        return "the same numbers" if torch.equal(first, second) else "other numbers"

    def _fill(self, mine: Any, w: torch.Tensor, *args: Any, **how: Any) -> Any:
        return getattr(mine, self._name)(w, *args, **how)
