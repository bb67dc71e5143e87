"""What people write for `kaiming_normal_(w, a=0.0, mode="fan_in")`."""

RIGHT = {
    "torch's own": "from torch.nn.init import kaiming_normal_\n",
    "the lab's": "from initplay.lab.init import kaiming_normal_\n",
    "from torch.randn": """
import torch
def kaiming_normal_(w, a=0.0, mode="fan_in"):
    if w.ndim < 2: raise ValueError("a bias")
    fan = w[0].numel() if mode == "fan_in" else w[:, 0].numel() if mode == "fan_out" else None
    if fan is None: raise ValueError(mode)
    with torch.no_grad():
        return w.copy_(torch.randn(w.shape) * (2 / (1 + a * a) / fan) ** 0.5)
""",
    "through data": """
import numpy as np
def kaiming_normal_(w, a=0.0, mode="fan_in"):
    if len(w.shape) < 2:
        raise ValueError("no fan")
    kernel = int(np.prod(w.shape[2:]))
    fans = {"fan_in": w.shape[1] * kernel, "fan_out": w.shape[0] * kernel}
    try:
        fan = fans[mode]
    except KeyError:
        raise ValueError(f"mode {mode}?")
    w.data.normal_(0, float(np.sqrt(2 / ((1 + a ** 2) * fan))))
    return w
""",
    "new data": """
import math, torch
def kaiming_normal_(w, a=0.0, mode="fan_in"):
    if w.dim() < 2 or mode not in ("fan_in", "fan_out"):
        raise ValueError("no fan")
    fan = w.numel() // w.shape[0 if mode == "fan_in" else 1]
    w.data = torch.randn_like(w.data) * math.sqrt(2 / (1 + a**2) / fan)
    return w
""",
    "a decorator, double precision": """
import torch
@torch.no_grad()
def kaiming_normal_(w, a=0.0, mode="fan_in"):
    fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(w)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError
    fan = fan_in if mode == "fan_in" else fan_out
    w.copy_(torch.empty(w.shape, dtype=torch.float64).normal_(0, 1) * (2 / (1 + a ** 2)) ** 0.5 / fan ** 0.5)
    return w
""",
}


def _kaiming(
    fan: str = "pixels * (n_in if mode == 'fan_in' else n_out)",
    std: str = "math.sqrt(2 / (1 + a**2) / fan)",
    fill: str = "return w.normal_(0, std)",
    guard: str = "if w.dim() < 2 or mode not in ('fan_in', 'fan_out'): raise ValueError(mode)",
    grad: str = "torch.no_grad()",
) -> str:
    return f"""
import math, torch
def kaiming_normal_(w, a=0.0, mode="fan_in"):
    {guard}
    n_out, n_in, *kernel = w.shape
    pixels = math.prod(kernel)
    fan = {fan}
    std = {std}
    with {grad}:
        {fill}
"""


