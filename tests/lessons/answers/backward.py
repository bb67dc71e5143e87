"""What people write for `backward(x, y, w1, b1, w2, b2)`."""

from rewriting import rewriting

STANDARD = """
def backward(x, y, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = z.relu()
    out = h @ w2 + b2
    d_out = 2 * (out - y) / out.numel()
    d_w2 = h.T @ d_out
    d_b2 = d_out.sum(0)
    d_h = d_out @ w2.T
    d_z = d_h * (z > 0)
    d_w1 = x.T @ d_z
    d_b1 = d_z.sum(0)
    return d_w1, d_b1, d_w2, d_b2
"""
instead = rewriting(STANDARD)

D_OUT = "2 * (out - y) / out.numel()"
MASK = "(z > 0)"

RIGHT = {
    "the standard": STANDARD,
    "autograd": """
import torch
def backward(x, y, *weights):
    weights = [w.detach().clone().requires_grad_() for w in weights]
    w1, b1, w2, b2 = weights
    loss = torch.nn.functional.mse_loss(torch.relu(x @ w1 + b1) @ w2 + b2, y)
    loss.backward()
    return [w.grad for w in weights]
""",
    "einsum": instead(
        ("h.T @ d_out", "__import__('torch').einsum('nh,no->ho', h, d_out)"),
        ("x.T @ d_z", "__import__('torch').einsum('ni,nh->ih', x, d_z)"),
    ),
    "double precision": instead(
        ("    z = x", "    x, y, w1, b1, w2, b2 = (t.double() for t in (x, y, w1, b1, w2, b2))\n    z = x")
    ),
    "h for the mask, as float": instead((MASK, "(h > 0).float()")),
    "where": instead(("d_h * (z > 0)", "d_h.where(z > 0, 0 * d_h)")),
    "the mask set in place": instead(("d_z = d_h * (z > 0)", "d_z = d_h\n    d_z[z <= 0] = 0")),
    "mse over n and outputs, a list": instead(
        (D_OUT, "(out - y) * 2 / out.shape[0] / out.shape[1]"),
        ("return d_w1, d_b1, d_w2, d_b2", "return [d_w1, d_b1, d_w2, d_b2]"),
    ),
    "ones for the sums": instead(
        ("d_out.sum(0)", "(0 * y[:, 0] + 1) @ d_out"), ("d_z.sum(0)", "(0 * y[:, 0] + 1) @ d_z")
    ),
    "sample by sample": """
import torch
def backward(x, y, w1, b1, w2, b2):
    d_w1, d_b1, d_w2, d_b2 = (torch.zeros_like(w) for w in (w1, b1, w2, b2))
    for one, target in zip(x, y):
        z = one @ w1 + b1
        h = z.clamp(min=0)
        d_out = (h @ w2 + b2 - target) * 2 / y.numel()
        d_z = w2 @ d_out * (z > 0)
        d_w2 += torch.outer(h, d_out)
        d_b2 += d_out
        d_w1 += torch.outer(one, d_z)
        d_b1 += d_z
    return d_w1, d_b1, d_w2, d_b2
""",
    "numpy": """
import numpy as np
def backward(*tensors):
    x, y, w1, b1, w2, b2 = (t.numpy() for t in tensors)
    z = x @ w1 + b1
    h = np.maximum(z, 0)
    d_out = 2 * (h @ w2 + b2 - y) / y.size
    d_z = d_out @ w2.T * (z > 0)
    return x.T @ d_z, d_z.sum(0), h.T @ d_out, d_out.sum(0)
""",
    "a matrix for the input's gradient too, named": instead(
        ("d_b1 = d_z.sum(0)", "d_b1 = d_z.sum(dim=0)\n    d_x = d_z @ w1.T")
    ),
}

