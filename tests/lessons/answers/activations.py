"""What people write for `dead_units(h)`."""


def counting(expression: str) -> str:
    return f"import torch\ndef dead_units(h):\n    return {expression}\n"


RIGHT = {
    "all zeros": counting("(h == 0).all(dim=0).sum()"),
    "not any": counting("(~(h != 0).any(0)).sum().item()"),
    "by the largest |h|": counting("(h.abs().amax(dim=0) == 0).sum()"),
    "sum of |h|": counting("int((h.abs().sum(0) == 0).sum())"),
    "units less the live ones": counting("h.shape[1] - (h != 0).any(dim=0).sum()"),
    "zeros counted by unit": counting("((h == 0).sum(0) == len(h)).sum()"),
    "a float": counting("float((h == 0).all(0).float().sum())"),
    "numpy": counting("(h.numpy() == 0).all(axis=0).sum()"),
    "nonzero": counting("len((h == 0).all(0).nonzero())"),
    "loops": """
def dead_units(h):
    dead = 0
    for unit in h.T.tolist():
        dead += all(value == 0 for value in unit)
    return dead
""",
    "a set of live units": """
def dead_units(h):
    alive = {unit for _, unit in h.nonzero().tolist()}
    return h.shape[1] - len(alive)
""",
    "count_nonzero": counting("torch.count_nonzero(h.count_nonzero(dim=0) == 0)"),
}

WRONG = {
    "zeros": (counting("(h == 0).sum()"), "counted zeros"),
    "zeros by count_nonzero": (counting("h.numel() - h.count_nonzero()"), "counted zeros"),
    "samples": (counting("(h == 0).all(dim=1).sum()"), "samples that no unit"),
    "live units": (counting("(h != 0).any(dim=0).sum()"), "are alive"),
    "live units, above 0": (counting("(h > 0).any(dim=0).sum()"), "above 0 somewhere"),
    "live samples": (counting("(h != 0).any(dim=1).sum()"), "yours gives"),
    "units with a zero": (counting("(h == 0).any(dim=0).sum()"), "a 0 somewhere"),
    "a share": (counting("(h == 0).all(dim=0).float().mean()"), "share, 0.5, of all units"),
    "a percentage": (counting("100 * (h == 0).all(dim=0).float().mean()"), "yours gives 50"),
    "share of zeros": (counting("(h == 0).float().mean().item()"), "share of zeros"),
    "by unit": (counting("(h == 0).all(dim=0)"), "of each unit whether it is dead"),
    "all dead": (counting("(h == 0).all()"), "whether everything"),
    "any dead, a tensor": (counting("(h == 0).all(0).any()"), "whether any"),
    "any dead": (counting("(h == 0).all(0).any().item()"), "yes or no"),
    "never above 0": (counting("(h <= 0).all(dim=0).sum()"), "never above 0"),
    "not above 0": (counting("(~(h > 0).any(dim=0)).sum()"), "never above 0: 3 .*NaN"),
    "largest is 0": (counting("(h.max(dim=0).values == 0).sum()"), "by their largest"),
    "smallest is 0": (counting("(h.min(dim=0).values == 0).sum()"), "smallest"),
    "first sample": (counting("(h[0] == 0).sum()"), "first sample"),
    "last sample": (counting("(h[-1] == 0).sum()"), "last sample"),
    "first unit": (counting("(h[:, 0] == 0).sum()"), "yours gives"),
    "half": (counting("((h == 0).float().mean(0) >= 0.5).sum()"), "let half"),
    "more than half": (counting("((h == 0).float().mean(0) > 0.5).sum()"), "more than half"),
    "99 %": (counting("((h == 0).float().mean(0) > 0.99).sum()"), "yours gives 8"),
    "below 0.001": (counting("(h < 1e-3).all(0).sum()"), "below a bound"),
    "|h| below 0.001": (counting("(h.abs() < 1e-3).all(0).sum()"), "0.000001"),
    "allclose": (counting("sum(torch.allclose(u, torch.zeros_like(u)) for u in h.T)"), "Small answers"),
    "sums": (counting("(h.sum(0) == 0).sum()"), "summed over"),
    "means": (counting("(h.mean(0) == 0).sum()"), "summed over"),
    "norms": (counting("(h.norm(dim=0) == 0).sum()"), "squares"),
    "squares": (counting("(h.square().sum(0) == 0).sum()"), "squares"),
    "std": (counting("(h.std(0, correction=0) == 0).sum()"), "same to all samples"),
    "sums not above 0": (counting("(h.sum(0) <= 0).sum()"), "sum is not above 0"),
    "share of the live": (counting("(h != 0).any(0).float().mean()"), "share of units that are alive"),
    "alive, by unit": (counting("(h != 0).any(0)"), "of each unit whether it is alive"),
    "whole numbers": (counting("(h.int() == 0).all(0).sum()"), "yours gives"),
    "over samples": (counting("(h == 0).all(0).sum() / len(h)"), "yours gives 0.6667"),
    "not (h != 0 in either direction)": (counting("(~((h > 0) | (h < 0)).any(0)).sum()"), "NaN"),
    "nan_to_num": (counting("(h.nan_to_num() == 0).all(0).sum()"), "NaN counts"),
    "indices": (counting("(h == 0).all(0).nonzero()"), "which units"),
    "indices, flat": (counting("(h == 0).all(0).nonzero().flatten()"), "which units"),
    "indices, a list": (counting("[i for i, u in enumerate(h.T) if (u == 0).all()]"), "which units"),
    "zeros by unit": (counting("(h == 0).sum(0)"), "zeros of each unit"),
    "a tensor of one": (counting("(h == 0).all(0).sum()[None]"), "tensor of shape"),
    "text": (counting("str(int((h == 0).all(0).sum()))"), "text"),
    "both numbers": (counting("(h == 0).all(0).sum(), h.shape[1]"), "results"),
    "no return": ("def dead_units(h):\n    (h == 0).all(0).sum()\n", "return"),
    "prints": ("def dead_units(h):\n    print((h == 0).all(0).sum())\n", "return"),
    "changes h": ("def dead_units(h):\n    return (h.abs_() == 0).all(0).sum()\n", "changes h"),
    "relu in place": (
        "def dead_units(h):\n    dead = (h == 0).all(0).sum()\n    h.relu_()\n    return dead\n",
        "changes h",
    ),
    "always 2": (counting("2"), "yours gives 2"),
}
