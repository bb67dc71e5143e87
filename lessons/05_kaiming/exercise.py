"""Write `kaiming_normal_(w, a=0.0, mode="fan_in")`: it fills w with draws
from N(0, gain² / fan), where gain² = 2 / (1 + a²), and gives w back.

w is (out, in), or that of a convolution, (out, in, *kernel): then each
side counts the kernel's pixels, too. `mode` says which side is the fan. A
w of fewer than two dimensions has no fan, and any other mode means
nothing: raise ValueError for both. w may be a parameter: the filling must
leave no trace in autograd.
"""

import math

import torch


def kaiming_normal_(w, a=0.0, mode="fan_in"):
    """Fill w in place, with std √(2 / (1 + a²)) / √fan; return w."""
    if w.dim() < 2 or mode not in ("fan_in", "fan_out"):
        raise ValueError("no fan: is it a bias, or another mode?")
    pixels = w[0, 0].numel()  # of the kernel: 1 where there is none
    fan = ...
    std = ...
    with torch.no_grad():
        return w.normal_(0, std)
