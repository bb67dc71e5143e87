"""What people write for `lsuv_(w, x)`."""

RIGHT = {
    "the lab's": """
import torch
from initplay.lab.init import orthogonal_
@torch.no_grad()
def lsuv_(w, x):
    orthogonal_(w)
    return w.div_((x @ w.T).std())
""",
    "linear and copy_": """
import torch
from torch.nn.functional import linear
def lsuv_(w, x):
    q = torch.nn.init.orthogonal_(torch.empty_like(w))
    with torch.no_grad():
        w.copy_(q / linear(x, q).std())
    return w
""",
    "the paper's loop": """
import torch
def lsuv_(w, x, tol=1e-4, tries=10):
    torch.nn.init.orthogonal_(w)
    for _ in range(tries):
        std = torch.einsum("si,oi->so", x, w.detach()).std().item()
        if abs(std - 1) < tol:
            break
        w.data /= std
    return w
""",
    "by the singular vectors": """
import torch
def lsuv_(w, x):
    u, _, v = torch.linalg.svd(torch.randn(w.shape, dtype=w.dtype), full_matrices=False)
    with torch.no_grad():
        w[:] = u @ v
        w *= 1 / (w @ x.T).std(correction=0)
    return w
""",
    "the std by hand, in double": """
import torch
def lsuv_(w, x):
    with torch.no_grad():
        torch.nn.init.orthogonal_(w)
        z = (x @ w.mT).double()
        variance = (z - z.mean()).square().mean()
        w.mul_(variance.rsqrt().to(w.dtype))
    return w
""",
    "new data": """
import numpy as np, torch
def lsuv_(w, x):
    q = torch.nn.init.orthogonal_(torch.zeros(w.shape, dtype=w.dtype))
    w.data = q / float(np.std((x @ q.T).numpy()))
    return w
""",
}


def _lsuv(scale: str, fill: str = "orthogonal_(w)", end: str = "return w", grad: str = "no_grad") -> str:
    return f"""
import torch
from torch.nn.init import orthogonal_, kaiming_normal_, xavier_normal_
def lsuv_(w, x):
    with torch.{grad}():
        {fill}
        {scale}
        {end}
"""


WRONG = {
    "orthonormal only": (_lsuv("pass"), "not scaled yet: the std of x @ w.T is 3.0.*, where 1"),
    "from a Gaussian draw": (
        _lsuv("w /= (x @ w.T).std()", "w.normal_()"),
        "std is right, and w is not orthonormal",
    ),
    "multiplied": (_lsuv("w *= (x @ w.T).std()"), "multiplied by the std"),
    "the variance": (_lsuv("w /= (x @ w.T).var()"), "divided by the variance: .* is 0.3"),
    "the root of the std": (_lsuv("w /= (x @ w.T).std().sqrt()"), "root of the std"),
    "after ReLU": (_lsuv("w /= (x @ w.T).relu().std()"), "measured after ReLU: .* is 1.7"),
    "after ReLU, rms": (_lsuv("w /= (x @ w.T).relu().square().mean().sqrt()"), "rms after ReLU: .* is 1.4"),
    "the rms": (_lsuv("w /= (x @ w.T).square().mean().sqrt()"), "by the rms, which counts the mean"),
    "√2 on top": (_lsuv("w *= 2 ** 0.5 / (x @ w.T).std()"), "√2 is put on top: .* is 1.4"),
    "each unit": (
        _lsuv("w /= (x @ w.T).std(0)[:, None]"),
        "a std of its own, and now w is nearly orthonormal",
    ),
    "each unit, averaged": (_lsuv("w /= (x @ w.T).std(0).mean()"), "each unit's std and averaged"),
    "each sample, averaged": (_lsuv("w /= (x @ w.T).std(1).mean()"), "each sample's std and averaged"),
    "mean size": (_lsuv("w /= (x @ w.T).abs().mean()"), "mean size"),
    "the largest": (_lsuv("w /= (x @ w.T).abs().max()"), "largest number"),
    "std of w": (_lsuv("w /= w.std()"), "divided w by its own std"),
    "std of x": (_lsuv("w /= x.std()"), "by the std of x"),
    "not transposed": (_lsuv("w /= (x @ w).std()"), "RuntimeError.*Which of w's sides"),
    "Kaiming": (_lsuv("pass", "kaiming_normal_(w, nonlinearity='relu')"), "Kaiming's draw"),
    "Xavier": (_lsuv("pass", "xavier_normal_(w)"), "is right, yours gives"),
    "not filled": (_lsuv("w /= (x @ w.T).std()", "pass"), "std is right, and w is not orthonormal"),
    "within 0.1": (
        _lsuv("std = (x @ w.T).std()\n        if abs(std - 1) > 0.1: w /= std"),
        "stops within 0.1 of 1: .* is 1.0",
    ),
    "a copy": (_lsuv("w = w / (x @ w.T).std()"), "scaled a copy"),
    "a new tensor": (
        _lsuv("w = w / (x @ w.T).std()", "w = orthogonal_(torch.empty_like(w))"),
        "w is as it was: the std",
    ),
    "x divided": (_lsuv("x /= (x @ w.T).std()"), "It divides x, and not w"),
    "x normalized": (
        _lsuv("w /= (x @ w.T).std()", "x -= x.mean(); x /= x.std(); orthogonal_(w)"),
        "It changed x itself",
    ),
    "autograd": (_lsuv("w /= (x @ w.T).std()", grad="enable_grad"), "autograd records"),
    "no return": (_lsuv("w /= (x @ w.T).std()", end="pass"), "gives back None"),
    "the std given back": (_lsuv("w /= (x @ w.T).std()", end="return w.std()"), "gives back"),
    "a copy given back": (_lsuv("w /= (x @ w.T).std()", end="return w.clone()"), "gives back something else"),
    "a seed inside": (
        _lsuv("w /= (x @ w.T).std()", "torch.manual_seed(0); orthogonal_(w)"),
        "Two calls drew the same",
    ),
    "rows of length 1": (
        _lsuv("w /= (x @ w.T).std()", "w.normal_(); w /= w.norm(dim=1, keepdim=True)"),
        "std is right, and w is not orthonormal",
    ),
    "the identity": (_lsuv("w /= (x @ w.T).std()", "torch.nn.init.eye_(w)"), "Two calls drew the same"),
}
