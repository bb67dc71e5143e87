"""What `kaiming_normal_(w, a, mode)` is asked, and what people write instead."""

import math

import torch

from initplay.lab.checking import Mistake, Probe, verdicts
from initplay.lab.initializing import Fills

FILLS = Fills("kaiming_normal_")


def of_a_bias(mine):
    mine.kaiming_normal_(torch.zeros(50))
    return "no error"


def of_another_mode(mine):
    mine.kaiming_normal_(torch.zeros(3, 5), mode="fan_avg")
    return "no error"


NEAR = {"within": 0.035}  # 19,200 draws hold a std to 0.5 %
PROBES = [
    Probe("a weight of 240 × 80, for 80 inputs", FILLS.weight((240, 80)), **NEAR),
    Probe("80 × 240, mode='fan_in'", FILLS.weight((80, 240), mode="fan_in"), **NEAR),
    Probe("240 × 80, mode='fan_out'", FILLS.weight((240, 80), mode="fan_out"), **NEAR),
    Probe("80 × 240 with a=1", FILLS.weight((80, 240), a=1.0), **NEAR),
    Probe("240 × 80 with a=0.5", FILLS.weight((240, 80), a=0.5), **NEAR),
    Probe("80 × 240 with 1.0 and 'fan_out', not named", FILLS.weight((80, 240), 1.0, "fan_out"), **NEAR),
    Probe("a convolution: 64 from 32 channels, 3 × 3", FILLS.weight((64, 32, 3, 3)), **NEAR),
    Probe("the same, mode='fan_out'", FILLS.weight((64, 32, 3, 3), mode="fan_out"), **NEAR),
    Probe("one along a line: 48 from 96 channels, 5 wide", FILLS.weight((48, 96, 5)), **NEAR),
    Probe("a weight of 9,600 × 2, for 2 inputs", FILLS.weight((9600, 2)), **NEAR),
    Probe("an nn.Parameter of 140 × 140", FILLS.parameter((140, 140)), **NEAR),
    Probe(
        "what it gives back",
        FILLS.given_back,
        says="It gives back {got}, where the w that came in is right: so it can be used within a line.",
        beside=True,
    ),
    Probe("two calls in a row", FILLS.twice, says="Two calls drew {got}: is a seed set inside?", beside=True),
    Probe(
        "a bias, (50,)",
        of_a_bias,
        says="A bias has one side and no fan: raise {right}. This gave {got}.",
    ),
    Probe(
        "mode='fan_avg'",
        of_another_mode,
        says="There is no mode fan_avg: raise {right}, or a slip in a name goes unnoticed. This gave {got}.",
    ),
]


def drawn(variance, uniform=False, keep_grad=False):
    """The initialization with this variance of n_in, n_out, the kernel's pixels, a and mode."""

    def kaiming_normal_(w, a=0.0, mode="fan_in"):
        if w.dim() < 2 or mode not in ("fan_in", "fan_out"):
            raise ValueError
        n_out, n_in = w.shape[:2]
        std = math.sqrt(variance(n_in, n_out, w[0, 0].numel(), a, mode))
        with torch.set_grad_enabled(keep_grad):
            return w.uniform_(-math.sqrt(3) * std, math.sqrt(3) * std) if uniform else w.normal_(0, std)

    return kaiming_normal_


def fan(n_in, n_out, pixels, mode):
    return pixels * (n_in if mode == "fan_in" else n_out)


def right_variance(n_in, n_out, pixels, a, mode):
    return 2 / (1 + a**2) / fan(n_in, n_out, pixels, mode)


def with_gain(square):
    """A variance with another gain², of a."""
    return lambda n_in, n_out, pixels, a, mode: square(a) / fan(n_in, n_out, pixels, mode)


def with_fan(of):
    """A variance with another fan."""
    return lambda n_in, n_out, pixels, a, mode: 2 / (1 + a**2) / of(n_in, n_out, pixels, mode)


def of_another(w, a=0.0, mode="fan_in"):
    drawn(right_variance)(torch.empty_like(w), a, mode)


def filled(fill):
    """With the right std in a wrong hand."""

    def kaiming_normal_(w, a=0.0, mode="fan_in"):
        if w.dim() < 2 or mode not in ("fan_in", "fan_out"):
            raise ValueError
        n_out, n_in = w.shape[:2]
        with torch.no_grad():
            fill(w, math.sqrt(right_variance(n_in, n_out, w[0, 0].numel(), a, mode)))
        return w

    return kaiming_normal_


