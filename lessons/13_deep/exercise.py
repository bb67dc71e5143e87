"""Write `lsuv_(w, x)`: it fills w, which is (out, in), with orthonormal
rows, then scales it so that x @ w.T has a std of 1, and gives w back.

x is a batch, (samples, in), and stays as it is. The std is that of all
numbers of x @ w.T together, before any activation, and it is to be 1, not
nearly so. w may be a parameter that is trained: the filling must leave no
trace in autograd.
"""

import torch
from torch.nn.init import orthogonal_


def lsuv_(w, x):
    """Fill w in place, orthonormal times one number; return w."""
    with torch.no_grad():
        orthogonal_(w)
        std = ...
        w *= ...
    return w
