"""Which init wins, and by how much: six ways to begin, several seeds of each."""

import math
from itertools import combinations
from typing import Literal

import torch
from torch import nn
from torch.nn.functional import cross_entropy, embedding
from torch.utils.data import DataLoader, TensorDataset

from initplay.lab import Chart, LogRange, Note, Progress, Range, Result, Table, init, rms, yours
from initplay.lab import digits as load_digits


class Net(nn.Module):
    def __init__(self, activation, last):
        super().__init__()
        self.fc1 = nn.Linear(784, 100)
        self.activation = activation
        self.fc2 = nn.Linear(100, 10)
        self.last = last

    def forward(self, x):
        return self.last(self.fc2(self.activation(self.fc1(x))))


ACTIVATIONS = {"relu": nn.ReLU(), "leaky relu": nn.LeakyReLU(0.1), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid()}
LAST = {"logits": nn.Identity(), "softmax": nn.Softmax(dim=1)}


def program(
    activation: Literal["relu", "leaky relu", "tanh", "sigmoid"] = "relu",
    order: Literal["shuffled", "as stored", "sorted"] = "shuffled",
    last: Literal["logits", "softmax"] = "logits",
    gamma: Range[0.5, 1.0] = 0.96,
    epochs: Range[1, 5] = 2,
):
    """A whole PyTorch program, in eight steps."""
    loss_by_step = Chart("loss", x="step", y="loss", reference="ten equal guesses")
    right = Chart("accuracy", x="step", y="share of 1,000")

    # 1. The dataset
    x, y, x_test, y_test = load_digits(split="test")
    x, y, x_test, y_test = x[:4000] / 255, y[:4000], x_test[:1000] / 255, y_test[:1000]
    if order == "sorted":  # all the 0s, then all the 1s, …
        x, y = x[y.argsort(stable=True)], y.sort().values
    train_set = TensorDataset(x, y)

    # 2. The loader: batches, in a new order each epoch
    draw = torch.Generator(x.device).manual_seed(torch.initial_seed())
    loader = DataLoader(train_set, batch_size=100, shuffle=order == "shuffled", generator=draw)

    # 3. The model
    model = Net(ACTIVATIONS[activation], LAST[last])

    # 4. The loss: softmax and -ln p
    criterion = nn.CrossEntropyLoss()

    # 5. The optimizer
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)

    # 6. The scheduler
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=gamma)

    # 7. The loop
    yield from _one_digit("before", model, x_test[0], y_test[0])
    losses = []
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            yield loss_by_step.at(len(losses), loss)
            yield loss_by_step.at(len(losses), math.log(10), series="ten equal guesses")
            losses.append(loss.item())
        scheduler.step()

        # 8. The evaluation
        with torch.no_grad():
            accuracy = (model(x_test).argmax(1) == y_test).float().mean()
        yield right.at(len(losses), accuracy)

    yield from _one_digit("after", model, x_test[0], y_test[0])
    floor = 0 if last == "logits" else math.log(1 + 9 / math.e)  # -ln of e¹ / (e¹ + 9 e⁰)
    yield Result(
        accuracy=accuracy, first_loss=losses[0], final_loss=sum(losses[-20:]) / 20,
        lowest_loss=min(losses), floor=floor, last_lr=scheduler.get_last_lr()[0],
    )


def _one_digit(when, model, digit, label):
    """From ten logits to one loss: e to the power of each, each over their sum, and -ln of the right one."""
    logits = model(digit[None])[0].detach()
    powers = logits.exp()
    softmax = powers / powers.sum()
    table = Table(f"a {label.item()}, {when} training", "digit", "logit", "e^logit", "softmax", "-ln p")
    for number in range(10):
        loss = -softmax[number].log() if number == label else None
        yield table.row(number, logits[number], powers[number], softmax[number], loss)
    whole = cross_entropy(logits[None], label[None])
    yield Note(f"CrossEntropyLoss of that {label.item()}, {when} training: {whole:.3g}.")


def as_torch_drew_it(weight):
    return weight


ROWS = {
    "normal tanh": init.normal_,
    "lecun tanh": init.lecun_normal_,
    "default tanh": as_torch_drew_it,
    "xavier tanh": init.xavier_normal_,
    "xavier relu": init.xavier_normal_,
    "he relu": init.kaiming_normal_,
}
TANH = 4  # the first four; the others are relu
WIZARD = {  # Deep Learning Wizard, one seed each; what it calls LeCun is torch's default
    "normal tanh": 92.55,
    "default tanh": 97.70,
    "xavier tanh": 97.49,
    "xavier relu": 97.48,
    "he relu": 97.39,
}
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]  # for 2, 3, … 8 seeds
BATCH = 100
HIDDEN = 100


