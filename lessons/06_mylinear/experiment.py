"""Write nn.Linear yourself, and train it on digits."""

import ast
import copy
import inspect
import math
import pickle
import textwrap
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from initplay.lab import Chart, LogRange, Note, Range, Result, Table, init, normal, rms, uniform, yours
from initplay.lab import digits as load_digits


class Linear1(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        w = torch.randn(n_out, n_in)
        self.weight = nn.Parameter(w)
        b = torch.zeros(n_out)
        self.bias = nn.Parameter(b)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class NoParameter(Linear1):
    def __init__(self, n_in, n_out):
        nn.Module.__init__(self)
        w = torch.randn(n_out, n_in)
        self.weight = w.requires_grad_()
        b = torch.zeros(n_out)
        self.bias = b.requires_grad_()


class Linear2(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        w = torch.empty(n_out, n_in)
        self.weight = nn.Parameter(w)
        b = torch.empty(n_out)
        self.bias = nn.Parameter(b)
        self.reset_parameters()

    def reset_parameters(self):
        a = math.sqrt(5)
        init.kaiming_uniform_(self.weight, a=a)
        n_in = self.weight.shape[1]
        bound = 1 / math.sqrt(n_in)
        init.uniform_(self.bias, -bound, bound)

    def forward(self, x):
        return x @ self.weight.T + self.bias


class Linear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        w = torch.empty(out_features, in_features)
        self.weight = nn.Parameter(w)
        b = torch.empty(out_features)
        b = nn.Parameter(b) if bias else None
        self.register_parameter("bias", b)
        self.reset_parameters()

    def reset_parameters(self):
        a = math.sqrt(5)
        init.kaiming_uniform_(self.weight, a=a)
        bound = 1 / math.sqrt(self.in_features)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x):
        if x.shape[-1] != self.in_features:
            got = x.shape[-1]
            raise ValueError(f"{self}: {got} inputs")
        out = x @ self.weight.T
        if self.bias is not None:
            out = out + self.bias
        return out

    def extra_repr(self):
        bias = self.bias is not None
        sizes = f"in_features={self.in_features}, "
        sizes += f"out_features={self.out_features}, "
        return sizes + f"bias={bias}"


def train(
    layer: Literal["randn", "no Parameter", "reset_parameters", "nn.Linear"] = "reset_parameters",
    lr: LogRange[0.002, 2.0] = 0.02,
    batch_size: LogRange[16, 512] = 64,
    epochs: Range[1, 10] = 1,
    weight_decay: LogRange[1e-6, 0.1] = 1e-5,
    decay: Literal["in the step", "in the loss"] = "in the step",
):
    """One layer learns the ten digits; each row of its weights is a picture."""
    x_train, y_train, x_valid, y_valid = load_digits()
    x_train, x_valid = x_train / 255, x_valid / 255
    kinds = {
        "randn": Linear1,
        "no Parameter": NoParameter,
        "reset_parameters": yours("MyLinear", Linear),
        "nn.Linear": nn.Linear,
    }
    model = kinds[layer](784, 10)
    parameters = list(model.parameters())
    border = model.weight[:, 0].detach().clone()  # a pixel that is 0 in every digit

    loss_by_step = Chart("loss", x="step", y="loss", reference="ten equal guesses")
    weights = Chart("weights", x="step")
    right = Chart("accuracy", x="step", y="share of 1,000")
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(x_train))
        for start in range(0, len(x_train), batch_size):
            batch = order[start : start + batch_size]
            loss = cross_entropy(model(x_train[batch]), y_train[batch])
            step = len(losses)
            losses.append(loss.detach())

            yield loss_by_step.at(step, losses[-1])
            if step % 100 == 0:
                yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
            if step % 25 == 0:
                yield weights.image(model.weight.view(10, 28, 28), at=step)
            if step % 100 == 0:
                yield right.at(step, accuracy(model, x_valid[:1000], y_valid[:1000]))

            if decay == "in the loss":
                penalty = sum(p.square().sum() for p in parameters)
                loss = loss + weight_decay * penalty
            loss.backward()
            wd = weight_decay if decay == "in the step" else 0
            with torch.no_grad():
                for p in parameters:
                    p -= lr * (p.grad + wd * p)
                    p.grad = None

    steps = len(losses)
    yield weights.image(model.weight.view(10, 28, 28), at=steps)
    yield right.at(steps, accuracy(model, x_valid[:1000], y_valid[:1000]))
    first_loss, final_loss = losses[0], torch.stack(losses[-50:]).mean()
    final_accuracy = accuracy(model, x_valid, y_valid)
    squares = x_valid[:1000].square().sum(1).mean().item()  # a digit's length, squared
    wild = layer in ("randn", "no Parameter")
    variance = squares if wild else (squares + 1) / (3 * 784)  # of an output
    border_left = rms(model.weight[:, 0]) / rms(border)
    slope = {"in the step": 1, "in the loss": 2}[decay] if parameters else 0  # of wd · p²: 2 · wd · p
    border_theory = (1 - lr * slope * weight_decay) ** steps

    as_printed = (lr, batch_size, weight_decay) == (0.02, 64, 1e-5) and 600 <= steps <= 800
    printed = {"article, 2019": [None, ARTICLE[layer], None, None]} if as_printed and layer in ARTICLE else {}
    texts = Table("theory and you", "quantity", "theory", "you", printed=printed)
    yield texts.row("first loss", loss_before_training(variance), first_loss)
    yield texts.row("final loss", None, final_loss)
    yield texts.row("accuracy", None, final_accuracy)
    yield texts.row("border left", border_theory, border_left)
    if not parameters:
        yield Note("model.parameters() finds nothing: no update, no state_dict, no move to a GPU.")
    if not final_loss.isfinite():
        yield Note("The loss left the numbers that float32 has: the steps were too long.")
    yield Result(
        first_loss=first_loss, final_loss=final_loss, accuracy=final_accuracy, steps=steps,
        parameters=len(parameters), saved=len(model.state_dict()), border_left=border_left,
    )


