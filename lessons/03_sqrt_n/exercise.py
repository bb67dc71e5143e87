"""Write `xavier_uniform_(w, gain=1.0)`: it fills w, which is (out, in),
with draws from U(-bound, bound), and gives w back.

Their variance is gain² · 2 / (n_in + n_out), and a uniform draw from
-bound to bound has variance bound² / 3. w may be a parameter that is
trained: the filling must leave no trace in autograd.
"""

import math

import torch


def xavier_uniform_(w, gain=1.0):
    """Fill w in place; variance gain² · 2 / (n_in + n_out). Returns w."""
    n_out, n_in = w.shape
    bound = ...
    with torch.no_grad():
        return w.uniform_(-bound, ...)
