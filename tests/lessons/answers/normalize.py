"""What people write for `normalize(train, valid)`."""

RIGHT = {
    "divided by n": """
def normalize(train, valid):
    mean, std = train.float().mean(), train.float().std(correction=0)
    return (train - mean) / std, (valid - mean) / std
""",
    "double precision": """
def normalize(train, valid):
    train, valid = train.double(), valid.double()
    m, s = train.mean().item(), train.std().item()
    return [(x - m) / s for x in (train, valid)]
""",
    "255 first": """
def normalize(train, valid):
    train, valid = train / 255, valid / 255
    m, s = train.mean(), train.std()
    return (train - m) / s, (valid - m) / s
""",
    "by hand": """
def normalize(train, valid):
    n = train.numel()
    m = train.float().sum() / n
    centred = train - m
    s = ((centred ** 2).sum() / n) ** 0.5
    return centred / s, (valid - m) / s
""",
    "std_mean and torch's functions": """
import torch
def normalize(train, valid):
    std, mean = torch.std_mean(train.to(torch.float32))
    def f(x):
        return torch.div(torch.sub(x, mean), std)
    return f(train), f(valid)
""",
    "in place on copies": """
def normalize(train, valid):
    train, valid = train.clone().float(), valid.clone().float()
    m, s = train.mean(), train.std()
    train.sub_(m).div_(s)
    valid.sub_(m).div_(s)
    return train, valid
""",
}


def _normalize(body: str) -> str:
    as_floats = "train, valid = train.float(), valid.float()"
    return f"import torch\ndef normalize(train, valid):\n    {as_floats}\n    {body}\n"


