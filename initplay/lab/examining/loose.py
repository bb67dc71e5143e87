"""A parameter that is used without a layer."""

from __future__ import annotations

from torch import nn


class Loose(nn.Module):
    """Stands for a parameter that is used without a layer, as a layer of that one weight."""

    def __init__(self, weight: nn.Parameter) -> None:
        super().__init__()
        self.weight = weight
        self.bias: nn.Parameter | None = None
        self.products: float | None = None
        """How many products an output of it sums, once it was used."""
