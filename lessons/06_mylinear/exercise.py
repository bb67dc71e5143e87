"""Write `MyLinear(in_features, out_features, bias=True)`, which can stand
in for nn.Linear.

Its `weight` is (out_features, in_features), its `bias` (out_features,),
or None without one. Both are nn.Parameters, and `reset_parameters()`
draws both from U(-1/√in_features, 1/√in_features); a new layer is drawn.
Called with x of shape (..., in_features) it gives (..., out_features),
and raises an error for any other size. It prints the same sizes as
nn.Linear: MyLinear(in_features=3, out_features=2, bias=True).
"""

import math

import torch
from torch import nn


class MyLinear(nn.Module):
    """x @ weight.T + bias."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        b = nn.Parameter(torch.empty(out_features)) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw weight and bias."""
        bound = 1 / math.sqrt(...)
        with torch.no_grad():
            for p in self.parameters():
                p.uniform_(-bound, bound)

    def forward(self, x):
        """Of x (..., in_features), the outputs (..., out_features)."""
        return ...

    def extra_repr(self):
        """What stands between the brackets when it is printed."""
        n_in, n_out = self.in_features, self.out_features
        bias = self.bias is not None
        return f"in_features={n_in}, out_features={n_out}, bias={bias}"
