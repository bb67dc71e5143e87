"""What `lsuv_(w, x)` is asked, and what people write instead."""

import torch
from torch.nn.init import orthogonal_

from initplay.lab.checking import Mistake, Probe, verdicts


def of(n_out, n_in, mean=0.0, std=1.0, dtype=torch.float32, parameter=False):
    """A probe's question: what a weight of this shape becomes, for a batch of this mean and std."""

    def ask(mine):
        x = mean + std * torch.randn(256, n_in, dtype=dtype)
        w = torch.randn(n_out, n_in, dtype=dtype)
        w = torch.nn.Parameter(w) if parameter else w
        x_before, w_before = x.clone(), w.detach().clone()
        mine.lsuv_(w, x)
        filled = w.detach()
        return {
            "std": (x_before @ filled.T).std(),
            "rows": stretch(filled),
            "w was filled": not torch.equal(filled, w_before),
            "x is as it was": torch.equal(x, x_before),
            "w has a history": w.grad_fn is not None,
            "w is trained": w.requires_grad,
        }

    return ask


def stretch(w):
    """Whether all directions are stretched alike, in words: the number is another for each random draw."""
    values = torch.linalg.svdvals(w.double())
    if not values.isfinite().all() or values[0] == 0:
        return "no directions at all"
    ratio = values[0] / values[-1]
    return "orthonormal" if ratio < 1.005 else "nearly orthonormal" if ratio < 2 else "not orthonormal"


def given_back(mine):
    w = torch.randn(30, 50)
    out = mine.lsuv_(w, torch.randn(256, 50))
    return out if out is None or out is ... else "w" if out is w else "something else"


def twice(mine):
    x = torch.randn(256, 50)
    first, second = torch.randn(2, 30, 50)
    mine.lsuv_(first, x)
    mine.lsuv_(second, x)
    return "the same numbers" if torch.equal(first, second) else "other numbers"


NEAR = {"within": 2e-3}
PROBES = [
    Probe("a batch of std 3, a w of 100 × 200", of(100, 200, std=3.0), **NEAR),
    Probe("a batch of std 0.2, a w of 200 × 200", of(200, 200, std=0.2), **NEAR),
    Probe("a batch of mean 2, a w of 5 × 200", of(5, 200, mean=2.0), **NEAR),
    Probe("a batch of std 1.05, a w of 100 × 200", of(100, 200, std=1.05), **NEAR),
    Probe("more units than inputs, 200 × 100", of(200, 100, std=3.0), **NEAR),
    Probe("one unit, 1 × 50, a batch of std 3", of(1, 50, mean=1.0, std=3.0), **NEAR),
    Probe("double precision, 40 × 60", of(40, 60, std=1e-3, dtype=torch.float64), **NEAR),
    Probe("an nn.Parameter of 60 × 80", of(60, 80, std=2.0, parameter=True), **NEAR),
    Probe(
        "what it gives back",
        given_back,
        says="It gives back {got}, where the w that came in is right: so it can be used within a line.",
        beside=True,
    ),
    Probe("two calls in a row", twice, says="Two calls drew {got}: is a seed set inside?", beside=True),
]


def divided(by, fill=orthogonal_, grad=False):
    """The initialization that fills w in this way and divides it by what this makes of z."""

    def lsuv_(w, x):
        with torch.set_grad_enabled(grad):
            fill(w)
            w /= by(x @ w.T)
            return w

    return lsuv_


def normal(w):
    return w.normal_()


def std_of_w(w, x):
    with torch.no_grad():
        orthogonal_(w)
        w /= w.std()
        return w


def std_of_x(w, x):
    with torch.no_grad():
        orthogonal_(w)
        w /= x.std()
        return w


def not_transposed(w, x):
    with torch.no_grad():
        orthogonal_(w)
        w /= (x @ w).std()
        return w


def kaiming(w, x):
    with torch.no_grad():
        return torch.nn.init.kaiming_normal_(w, nonlinearity="relu")


def until_near(w, x):
    with torch.no_grad():
        orthogonal_(w)
        while abs((std := (x @ w.T).std()) - 1) > 0.1:
            w /= std
        return w


def copy_scaled(w, x):
    with torch.no_grad():
        orthogonal_(w)
        return w / (x @ w.T).std()


def another(w, x):
    q = orthogonal_(torch.empty_like(w.detach()))
    return q / (x @ q.T).std()


def x_divided(w, x):
    with torch.no_grad():
        orthogonal_(w)
        x /= (x @ w.T).std()
        return w


