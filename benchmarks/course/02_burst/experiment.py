"""A short run with much to keep."""

import torch

from initplay.lab import Axes, Histogram, Image, Point, Range, Result, Row


def burst(moments: Range[1, 10_000] = 1_000):
    """Everything a run can hold, as fast as it comes."""
    yield Axes("walk", x="step", y="place")
    place = torch.zeros(2)
    for step in range(moments):
        place = place + torch.randn(2)
        yield Point("walk", step, place[0], series="one")
        yield Point("walk", step, place[1], series="other")
        if step % 10 == 0:
            yield Histogram("normal", torch.randn(1_000), at=step)
            yield Image("noise", torch.rand(4, 28, 28), at=step)
            yield Row("places", step=step, one=place[0], other=place[1])
            print(f"step {step}")
    yield Result(place=place)
