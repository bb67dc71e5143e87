import torch

from initplay.lab import Chart, Histogram, LogRange, Range, Result


def spread(
    layers: Range[1, 50] = 20,
    width: LogRange[16, 1024] = 256,
    scale: LogRange[1e-3, 10.0] = 1.0,
):
    """Multiply one random vector by a new random matrix in each layer, and follow its std."""
    std = Chart("std by layer", x="layer", y="std", log_y=True)
    x = torch.randn(width)
    first_std = x.std()
    for layer in range(1, layers + 1):
        w = torch.randn(width, width) * scale
        x = w @ x
        yield std.at(layer, x.std(), theory=(scale * width**0.5) ** layer)
        yield Histogram("activations", x, at=layer)
    yield Result(final_std=x.std(), growth_per_layer=(x.std() / first_std) ** (1 / layers))
