"""What `rms(x)` is asked, and what people write instead."""

import torch

from initplay.lab.checking import Mistake, Probe, verdicts


def of(*numbers):
    """A probe's question: the rms of these."""
    return lambda mine: mine.rms(torch.tensor(numbers))


def many(mine):
    return mine.rms(3 + torch.randn(10, 20, 30))


def unchanged(mine):
    x = torch.tensor([3.0, -4.0, 0.0, 0.0])
    mine.rms(x)
    return x.tolist()


PROBES = [
    Probe("3, -4, 0, 0", of(3.0, -4.0, 0.0, 0.0)),
    Probe("all below 0, in two rows", of([-1.0, -2.0], [-3.0, -4.0])),
    Probe("one number, -7", of(-7.0)),
    Probe("6,000 numbers around 3, in three dimensions", many),
    Probe("3e30, -4e30, 0: the squares are inf in float32", of(3e30, -4e30, 0.0)),
    Probe("3e-30, -4e-30, 0: the squares are 0 in float32", of(3e-30, -4e-30, 0.0), slack=1e-36),
    Probe("four zeros", of(0.0, 0.0, 0.0, 0.0), slack=0),
    Probe(
        "x is as it was",
        unchanged,
        says="It changed x itself: {right} became {got}. Whoever calls it still needs x: work on a new "
        "tensor.",
        beside=True,
    ),
]


def scaled(f):
    """f with the largest |x| divided out first: right in size, whatever else f is."""

    def rms(x):
        largest = x.abs().max()
        return largest * f(x / largest) if largest > 0 else largest

    return rms


def by_largest(x):
    largest = x.max()
    return largest * (x / largest).square().mean().sqrt()


def without_zeros(x):
    largest = x.abs().max()
    return largest * (x / largest).square().mean().sqrt()


def either_size(says, f):
    """A formula that is wrong at every size, written plainly or with the largest |x| divided out."""
    return [Mistake(says, rms=f), Mistake(says, rms=scaled(f))]


NO_ABS = (
    "You divided by the largest x, not by the largest |x|: {got} where {right} is right. What if all are "
    "negative?"
)
STD = (
    "That is the std, which takes the mean away first: {got} where {right} is right. The rms is about 0, "
    "not about the mean."
)
LEAVES_FLOAT32 = (
    "A square in it leaves float32: {got} where {right} is right. Divide by the largest |x| before anything "
    "is squared, and multiply by it after the root."
)

MISTAKES = [
    Mistake(LEAVES_FLOAT32, rms=lambda x: x.square().mean().sqrt()),
    Mistake(
        "You added a little to the squares or their mean: {got} where {right} is right. Next to tiny "
        "numbers a "
        "little is a lot. Divide by the largest |x| first instead.",
        rms=lambda x: (x.square().mean() + 1e-8).sqrt(),
    ),
    *either_size(STD, lambda x: (x - x.mean()).norm() / (x.numel() - 1) ** 0.5),
    *either_size(STD, lambda x: (x - x.mean()).norm() / x.numel() ** 0.5),
    *either_size(
        "That is the mean of |x|: {got} where {right} is right. The rms squares first, so large numbers "
        "count for more.",
        lambda x: x.abs().mean(),
    ),
    *either_size(
        "That is the length of x, the root of the sum: {got} where {right} is right. What makes a mean "
        "of a sum?",
        lambda x: x.norm(),
    ),
    *either_size(
        "You divided by n after the root: {got} where {right} is right. The mean is of the squares, so "
        "√n is left "
        "of it outside the root.",
        lambda x: x.norm() / x.numel(),
    ),
    *either_size(
        "That is the root of the mean, without a square: {got} where {right} is right. Square, then "
        "mean, then root.",
        lambda x: x.mean().abs().sqrt(),
    ),
    *either_size(
        "That is the size of the mean: {got} where {right} is right. Square each number before the mean, "
        "not after it.",
        lambda x: x.mean().abs(),
    ),
    *either_size("The root is missing: {got} where {right} is right.", lambda x: x.square().mean()),
    Mistake(
        "That is the largest |x|: {got} where {right} is right. It sets the scale; the others count as well.",
        rms=lambda x: x.abs().max(),
    ),
    Mistake(
        "You divided by the largest |x| and did not multiply by it again: {got} where {right} is right.",
        rms=lambda x: scaled(lambda y: y.square().mean().sqrt())(x) / x.abs().max().clamp(min=1e-45),
    ),
    Mistake("The sign is wrong: {got} where {right} is right.", rms=lambda x: -without_zeros(x)),
    Mistake("The sign is wrong: {got} where {right} is right.", rms=lambda x: -scaled(without_zeros)(x)),
    Mistake(
        "0 / 0 is {got}: where all are 0, there is nothing to divide by. Give that case its own line.",
        rms=without_zeros,
    ),
    Mistake(NO_ABS, rms=by_largest),
    Mistake(NO_ABS, rms=lambda x: by_largest(x) if x.max() != 0 else x.max()),
    Mistake(NO_ABS, rms=lambda x: by_largest(x) if x.max() > 0 else x.max()),
    Mistake(
        "The squares are cut off where float32 ends, or nearly: {got} where {right} is right. Cutting "
        "loses the "
        "size. Divide by the largest |x| first instead.",
        rms=lambda x: x.square().mean().sqrt().clamp(max=3.4e38),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
