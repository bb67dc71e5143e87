"""What people write for `layer(x, w, b)`."""

RIGHT = {
    "F.linear": """
import torch.nn.functional as F
def layer(x, w, b):
    return F.relu(F.linear(x, w, b))
""",
    "einsum": """
import torch
def layer(x, w, b):
    return torch.einsum("ni,oi->no", x, w).add(b).clamp(min=0)
""",
    "loops": """
import torch
def layer(x, w, b):
    out = torch.empty(len(x), len(w))
    for n, sample in enumerate(x):
        for o, neuron in enumerate(w):
            out[n, o] = max(0, (sample * neuron).sum() + b[o])
    return out
""",
    "double precision": """
def layer(x, w, b):
    z = x.double().matmul(w.double().t()) + b.double()
    return z * (z > 0)
""",
    "samples in columns, turned at the end": """
import torch
def layer(x, w, b):
    return torch.maximum(torch.zeros(()), (w @ x.T).T + b[None])
""",
    "numpy": """
import numpy as np
def layer(x, w, b):
    return np.maximum(x.numpy() @ w.numpy().T + b.numpy(), 0)
""",
    "nn.Linear": """
import torch
from torch import nn
def layer(x, w, b):
    linear = nn.Linear(w.shape[1], w.shape[0])
    linear.weight, linear.bias = nn.Parameter(w), nn.Parameter(b)
    return nn.ReLU()(linear(x))
""",
}


def _layer(body: str) -> str:
    return f"import torch\ndef layer(x, w, b):\n    {body}\n"


WRONG = {
    "w not turned": (_layer("return (x @ w + b).relu()"), "w is not turned: .*0, 3, 9, 33"),
    "samples in columns": (_layer("return (w @ x.T + b[:, None]).relu()"), "changed places: .*0, 13, 2, 30"),
    "samples in columns, b in rows": (_layer("return (w @ x.T + b).relu()"), "changed places, and so b"),
    "w first": (_layer("return (w @ x + b).relu()"), "w @ x is not every sample with every neuron: .*0, 18"),
    "x turned, no relu": (_layer("return x.T @ w + b"), "x.T @ w is not every sample .*-7, 11, 4, 26"),
    "bias for samples": (_layer("return (x @ w.T + b.reshape(-1, 1)).relu()"), "b goes to the samples"),
    "entry by entry": (_layer("return (x * w + b).relu()"), "entry by entry"),
    "no bias": (_layer("return (x @ w.T).relu()"), "b is not added: .*19, 22, 43, 50"),
    "bias last": (_layer("return (x @ w.T).relu() + b"), "b comes after ReLU: .*-11, 2, 13, 30"),
    "no relu": (_layer("return x @ w.T + b"), "ReLU is missing: .*-11, 2, 13, 30"),
    "relu on the inputs": (_layer("return x.relu() @ w.T + b"), "ReLU is on the inputs"),
    "relu on the inputs as well": (
        _layer("return (x.relu() @ w.T + b).relu()"),
        r"entry \[0, 0\]: 0 is right, yours gives 2",
    ),
    "relu on the products": (_layer("return (x[:, None] * w).relu().sum(-1) + b"), "-11, 2, 13, 30"),
    "min": (
        _layer("return (x @ w.T + b).clamp(max=0)"),
        "keeps what is below 0 .*: -11, 0, 0, 0, where 0, 2, 13, 30 is right",
    ),
    "step": (_layer("return ((x @ w.T + b) > 0).float()"), "only whether a sum is above 0: .*0, 1, 1, 1"),
    "step as bool": (_layer("return (x @ w.T + b) > 0"), "only whether a sum is above 0"),
    "mean": (_layer("return ((x[:, None] * w).mean(-1) + b).relu()"), "mean of the products: .*0, 0, 0, 5"),
    "abs": (_layer("return (x @ w.T + b).abs()"), "came out positive: .*11, 2, 13, 30"),
    "sigmoid": (_layer("return torch.sigmoid(x @ w.T + b)"), "That is a sigmoid"),
    "tanh": (_layer("return torch.tanh(x @ w.T + b)"), "0, 2, 13, 30 is right, yours gives"),
    "leaky": (_layer("return torch.nn.functional.leaky_relu(x @ w.T + b)"), "yours gives .*-0.11"),
    "minus the bias": (_layer("return (x @ w.T - b).relu()"), "b is subtracted"),
    "neither bias nor relu": (_layer("return x @ w.T"), "Two things are missing, b and ReLU"),
    "w not turned, no bias": (_layer("return (x @ w).relu()"), "w is not turned, and b is not added"),
    "w not turned, no relu": (_layer("return x @ w + b"), "w is not turned, and ReLU is missing"),
    "x @ w alone": (_layer("return x @ w"), "w is not turned, and b and ReLU are missing"),
    "all neurons added up": (_layer("return (x @ w.T + b).relu().sum(1)"), r"shape \(2,\) where .*\(2, 2\)"),
    "a list": (_layer("return (x @ w.T + b).relu().tolist()"), "2 results in a list or tuple where a tensor"),
    "a tuple": (_layer("return (x @ w.T + b).relu(),"), "1 result in a list or tuple where a tensor"),
    "nothing returned": (_layer("(x @ w.T + b).relu()"), "None where"),
    "cut to whole numbers": (_layer("return (x @ w.T + b).relu().round()"), "50 samples"),
    "changes b": (_layer("out = (x @ w.T + b).relu(); b.zero_(); return out"), "It changed b itself"),
    "changes x": (_layer("out = (x @ w.T + b).relu(); x.relu_(); return out"), "It changed x itself"),
    "squeezed": (
        _layer("return (x @ w.T + b).relu().squeeze()"),
        "one number where a tensor",
    ),
    "the first sample only": (_layer("return (x[:1] @ w.T + b).relu()"), r"shape \(1, 2\)"),
    "one bias for all": (_layer("return (x @ w.T + b[0]).relu()"), "yours gives"),
}
