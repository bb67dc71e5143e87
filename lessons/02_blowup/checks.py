"""What `rms(x)` is asked, and what people write instead."""

import torch

from initplay.lab.checking import Mistake, Probe, verdicts


def of(*numbers):
    """A probe's question: the rms of these."""
    return lambda mine: mine.rms(torch.tensor(numbers))


def unchanged(mine):
    x = torch.tensor([3.0, -4.0, 0.0, 0.0])
    mine.rms(x)
    return x


PROBES = [
    Probe("3, -4, 0, 0", of(3.0, -4.0, 0.0, 0.0)),
    Probe("all below 0, in two rows", of([-1.0, -2.0], [-3.0, -4.0])),
    Probe("3e30, -4e30, 0, 0: the squares are inf in float32", of(3e30, -4e30, 0.0, 0.0)),
    Probe("3e-30, -4e-30, 0, 0: the squares are 0 in float32", of(3e-30, -4e-30, 0.0, 0.0), slack=1e-36),
    Probe("four zeros", of(0.0, 0.0, 0.0, 0.0), slack=0),
    Probe("x is as it was", unchanged),
]


MISTAKES = [
    Mistake(
        "You squared before anything else: that gives {got} where {right} is right. Divide by the largest "
        "|x| first, and multiply by it at the end.",
        rms=lambda x: x.square().mean().sqrt(),
    ),
    Mistake(
        "x.std() takes the mean away first: {got} where {right} is right. The rms is about "
        "0, not about the mean.",
        rms=lambda x: x.std(),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
