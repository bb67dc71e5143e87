"""What people write for `rms(x)`."""

RIGHT = {
    "scaled by hand": """
def rms(x):
    top = x.abs().max()
    return top if top == 0 else top * (x / top).pow(2).mean() ** 0.5
""",
    "double precision": """
def rms(x):
    return x.double().square().mean().sqrt()
""",
    "a loop": """
def rms(x):
    numbers = x.reshape(-1).tolist()
    return (sum(n * n for n in numbers) / len(numbers)) ** 0.5
""",
    "norm in double": """
import torch
def rms(x):
    return torch.linalg.vector_norm(x.to(torch.float64)) / x.numel() ** 0.5
""",
    "math.hypot": """
import math
def rms(x):
    return math.hypot(*x.flatten().tolist()) / math.sqrt(x.numel())
""",
}

WRONG = {
    "the plain formula": ("def rms(x):\n    return x.square().mean().sqrt()\n", "squared before"),
    "the std": ("def rms(x):\n    return x.std()\n", "takes the mean away"),
}