WRONG = {
    "each by its own": (
        _normalize("return tuple((x - x.mean()) / x.std() for x in (train, valid))"),
        r"valid is normalized with its own .* 0 and 1 after it",
    ),
    "train by valid's": (
        _normalize("m, s = valid.mean(), valid.std(); return (train - m) / s, (valid - m) / s"),
        "Both are normalized with valid's",
    ),
    "both together": (
        _normalize(
            "a = torch.cat([train, valid]); m, s = a.mean(), a.std(); return (train - m) / s, (valid - m) / s"
        ),
        "both sets together",
    ),
    "valid's mean, train's std": (
        _normalize("s = train.std(); return (train - train.mean()) / s, (valid - valid.mean()) / s"),
        "The mean is valid's own",
    ),
    "train's mean, valid's std": (
        _normalize("m = train.mean(); return (train - m) / train.std(), (valid - m) / valid.std()"),
        "The std is valid's own",
    ),
    "valid as it is": (
        _normalize("return (train - train.mean()) / train.std(), valid"),
        "valid is left as it is",
    ),
    "variance": (
        _normalize("m, s = train.mean(), train.var(); return (train - m) / s, (valid - m) / s"),
        "divides by the variance: train's std is 0.0",
    ),
    "std not divided": (_normalize("m = train.mean(); return train - m, valid - m"), "nothing is divided"),
    "mean not subtracted": (_normalize("s = train.std(); return train / s, valid / s"), "takes no mean away"),
    "divided first": (
        _normalize("m, s = train.mean(), train.std(); return train / s - m, valid / s - m"),
        "divides before the mean",
    ),
    "no brackets": (
        _normalize("m, s = train.mean(), train.std(); return train - m / s, valid - m / s"),
        "the mean alone",
    ),
    "times the std": (
        _normalize("m, s = train.mean(), train.std(); return (train - m) * s, (valid - m) * s"),
        "multiplies by the std",
    ),
    "plus": (
        _normalize("m, s = train.mean(), train.std(); return (train + m) / s, (valid + m) / s"),
        "The mean is added",
    ),
    "-1 to 1": (
        _normalize(
            "a, b = train.min(), train.max(); return tuple(2 * (x - a) / (b - a) - 1 for x in (train, valid))"
        ),
        "between -1 and 1",
    ),
    "0 to 1": (
        _normalize("a, b = train.min(), train.max(); return (train - a) / (b - a), (valid - a) / (b - a)"),
        "between 0 and 1",
    ),
    "255": (_normalize("return train / 255, valid / 255"), "no more"),
    "127.5 - 1": (
        _normalize("return train / 127.5 - 1, valid / 127.5 - 1"),
        "mean of train: .* is right, yours|between -1 and 1",
    ),
    "copied numbers": (
        _normalize("return (train / 255 - 0.1307) / 0.3081, (valid / 255 - 0.1307) / 0.3081"),
        "another file",
    ),
    "copied numbers, no 255": (
        _normalize("return (train - 0.1307) / 0.3081, (valid - 0.1307) / 0.3081"),
        "mean of train: .* is right, yours|between -1 and 1",
    ),
    "each digit": (
        _normalize("return tuple((x - x.mean(1, True)) / x.std(1, keepdim=True) for x in (train, valid))"),
        "Each digit has",
    ),
    "each pixel": (
        _normalize("m, s = train.mean(0), train.std(0); return (train - m) / s, (valid - m) / s"),
        "Each pixel has a mean and a std",
    ),
    "each pixel, and a little more": (
        _normalize("m, s = train.mean(0), train.std(0) + 1e-5; return (train - m) / s, (valid - m) / s"),
        "a little is added to the std: train's std is 0.9",
    ),
    "each pixel of train": (
        _normalize("return (train - train.mean(0)) / train.std(0), valid"),
        "mean is nan. And valid is left as it is",
    ),
    "each pixel's std": (
        _normalize("m, s = train.mean(), train.std(0); return (train - m) / s, (valid - m) / s"),
        "Each pixel has a std of its own.*mean is -inf",
    ),
    "train's digits": (
        _normalize("m, s = train.mean(1), train.std(1); return (train - m) / s, (valid - m) / s"),
        "Each digit of train .* raised RuntimeError",
    ),
    "train's digits, kept as rows": (
        _normalize(
            "m, s = train.mean(1, True), train.std(1, keepdim=True); return (train - m) / s, (valid - m) / s"
        ),
        "Each digit of train .* raised RuntimeError",
    ),
    "std_mean the wrong way": (
        _normalize("m, s = torch.std_mean(train); return (train - m) / s, (valid - m) / s"),
        "changed places: .*std_mean gives the std first",
    ),
    "each pixel's mean": (
        _normalize("m = train.mean(0); s = (train - m).std(); return (train - m) / s, (valid - m) / s"),
        "Each pixel has a mean of its own",
    ),
    "the other way round": (
        _normalize("m, s = train.mean(), train.std(); return (valid - m) / s, (train - m) / s"),
        "come back as .valid, train.",
    ),
    "train alone": (
        _normalize("return (train - train.mean()) / train.std()"),
        "and gave one tensor",
    ),
    "nothing": (_normalize("m, s = train.mean(), train.std(); train = (train - m) / s"), "and gave nothing"),
    "bytes": (
        """
def normalize(train, valid):
    m, s = train.mean(), train.std()
    return (train - m) / s, (valid - m) / s
""",
        "Bytes have no mean",
    ),
    "in place": (
        """
def normalize(train, valid):
    train, valid = train.float(), valid.float()
    m, s = train.mean(), train.std()
    train -= m
    train /= s
    valid -= m
    valid /= s
    return train, valid
""",
        "It changed train and valid itself",
    ),
    "train in place": (
        """
def normalize(train, valid):
    train, valid = train.float(), valid.float()
    m, s = train.mean(), train.std()
    return train.sub_(m).div_(s), (valid - m) / s
""",
        "It changed train itself",
    ),
    "the statistics": (_normalize("return train.mean(), train.std()"), r"and gave \(\) and \(\)"),
    "four results": (
        _normalize("m, s = train.mean(), train.std(); return (train - m) / s, (valid - m) / s, m, s"),
        "and gave 4 results",
    ),
    "half precision": (
        _normalize(
            "m, s = train.mean(), train.std(); return ((train - m) / s).half(), ((valid - m) / s).half()"
        ),
        "number by number, of train, entry",
    ),
}