def x_normalized(w, x):
    with torch.no_grad():
        x -= x.mean()
        x /= x.std()
        orthogonal_(w)
        w /= (x @ w.T).std()
        return w


def no_return(w, x):
    divided(torch.std)(w, x)


STD = "the std of x @ w.T is {got.std}, where {right.std} is right"
MISTAKES = [
    Mistake(
        f"Orthonormal, and not scaled yet: {STD}. By what is w to be divided?",
        lsuv_=divided(lambda z: 1),
    ),
    Mistake(
        f"You multiplied by the std, and it divides: {STD}.",
        lsuv_=divided(lambda z: 1 / z.std()),
    ),
    Mistake(
        f"You divided by the variance: {STD}. x @ w.T grows with w itself, so w is divided by the std.",
        lsuv_=divided(torch.var),
    ),
    Mistake(
        f"You divided by the root of the std: {STD}. x @ w.T grows with w itself.",
        lsuv_=divided(lambda z: z.std().sqrt()),
    ),
    Mistake(
        f"You measured after ReLU: {STD}. It asks for the std before any activation.",
        lsuv_=divided(lambda z: z.relu().std()),
    ),
    Mistake(
        f"You measured the rms after ReLU: {STD}. It asks for the std before any activation.",
        lsuv_=divided(lambda z: z.relu().square().mean().sqrt()),
    ),
    Mistake(
        f"You divided by the rms, which counts the mean in: {STD}. The std takes the mean away first.",
        lsuv_=divided(lambda z: z.square().mean().sqrt()),
    ),
    Mistake(
        f"√2 is put on top: {STD}. What ReLU will take is the next layer's to measure.",
        lsuv_=divided(lambda z: z.std() / 2**0.5),
    ),
    Mistake(
        "Each unit was divided by a std of its own, and now w is {got.rows}: one number for all of w keeps "
        "the rows of one length.",
        lsuv_=divided(lambda z: z.std(0)[:, None]),
    ),
    Mistake(
        f"You took each unit's std and averaged those: {STD}. That leaves out by how much units differ. Take "
        f"all numbers together.",
        lsuv_=divided(lambda z: z.std(0).mean()),
    ),
    Mistake(
        f"You took each sample's std and averaged those: {STD}. Take all numbers together.",
        lsuv_=divided(lambda z: z.std(1).mean()),
    ),
    Mistake(
        f"You divided by the mean size, |z|: {STD}. It asks for the std.",
        lsuv_=divided(lambda z: z.abs().mean()),
    ),
    Mistake(
        f"You divided by the largest number of x @ w.T: {STD}. It asks for the std.",
        lsuv_=divided(lambda z: z.abs().max()),
    ),
    Mistake(f"You divided w by its own std: {STD}. What is measured is x @ w.T.", lsuv_=std_of_w),
    Mistake(f"You divided by the std of x: {STD}. What is measured is x @ w.T.", lsuv_=std_of_x),
    Mistake(
        "w is (out, in), and x @ w multiplies by its columns: {got}. Which of w's sides meets x?",
        lsuv_=not_transposed,
    ),
    Mistake(
        "The std is right, and w is {got.rows}: fill it with orthonormal rows first, whatever stands in it.",
        lsuv_=divided(torch.std, fill=normal),
    ),
    Mistake(
        f"That is Kaiming's draw: {STD}, and w is {{got.rows}}. Here nothing is derived: it is measured.",
        lsuv_=kaiming,
    ),
    Mistake(
        f"It stops within 0.1 of 1: {STD}. Divide by the std whatever it is.",
        lsuv_=until_near,
    ),
    Mistake(
        f"You scaled a copy, and w itself is orthonormal as it was filled: {STD}. Which operators change w "
        f"itself?",
        lsuv_=copy_scaled,
    ),
    Mistake(
        f"w is as it was: {STD}. Which functions change w itself, and not a new tensor?",
        lsuv_=another,
    ),
    Mistake(
        f"It divides x, and not w: {STD}. Whoever calls it still needs x as it was.",
        lsuv_=x_divided,
    ),
    Mistake(
        "It changed x itself. Whoever calls it still needs x as it was: work on a new tensor.",
        lsuv_=x_normalized,
    ),
    Mistake(
        "w may be a parameter: it raised {got}, for autograd records what is done to one. Fill it where "
        "nothing is recorded.",
        lsuv_=divided(torch.std, grad=True),
    ),
    Mistake("It gives back {got}, where w is right: does it end with `return`?", lsuv_=no_return),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
