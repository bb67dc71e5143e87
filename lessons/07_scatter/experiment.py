"""A product of random factors: its average holds, and its middle sinks."""

import math

import torch

from initplay.lab import Chart, LogRange, Note, Range, Result, Table, log_mean_square_of_relu, normal


def coin(share: Range[0.01, 0.5] = 0.2, flips: Range[1, 200] = 50):
    """A thousand players begin with 1. Heads adds a share of what one has, tails takes that share."""
    players = 1000
    by_flip = Chart("what they have", x="flip", y="of 1", log_y=True)
    has = torch.ones(players)
    for flip in range(1, flips + 1):
        heads = torch.rand(players) < 0.5
        has = torch.where(heads, has * (1 + share), has * (1 - share))
        yield by_flip.at(flip, has.mean(), series="average")
        yield by_flip.at(flip, has.median(), theory=(1 - share**2) ** (flip / 2), series="middle player")

    richest = has.sort(descending=True).values
    ends = Table(f"after {flips} flips", "who", "theory", "you")
    yield ends.row("average", 1, has.mean())
    yield ends.row("middle player", (1 - share**2) ** (flips / 2), has.median())
    yield ends.row("share of the richest hundred", None, richest[:100].sum() / has.sum())
    if (1 + share**2) ** flips > 20:  # the average of the squares
        yield Note("Theory averages over draws. Few players hold it, and none of your thousand may be one.")
    yield Result(middle=has.median(), average=has.mean(), richest_hundred=richest[:100].sum() / has.sum())


def factors(width: LogRange[32, 1024] = 100, depth: Range[1, 64] = 50):
    """What each layer of √(2/n) multiplies the mean square by, in 500 nets."""
    nets = 500
    ln_mean, ln_variance = log_mean_square_of_relu(width)
    by_layer = Chart("mean square by layer", x="layer", log_y=True)
    logs = Chart("ln of the mean square", x="layer")
    one = Chart("factor of one layer", x="layer")
    mean_square = torch.ones(nets)
    for layer in range(1, depth + 1):
        # Fresh weights make of any x a bell curve of twice its mean square: no need to multiply matrices.
        g = torch.randn(nets, width)
        factor = (math.sqrt(2) * g).relu().square().mean(1)
        mean_square = mean_square * factor
        yield by_layer.at(layer, mean_square.mean(), series="average")
        middle_theory = math.exp(layer * ln_mean)
        yield by_layer.at(layer, mean_square.median(), theory=middle_theory, series="middle net")
        bell = normal(layer * ln_mean, math.sqrt(layer * ln_variance))
        yield logs.histogram(mean_square.log(), at=layer, theory=bell)
        yield one.histogram(factor, at=layer, range=(0, 2.5), theory=share_below(width))

    ends = Table("one layer, and all", "of", "theory", "you")
    yield ends.row("mean of a factor", 1, factor.mean())
    yield ends.row("std of a factor", math.sqrt(5 / width), factor.std())
    ln_factor = mean_square.log().mean() / depth
    yield ends.row("mean of its ln, all layers", ln_mean, ln_factor)
    ln_std = mean_square.log().std()
    yield ends.row("std of the ln at the end", math.sqrt(depth * ln_variance), ln_std)
    yield ends.row("middle net at the end", middle_theory, mean_square.median())
    yield ends.row("average at the end", 1, mean_square.mean())
    if depth * ln_variance > 2:
        yield Note("Theory averages over draws. A rare large net carries that, and may not be among yours.")
    yield Result(
        middle=mean_square.median(), ln_std=ln_std, factor_mean=factor.mean(), factor_std=factor.std(),
        ln_mean=ln_factor, average=mean_square.mean(),
    )


def share_below(width):
    """Of the average of 2·relu(g)² over so many units: k of them are alive, and give a chi-square."""
    k = torch.arange(1, width + 1, dtype=torch.float64)
    ways = math.lgamma(width + 1) - torch.lgamma(k + 1) - torch.lgamma(width - k + 1)
    chance = torch.exp(ways - width * math.log(2))

    def below(x):
        x = x.double().clamp(min=0).flatten()[:, None]
        return (chance * torch.special.gammainc(k / 2, x * width / 4)).sum(1)

    return below
