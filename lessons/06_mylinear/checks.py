"""What `MyLinear` is asked, and what people write instead."""

import copy
import math
import pickle
import sys
from types import ModuleType

import torch
from torch import nn
from torch.nn.functional import linear

from initplay.lab.checking import Mistake, Probe, verdicts
from initplay.lab.initializing import of_draws


def numbered(mine, bias=True):
    """A layer from 3 to 2 with the weights 1 to 6 and the biases 10 and 20."""
    layer = mine.MyLinear(3, 2, bias=bias)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(1.0, 7).view(2, 3))
        if bias:
            layer.bias.copy_(torch.tensor([10.0, 20.0]))
    return layer


def inputs(*shape):
    return torch.arange(1.0, 1 + math.prod(shape)).view(shape) / 4 - 1


def parameters(mine):
    return {name: str(tuple(p.shape)) for name, p in mine.MyLinear(3, 2).named_parameters()}


def without_bias(mine):
    layer = mine.MyLinear(3, 2, bias=False)
    names = ", ".join(name for name, _ in layer.named_parameters())
    bias = type(layer.bias).__name__ if hasattr(layer, "bias") else "not there"
    return {"parameters": names, "bias": bias.removesuffix("Type")}


def outputs(*shape, bias=True):
    """A probe's question: what the layer makes of such inputs."""
    return lambda mine: numbered(mine, bias)(inputs(*shape))


def shapes(mine):
    layer = mine.MyLinear(3, 2)
    given = [(3,), (1, 3), (5, 4, 3), (2, 5, 4, 3), (0, 3)]
    return {f"of {shape}": str(tuple(layer(torch.ones(shape)).shape)) for shape in given}


def one_number(mine):
    """From one input to one output: nothing that is squeezed away."""
    return mine.MyLinear(1, 1)(torch.ones(4, 1)).shape == (4, 1)


def twice(mine):
    layer, x = numbered(mine), inputs(4, 3)
    first, second = layer(x), layer(x)
    return {"the same again": torch.equal(first, second), "x as it was": torch.equal(x, inputs(4, 3))}


def gradients(mine):
    layer, x = numbered(mine), inputs(4, 3).requires_grad_()
    (layer(x) * inputs(4, 2)).sum().backward()
    asked = all(p.requires_grad for p in layer.parameters())
    given = {"weight": layer.weight.grad, "bias": layer.bias.grad, "x": x.grad}
    return {"asked for": asked} | {n: "none" if grad is None else grad for n, grad in given.items()}


def drawn(name):
    """A probe's question: how 2,500 × 4 weights or 2,500 biases are drawn."""
    return lambda mine: of_draws(getattr(mine.MyLinear(4, 2500), name))


def drawn_again(mine):
    layer = mine.MyLinear(4, 2500)
    given = dict(layer.named_parameters())
    with torch.no_grad():
        for p in given.values():
            p.zero_()
    layer.reset_parameters()
    again = dict(layer.named_parameters())
    return {
        "the same parameters": all(again.get(name) is p for name, p in given.items()),
        "weight std": again["weight"].std(correction=0),
        "bias std": again["bias"].std(correction=0),
    }


def printed(mine):
    return [repr(mine.MyLinear(3, 2)).partition("(")[2], repr(mine.MyLinear(7, 5, False)).partition("(")[2]]


def exchanged(mine):
    """Weights go to nn.Linear and come back."""
    ours, theirs, x = mine.MyLinear(3, 2), nn.Linear(3, 2), inputs(4, 3)
    names = ", ".join(sorted(ours.state_dict()))
    theirs.load_state_dict(ours.state_dict())
    there = torch.allclose(ours(x), theirs(x), atol=1e-5)
    theirs.reset_parameters()
    ours.load_state_dict(theirs.state_dict())
    return {"names": names, "to nn.Linear": there, "and back": torch.allclose(ours(x), theirs(x), atol=1e-5)}


def copied(mine):
    layer, x = numbered(mine), inputs(4, 3)
    copies = {"a copy": copy.deepcopy(layer), "a pickle": through_pickle(layer, mine)}
    with torch.no_grad():
        layer.weight.zero_()
    return {name: other(x) for name, other in copies.items()}


def through_pickle(layer, mine):
    """Pickle finds a class by its module: here it finds the one asked, wherever it was made."""
    kind = type(layer)
    known = ModuleType(kind.__module__)
    known.__dict__.update({**vars(mine), kind.__qualname__: kind})
    before = sys.modules.get(kind.__module__)
    sys.modules[kind.__module__] = known
    try:
        return pickle.loads(pickle.dumps(layer))
    finally:
        sys.modules.pop(kind.__module__)
        if before is not None:
            sys.modules[kind.__module__] = before


def moved(mine):
    """To float64, and what is there of it afterwards."""
    layer = numbered(mine).to(torch.float64)
    return {"weight": str(layer.weight.dtype), "outputs": str(layer(inputs(4, 3).double()).dtype)}


def other_sizes(mine):
    return {f"{n} numbers": taken(mine.MyLinear(3, 2), torch.ones(4, n)) for n in (2, 6)}