def untouched(w, a=0.0, mode="fan_in"):
    of_another(w, a, mode)
    return w


def no_return(w, a=0.0, mode="fan_in"):
    drawn(right_variance)(w, a, mode)


FANS = {
    "the fans have changed places": lambda i, o, p, mode: p * (o if mode == "fan_in" else i),
    "you divided by √n_out whatever the mode is": lambda i, o, p, mode: p * o,
    "mode does nothing": lambda i, o, p, mode: p * i,
    "the kernel is left out of the fan": lambda i, o, p, mode: fan(i, o, 1, mode),
    "you divided by √n_out, whatever mode and kernel are": lambda i, o, p, mode: o,
}
VARIANCES = {
    "The root is missing": lambda a, n: (2 / (1 + a**2) / n) ** 2,
    "The gain is missing": lambda a, n: 1 / n,
    "The gain's 2 is missing": lambda a, n: 1 / (1 + a**2) / n,
    "The gain's 2 is outside the root": lambda a, n: 4 / (1 + a**2) / n,
    "a does nothing": lambda a, n: 2 / n,
    "The root is missing, a does nothing": lambda a, n: (2 / n) ** 2,
}
"""Of a and the fan."""


def of_both(of_fan, of_variance):
    return drawn(lambda i, o, p, a, mode: of_variance(a, of_fan(i, o, p, mode)))