def table(iterations: LogRange[50, 3000] = 3000, seeds: Range[1, 8] = 4):
    """Six inits, several seeds of each, trained side by side as one stacked net."""
    right = Chart("accuracy", x="iteration", y="% of 1,000")
    loss_by_iteration = Chart("loss", x="iteration", y="loss", log_y=True)
    yield right.axes  # so that it stands first
    label = f"training {seeds * len(ROWS)} nets"
    yield Progress(0, iterations, label)

    x_train, y_train, x_test, y_test = load_digits(split="test")
    x_train, x_test = x_train / 255, x_test / 255
    used = pixels_in_use(x_train, x_test)
    x_train, x_test = x_train[:, used], x_test[:, used]
    nets = Stacked(seeds, used)
    opt = torch.optim.SGD(nets.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(opt, gamma=0.96)
    z_rms = rms(nets.hidden_inputs(x_test[:1000]), dim=2).mean(0).tolist()

    # The momentum of a dead unit fades below 1e-38, where a CPU takes 100 times as long. Make that a 0.
    torch.set_flush_denormal(True)
    done, recent = 0, []
    rest = max(25, iterations // 30)  # iterations between two looks at the accuracy
    while done < iterations:
        # Each seed has a draw and an order of its own; its six rows share the order.
        orders = torch.stack([torch.randperm(len(x_train)) for _ in range(seeds)])
        for batch in orders.split(BATCH, dim=1)[: iterations - done]:
            x = embedding(batch, x_train)  # as x_train[batch], but copied by the row: in half the time
            loss = nets.losses(x, y_train[batch])
            opt.zero_grad()
            loss.sum().backward()  # no net is in another's loss: each gets its own
            opt.step()
            done += 1
            recent.append(loss.detach())
            if done % 10 == 0 or done == iterations:
                for name, mean in zip(ROWS, torch.cat(recent).mean(0), strict=True):
                    yield loss_by_iteration.at(done, mean, series=name)
                recent = []
                yield Progress(done, iterations, label)
            if done % rest == 0 or done == iterations:
                means, either_way = interval(nets.accuracies(x_test[:1000], y_test[:1000]))
                for name, mean, h in zip(ROWS, means, either_way, strict=True):
                    if seeds > 1:
                        high = (mean + h).clamp(max=100)  # no accuracy is above 100 %
                        yield right.band(done, mean - h, mean, high, series=name)
                    else:
                        yield right.at(done, mean, series=name)
        scheduler.step()  # once per epoch, and after the optimizer
    torch.set_flush_denormal(False)

    of_each = nets.accuracies(x_test, y_test)
    means, either_way = (v.tolist() for v in interval(of_each))
    parted = pairs_that_part(means, either_way)
    expected = theory_rms("normal", x_test[:1000].square().sum(1).mean().item())

    printed = {"DL Wizard": WIZARD} if iterations == 3000 else {}
    texts = Table("theory and you", "init", *printed, "theory", "you", "±")
    for name, mean, h in zip(ROWS, means, either_way, strict=True):
        scheme, nonlinearity = name.split()
        init_name = f"{nonlinearity} {scheme}"  # cut short, it still tells the two xaviers apart
        theirs = [two_decimals(accuracies.get(name)) for accuracies in printed.values()]
        yield texts.row(init_name, *theirs, "–", two_decimals(mean), two_decimals(h))
    none = ["–" for _ in printed]
    yield texts.row("z, normal", *none, two_decimals(expected), two_decimals(z_rms[0]), "–")
    one_by_one = Table("of each seed", "init", *(f"seed {number}" for number in range(1, seeds + 1)))
    for name, accuracies in zip(ROWS, of_each.T.tolist(), strict=True):
        yield one_by_one.row(name, *map(two_decimals, accuracies))
    if seeds == 1:
        yield Note("One seed each: no interval, and so no verdict.")
    else:
        formula = f"mean ± t·std/√n, n = {seeds}, t = {T[seeds - 2]}, std no less than of all rows"
        formula = "your own" if yours("interval", None) else formula
        yield Note(f"Interval: {formula}. {len(parted)} of 15 pairs part.")
    for name in reversed(ROWS):  # the last note is the one seen first
        ahead = [better for better, worse in parted if worse == name]
        if ahead:
            yield Note(f"{name} is behind {'all others' if len(ahead) == 5 else ', '.join(ahead)}.")
    five = means[1:]  # all but normal tanh
    yield Result(
        accuracy_normal_tanh=means[0], accuracy_lecun_tanh=means[1],
        accuracy_default_tanh=means[2], accuracy_xavier_tanh=means[3],
        accuracy_xavier_relu=means[4], accuracy_he_relu=means[5],
        intervals=either_way if seeds > 1 else None, z_normal_tanh=z_rms[0],
        last=min(zip(means, ROWS, strict=True))[1], spread_of_five=max(five) - min(five),
        pairs_parted=len(parted), z_theory=expected,
        parted_of_five=sum("normal tanh" not in pair for pair in parted),
    )


def pixels_in_use(*digits):
    """Those to train on: a pixel that is 0 in every digit adds nothing and learns nothing, about one in
    seven. A few of them stay: rows of a multiple of 64 bytes are multiplied a tenth faster."""
    inked = torch.stack([x.any(0) for x in digits]).any(0).int()
    count = math.ceil(inked.sum().item() / 16) * 16
    return inked.argsort(descending=True, stable=True)[:count]


class Stacked(nn.Module):
    """For every seed, the six rows on top of one another: 6 × 100 units, 784 inputs or those in use."""

    def __init__(self, seeds, used=slice(None)):
        super().__init__()
        nets = [[draw(weight_init) for weight_init in ROWS.values()] for _ in range(seeds)]
        flat = [net for of_one_seed in nets for net in of_one_seed]
        w1 = [torch.cat([hidden.weight[:, used] for hidden, _ in row]) for row in nets]
        b1 = [torch.cat([hidden.bias for hidden, _ in row])[:, None] for row in nets]
        w2 = [out.weight for _, out in flat]
        b2 = [out.bias[:, None] for _, out in flat]
        self.w1 = parameter(w1)  # seeds, 6 * 100, 784
        self.b1 = parameter(b1)  # seeds, 6 * 100, 1
        self.w2 = parameter(w2)  # seeds * 6, 10, 100
        self.b2 = parameter(b2)  # seeds * 6, 10, 1

    def forward(self, x):
        """x (seeds, batch, 784), outputs (seeds * 6, 10, batch): a digit is a column, so that the
        hidden units of a net stand together in memory, and nothing is copied between the layers."""
        z = torch.baddbmm(self.b1, self.w1, x.mT)
        tanh, relu = z.split([TANH * HIDDEN, (len(ROWS) - TANH) * HIDDEN], dim=1)
        h = torch.cat([tanh.tanh(), relu.relu()], dim=1)
        return torch.baddbmm(self.b2, self.w2, h.view(len(self.w2), HIDDEN, -1))

    def losses(self, x, labels):
        """The mean loss of each net on its batch: (seeds, 6)."""
        labels = labels.repeat_interleave(len(ROWS), dim=0)
        each = cross_entropy(self(x), labels, reduction="none")  # seeds * 6, batch
        return each.mean(1).view(-1, len(ROWS))

    @torch.no_grad()
    def accuracies(self, x, labels):
        """What each net gets right of the same digits, in percent: (seeds, 6)."""
        seeds, right = len(self.w1), 0
        for some, answers in zip(x.split(1000), labels.split(1000), strict=True):
            guesses = self(some.expand(seeds, -1, -1)).max(1).indices  # argmax takes five times as long
            right = right + (guesses == answers).sum(1)
        return 100 * right.view(-1, len(ROWS)) / len(x)

    @torch.no_grad()
    def hidden_inputs(self, x):
        """What enters tanh or relu, for each net: (seeds, 6, 100 * batch)."""
        z = torch.baddbmm(self.b1, self.w1, x.expand(len(self.w1), -1, -1).mT)
        return z.unflatten(1, (len(ROWS), HIDDEN)).flatten(2)


def draw(weight_init):
    """Two layers as torch draws them, the weights then drawn again by the row's init."""
    hidden, out = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 10)
    weight_init(hidden.weight)
    weight_init(out.weight)
    return hidden, out


def parameter(parts):
    return nn.Parameter(torch.stack(parts).detach())


def interval(accuracies):
    """Mean over the seeds and t·std/√n either way, where 95 % of such intervals have the
    true mean inside; NaN for one seed, which knows nothing of the others.

    A few seeds may agree by chance: s is never less than the rows' common one."""
    if mine := yours("interval", None):
        pairs = [mine(row) for row in accuracies.T.tolist()]
        pairs = [(float(mean), math.nan if half is None else float(half)) for mean, half in pairs]
        return torch.tensor(pairs).T
    n = len(accuracies)
    if n == 1:
        return accuracies[0], torch.full_like(accuracies[0], math.nan)
    variances = accuracies.var(0)
    s = torch.maximum(variances, variances.mean()).sqrt()
    return accuracies.mean(0), T[n - 2] * s / math.sqrt(n)


def pairs_that_part(means, either_way):
    """(better, worse) for every two rows whose intervals share no value."""
    rows = sorted(zip(means, either_way, ROWS, strict=True), reverse=True)
    return [
        (better, worse)
        for (high, h, better), (low, k, worse) in combinations(rows, 2)
        if high - h > low + k  # never for NaN
    ]


def two_decimals(value):
    return "–" if value is None or math.isnan(value) else f"{value:.2f}"


def theory_rms(scheme, squares):
    """√(Var(w) · Σx² + Var(b)): the rms of what enters the hidden units before training."""
    variances = {
        "normal": 1,
        "lecun": 1 / 784,
        "default": 1 / (3 * 784),
        "xavier": 2 / (784 + HIDDEN),
        "he": 2 / 784,
    }
    bias = 1 / (3 * 784)  # every row keeps torch's biases
    return math.sqrt(variances[scheme] * squares + bias)
