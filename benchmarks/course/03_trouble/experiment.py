"""Runs that ask for more than they should."""

import torch

from initplay.lab import Image, Note


def spin():
    """Never come to the next yield."""
    yield Note("spinning")
    while True:
        pass


def pictures(count: int = 400, side: int = 1000):
    """Large pictures, one after the other."""
    for at in range(count):
        yield Image("noise", torch.rand(side, side), at=at)
