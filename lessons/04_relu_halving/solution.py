import torch


def gain_for(f):
    z = torch.randn(200_000)
    return 1 / f(z).square().mean().sqrt()
