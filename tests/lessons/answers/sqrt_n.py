"""What people write for `xavier_uniform_(w, gain=1.0)`."""

RIGHT = {
    "torch's own": "from torch.nn.init import xavier_uniform_\n",
    "from torch.rand": """
import torch
def xavier_uniform_(w, gain=1.0):
    bound = gain * (6 / sum(w.shape)) ** 0.5
    with torch.no_grad():
        w.copy_((torch.rand(w.shape) * 2 - 1) * bound)
    return w
""",
    "through data": """
import math
def xavier_uniform_(w, gain=1.0):
    fan_out, fan_in = w.shape
    std = gain * math.sqrt(2.0 / (fan_in + fan_out))
    a = math.sqrt(3.0) * std
    w.data.uniform_(-a, a)
    return w
""",
    "a decorator": """
import torch
@torch.no_grad()
def xavier_uniform_(w, gain=1.0):
    b = gain * torch.tensor(6 / (w.size(0) + w.size(1))).sqrt().item()
    return torch.nn.init.uniform_(w, -b, b)
""",
    "double precision": """
import torch
def xavier_uniform_(w, gain=1.0):
    b = gain * (6 / (w.shape[0] + w.shape[1])) ** 0.5
    u = torch.empty(w.shape, dtype=torch.float64).uniform_(-b, b)
    w.detach().copy_(u)
    return w
""",
    "numpy, number by number": """
import math, random, torch
def xavier_uniform_(w, gain=1.0):
    b = gain * math.sqrt(6 / (w.shape[0] + w.shape[1]))
    with torch.no_grad():
        w.copy_(torch.tensor([random.uniform(-b, b) for _ in range(w.numel())]).view_as(w))
        return w
""",
}


def _xavier(bound: str, draw: str = "w.uniform_(-bound, bound)") -> str:
    return f"""
import math, torch
def xavier_uniform_(w, gain=1.0):
    n_out, n_in = w.shape
    bound = {bound}
    with torch.no_grad():
        return {draw}
"""


GOOD = "gain * math.sqrt(6 / (n_in + n_out))"
WRONG = {
    "1/(n_in + n_out)": (_xavier("gain * math.sqrt(3 / (n_in + n_out))"), r"1/\(n_in \+ n_out\): std 0.0456"),
    "std as bound": (
        _xavier("gain * math.sqrt(2 / (n_in + n_out))"),
        "takes the std for the bound: std 0.037",
    ),
    "√3 twice": (_xavier("gain * math.sqrt(18 / (n_in + n_out))"), "√3 times too wide"),
    "no root": (_xavier("gain * 6 / (n_in + n_out)"), "The root is missing"),
    "LeCun": (_xavier("gain * math.sqrt(3 / n_in)"), "Only n_in is in it"),
    "n_out alone": (_xavier("gain * math.sqrt(3 / n_out)"), "Only n_out is in it"),
    "the larger side": (_xavier("gain * math.sqrt(3 / max(w.shape))"), "Only the larger side"),
    "Kaiming's": (_xavier("gain * math.sqrt(6 / n_in)"), "which is Kaiming's"),
    "torch's default": (_xavier("gain / math.sqrt(n_in)"), "torch's default"),
    "gain left out": (_xavier("math.sqrt(6 / (n_in + n_out))"), "gain does nothing: std 0.0[67].*0.129"),
    "gain squared": (_xavier("gain * gain * math.sqrt(6 / (n_in + n_out))"), "gain counts twice"),
    "gain in the root": (_xavier("math.sqrt(gain * 6 / (n_in + n_out))"), "gain counts half"),
    "gain divides": (_xavier("math.sqrt(6 / (n_in + n_out)) / gain"), "gain divides"),
    "geometric mean": (_xavier("gain * math.sqrt(3 / math.sqrt(n_in * n_out))"), "another mean of the two"),
    "product": (_xavier("gain * math.sqrt(6 / (n_in * n_out))"), "n_in · n_out stands"),
    "no n at all": (_xavier("gain"), r"U\(-1, 1\)"),
    "normal, right variance": (
        _xavier(GOOD, "w.normal_(0, bound / 3 ** 0.5)"),
        "variance is right, and .* bell",
    ),
    "normal, bound as std": (_xavier(GOOD, "w.normal_(0, bound)"), "bell with the bound as its std"),
    "normal, variance as std": (
        _xavier("gain * 2 / (n_in + n_out)", "w.normal_(0, bound)"),
        "std: 0.0645 is right, yours",
    ),
    "normal, n_in alone": (_xavier("gain / math.sqrt(n_in)", "w.normal_(0, bound)"), "Only n_in .* bell"),
    "half the box": (_xavier(GOOD, "w.uniform_(0, bound)"), "on one side of 0 only"),
    "clipped normal": (_xavier(GOOD, "w.normal_(0, bound).clamp_(-bound, bound)"), "right, yours gives"),
    "plus or minus the std": (
        _xavier(GOOD, "w.bernoulli_(0.5).sub_(0.5).mul_(2 * bound / 3 ** 0.5)"),
        "form: box is right, yours gives neither",
    ),
    "one row for all": (
        _xavier(GOOD, "w.copy_(torch.empty(n_in).uniform_(-bound, bound))"),
        "right, yours gives",
    ),
    "autograd": (
        f"import math\ndef xavier_uniform_(w, gain=1.0):\n    n_out, n_in = w.shape\n    b = {GOOD}\n"
        "    return w.uniform_(-b, b)\n",
        "autograd records",
    ),
    "gradients switched off for good": (
        f"import math, torch\ndef xavier_uniform_(w, gain=1.0):\n    n_out, n_in = w.shape\n    b = {GOOD}\n"
        "    torch.set_grad_enabled(False)\n    return w.uniform_(-b, b)\n",
        "gradients are recorded: yes is right, yours gives no",
    ),
    "no longer trained": (
        _xavier(GOOD, "w.requires_grad_(False).uniform_(-bound, bound)"),
        "is trained: yes is right, yours gives no",
    ),
    "a copy returned": (_xavier(GOOD, "w.uniform_(-bound, bound).clone()"), "gives back something else"),
    "no return": (
        f"import math, torch\ndef xavier_uniform_(w, gain=1.0):\n    n_out, n_in = w.shape\n    b = {GOOD}\n"
        "    with torch.no_grad():\n        w.uniform_(-b, b)\n",
        "gives back None",
    ),
    "a new tensor": (
        _xavier(GOOD, "torch.empty(n_out, n_in).uniform_(-bound, bound)"),
        "w is as it was: std 0,",
    ),
    "nothing filled": (_xavier(GOOD, "w"), "w is as it was: std 0,"),
    "one number": (_xavier(GOOD, "w.fill_(bound)"), "is right, yours gives"),
    "a seed inside": (
        _xavier(GOOD, "(torch.manual_seed(0), w.uniform_(-bound, bound))[1]"),
        "400 small ones|Two calls drew the same",
    ),
    "made to measure": (
        _xavier(GOOD, "w.normal_().div_(w.abs().max()).mul_(bound)"),
        "right, yours gives",
    ),
    "integers for n": (_xavier("gain * math.sqrt(6 // (n_in + n_out))"), "right, yours gives 0"),
    "no gain": (
        "import math, torch\ndef xavier_uniform_(w):\n    with torch.no_grad():\n"
        "        b = math.sqrt(6 / sum(w.shape))\n        return w.uniform_(-b, b)\n",
        "unexpected keyword argument 'gain'",
    ),
}