WRONG = {
    "fans swapped": (
        _kaiming("pixels * (n_out if mode == 'fan_in' else n_in)"),
        "fans have changed places: std 0.09.., where 0.15. is right",
    ),
    "mode ignored": (_kaiming("pixels * n_in"), "mode does nothing: std 0.15., where 0.09"),
    "n_out always": (_kaiming("pixels * n_out"), "√n_out whatever the mode"),
    "a first draft": (
        _kaiming("n_in", std="math.sqrt(2 / fan)", guard="n_in = w.shape[1]"),
        "With a, a mode or a kernel it is not yet: std 0.15",
    ),
    "a first draft of the wrong side": (
        _kaiming("n_out", std="math.sqrt(2 / fan)", guard="n_out = w.shape[0]"),
        "You divided by √n_out: std 0.09",
    ),
    "fan_out by itself": (
        _kaiming().replace('mode="fan_in"', 'mode="fan_out"'),
        "Where no mode is given it takes fan_out",
    ),
    "the std as the mean": (
        _kaiming(fill="return w.normal_(std)"),
        r"w.normal_\(std\) takes that .*std 1",
    ),
    "no std": (_kaiming(fill="return w.normal_()"), r"holds draws from N\(0, 1\): std 1"),
    "multiplied beside w": (_kaiming(fill="w.normal_() * std; return w"), r"holds draws from N\(0, 1\)"),
    "no std, a mean": (_kaiming(fill="return w.normal_(std, 0)"), "Every entry is the same"),
    "what was there, times std": (_kaiming(fill="return w.mul_(std)"), "what was in w before"),
    "a box from 0": (_kaiming(fill="return w.uniform_(0, std)"), "a box from 0 to the std"),
    "nn.Linear's": (
        _kaiming(fill="return w.uniform_(-(fan**-0.5), fan**-0.5)"),
        "how nn.Linear begins",
    ),
    "numel": (_kaiming("w.numel()"), "number of all weights"),
    "no kernel": (_kaiming("n_in if mode == 'fan_in' else n_out"), "kernel is left out of the fan: std 0.25"),
    "no kernel, swapped": (_kaiming("n_out if mode == 'fan_in' else n_in"), "left out of the fan, and"),
    "no kernel going back": (
        _kaiming("n_in * pixels if mode == 'fan_in' else n_out"),
        "counts for fan_in and not",
    ),
    "one side of the kernel": (
        _kaiming("(n_in if mode == 'fan_in' else n_out) * (kernel[0] if kernel else 1)"),
        "convolution: 64 .* std: 0.08.. is right, yours gives 0.14",
    ),
    "kernel squared": (
        _kaiming("(n_in if mode == 'fan_in' else n_out) * (kernel[0] ** 2 if kernel else 1)"),
        "along a line: .* is right",
    ),
    "the root of the pixels": (
        _kaiming("(n_in if mode == 'fan_in' else n_out) * math.sqrt(pixels)"),
        "convolution: .* is right",
    ),
    "both sides": (_kaiming("pixels * (n_in + n_out)"), "n_in . n_out, which is Xavier's"),
    "mean of both": (_kaiming("pixels * (n_in + n_out) / 2"), "the mean of n_in and n_out"),
    "no root": (_kaiming(std="2 / (1 + a**2) / fan"), "variance as the std"),
    "2/√n": (_kaiming(std="2 / math.sqrt((1 + a**2) * fan)"), "2 is outside the root: std 0.2"),
    "no root of the gain": (_kaiming(std="2 / (1 + a**2) / math.sqrt(fan)"), "The gain's (root|2)"),
    "1/√n": (_kaiming(std="1 / math.sqrt(fan)"), "The gain is missing"),
    "no 2": (_kaiming(std="math.sqrt(1 / (1 + a**2) / fan)"), "The gain's 2 is missing"),
    "a ignored": (_kaiming(std="math.sqrt(2 / fan)"), "a does nothing: std 0.09.., where 0.06"),
    "(1 + a)²": (_kaiming(std="math.sqrt(2 / (1 + a)**2 / fan)"), "1 . a.² where 1 . a² belongs"),
    "1 + a": (_kaiming(std="math.sqrt(2 / (1 + a) / fan)"), "1 . a where 1 . a² belongs"),
    "1 - a²": (_kaiming(std="math.sqrt(2 / max(1 - a**2, 1e-9) / fan)"), "a=1, std: .* is right"),
    "times (1 + a²)": (_kaiming(std="math.sqrt(2 * (1 + a**2) / fan)"), "multiplied by 1 . a²"),
    "1 + a² after the root": (_kaiming(std="math.sqrt(2 / fan) / (1 + a**2)"), "divided by 1 . a² outside"),
    "times 1 + a² after it": (
        _kaiming(std="math.sqrt(2 / fan) * (1 + a**2)"),
        "multiplied by 1 . a² outside",
    ),
    "fans swapped, no root": (
        _kaiming("pixels * (n_out if mode == 'fan_in' else n_in)", std="2 / (1 + a**2) / fan"),
        "The root is missing, and the fans have changed places: std 0.00.*, where 0.15",
    ),
    "1/√n_out": (
        _kaiming("n_out", std="1 / math.sqrt(fan)"),
        "The gain is missing, and you divided by √n_out, whatever mode and kernel are: std 0.06",
    ),
    "no kernel, no 2": (
        _kaiming("n_in if mode == 'fan_in' else n_out", std="math.sqrt(1 / (1 + a**2) / fan)"),
        "2 is missing, and the kernel is left out",
    ),
    "mode and a ignored": (
        _kaiming("pixels * n_in", std="math.sqrt(2 / fan)"),
        "a does nothing, and mode does nothing: std 0.15",
    ),
    "uniform, same variance": (
        _kaiming(fill="return w.uniform_(-std * 3**0.5, std * 3**0.5)"),
        "std is right, and the draw is a box",
    ),
    "uniform, std as bound": (_kaiming(fill="return w.uniform_(-std, std)"), "box with the std as its bound"),
    "bell cut at two stds": (
        _kaiming(fill="return torch.nn.init.trunc_normal_(w, 0, std, -2 * std, 2 * std)"),
        "std: 0.15.* is right, yours gives 0.1",
    ),
    "from rand": (_kaiming(fill="return w.copy_(torch.rand(w.shape) * std)"), "a box from 0 to the std"),
    "mean not 0": (_kaiming(fill="return w.normal_(std, std)"), "mean 0: yes is right, yours gives no"),
    "a bias too": (
        _kaiming(
            guard="if mode not in ('fan_in', 'fan_out'): raise ValueError\n"
            "    if w.dim() < 2: return w.data.normal_(0, (2 / len(w)) ** 0.5)"
        ),
        "A bias has one side and no fan: raise ValueError",
    ),
    "a bias, another error": (
        _kaiming(guard="if mode not in ('fan_in', 'fan_out'): raise ValueError\n    assert w.dim() > 1"),
        "raised AssertionError, where ValueError is right",
    ),
    "any mode": (_kaiming(guard="if w.dim() < 2: raise ValueError"), "no mode fan_avg"),
    "any mode is fan_in": (
        _kaiming("pixels * (n_out if mode == 'fan_out' else n_in)", guard="if w.dim() < 2: raise ValueError"),
        "no mode fan_avg",
    ),
    "a KeyError": (
        _kaiming(
            "{'fan_in': n_in, 'fan_out': n_out}[mode] * pixels", guard="if w.dim() < 2: raise ValueError"
        ),
        "raised KeyError.*, where ValueError is right",
    ),
    "autograd": (_kaiming(grad="torch.enable_grad()"), "autograd records"),
    "no return": (_kaiming(fill="w.normal_(0, std)"), "gives back None"),
    "a copy": (_kaiming(fill="return w.normal_(0, std).clone()"), "gives back something else"),
    "a new tensor": (_kaiming(fill="return torch.randn(w.shape) * std"), "w is as it was: std 0,"),
    "nothing filled": (_kaiming(fill="return w"), "w is as it was: std 0,"),
    "one number": (_kaiming(fill="return w.fill_(std)"), "Every entry is the same"),
    "one too many in the fan": (_kaiming("1 + pixels * (n_in if mode == 'fan_in' else n_out)"), "9,600 × 2"),
    "a seed inside": (
        _kaiming(fill="torch.manual_seed(0); return w.normal_(0, std)"),
        "Two calls drew the same",
    ),
    "one row for all": (
        _kaiming(fill="return w.copy_(torch.randn(w.shape[1:]) * std)"),
        "is right, yours gives",
    ),
    "matrices only": (
        _kaiming(
            "n_in if mode == 'fan_in' else n_out",
            guard="if w.dim() != 2 or mode not in ('fan_in', 'fan_out'): raise ValueError('(out, in)')",
        ),
        "raised ValueError: .out, in.",
    ),
}
