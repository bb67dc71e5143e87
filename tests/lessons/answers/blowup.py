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
    "the plain formula": (
        "def rms(x):\n    return x.square().mean().sqrt()\n",
        "leaves float32.*inf where 2.887e",
    ),
    "the largest is squared": (
        """
def rms(x):
    top = x.abs().max()
    return (top ** 2 * (x / top).square().mean()).sqrt() if top > 0 else top
""",
        "leaves float32",
    ),
    "the std": ("def rms(x):\n    return x.std()\n", "That is the std.*2.872 where 2.5"),
    "the std, dividing by n": ("def rms(x):\n    return x.std(unbiased=False)\n", "That is the std"),
    "the std, scaled": (
        """
def rms(x):
    top = x.abs().max()
    return top * (x / top).std() if top else top
""",
        "That is the std.*2.872 where 2.5",
    ),
    "mean of |x|": ("def rms(x):\n    return x.abs().mean()\n", "mean of .x.: 1.75"),
    "root of the mean": ("def rms(x):\n    return x.mean().abs() ** 0.5\n", "root of the mean"),
    "root of the mean, NaN below 0": (
        "def rms(x):\n    return x.mean().sqrt()\n",
        "2.5 is right, yours gives nan",
    ),
    "square of the mean": ("def rms(x):\n    return (x.mean() ** 2) ** 0.5\n", "size of the mean: 0.25"),
    "norm": ("def rms(x):\n    return x.norm()\n", "length of x.*5 where 2.5"),
    "norm in double": ("def rms(x):\n    return x.double().norm()\n", "length of x.*5 where 2.5"),
    "norm over n": ("def rms(x):\n    return x.norm() / x.numel()\n", "after the root: 1.25"),
    "norm over the rows": (
        "def rms(x):\n    return x.double().norm() / len(x) ** 0.5\n",
        "all below 0, in two rows: 2.739 is right, yours gives 3.873",
    ),
    "no root": ("def rms(x):\n    return x.square().mean()\n", "The root is missing: 6.25"),
    "largest": ("def rms(x):\n    return x.abs().max()\n", "largest .x.: 4 where"),
    "not multiplied again": (
        """
def rms(x):
    top = x.abs().max()
    return (x / top).square().mean().sqrt() if top > 0 else top
""",
        "did not multiply",
    ),
    "max without abs": (
        """
def rms(x):
    top = x.max()
    return top * (x / top).square().mean().sqrt() if top != 0 else top
""",
        r"not by the largest \|x\|: -2.739",
    ),
    "max without abs, guarded": (
        """
def rms(x):
    top = x.max()
    return top * (x / top).square().mean().sqrt() if top > 0 else top
""",
        r"not by the largest \|x\|: -1 where",
    ),
    "no case for zeros": (
        """
def rms(x):
    top = x.abs().max()
    return top * (x / top).square().mean().sqrt()
""",
        "0 / 0 is nan",
    ),
    "an epsilon": (
        "def rms(x):\n    return (x.square().mean() + 1e-12).sqrt()\n",
        "inf|yours gives",
    ),
    "an epsilon in the largest": (
        """
def rms(x):
    top = x.abs().max() + 1e-8
    return top * (x / top).square().mean().sqrt()
""",
        "3e-30, -4e-30, 0: .*: 2.887e-30 is right, yours gives ",
    ),
    "twice as much, which four numbers alone would take for the length": (
        """
def rms(x):
    top = x.abs().max()
    return top * 2 * (x / top).square().mean().sqrt() if top > 0 else top
""",
        "3, -4, 0, 0: 2.5 is right, yours gives 5",
    ),
    "clamped": (
        "def rms(x):\n    return x.square().clamp(max=3.4e38).mean().sqrt()\n",
        "leaves float32",
    ),
    "a row each": (
        "def rms(x):\n    return x.double().square().mean(-1).sqrt()\n",
        r"a tensor of shape \(2,\)",
    ),
    "divides x itself": (
        """
def rms(x):
    top = x.abs().max().item()
    if top == 0:
        return 0.0
    x /= top
    return top * x.square().mean().sqrt()
""",
        "changed x itself",
    ),
    "no return": ("def rms(x):\n    x.square().mean().sqrt()\n", "None where 2.5"),
    "a tuple": (
        "def rms(x):\n    return (x.double().square().mean().sqrt(),)\n",
        "1 result in a list or tuple where one number",
    ),
    "another name": ("def RMS(x):\n    return x.double().square().mean().sqrt()\n", "There is no `rms`"),
    "the sign": ("def rms(x):\n    return -x.double().square().mean().sqrt()\n", "The sign is wrong: -2.5"),
    "the scale squared": (
        """
def rms(x):
    top = x.abs().max()
    return top * top * (x / top).square().mean().sqrt() if top > 0 else top
""",
        "2.5 is right, yours gives 10",
    ),
}
