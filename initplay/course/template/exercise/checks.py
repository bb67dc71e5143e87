"""What `std_after` is asked, and what people write instead."""

from initplay.lab.checking import Mistake, Probe, verdicts


def one_layer(mine):
    return mine.std_after(1.0, 256, 1)


def many_layers(mine):
    return mine.std_after(0.1, 64, 20)


PROBES = [
    Probe("one layer, 256 wide, scale 1", one_layer),
    Probe("20 layers, 64 wide, scale 0.1", many_layers),
]

MISTAKES = [
    Mistake(
        "You multiplied by the width: {got} where {right} is right. Variances add up, not "
        "stds: which root is missing?",
        std_after=lambda scale, width, layers: (scale * width) ** layers,
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
