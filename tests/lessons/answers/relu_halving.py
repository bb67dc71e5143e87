"""What people write for `gain_for(f)`."""

RIGHT = {
    "a float": """
import torch
def gain_for(f):
    return 1 / f(torch.randn(300_000)).pow(2).mean().item() ** 0.5
""",
    "the fewest that hold": """
import torch
def gain_for(f):
    return f(torch.randn(100_000)).square().mean().rsqrt()
""",
    "an integral": """
import math, torch
def gain_for(f):
    z = torch.linspace(-8, 8, 10_001, dtype=torch.float64)
    bell = torch.exp(-z ** 2 / 2) / math.sqrt(2 * math.pi)
    return 1 / torch.trapezoid(f(z) ** 2 * bell, z).sqrt()
""",
    "numpy": """
import numpy as np, torch
def gain_for(f):
    z = torch.from_numpy(np.random.default_rng(0).standard_normal(200_000))
    return 1 / np.sqrt((f(z).numpy() ** 2).mean())
""",
    "a std about 0": """
import torch
def gain_for(f):
    y = f(torch.randn(1000, 300))
    return 1 / (y.var(correction=0) + y.mean() ** 2) ** 0.5
""",
    "quantiles of the bell": """
import torch
def gain_for(f):
    p = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    y = f(torch.special.ndtri(p))
    return (len(y) / (y @ y)).sqrt()
""",
}


def _gain(expression: str, z: str = "torch.randn(200_000)") -> str:
    return f"import math, torch\ndef gain_for(f):\n    z = {z}\n    y = f(z)\n    return {expression}\n"


RIGHT_GAIN = "1 / y.square().mean().sqrt()"
WRONG = {
    "std": (_gain("1 / y.std()"), "1/std of f.*1.7.*, where 1.41"),
    "no root": (_gain("1 / y.square().mean()"), "without the root"),
    "mean square": (_gain("y.square().mean()"), "the mean square of f"),
    "rms": (_gain("y.square().mean().sqrt()"), "the rms of f"),
    "mean of |f|": (_gain("1 / y.abs().mean()"), "mean of .f.z.*2.5"),
    "mean": (_gain("1 / y.mean()"), "1 / mean of "),
    "variance": (_gain("1 / y.var()"), "1 / variance"),
    "a sum": (_gain("1 / y.norm()"), "added up"),
    "slope": (
        """
import torch
def gain_for(f):
    z = torch.randn(200_000, requires_grad=True)
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return 1 / slope.square().mean().sqrt()
""",
        "goes by the slope",
    ),
    "torch.rand": (_gain(RIGHT_GAIN, "torch.rand(200_000)"), r"U\(0, 1\)"),
    "torch.rand and std": (
        _gain("1 / y.std()", "torch.rand(200_000)"),
        r"U\(0, 1\).*1/?.*std of f\(z\), not",
    ),
    "torch.rand, no root": (
        _gain("1 / y.square().mean()", "torch.rand(200_000)"),
        r"U\(0, 1\).* the root is missing",
    ),
    "torch.rand about 0": (_gain(RIGHT_GAIN, "torch.rand(200_000) - 0.5"), "moved to mean 0: 4.8"),
    "nothing averaged": (_gain("y"), "<a tensor of 200,000 numbers> where one number"),
    "U(-1, 1)": (_gain(RIGHT_GAIN, "torch.empty(200_000).uniform_(-1, 1)"), "evenly between -1 and 1"),
    "a box of std 1": (
        _gain(RIGHT_GAIN, "torch.empty(200_000).uniform_(-3 ** 0.5, 3 ** 0.5)"),
        "a box and not a bell",
    ),
    "too wide": (_gain(RIGHT_GAIN, "torch.randn(200_000) * 10"), "ten times too wide: 0.14"),
    "twice too wide": (
        _gain(RIGHT_GAIN, "torch.randn(200_000) * 2"),
        "ReLU: 1.41.* is right, yours gives 0.7",
    ),
    "one side": (_gain(RIGHT_GAIN, "torch.randn(200_000).abs()"), "only above 0: "),
    "a grid": (_gain(RIGHT_GAIN, "torch.linspace(-3, 3, 1001)"), "on a grid from -3 to 3"),
    "a short grid": (_gain(RIGHT_GAIN, "torch.linspace(-1, 1, 1001)"), "evenly between -1 and 1"),
    "√2": (_gain("math.sqrt(2)"), "√2 for every f: 1.414, where 1.59"),
    "1": (_gain("1.0"), "1 for every f"),
    "torch's table": (
        """
import torch
def gain_for(f):
    return torch.nn.init.calculate_gain(f.__name__) if f.__name__ in ("relu", "tanh", "sigmoid") else 1.0
""",
        "from a table.*1.667, where 1.59",
    ),
    "a table typed": (
        """
import math
import torch
def gain_for(f):
    if f is torch.relu: return math.sqrt(2)
    return 5 / 3 if f is torch.tanh else 2**0.5
""",
        "from a table.*1.667, where 1.59",
    ),
    "5/3": (_gain("5 / 3"), "5/3 for every f: 1.667, where 1.41"),
    "100 samples": (_gain(RIGHT_GAIN, "torch.randn(100)"), "Eight calls gave .* scatters"),
    "1,000 samples": (_gain(RIGHT_GAIN, "torch.randn(1000)"), "Eight calls gave .* scatters"),
    "the same 100": (
        _gain(RIGHT_GAIN, "torch.randn(100, generator=torch.Generator().manual_seed(0))"),
        "yours gives",
    ),
    "a product of both": (_gain("1 / (y * z).mean().abs().sqrt()"), "yours gives"),
    "kept one number each": (
        _gain("1 / y.square().sqrt()"),
        "<a tensor of 200,000 numbers> where one number",
    ),
    "one number in a list": (_gain("[" + RIGHT_GAIN + "]"), "1 result in a list"),
    "no return": ("import torch\ndef gain_for(f):\n    1 / f(torch.randn(1000)).std()\n", "None where"),
    "a name": (_gain("'√2'"), "it gave text where one number"),
    "through a layer": (
        _gain(RIGHT_GAIN, "torch.randn(2000, 100) @ torch.randn(100, 100)"),
        "ten times too wide: 0.1",
    ),
}
