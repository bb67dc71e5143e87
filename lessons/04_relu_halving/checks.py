"""What `gain_for(f)` is asked, and what people write instead."""

import math

import torch
from torch.nn.functional import gelu, leaky_relu

from initplay.lab.checking import Mistake, Probe, verdicts


def of(f):
    """A probe's question: the gain for this f."""

    def ask(mine):
        torch.default_generator.manual_seed(AVERAGE)  # a thousand times: torch.manual_seed asks for GPUs
        return mine.gain_for(f)

    return ask


AVERAGE = 7  # a seed whose first 200,000 numbers are as a bell has them, to a thousandth


def scatter(mine):
    """How far apart the gains of eight calls are, where that is too much to be held to 2 %."""
    gains = [float(mine.gain_for(torch.relu)) for _ in range(8)]
    apart = (max(gains) - min(gains)) / max(map(abs, gains))
    return "close to one another" if apart < 0.025 else ", ".join(f"{gain:.3g}" for gain in gains)


NEAR = {"within": 0.02}
PROBES = [
    Probe(
        "ReLU, eight times: close to one another",
        scatter,
        says="Eight calls gave {got}. That scatters too much: on how many numbers is it measured?",
        beside=True,
    ),
    Probe("ReLU", of(torch.relu), **NEAR),
    Probe("tanh", of(torch.tanh), **NEAR),
    Probe("sigmoid", of(torch.sigmoid), **NEAR),
    Probe("GELU", of(gelu), **NEAR),
    Probe("leaky ReLU of slope 0.5", of(lambda z: leaky_relu(z, 0.5)), **NEAR),
    Probe("f(z) = z + 1", of(lambda z: z + 1), **NEAR),
    Probe("f(z) = 10 z", of(lambda z: 10 * z), **NEAR),
    Probe("f(z) = 3, whatever z is", of(lambda z: torch.full_like(z, 3)), **NEAR),
]
EVEN = (torch.arange(20_000) + 0.5) / 20_000  # as a uniform draw from 0 to 1, without its chance
BELL = torch.special.ndtri(EVEN)


def from_bell(gain):
    """What this makes of f(z), z from N(0, 1)."""
    return lambda f: gain(f(BELL))


def from_others(z):
    """The right gain for another z."""
    return lambda f: 1 / f(z).square().mean().sqrt()


AMONG_OTHERS = {
    "it is 1 / std of f(z), not 1 / rms": lambda y: 1 / y.std(),
    "the root is missing": lambda y: 1 / y.square().mean(),
    "it is the rms, which the gain undoes": lambda y: y.square().mean().sqrt(),
    "it is 1 / mean of f(z), not 1 / rms": lambda y: 1 / y.mean(),
    "it is 1 / variance of f(z), not 1 / rms": lambda y: 1 / y.var(),
}
"""Slips that are made together with torch.rand."""


def of_slope(f):
    z = BELL.clone().requires_grad_()
    f(z).sum().backward()
    return 1 / z.grad.square().mean().sqrt()


def table(other):
    """What stands in tables for ReLU and tanh, and `other` for the rest; torch's has 1."""
    gains = {"relu": math.sqrt(2), "tanh": 5 / 3}
    return lambda f: gains.get(getattr(f, "__name__", ""), other)


MISTAKES = [
    Mistake(
        "That is 1/std of f(z), and a std takes the mean away: {got}, where {right} is right. What the "
        "next layer "
        "gets depends on the mean square, with the mean in it.",
        gain_for=from_bell(lambda y: 1 / y.std()),
    ),
    Mistake(
        "That is 1 / mean square, without the root: {got}, where {right} is right. A gain multiplies a std.",
        gain_for=from_bell(lambda y: 1 / y.square().mean()),
    ),
    Mistake(
        "That is the mean square of f(z), which is what f leaves: {got}, where {right} is right. The "
        "gain undoes it.",
        gain_for=from_bell(lambda y: y.square().mean()),
    ),
    Mistake(
        "That is the rms of f(z), which is what f leaves: {got}, where {right} is right. The gain undoes it.",
        gain_for=from_bell(lambda y: y.square().mean().sqrt()),
    ),
    Mistake(
        "That is 1 / mean of |f(z)|: {got}, where {right} is right. Square first, for the rms.",
        gain_for=from_bell(lambda y: 1 / y.abs().mean()),
    ),
    Mistake(
        "That is 1 / mean of f(z): {got}, where {right} is right. Square first, for the rms.",
        gain_for=from_bell(lambda y: 1 / y.mean()),
    ),
    Mistake(
        "That is 1 / variance of f(z): {got}, where {right} is right. No mean is to be taken away, and "
        "the root "
        "is missing.",
        gain_for=from_bell(lambda y: 1 / y.var()),
    ),
    Mistake(
        "f(z) was not averaged, but added up: {got}, where {right} is right.",
        gain_for=lambda f: 1 / f(torch.randn(200_000)).norm(),
    ),
    Mistake(
        "That goes by the slope of f: {got}, where {right} is right. Here it is what f makes of z.",
        gain_for=of_slope,
    ),
    Mistake(
        "z is drawn from U(0, 1), as torch.rand does: {got}, where {right} is right. Which one draws "
        "from N(0, 1)?",
        gain_for=from_others(EVEN),
    ),
    Mistake(
        "z lies evenly between -1 and 1: {got}, where {right} is right. It should be a bell, N(0, 1).",
        gain_for=from_others(2 * EVEN - 1),
    ),
    Mistake(
        "z has std 1, but it is a box and not a bell: {got}, where {right} is right.",
        gain_for=from_others(math.sqrt(3) * (2 * EVEN - 1)),
    ),
    Mistake(
        "z is ten times too wide: {got}, where {right} is right. It should be N(0, 1).",
        gain_for=from_others(10 * BELL),
    ),
    Mistake(
        "z is only above 0: {got}, where {right} is right. A bell has two sides.",
        gain_for=from_others(BELL.abs()),
    ),
    *(
        Mistake(
            f"z is drawn from U(0, 1), as torch.rand does, and {other}: {{got}}, where {{right}} is right. "
            "One at a time.",
            gain_for=lambda f, gain=gain: gain(f(EVEN)),
        )
        for other, gain in AMONG_OTHERS.items()
    ),
    Mistake(
        "z is drawn from U(0, 1) and moved to mean 0: {got}, where {right} is right. That is a box of std "
        "0.29. Which function draws from N(0, 1)?",
        gain_for=from_others(EVEN - 0.5),
    ),
    *(
        Mistake(
            f"z lies on a grid from -{edge} to {edge}, where large numbers count as much as small ones: "
            f"{{got}}, "
            "where {right} is right. Give each the weight that the bell gives it, or draw z from it.",
            gain_for=from_others(edge * (2 * EVEN - 1)),
        )
        for edge in (3, 4, 5, 10)
    ),
    Mistake(
        "That is √2 for every f: {got}, where {right} is right. √2 belongs to ReLU.",
        gain_for=lambda f: math.sqrt(2),
    ),
    Mistake(
        "That is 1 for every f: {got}, where {right} is right.",
        gain_for=lambda f: 1.0,
    ),
    Mistake(
        "That is 5/3 for every f: {got}, where {right} is right. 5/3 is a number from experience with tanh.",
        gain_for=lambda f: 5 / 3,
    ),
    *(
        Mistake(
            "That is from a table, not a measurement: {got}, where {right} is right. The 5/3 for tanh is "
            "from experience, and most functions are in no table.",
            gain_for=table(other),
        )
        for other in (1.0, math.sqrt(2), 5 / 3)
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