def taken(layer, x):
    try:
        return f"taken, to {tuple(layer(x).shape)}"
    except Exception:  # noqa: BLE001 (any error will do)
        return "refused"


STD = {"std": 0.05}
STDS = {"weight std": 0.05, "bias std": 0.05}
PROBES = [
    Probe("the parameters of MyLinear(3, 2)", parameters),
    Probe("MyLinear(3, 2, bias=False)", without_bias),
    Probe("outputs for x (4, 3)", outputs(4, 3)),
    Probe("outputs for x (2, 2, 3)", outputs(2, 2, 3)),
    Probe("outputs for x (4, 3), without a bias", outputs(4, 3, bias=False)),
    Probe("shapes of outputs", shapes),
    Probe("from one input to one output", one_number),
    Probe("asked twice", twice),
    Probe("gradients", gradients, within=1e-4),
    Probe("the draw of the weight, 4 inputs", drawn("weight"), within=STD),
    Probe("the draw of the bias, 4 inputs", drawn("bias"), within=STD),
    Probe("drawn again by reset_parameters(), 4 inputs", drawn_again, within=STDS),
    Probe("what is printed between the brackets", printed),
    Probe("state_dict, exchanged with nn.Linear", exchanged),
    Probe("copied, and pickled", copied),
    Probe("moved to float64", moved),
    Probe("x of another size than 3", other_sizes),
]


def named(kind):
    """The class as one that a learner wrote: errors and pickle know it by its name."""
    kind.__name__ = kind.__qualname__ = "MyLinear"
    return kind


def forwarding(f):
    """nn.Linear with another forward."""
    return named(type("MyLinear", (nn.Linear,), {"forward": f}))


def drawing(weight=None, bias=None):
    """nn.Linear whose weight or bias is drawn by a function of it and of the two sizes."""

    @torch.no_grad()
    def reset_parameters(self):
        nn.Linear.reset_parameters(self)
        sizes = self.in_features, self.out_features
        if weight:
            weight(self.weight, *sizes)
        if bias and self.bias is not None:
            bias(self.bias, *sizes)

    return named(type("MyLinear", (nn.Linear,), {"reset_parameters": reset_parameters}))


def box(bound):
    """A uniform draw between ± what `bound` makes of the two sizes."""
    return lambda w, n_in, n_out: w.uniform_(-bound(n_in, n_out), bound(n_in, n_out))


def bell(std):
    return lambda w, n_in, n_out: w.normal_(0, std(n_in, n_out))


def plain(*names):
    """nn.Linear with these as plain tensors."""

    def init(self, in_features, out_features, bias=True):
        nn.Linear.__init__(self, in_features, out_features, bias)
        for name in names:
            p = getattr(self, name)
            if p is not None:
                delattr(self, name)
                setattr(self, name, p.detach())

    return named(type("MyLinear", (nn.Linear,), {"__init__": init, "forward": by_hand}))


def by_hand(self, x):
    """As F.linear does, but a bias of another dtype is added all the same."""
    out = x @ self.weight.T
    return out if self.bias is None else out + self.bias


