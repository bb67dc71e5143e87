"""Write `interval(accuracies)`: the mean of a list of 1 to 8 numbers, and
how far off it may be.

Return (mean, half-width), where the 95 % interval is mean ± half-width:
t·std/√n for n numbers, std being their standard deviation (divided by
n - 1). One number knows nothing of its scatter: its half-width is None.
"""

import torch

# t for 2, 3, … 8 numbers
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]


def interval(accuracies):
    """(mean, half-width), the half-width None for one number alone."""
    n = len(accuracies)
    mean = sum(accuracies) / n
    if n == 1:
        return ...
    variance = sum((a - mean) ** 2 for a in accuracies) / (n - 1)
    return mean, ...
