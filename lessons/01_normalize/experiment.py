"""Give the first layer what the formulas assume: inputs with mean 0 and std 1."""

import math
from typing import Literal

import torch
from torch.nn.functional import cross_entropy

from initplay.lab import Chart, LogRange, Note, Range, Result, Table, yours
from initplay.lab import digits as load_digits


def digits(divide_by: Literal[255, 256] = 255):
    """Shift and stretch the pixels until their mean is 0 and their std is 1."""
    x_train, _, x_valid, _ = load_digits()  # bytes from 0 to 255, 784 a digit
    yield Chart("digits").image(x_train[:8].reshape(-1, 28, 28))

    pixels = Chart("pixels", x="move")
    x_train, x_valid = x_train / divide_by, x_valid / divide_by
    yield pixels.histogram(x_train[:1000], at=0, range=(-1, 3))

    mean, std = x_train.mean(), x_train.std()
    yield pixels.histogram(x_train[:1000] - mean, at=1, range=(-1, 3))

    x_train = (x_train - mean) / std
    x_valid = (x_valid - mean) / std  # the training digits' numbers, on purpose
    yield pixels.histogram(x_train[:1000], at=2, range=(-1, 3))

    printed = FAST_AI if divide_by == 256 else {}  # of 50,000 digits in 256ths
    texts = Table("theory and you", "quantity", "theory", "you", printed=printed)
    yield texts.row("training mean", None, four_decimals(mean))
    yield texts.row("training std", None, four_decimals(std))
    yield texts.row("training mean after", 0, four_decimals(x_train.mean()))
    yield texts.row("training std after", 1, four_decimals(x_train.std()))
    yield texts.row("validation mean after", None, four_decimals(x_valid.mean()))
    yield texts.row("validation std after", None, four_decimals(x_valid.std()))
    yield Note(f"Every pixel: minus {mean:.4f}, then divided by {std:.4f}.")
    yield Result(
        train_mean=mean, train_std=std, train_mean_after=x_train.mean(),
        train_std_after=x_train.std(), valid_mean_after=x_valid.mean(),
        valid_std_after=x_valid.std(),
    )


FAST_AI = {"fast.ai": ["0.1304", "0.3073", None, None, "-0.0058", "0.9924"]}


def four_decimals(number):
    return f"{round(number.item(), 4) + 0:.4f}"  # + 0 turns -0.0 into 0.0


def assert_near_zero(number, tolerance):
    assert abs(number) < tolerance, f"{number:.4f} is not within {tolerance:g} of zero"


def check(normalized: bool = False, tolerance: LogRange[1e-3, 1.0] = 0.01):
    """A first test: is the mean of what the net will see near zero?"""
    x_train, _, _, _ = load_digits()
    x_train = x_train / 255
    if normalized:
        x_train = (x_train - x_train.mean()) / x_train.std()

    so_far = Chart(
        "mean of the first n digits", x="n", y="mean", log_x=True, reference="the most that passes"
    )
    n = 10
    while n < len(x_train):
        yield so_far.at(n, x_train[:n].mean())
        yield so_far.at(n, tolerance, series="the most that passes")
        n = math.ceil(n * 1.3)

    mean = x_train.mean()
    yield so_far.at(len(x_train), mean)
    yield so_far.at(len(x_train), tolerance, series="the most that passes")
    try:
        assert_near_zero(mean, tolerance)
        passed = True
        yield Note(f"Passed: the mean of all {len(x_train):,} digits is {mean:.1e}.")
    except AssertionError as error:
        passed = False
        yield Note(f"AssertionError: {error}.")
    yield Result(passed=passed, mean=mean)


