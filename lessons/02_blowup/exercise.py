"""Write `rms(x)`: the root of the mean square of all numbers in x, as one
number.

It must be right where float32 is not: 3e30 squared is inf, 3e-30 squared
is 0. And a tensor of zeros has an rms of 0.
"""

import torch


def rms(x):
    """√(mean of x²), for numbers of any size."""
    largest = x.abs().max()
    if largest == 0:
        return ...
    return ... * (x / largest).square().mean().sqrt()