ARTICLE = {"randn": 2.5, "reset_parameters": 0.5}  # after 782 steps


def loss_before_training(variance):
    """Of ten outputs drawn from a bell of this variance. Where it is large, the largest of
    the ten, 1.54 stds up, takes all the chance and is hardly ever the right one; where it is
    small, ln 10 and half of the variance (the last term: ten outputs are few)."""
    if variance > 20:
        return 1.54 * math.sqrt(variance)
    return math.log(10) + variance / 2 - (math.exp(variance) - 1) / 20


def versions():
    """The layer as it grows: what each version can do."""
    x, y = validation_digits()
    outputs = Chart("outputs", x="version")
    kinds = {"1": Linear1, "2": Linear2, "3": Linear, "nn.Linear": nn.Linear}

    abilities = {}
    for number, (name, kind) in enumerate(kinds.items(), 1):
        model = kind(784, 10)
        out = model(x)
        yield outputs.histogram(out, at=number)
        abilities[name] = {
            "x @ w.T + b": matches_nn_linear(model, x),
            "first loss": cross_entropy(out, y).item(),
            "can draw again": hasattr(model, "reset_parameters"),
            "bias=False": can_go_without_bias(kind),
            "repr has sizes": "784" in repr(model),
            "error names layer": names_itself(model),
        }
    does = Table("what each version does", "what", *kinds)
    for what in abilities["1"]:
        yield does.row(what, *(shown(able[what]) for able in abilities.values()))
    yours, theirs = Linear(20, 10), nn.Linear(20, 10)
    shapes = Table("20 numbers in, 10 out", "in", "yours", "nn.Linear")
    for sizes in SHAPES:
        x = torch.randn(sizes)
        yield shapes.row(by(x), by(yours(x)), by(theirs(x)))
    yield Result(
        first_losses=[able["first loss"] for able in abilities.values()],
        abilities_1=sum(able is True for able in abilities["1"].values()),
        abilities_2=sum(able is True for able in abilities["2"].values()),
        abilities_3=sum(able is True for able in abilities["3"].values()),
    )


SHAPES = ((20,), (5, 20), (2, 3, 20), (2, 3, 4, 20))  # the last size is what the layer reads


def by(x):
    return " × ".join(str(size) for size in x.shape)


def shown(value):
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:.3g}"