WRONG = {
    "no 1/N": (instead((D_OUT, "2 * (out - y)")), "1/N is missing"),
    "1/n of samples": (instead((D_OUT, "2 * (out - y) / len(x)")), "samples alone"),
    "1/n of outputs": (instead((D_OUT, "2 * (out - y) / out.shape[1]")), "outputs alone"),
    "mean over dim 1": (
        instead((D_OUT, "2 * (out - y).mean(1, keepdim=True)")),
        "cannot be multiplied",
    ),
    "1/N twice": (instead((D_OUT, "2 * (out - y) / out.numel() ** 2")), "there twice"),
    "no 2": (instead((D_OUT, "(out - y) / out.numel()")), "2 is missing"),
    "no 2, 1/n of samples": (instead((D_OUT, "(out - y) / len(x)")), "2 is missing, and"),
    "out - y": (instead((D_OUT, "out - y")), "by itself"),
    "y - out": (instead((D_OUT, "2 * (y - out) / out.numel()")), "turned round"),
    "the loss": (instead((D_OUT, "(out - y) ** 2 / out.numel()")), "not its slope"),
    "the loss as a number": (instead((D_OUT, "((out - y) ** 2).mean() + 0 * out")), "is right, yours gives"),
    "sign": (instead((D_OUT, "(out - y).sign() / out.numel()")), r"mean \|out"),
    "mse of relu": (instead(("h @ w2 + b2", "(h @ w2 + b2).relu()")), "is right, yours gives"),
    "a ReLU on out, forward and back": (
        instead((D_OUT, "2 * (out.relu() - y) * (out > 0) / out.numel()")),
        "ReLU on out",
    ),
    "no ReLU in the forward pass": (instead(("z.relu()", "z")), "no ReLU on its way"),
    "no mask": (instead((" * (z > 0)", "")), "whole gradient back"),
    "no mask for the bias": (instead(("d_b1 = d_z", "d_b1 = d_h")), "had no mask"),
    "no mask for the weight": (instead(("d_w1 = x.T @ d_z", "d_w1 = x.T @ d_h")), "though d_b1 had"),
    "mask of signs": (instead((MASK, "z.sign()")), "sign of z"),
    "times h": (instead((MASK, "h")), "multiplied by h"),
    "times z": (instead((MASK, "z")), "multiplied by z"),
    "mask turned round": (instead((MASK, "(z < 0)")), "mask is turned"),
    "mask of the gradient": (instead(("d_h * (z > 0)", "d_h * (d_h > 0)")), "cut off the gradient"),
    "relu of the gradient": (instead(("d_h * (z > 0)", "d_h.relu()")), "cut off the gradient"),
    "a linear net": (instead(("z.relu()", "z"), (" * (z > 0)", "")), "no ReLU at all"),
    "mask of x @ w1 without bias": (instead((MASK, "(x @ w1 > 0)")), "is right, yours gives"),
    "sigmoid's slope": (instead((MASK, "(z.sigmoid() * (1 - z.sigmoid()))")), "sigmoid's slope"),
    "tanh's slope": (instead((MASK, "(1 - h ** 2)")), "tanh's slope, of h"),
    "leaky slope": (instead((MASK, "((z > 0) + 0.01 * (z <= 0))")), "is right, yours gives"),
    "means of biases": (instead((".sum(0)", ".mean(0)")), "mean over the samples for a bias"),
    "mean of one bias": (instead(("d_z.sum(0)", "d_z.mean(0)")), "mean over the samples for d_b1"),
    "biases over units": (instead((".sum(0)", ".sum(1)")), "summed over the units"),
    "one bias over units": (instead(("d_z.sum(0)", "d_z.sum(1)")), "yours gives"),
    "biases not summed": (instead((".sum(0)", "")), "not summed"),
    "biases to one number": (instead((".sum(0)", ".sum()")), "to one number"),
    "biases with keepdim": (instead((".sum(0)", ".sum(0, keepdim=True)")), "dimension too many"),
    "biases of the first sample": (instead((".sum(0)", "[0]")), "yours gives"),
    "z for h": (instead(("h.T @", "z.T @")), "made of z"),
    "x for h": (instead(("h.T @", "x.T @")), "yours gives"),
    "both transposed": (instead(("h.T @ d_out", "d_out.T @ h"), ("x.T @ d_z", "d_z.T @ x")), "is transposed"),
    "one transposed": (instead(("x.T @ d_z", "d_z.T @ x")), "d_w1 is transposed"),
    "means of weights": (
        instead(("h.T @ d_out", "h.T @ d_out / len(x)"), ("x.T @ d_z", "x.T @ d_z / len(x)")),
        "mean over the samples",
    ),
    "w2 as it is": (instead(("w2.T", "w2")), "w2 as it is"),
    "x as it is": (instead(("x.T @", "x @"), ("h.T @", "h @")), "needs a transpose"),
    "w1 frozen": (instead(("d_h * (z > 0)", "0 * d_h")), "It is 0"),
    "d_w1 frozen": (instead(("x.T @ d_z", "0 * w1")), "is right, yours gives 0"),
    "from w2 to x": (
        instead(("return d_w1, d_b1, d_w2, d_b2", "return d_w2, d_b2, d_w1, d_b1")),
        "another order",
    ),
    "weights first": (
        instead(("return d_w1, d_b1, d_w2, d_b2", "return d_w1, d_w2, d_b1, d_b2")),
        "another order",
    ),
    "by name": (
        instead(("return d_w1, d_b1, d_w2, d_b2", "return dict(d_w1=d_w1, d_b1=d_b1, d_w2=d_w2, d_b2=d_b2)")),
        r"it gave \(d_w1, ",
    ),
    "the loss as well": (instead(("return d_w1", "return (out - y).square().mean(), d_w1")), "5 results"),
    "d_w1 alone": (instead(("return d_w1, d_b1, d_w2, d_b2", "return d_w1")), "a tensor of shape"),
    "no return": (instead(("return d_w1, d_b1, d_w2, d_b2", "d_w1, d_b1, d_w2, d_b2")), "end with `return`"),
    "a step instead": (instead(("return d_w1", "w1 -= 0.1 * d_w1\n    return d_w1")), "w1"),
    "changes y": (instead(("    d_out = 2 * (out - y)", "    y *= -1\n    d_out = 2 * (out + y)")), "y"),
    "no 1/N and means": (instead((D_OUT, "2 * (out - y)"), (".sum(0)", ".mean(0)")), "1/N is missing, and"),
    "no mask and no 2": (instead((D_OUT, "(out - y) / out.numel()"), (" * (z > 0)", "")), "2 is missing"),
    "a mean, and means of biases": (
        instead((".sum(0)", ".mean(0)"), (MASK, "h")),
        "yours gives",
    ),
}
