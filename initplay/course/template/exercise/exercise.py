"""Write `std_after(scale, width, layers)`: the std that is left of a
vector of std 1.

Each layer multiplies it by a random matrix of width × width numbers of
that scale.
"""


def std_after(scale, width, layers):
    """What the std is after so many layers, in the average over draws."""
    growth = ...
    return growth**layers