def leak(
    outliers: Range[0, 500] = 100,
    how: Literal["inverted", "brightened"] = "inverted",
):
    """Spoil some validation digits and watch one that nobody touched."""
    x_train, y_train, x_valid, y_valid = load_digits()
    x_train, x_valid, y_valid = x_train / 255, x_valid[:1000] / 255, y_valid[:1000]
    mean, std = x_train.mean(), x_train.std()

    net = draw_net()
    for _ in range(300):
        batch = torch.randint(len(x_train), (64,))
        loss = cross_entropy(forward(net, (x_train[batch] - mean) / std), y_train[batch])
        sgd_step(net, loss, lr=0.05)

    digit = x_valid[-1]  # only the first 500 are ever spoiled
    own_at_first = (digit - x_valid.mean()) / x_valid.std()
    fixed_at_first = (digit - mean) / std

    mine = yours("normalize", None)
    few = x_train[:4000]  # for yours, which is called again and again
    yours_at_first = torch.as_tensor(mine(few, x_valid)[1][-1]) if mine else None

    change = Chart("change of one digit", x="outliers among 1,000", y="rms change")
    right = Chart("accuracy", x="outliers among 1,000", y="share right")
    pictures = Chart("one digit: own before, own now, training's", x="outliers")
    pixels = Chart("the digit's pixels", x="outliers")
    for count in sorted({outliers * tenth // 10 for tenth in range(11)}):
        spoiled = x_valid.clone()
        if how == "inverted":
            spoiled[:count] = 1 - spoiled[:count]
        else:
            spoiled[:count] = 0.5 + spoiled[:count] / 2
        own_mean, own_std = spoiled.mean(), spoiled.std()

        own = (digit - own_mean) / own_std
        fixed = (digit - mean) / std
        shift_own = (own - own_at_first).square().mean().sqrt()
        shift_train = (fixed - fixed_at_first).square().mean().sqrt()

        untouched, labels = spoiled[500:], y_valid[500:]
        accuracy_own = accuracy(net, (untouched - own_mean) / own_std, labels)
        accuracy_train = accuracy(net, (untouched - mean) / std, labels)

        yield change.at(count, shift_own, series="own mean and std")
        yield change.at(count, shift_train, series="training's")
        yield right.at(count, accuracy_own, series="own mean and std")
        yield right.at(count, accuracy_train, series="training's")
        if mine:
            valid = torch.as_tensor(mine(few, spoiled)[1], dtype=torch.float32)
            shift = (valid[-1] - yours_at_first).square().mean().sqrt()
            yield change.at(count, shift, series="yours")
            yield right.at(count, accuracy(net, valid[500:], labels), series="yours")
        three = torch.stack([own_at_first, own, fixed]).reshape(-1, 28, 28)
        yield pictures.image(three, at=count)
        yield pixels.histogram(own, at=count, range=(-1.5, 3))

    if shift_own > 0:
        yield Note(
            f"With {outliers} spoiled, the set's own mean went from {x_valid.mean():.3f} "
            f"to {own_mean:.3f} and its std from {x_valid.std():.3f} to {own_std:.3f}. "
            f"The untouched digit was normalized with those, so it changed too."
        )
    yield Result(
        shift_own=shift_own, shift_train=shift_train, accuracy_own=accuracy_own,
        accuracy_train=accuracy_train, own_mean=own_mean, own_std=own_std,
    )


def train(
    normalized: bool = True,
    lr: LogRange[0.005, 0.5] = 0.02,
    centre: Literal["one mean", "each pixel's"] = "one mean",
):
    """Train 784-50-10 for 300 steps: same draw, same batches, other inputs."""
    x_train, y_train, x_valid, y_valid = load_digits()
    x_train, x_valid = x_train / 255, x_valid / 255
    mean, std = 0, 1  # raw pixels
    if normalized:
        mean = x_train.mean() if centre == "one mean" else x_train.mean(0)
        std = (x_train - mean).std()
    x_valid = (x_valid - mean) / std

    net = draw_net()
    w1, b1, _, _ = net
    input_rms = x_valid.square().mean().sqrt()
    first_layer_rms = (x_valid @ w1 + b1).detach().square().mean().sqrt()
    first_loss_theory = loss_of_a_random_net(input_rms.item() ** 2 / 2)  # ReLU takes half

    loss_by_step = Chart("loss", x="step", y="loss", reference="ten equal guesses")
    right = Chart("accuracy", x="step", y="share right")
    first_layer = Chart("first layer's output", x="step")
    losses = []
    for step in range(300):
        batch = torch.randint(len(x_train), (64,))
        loss = cross_entropy(forward(net, (x_train[batch] - mean) / std), y_train[batch])
        losses.append(loss.detach())
        yield loss_by_step.at(step, losses[-1])
        yield loss_by_step.at(step, math.log(10), series="ten equal guesses")
        if step % 25 == 0:
            yield right.at(step, accuracy(net, x_valid, y_valid))
            yield first_layer.histogram(x_valid @ w1 + b1, at=step)
        sgd_step(net, loss, lr)

    final_accuracy = accuracy(net, x_valid, y_valid)
    yield right.at(300, final_accuracy)
    first = Table("first layer", "quantity", "theory", "you")
    yield first.row("rms in", None, input_rms)
    yield first.row("rms out", input_rms, first_layer_rms)  # variance 1/n keeps it
    yield first.row("first loss", first_loss_theory, losses[0])
    strongest, all_of_them = strongest_direction(x_valid[:1000])
    yield first.row("mean square, all directions", None, all_of_them)
    yield first.row("in the strongest one", None, strongest)
    yield Result(
        first_loss=losses[0], final_loss=torch.stack(losses[-50:]).mean(),
        accuracy=final_accuracy, input_rms=input_rms, first_layer_rms=first_layer_rms,
        first_loss_theory=first_loss_theory, strongest=strongest,
        strongest_share=strongest / all_of_them,
    )


def strongest_direction(x):
    """The mean square of x along the direction where it is largest, and over all directions.

    It is the largest eigenvalue of the mean of x xᵀ: multiplied on and on, any vector turns
    that way. All eigenvalues together are the mean of |x|².
    """
    direction = torch.ones(x.shape[1])
    for _ in range(20):
        direction = (x @ direction) @ x
        direction = direction / direction.norm()
    return (x @ direction).square().mean(), x.square().sum(1).mean()


def loss_of_a_random_net(variance):
    """Of ten outputs drawn from a bell: ln 10, and about half their variance for being
    sure of something at random (the last term: ten outputs are few)."""
    return math.log(10) + variance / 2 - (math.exp(variance) - 1) / 20


def draw_net():
    """Weights of variance 1/n, for n inputs: lesson 3 is about why."""
    w1 = torch.randn(784, 50) / math.sqrt(784)
    w2 = torch.randn(50, 10) / math.sqrt(50)
    net = [w1, torch.zeros(50), w2, torch.zeros(10)]
    return [tensor.requires_grad_() for tensor in net]


def forward(net, x):
    w1, b1, w2, b2 = net
    return (x @ w1 + b1).relu() @ w2 + b2


def sgd_step(net, loss, lr):
    loss.backward()
    with torch.no_grad():
        for tensor in net:
            tensor -= lr * tensor.grad
            tensor.grad = None


@torch.no_grad()
def accuracy(net, x, y):
    return (forward(net, x).argmax(1) == y).float().mean()
