"""What `xavier_uniform_(w, gain)` is asked, and what people write instead."""

import math

import torch

from initplay.lab.checking import Mistake, Probe, verdicts
from initplay.lab.initializing import Fills, of_draws

FILLS = Fills("xavier_uniform_")


def small_ones(mine):
    weights = torch.full((400, 2, 5), 7.0)
    for w in weights:
        mine.xavier_uniform_(w)
    return of_draws(weights)


NEAR = {"within": 0.02}  # 43,200 draws hold a std to 0.3 %
PROBES = [
    Probe("a weight of 360 × 120, for 120 inputs", FILLS.weight((360, 120)), **NEAR),
    Probe("one of 120 × 360", FILLS.weight((120, 360)), **NEAR),
    Probe("120 × 360 with gain=2", FILLS.weight((120, 360), gain=2.0), **NEAR),
    Probe("360 × 120 with 0.5 as its gain", FILLS.weight((360, 120), 0.5), **NEAR),
    Probe("400 small ones, 2 × 5", small_ones, within=0.05),
    Probe("an nn.Parameter of 200 × 200", FILLS.parameter((200, 200)), **NEAR),
    Probe(
        "what it gives back",
        FILLS.given_back,
        says="It gives back {got}, where the w that came in is right: so it can be used within a line.",
        beside=True,
    ),
    Probe("two calls in a row", FILLS.twice, says="Two calls drew {got}: is a seed set inside?", beside=True),
]


def drawn(variance, uniform=True, keep_grad=False):
    """The initialization with this variance of n_in, n_out and gain; normal, or on record, if so wished."""

    def xavier_uniform_(w, gain=1.0):
        n_out, n_in = w.shape
        std = math.sqrt(variance(n_in, n_out, gain))
        with torch.set_grad_enabled(keep_grad):
            return w.uniform_(-math.sqrt(3) * std, math.sqrt(3) * std) if uniform else w.normal_(0, std)

    return xavier_uniform_


def right_variance(n_in, n_out, gain):
    return gain**2 * 2 / (n_in + n_out)


def of_another(w, gain=1.0):
    return drawn(right_variance)(torch.empty_like(w), gain)


def untouched(w, gain=1.0):
    return w


def no_return(w, gain=1.0):
    drawn(right_variance)(w, gain)


def from_0(w, gain=1.0):
    bound = math.sqrt(3 * right_variance(*w.shape, gain))
    with torch.no_grad():
        return w.uniform_(0, bound)


STD = "std {got.std}, where {right.std} is right"


def wrong_variance(says, variance):
    """The same slip, whether the draw is uniform or normal."""
    return [
        Mistake(says, xavier_uniform_=drawn(variance)),
        Mistake(
            f"{says} And the draw is a bell; a uniform one is asked for.",
            xavier_uniform_=drawn(variance, uniform=False),
        ),
    ]


MISTAKES = [
    *wrong_variance(
        f"That takes the variance for 1/(n_in + n_out): {STD}. How does a mean of two differ from their sum?",
        lambda n_in, n_out, gain: gain**2 / (n_in + n_out),
    ),
    *wrong_variance(
        f"That takes the std for the bound: {STD}. The bound lies √3 stds from 0.",
        lambda n_in, n_out, gain: right_variance(n_in, n_out, gain) / 3,
    ),
    Mistake(
        f"The draw is √3 times too wide: {STD}. The bound lies √3 stds from 0, once.",
        xavier_uniform_=drawn(lambda n_in, n_out, gain: 3 * right_variance(n_in, n_out, gain)),
    ),
    Mistake(
        f"It draws a bell with the bound as its std: {STD}. A box from -bound to bound is asked for.",
        xavier_uniform_=drawn(lambda n_in, n_out, gain: 3 * right_variance(n_in, n_out, gain), uniform=False),
    ),
    *wrong_variance(
        f"The root is missing: {STD}. The variance is the square of what the bound is made of.",
        lambda n_in, n_out, gain: (gain * 6 / (n_in + n_out)) ** 2 / 3,
    ),
    *wrong_variance(
        f"Only n_in is in it, which is LeCun's: {STD}. Xavier is fair to both sides.",
        lambda n_in, n_out, gain: gain**2 / n_in,
    ),
    *wrong_variance(
        f"Only n_out is in it: {STD}. Xavier is fair to both sides.",
        lambda n_in, n_out, gain: gain**2 / n_out,
    ),
    *wrong_variance(
        f"The bound is 1/√n_in, which is torch's default: {STD}. Both sides belong in it.",
        lambda n_in, n_out, gain: gain**2 / (3 * n_in),
    ),
    *wrong_variance(
        f"gain does nothing: {STD}. The bound grows with it.",
        lambda n_in, n_out, gain: right_variance(n_in, n_out, 1),
    ),
    *wrong_variance(
        f"gain counts twice: {STD}. It is squared in the variance, and so not in the bound.",
        lambda n_in, n_out, gain: right_variance(n_in, n_out, gain**2),
    ),
    *wrong_variance(
        f"gain counts half: {STD}. Squared in the variance, it is itself in the bound.",
        lambda n_in, n_out, gain: right_variance(n_in, n_out, math.sqrt(gain)),
    ),
    *wrong_variance(
        f"gain divides: {STD}. A larger gain makes larger weights.",
        lambda n_in, n_out, gain: right_variance(n_in, n_out, 1 / gain),
    ),
    *wrong_variance(
        f"Only the larger side is in it: {STD}. Xavier is fair to both.",
        lambda n_in, n_out, gain: gain**2 / max(n_in, n_out),
    ),
    *wrong_variance(
        f"Only the smaller side is in it: {STD}. Xavier is fair to both.",
        lambda n_in, n_out, gain: gain**2 / min(n_in, n_out),
    ),
    *wrong_variance(
        f"Only n_in is in it, and with ReLU's 2, which is Kaiming's: {STD}. Xavier is fair to both sides.",
        lambda n_in, n_out, gain: gain**2 * 2 / n_in,
    ),
    *wrong_variance(
        f"√(n_in · n_out) is another mean of the two: {STD}. Half of their sum is asked for.",
        lambda n_in, n_out, gain: gain**2 / math.sqrt(n_in * n_out),
    ),
    *wrong_variance(
        f"n_in · n_out stands where n_in + n_out belongs: {STD}.",
        lambda n_in, n_out, gain: gain**2 * 2 / (n_in * n_out),
    ),
    *wrong_variance(
        f"It draws from U(-1, 1), whatever the shape: {STD}. What is the bound for this one?",
        lambda n_in, n_out, gain: gain**2 / 3,
    ),
    Mistake(
        "The variance is right, and the draw is a {got.form}: a box from -bound to bound is asked for.",
        xavier_uniform_=drawn(right_variance, uniform=False),
    ),
    Mistake(
        f"It draws on one side of 0 only: {STD}. A box from -bound to bound is asked for.",
        xavier_uniform_=from_0,
    ),
    Mistake(
        "w may be a parameter: it raised {got}, for autograd records what is done to one. Fill it where "
        "nothing "
        "is recorded.",
        xavier_uniform_=drawn(right_variance, keep_grad=True),
    ),
    Mistake(
        f"w is as it was: {STD}. Which functions change w itself, and not a new tensor?",
        xavier_uniform_=of_another,
    ),
    Mistake(
        f"w is as it was: {STD}. Which functions change w itself, and not a new tensor?",
        xavier_uniform_=untouched,
    ),
    Mistake("It gives back {got}, where w is right: does it end with `return`?", xavier_uniform_=no_return),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