STD = "std {got.std}, where {right.std} is right"
MISTAKES = [
    Mistake(
        f"The fans have changed places: {STD}. w is (out, in): which of its sides does a unit read?",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: p * (o if mode == "fan_in" else i))),
    ),
    Mistake(
        f"mode does nothing: {STD}. With fan_out the other side counts.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: p * i)),
    ),
    Mistake(
        f"You divided by √n_out whatever the mode is: {STD}. Which side does a unit read?",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: p * o)),
    ),
    Mistake(
        f"You divided by √n_out: {STD}. Which side does a unit read? (a, mode and the kernel come next.)",
        kaiming_normal_=drawn(lambda i, o, p, a, mode: 2 / o),
    ),
    Mistake(
        f"For a plain ReLU and a matrix it is right. With a, a mode or a kernel it is not yet: {STD}.",
        kaiming_normal_=drawn(lambda i, o, p, a, mode: 2 / i),
    ),
    Mistake(
        f"Where no mode is given it takes fan_out: {STD}. fan_in is what it should be then.",
        kaiming_normal_=lambda w, a=0.0, mode="fan_out": drawn(right_variance)(w, a, mode),
    ),
    Mistake(
        f"The kernel is left out of the fan: {STD}. Each unit reads all of its pixels, in each channel.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: fan(i, o, 1, mode))),
    ),
    Mistake(
        f"The kernel is left out of the fan, and the fans have changed places: {STD}.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: o if mode == "fan_in" else i)),
    ),
    Mistake(
        f"The kernel counts for fan_in and not for fan_out: {STD}. Going back, an input is fed by its "
        f"pixels, too.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: i * p if mode == "fan_in" else o)),
    ),
    Mistake(
        f"You divided by the number of all weights: {STD}. How many products does one output add up?",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: i * o * p)),
    ),
    Mistake(
        f"The fan is n_in + n_out, which is Xavier's: {STD}. Kaiming takes one side.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: p * (i + o))),
    ),
    Mistake(
        f"The fan is the mean of n_in and n_out, which is Xavier's: {STD}. Kaiming takes one side.",
        kaiming_normal_=drawn(with_fan(lambda i, o, p, mode: p * (i + o) / 2)),
    ),
    Mistake(
        f"You drew with the variance as the std: {STD}. normal_ asks for the std, its root.",
        kaiming_normal_=drawn(lambda *of: right_variance(*of) ** 2),
    ),
    Mistake(
        f"The gain's 2 is outside the root: {STD}. With a = 0 the variance is 2/n.",
        kaiming_normal_=drawn(with_gain(lambda a: 4 / (1 + a**2))),
    ),
    Mistake(
        f"The gain's root is missing: {STD}. It is √(2 / (1 + a²)).",
        kaiming_normal_=drawn(with_gain(lambda a: (2 / (1 + a**2)) ** 2)),
    ),
    Mistake(
        f"The gain is missing: {STD}. ReLU takes half of the mean square, and nothing gives it back.",
        kaiming_normal_=drawn(with_gain(lambda a: 1)),
    ),
    Mistake(
        f"The gain's 2 is missing: {STD}. ReLU takes half of the mean square, and nothing gives it back.",
        kaiming_normal_=drawn(with_gain(lambda a: 1 / (1 + a**2))),
    ),
    Mistake(
        f"a does nothing: {STD}. What a leaky ReLU keeps need not be given back.",
        kaiming_normal_=drawn(with_gain(lambda a: 2)),
    ),
    Mistake(
        f"You have (1 + a)² where 1 + a² belongs: {STD}.",
        kaiming_normal_=drawn(with_gain(lambda a: 2 / (1 + a) ** 2)),
    ),
    Mistake(
        f"You have 1 + a where 1 + a² belongs: {STD}. The slope is squared with the rest.",
        kaiming_normal_=drawn(with_gain(lambda a: 2 / (1 + a))),
    ),
    Mistake(
        f"You multiplied by 1 + a², and it divides: {STD}. A leaky ReLU keeps more, so less is given back.",
        kaiming_normal_=drawn(with_gain(lambda a: 2 * (1 + a**2))),
    ),
    Mistake(
        f"You multiplied by 1 + a² outside the root, and it divides inside: {STD}.",
        kaiming_normal_=drawn(with_gain(lambda a: 2 * (1 + a**2) ** 2)),
    ),
    Mistake(
        f"You divided by 1 + a² outside the root, and it belongs inside: {STD}.",
        kaiming_normal_=drawn(with_gain(lambda a: 2 / (1 + a**2) ** 2)),
    ),
    *(
        Mistake(f"{wrong}, and {other}: {STD}. One at a time.", kaiming_normal_=of_both(of_fan, of_variance))
        for other, of_fan in FANS.items()
        for wrong, of_variance in VARIANCES.items()
    ),
    Mistake(
        "The std is right, and the draw is a {got.form}: a bell is asked for.",
        kaiming_normal_=drawn(right_variance, uniform=True),
    ),
    Mistake(
        f"That is how nn.Linear begins, a box of bound 1/√n: {STD}, and a bell is asked for.",
        kaiming_normal_=drawn(lambda i, o, p, a, mode: 1 / (3 * fan(i, o, p, mode)), uniform=True),
    ),
    Mistake(
        f"It draws a box with the std as its bound: {STD}. A bell is asked for.",
        kaiming_normal_=drawn(lambda *of: right_variance(*of) / 3, uniform=True),
    ),
    Mistake(
        "w may be a parameter: it raised {got}, for autograd records what is done to one. Fill it where "
        "nothing "
        "is recorded.",
        kaiming_normal_=drawn(right_variance, keep_grad=True),
    ),
    Mistake(
        f"w is as it was: {STD}. Which functions change w itself, and not a new tensor?",
        kaiming_normal_=of_another,
    ),
    Mistake(
        f"w is as it was: {STD}. Which functions change w itself, and not a new tensor?",
        kaiming_normal_=untouched,
    ),
    Mistake(
        f"w.normal_(std) takes that for the mean, and draws with std 1: {STD}. The mean comes first.",
        kaiming_normal_=filled(lambda w, std: w.normal_(std)),
    ),
    Mistake(
        f"Every entry is the same number: {STD}. They are to be drawn; where normal_ does it, its first "
        "number is the mean.",
        kaiming_normal_=filled(lambda w, std: w.fill_(std)),
    ),
    Mistake(
        f"w holds draws from N(0, 1): {STD}. normal_ is to be told the std, or w itself multiplied by it.",
        kaiming_normal_=filled(lambda w, std: w.normal_()),
    ),
    Mistake(
        f"It multiplies what was in w before: {STD}. An initialization draws, whatever w held.",
        kaiming_normal_=filled(lambda w, std: w.mul_(std)),
    ),
    Mistake(
        f"It draws a box from 0 to the std: {STD}. A bell around 0 is asked for.",
        kaiming_normal_=filled(lambda w, std: w.uniform_(0, std)),
    ),
    Mistake("It gives back {got}, where w is right: does it end with `return`?", kaiming_normal_=no_return),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
