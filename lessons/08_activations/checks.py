"""What `dead_units` is asked, and what people write instead."""

import math

import torch

from initplay.lab.checking import Mistake, Probe, verdicts


def of(*rows):
    """A probe's question: how many units are dead in these samples."""
    return lambda mine: mine.dead_units(torch.tensor(rows))


def after_relu(samples, units, dead):
    """What a layer says, with so many of its units dead, and one that answers one sample alone."""
    z = torch.randn(samples, units)
    z[:, : dead + 1] = -z[:, : dead + 1].abs()
    z[samples // 2, dead] = 1
    return z.relu()


def of_layer(*sizes):
    return lambda mine: mine.dead_units(after_relu(*sizes))


def unchanged(mine):
    h = after_relu(8, 5, 2) - after_relu(8, 5, 1)
    before = h.clone()
    mine.dead_units(h)
    return torch.equal(h, before)


PROBES = [
    Probe(
        "0 1 0 2 / 0 0 0 3 / 0 4 0 0", of([0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 3.0], [0.0, 4.0, 0.0, 0.0])
    ),
    Probe("1,000 samples, 100 units: 7 dead, and one that answers once", of_layer(1000, 100, 7)),
    Probe("20 samples, 50 units: all alive", of_layer(20, 50, 0)),
    Probe("3 samples, 5 units: all dead", of([0.0] * 5, [0.0] * 5, [0.0] * 5)),
    Probe("one sample: 0 0 5 0 6", of([0.0, 0.0, 5.0, 0.0, 6.0])),
    Probe("one unit: 0 / 0 / 3", of([0.0], [0.0], [3.0])),
    Probe("only below 0, as a leaky unit may be: 0 -2 0 / 0 -3 -1", of([0.0, -2.0, 0.0], [0.0, -3.0, -1.0])),
    Probe("1 and -1, whose sum is 0: 0 1 0 / 0 -1 0", of([0.0, 1.0, 0.0], [0.0, -1.0, 0.0])),
    Probe("the same for each sample: 2 0 / 2 0", of([2.0, 0.0], [2.0, 0.0])),
    Probe("0.000001 is an answer: 0 0.000001 / 0 0", of([0.0, 1e-6], [0.0, 0.0])),
    Probe("1e-12 is an answer: 0 0 / 1e-12 0", of([0.0, 0.0], [1e-12, 0.0])),
    Probe("1e-30 is an answer: 1e-30 0 / 0 0", of([1e-30, 0.0], [0.0, 0.0])),
    Probe("NaN is no 0: 0 nan / 0 0", of([0.0, math.nan], [0.0, 0.0])),
    Probe("h is as it was", unchanged, says="It changes h, which others still need.", beside=True),
]


MISTAKES = [
    Mistake(
        "You counted zeros, {got} of them; dead units are {right}. A zero is normal, a unit of zeros is not.",
        dead_units=lambda h: (h == 0).sum(),
    ),
    Mistake(
        "You counted the samples that no unit answers: {got} where {right} is right. Which dimension goes?",
        dead_units=lambda h: (h == 0).all(dim=1).sum(),
    ),
    Mistake(
        "You counted the units that are alive: {got} where {right} is right.",
        dead_units=lambda h: (h != 0).any(dim=0).sum(),
    ),
    Mistake(
        "You counted the units that have a 0 somewhere: {got} where {right} is right. What of the others?",
        dead_units=lambda h: (h == 0).any(dim=0).sum(),
    ),
    Mistake(
        "That is a share, {got}, of all units; asked for is their number, {right}.",
        dead_units=lambda h: (h == 0).all(dim=0).double().mean(),
    ),
    Mistake(
        "That is the share of units that are alive, {got}; asked for is how many are dead, {right}.",
        dead_units=lambda h: (h != 0).any(dim=0).double().mean(),
    ),
    Mistake(
        "It says of each unit whether it is alive. How many are not?",
        dead_units=lambda h: (h != 0).any(dim=0),
    ),
    Mistake(
        "You counted the units that say the same to all samples: {got} where {right} is right. 2 is no 0.",
        dead_units=lambda h: (h == h[0]).all(dim=0).sum(),
    ),
    Mistake(
        "You counted units whose sum is not above 0: {got} where {right} is right. -2 is an answer, too.",
        dead_units=lambda h: (h.sum(dim=0) <= 0).sum(),
    ),
    Mistake(
        "That is the share of zeros, {got}; asked for is a number of units, {right}.",
        dead_units=lambda h: (h == 0).double().mean(),
    ),
    Mistake(
        "It says of each unit whether it is dead. How many are? Add them up.",
        dead_units=lambda h: (h == 0).all(dim=0),
    ),
    Mistake(
        "It says whether everything is 0, and not how many units are: {right} here.",
        dead_units=lambda h: (h == 0).all(),
    ),
    Mistake(
        "It says whether any unit is dead, and not how many are: {right} here.",
        dead_units=lambda h: (h == 0).all(dim=0).any(),
    ),
    Mistake(
        "You counted units that are never above 0: {got} where {right} is right. -2 is an answer, too.",
        dead_units=lambda h: (h <= 0).all(dim=0).sum(),
    ),
    Mistake(
        "You counted units that are never above 0: {got} where {right} is right. -2 is no 0, nor is NaN.",
        dead_units=lambda h: (~(h > 0).any(dim=0)).sum(),
    ),
    Mistake(
        "You counted units below a bound: {got} where {right} is right. -2 is an answer, and so is 0.000001.",
        dead_units=lambda h: (h < 1e-3).all(dim=0).sum(),
    ),
    Mistake(
        "You counted the units that are above 0 somewhere: {got} where {right} is right. Which are left?",
        dead_units=lambda h: (h > 0).any(dim=0).sum(),
    ),
    Mistake(
        "You counted units by their largest number: {got} where {right} is right. -2 is an answer, too.",
        dead_units=lambda h: (h.amax(dim=0) == 0).sum(),
    ),
    Mistake(
        "You counted the units whose smallest number is 0: {got} where {right} is right. What of the others?",
        dead_units=lambda h: (h.amin(dim=0) == 0).sum(),
    ),
    Mistake(
        "You looked at the first sample alone: {got} where {right} is right. Others may wake a unit.",
        dead_units=lambda h: (h[0] == 0).sum(),
    ),
    Mistake(
        "You looked at the last sample alone: {got} where {right} is right. Others may wake a unit.",
        dead_units=lambda h: (h[-1] == 0).sum(),
    ),
    Mistake(
        "You let half of the samples be enough: {got} where {right} is right. All must be 0.",
        dead_units=lambda h: ((h == 0).double().mean(dim=0) >= 0.5).sum(),
    ),
    Mistake(
        "You let more than half of the samples be enough: {got} where {right} is right. All must be 0.",
        dead_units=lambda h: ((h == 0).double().mean(dim=0) > 0.5).sum(),
    ),
    Mistake(
        "Small answers count as 0: {got} where {right} is right. 0.000001 is an answer.",
        dead_units=lambda h: (h.abs() < 1e-3).all(dim=0).sum(),
    ),
    Mistake(
        "Small answers count as 0: {got} where {right} is right. 1e-30 is an answer.",
        dead_units=lambda h: (h.abs() < 1e-8).all(dim=0).sum(),
    ),
    Mistake(
        "You summed over the samples, where 1 and -1 are 0 together: {got} where {right} is right.",
        dead_units=lambda h: (h.sum(dim=0) == 0).sum(),
    ),
    Mistake(
        "You summed squares, and 1e-30 squared is 0 in float32: {got} where {right} is right.",
        dead_units=lambda h: (h.square().sum(dim=0) == 0).sum(),
    ),
    Mistake(
        "NaN counts as 0: {got} where {right} is right. NaN is neither above 0 nor below it, and no 0.",
        dead_units=lambda h: (~((h > 0) | (h < 0)).any(dim=0)).sum(),
    ),
    Mistake(
        "NaN counts as 0: {got} where {right} is right. What nan_to_num makes 0 was none.",
        dead_units=lambda h: (h.nan_to_num() == 0).all(dim=0).sum(),
    ),
    Mistake(
        "That is which units are dead; asked for is how many.",
        dead_units=lambda h: (h == 0).all(dim=0).nonzero(),
    ),
    Mistake(
        "That is which units are dead; asked for is how many.",
        dead_units=lambda h: (h == 0).all(dim=0).nonzero().flatten(),
    ),
    Mistake(
        "That is which units are dead; asked for is how many.",
        dead_units=lambda h: (h == 0).all(dim=0).nonzero().flatten().tolist(),
    ),
    Mistake(
        "You counted the zeros of each unit; asked for is how many units have nothing else, {right}.",
        dead_units=lambda h: (h == 0).sum(dim=0),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES, whole=True)