def matches_nn_linear(model, x):
    theirs = nn.Linear(784, 10)
    theirs.load_state_dict(model.state_dict())
    return torch.allclose(model(x), theirs(x), atol=1e-4)


def can_go_without_bias(kind):
    try:
        return kind(3, 2, bias=False).bias is None
    except TypeError:  # the version takes no such argument
        return False


def names_itself(model):
    try:
        model(torch.randn(2, 28))
    except (ValueError, RuntimeError) as error:
        return "Linear" in str(error)
    return False


def compare(bias: bool = True):
    """Your layer against nn.Linear, one question at a time."""
    x, y = validation_digits()
    seed = torch.initial_seed()
    torch.manual_seed(seed)
    kind = yours("MyLinear", Linear)
    mine = kind(784, 10, bias=bias)
    torch.manual_seed(seed)
    theirs = nn.Linear(784, 10, bias=bias)
    weights = Chart("yours, nn.Linear's", x="histogram")
    bound = 1 / math.sqrt(784)
    edge, theory = 1.2 * bound, uniform(-bound, bound)
    yield weights.histogram(mine.weight, at=1, range=(-edge, edge), theory=theory)
    yield weights.histogram(theirs.weight, at=2, range=(-edge, edge), theory=theory)

    same_draw = torch.allclose(mine.weight, theirs.weight, rtol=1e-5)
    theirs = nn.Linear(784, 10, bias=bias)  # another draw, so that loading has work to do
    before = largest_difference(mine(x), theirs(x))
    theirs.load_state_dict(mine.state_dict())
    after = largest_difference(mine(x), theirs(x))
    cross_entropy(mine(x), y).backward()
    cross_entropy(theirs(x), y).backward()
    gradients = largest_difference(mine.weight.grad, theirs.weight.grad)

    stack = x.view(10, 100, 784)
    answers = {
        "same state_dict keys": list(mine.state_dict()) == list(theirs.state_dict()),
        "loads the other's weights": after < 1e-4,
        "same repr": repr(mine) == repr(theirs).replace("Linear", kind.__name__),
        "same outputs": after < 1e-4,
        "same gradients": gradients < 1e-4,
        "a stack of batches": mine(stack).shape == theirs(stack).shape,
        "one digit alone": mine(x[0]).shape == theirs(x[0]).shape,
        "bias is None alike": (mine.bias is None) == (theirs.bias is None),
        "same draw from one seed": same_draw,
    }
    if kind is not Linear:  # a learner's own
        answers |= asked_on(mine, x)
    table = Table("held against nn.Linear", "question", "answer")
    for question, answer in answers.items():
        yield table.row(question, shown(answer))
    if kind is Linear:
        columns = "method", "yours, lines", "torch's, lines", "result"
        methods = Table("torch's own method on your layer", *columns)
        for name, same in torchs_methods_on(mine, x).items():
            ours, torchs = code(getattr(Linear, name)), code(getattr(nn.Linear, name))
            print(f"yours:\n{ours}\n\ntorch {torch.__version__}:\n{torchs}\n")
            cells = (len(text.splitlines()) for text in (ours, torchs))
            yield methods.row(name, *cells, "the same" if same else "another")
    yield Note(f"{'Both print' if kind is Linear else 'Yours prints'} as {mine!r}.")
    yield Result(
        all_agree=all(answers.values()), agreeing=sum(answers.values()), questions=len(answers),
        largest_difference=after, difference_before=before, gradient_difference=gradients,
        parameters=len(list(mine.parameters())),
    )


def torchs_methods_on(mine, x):
    """torch's code asks its layer for four names, and yours has them all."""
    seed = torch.initial_seed()
    torch.manual_seed(seed)
    mine.reset_parameters()
    drawn = mine.weight.detach().clone()
    torch.manual_seed(seed)
    nn.Linear.reset_parameters(mine)
    return {
        "reset_parameters": torch.allclose(drawn, mine.weight, rtol=1e-5),
        "forward": torch.allclose(nn.Linear.forward(mine, x), mine(x), atol=1e-4),
        "extra_repr": nn.Linear.extra_repr(mine) == mine.extra_repr(),
    }


