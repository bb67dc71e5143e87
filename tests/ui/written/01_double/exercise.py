"""Write `double(x)`: twice the number.

For any number.
"""


def double(x):
    """2x."""
    return ... * x
