"""Write `dead_units(h)`: how many units gave 0 for every sample, as one
number.

h is (samples, units). One number other than 0, however small and of
whichever sign, and a unit is not dead.
"""

import torch


def dead_units(h):
    """The number of units that are 0 in all rows of h."""
    is_zero = h == 0
    return ...