def asked_on(mine, x):
    """Three questions more: what else a program does with a layer."""
    out = mine(x)
    copies = copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))
    double = copy.deepcopy(mine).to(torch.float64)
    try:
        refuses = mine(x[:, :28]) is None
    except Exception:  # noqa: BLE001 (whatever it raises, it says so)
        refuses = True
    return {
        "copied and pickled": all(torch.equal(other(x), out) for other in copies),
        "moved to float64": double(x.double()).dtype == torch.float64,
        "refuses 28 inputs": refuses,
    }


def code(method):
    """Its source, without what explains it."""
    text = textwrap.dedent(inspect.getsource(method))
    lines = text.splitlines()
    if method.__doc__:
        explains = ast.parse(text).body[0].body[0]
        del lines[explains.lineno - 1 : explains.end_lineno]
    return "\n".join(line for line in lines if line.strip() and not line.strip().startswith("#"))


def largest_difference(a, b):
    return (a - b).abs().max().item()


def bounds(fan_in: LogRange[8, 1024] = 784, relu: bool = False):
    """nn.Linear's default weights: a uniform, and how wide it is."""
    weight = nn.Linear(fan_in, 1000).weight.detach()
    lecun = torch.randn(1000, fan_in) / math.sqrt(fan_in)
    bound = 1 / math.sqrt(fan_in)
    both = Chart("torch's, LeCun's", x="histogram")
    box, bell = uniform(-bound, bound), normal(0, bound)
    yield both.histogram(weight, at=1, range=(-3 * bound, 3 * bound), theory=box)
    yield both.histogram(lecun, at=2, range=(-3 * bound, 3 * bound), theory=bell)
    weights = Table("weights", "of", "theory", "you")
    yield weights.row("largest |w|", bound, weight.abs().max())
    yield weights.row("variance", 1 / (3 * fan_in), weight.var())
    yield weights.row("n · variance", 1 / 3, fan_in * weight.var())
    yield weights.row("LeCun's variance", 1 / fan_in, lecun.var())
    ways = Table("one bound, three ways to write it", "who", "written", "bound")
    for who, written, value in ways_to_write_the_bound(weight):
        yield ways.row(who, written, value)

    by_layer = Chart("rms by layer", x="layer", y="rms", log_y=True)
    x = x_lecun = torch.randn(256, fan_in)
    square = 1 / 6 if relu else 1 / 3  # what a layer leaves of the mean square
    for layer in range(11):
        if layer > 0:
            x = nn.Linear(fan_in, fan_in, bias=False)(x).detach()
            x_lecun = x_lecun @ (torch.randn(fan_in, fan_in) / math.sqrt(fan_in))
        if layer > 0 and relu:
            x, x_lecun = x.relu(), x_lecun.relu()
        yield by_layer.at(layer, rms(x), theory=square ** (layer / 2), series="torch's default")
        yield by_layer.at(layer, rms(x_lecun), series="LeCun")
    if fan_in < 100:
        yield Note(f"Theory averages over draws. A typical draw of {fan_in} units ends below it.")
    yield Result(
        bound=weight.abs().max(), variance=weight.var(),
        share_of_lecun=weight.var() / lecun.var(), variance_times_fan_in=weight.var() * fan_in,
        rms_after_10=rms(x), lecun_rms_after_10=rms(x_lecun), theory_rms=square**5,
    )


def ways_to_write_the_bound(weight):
    """The same number: what torch wrote at first, what it writes now, what Glorot and Bengio found in use."""
    stdv = 1.0 / math.sqrt(weight.size(1))
    gain = init.calculate_gain("leaky_relu", math.sqrt(5))  # √(2 / (1 + 5)) = 1/√3
    return [
        ("torch to 0.4", "1 / sqrt(size(1))", stdv),
        ("torch since 1.0", "√3 · gain / √n, a = √5", math.sqrt(3) * gain / math.sqrt(weight.size(1))),
        ("Glorot, Bengio", "the usual U(±1/√n)", weight.size(1) ** -0.5),
    ]


def validation_digits():
    _, _, x_valid, y_valid = load_digits()
    return x_valid[:1000] / 255, y_valid[:1000]


@torch.no_grad()
def accuracy(model, x, y):
    return (model(x).argmax(1) == y).float().mean()