@named
class NoSuper(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        self.weight = nn.Parameter(torch.empty(out_features, in_features))


@named
class Turned(nn.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        self.weight = nn.Parameter(self.weight.detach().T.clone())

    def reset_parameters(self):
        for p in self.parameters():
            nn.init.uniform_(p, -(self.in_features**-0.5), self.in_features**-0.5)

    def forward(self, x):
        return linear(x, self.weight.T, self.bias)


@named
class AlwaysBias(nn.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features)


@named
class BiasGone(nn.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        if not bias:
            del self.bias

    def forward(self, x):
        return linear(x, self.weight, getattr(self, "bias", None))

    def extra_repr(self):
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={hasattr(self, 'bias')}"


@named
class Frozen(nn.Linear):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        self.requires_grad_(False)


@named
class NewParameters(nn.Linear):
    def reset_parameters(self):
        super().reset_parameters()
        self.weight = nn.Parameter(self.weight.detach().clone())
        if self.bias is not None:
            self.bias = nn.Parameter(self.bias.detach().clone())


@named
class OnlyTheWeight(nn.Linear):
    """A bias, but once."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__(in_features, out_features, bias)
        nn.Linear.reset_parameters(self)

    def reset_parameters(self):
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))


def redrawn(self, x):
    self.reset_parameters()
    return linear(x, self.weight, self.bias)


def as_is(self, x):
    out = x @ self.weight
    return out if self.bias is None else out + self.bias


WHERE = "{got1} where {right1} is right."
STD_IS = "std {got1} where {right1} is right."
MISTAKES = [
    Mistake(
        "It has no parameters: weight and bias are plain tensors. An optimizer finds nn.Parameters alone.",
        MyLinear=plain("weight", "bias"),
    ),
    Mistake(
        "The weight is a plain tensor. An optimizer finds nn.Parameters alone.", MyLinear=plain("weight")
    ),
    Mistake("The bias is a plain tensor. An optimizer finds nn.Parameters alone.", MyLinear=plain("bias")),
    Mistake(
        "It does not begin with super().__init__(), where nn.Module gets ready for parameters.",
        MyLinear=NoSuper,
    ),
    Mistake(
        "The weight of MyLinear(3, 2) is (3, 2), and (2, 3) is right: a row has the weights of one output.",
        MyLinear=Turned,
    ),
    Mistake(
        "You multiplied by the weight as it is. Its rows are as long as those of x: turn it.",
        MyLinear=forwarding(as_is),
    ),
    Mistake(f"The bias is never added: {WHERE}", MyLinear=forwarding(lambda self, x: linear(x, self.weight))),
    Mistake(
        f"The bias is subtracted: {WHERE}",
        MyLinear=forwarding(
            lambda self, x: linear(x, self.weight, None if self.bias is None else -self.bias)
        ),
    ),
    Mistake(
        f"There is a ReLU in it: {WHERE} A linear layer leaves it to the next.",
        MyLinear=forwarding(lambda self, x: linear(x, self.weight, self.bias).relu()),
    ),
    Mistake("With bias=False it has a bias all the same.", MyLinear=AlwaysBias),
    Mistake("With bias=False there is no `bias` at all. It should be None.", MyLinear=BiasGone),
    Mistake(
        "It flattens its input: {got1} where {right1} is right. Only the last dimension changes.",
        MyLinear=forwarding(lambda self, x: linear(x.reshape(-1, self.in_features), self.weight, self.bias)),
    ),
    Mistake(
        "It squeezes its output: ones among the sizes are lost. Only the last dimension changes.",
        MyLinear=forwarding(lambda self, x: linear(x, self.weight, self.bias).squeeze()),
    ),
    Mistake("It draws again whenever it is asked: nothing it learns can stay.", MyLinear=forwarding(redrawn)),
    Mistake(
        "The outputs are right, and no gradient comes back from them: does forward leave autograd?",
        MyLinear=forwarding(lambda self, x: linear(x, self.weight, self.bias).detach()),
    ),
    Mistake(
        "No gradient comes to weight and bias: does forward use them by .data or .detach()?",
        MyLinear=forwarding(
            lambda self, x: linear(x, self.weight.detach(), None if self.bias is None else self.bias.detach())
        ),
    ),
    Mistake("Its parameters ask for no gradient: nothing can train them.", MyLinear=Frozen),
    Mistake(
        f"The weight is drawn by randn: {STD_IS} How far does U(-1/√4, 1/√4) go?",
        MyLinear=drawing(bell(lambda n_in, n_out: 1)),
    ),
    Mistake(
        f"Weight and bias are drawn by randn: {STD_IS} How far does U(-1/√4, 1/√4) go?",
        MyLinear=drawing(bell(lambda n_in, n_out: 1), bell(lambda n_in, n_out: 1)),
    ),
    *(
        Mistake(says, MyLinear=drawing(*draws))
        for draw, says in (
            (
                bell(lambda n_in, n_out: n_in**-0.5),
                f"A bell of std 1/√n, {STD_IS} 1/√n is the bound of a uniform.",
            ),
            (
                bell(lambda n_in, n_out: (3 * n_in) ** -0.5),
                "The std is right and the form is not: {got1} where {right1}, a uniform, is right.",
            ),
            (
                box(lambda n_in, n_out: (3 / n_in) ** 0.5),
                f"That is LeCun's uniform, of variance 1/n: {STD_IS} The bound is 1/√n.",
            ),
            (
                box(lambda n_in, n_out: (6 / n_in) ** 0.5),
                f"That is Kaiming's uniform for ReLU: {STD_IS} The bound is 1/√n.",
            ),
            (
                box(lambda n_in, n_out: (6 / (n_in + n_out)) ** 0.5),
                f"That is Xavier's uniform: {STD_IS} The bound is 1/√n.",
            ),
            (
                box(lambda n_in, n_out: n_out**-0.5),
                f"The bound is 1/√out_features: {STD_IS} Which side does a unit read?",
            ),
            (box(lambda n_in, n_out: n_in**0.5), f"The bound is √n, and grows: {STD_IS} It is 1/√n."),
            (box(lambda n_in, n_out: 1 / n_in), f"The bound is 1/in_features, without the root: {STD_IS}"),
            (box(lambda n_in, n_out: 1), f"The bound is 1: {STD_IS} It should shrink as 1/√n."),
            (
                lambda w, n_in, n_out: w.uniform_(0, n_in**-0.5),
                f"It draws from 0 upward: {STD_IS} It should be from -1/√n.",
            ),
            (lambda w, n_in, n_out: w.zero_(), f"They are all the same number: {STD_IS}"),
        )
        for draws in ((draw,), (draw, draw), (None, draw))
    ),
    Mistake(
        "reset_parameters makes new Parameters. An optimizer would go on with the old ones: draw in place.",
        MyLinear=NewParameters,
    ),
    Mistake("reset_parameters leaves the bias as it is.", MyLinear=OnlyTheWeight),
    Mistake(
        "It prints no sizes: what does nn.Module print by extra_repr()?",
        MyLinear=named(type("MyLinear", (nn.Linear,), {"extra_repr": lambda self: ""})),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
