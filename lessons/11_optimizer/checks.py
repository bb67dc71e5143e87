"""What `Momentum` is asked, and what people write instead."""

import torch
from torch import nn

from initplay.lab.checking import Mistake, Probe, verdicts


def two_parameters():
    return [nn.Parameter(torch.tensor([1.0, -2.0, 4.0])), nn.Parameter(torch.tensor([3.0, 0.5, -1.0]))]


def go(optimizer, parameters, steps):
    """So many steps, each with gradients of its own; the rest is the optimizer's."""
    for step in steps:
        for number, p in enumerate(parameters):
            p.grad = torch.sin(torch.arange(1.0, 1 + p.numel()) * (step + 1) + number).reshape(p.shape)
        optimizer.step()


def numbers(parameters):
    return torch.cat([p.detach().flatten() for p in parameters])


def after(steps, **settings):
    """A probe's question: where the parameters are after so many steps."""

    def ask(mine):
        parameters = two_parameters()
        go(mine.Momentum(parameters, **settings), parameters, range(steps))
        return numbers(parameters)

    return ask


def slower_at_the_third(mine):
    parameters = two_parameters()
    optimizer = mine.Momentum(parameters)
    go(optimizer, parameters, range(2))
    optimizer.lr = 0.05
    go(optimizer, parameters, range(2, 4))
    return numbers(parameters)


def in_this_order(mine):
    parameters = two_parameters()
    go(mine.Momentum(parameters, 0.5, 0.25, 0.125), parameters, range(3))
    return numbers(parameters)


def of_a_model(mine):
    """As nn.Module.parameters() gives them, which can be gone through once; of all shapes."""
    parameters = [*two_parameters(), nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.tensor(1.0))]
    go(mine.Momentum(iter(parameters)), parameters, range(2))
    return numbers(parameters)


def two_at_once(mine):
    """Two optimizers take turns; neither knows of the other."""
    ones, others = two_parameters(), two_parameters()
    first, second = mine.Momentum(ones), mine.Momentum(others, lr=0.2)
    for step in range(3):
        go(first, ones, [step])
        go(second, others, [5 - step])
    return {"first": numbers(ones), "second": numbers(others)}


def gradients_in_place(mine):
    """The training loop writes each gradient where the last one was."""
    (p, *_) = parameters = two_parameters()[:1]
    optimizer = mine.Momentum(parameters)
    p.grad = torch.zeros_like(p)
    for step in range(3):
        p.grad.copy_(torch.tensor([1.0, 2.0, -1.0]) * (step + 1))
        optimizer.step()
    return numbers(parameters)


def gradients_left(mine):
    parameters = two_parameters()
    optimizer = mine.Momentum(parameters)
    go(optimizer, parameters, range(2))
    left = [p.grad for p in parameters]
    return "none left" if any(g is None for g in left) else torch.cat([g.flatten() for g in left])


def still_trainable(mine):
    parameters = two_parameters()
    go(mine.Momentum(parameters), parameters, range(2))
    return {"leaves": all(p.is_leaf for p in parameters), "ask": all(p.requires_grad for p in parameters)}


CLOSE = {"within": 1e-5, "slack": 1e-5}
PROBES = [
    Probe("where 6 numbers are after 1 step", after(1), **CLOSE),
    Probe("after 2 steps", after(2), **CLOSE),
    Probe("after 4 steps, lr halved before the third", slower_at_the_third, **CLOSE),
    Probe("after 5 steps, momentum=0.5, weight_decay=0", after(5, momentum=0.5, weight_decay=0), **CLOSE),
    Probe(
        "after 3 steps, momentum=0, lr=1, weight_decay=0.1",
        after(3, momentum=0, lr=1, weight_decay=0.1),
        **CLOSE,
    ),
    Probe("after 3 steps of Momentum(parameters, 0.5, 0.25, 0.125)", in_this_order, **CLOSE),
    Probe("after 2 steps, parameters given as an iterator", of_a_model, **CLOSE),
    Probe("two optimizers in turns", two_at_once, **CLOSE),
    Probe("after 3 steps, each gradient written over the last", gradients_in_place, **CLOSE),
    Probe("the gradients after a step", gradients_left, **CLOSE),
    Probe("parameters that can go on training", still_trainable),
]


def doing(update, parameters_of=list):
    """A `Momentum` whose step makes of itself, p, v and p's gradient the next p and v."""

    class Momentum:
        def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):
            self.parameters = parameters_of(parameters)
            self.lr = self.first_lr = lr
            self.m, self.decay = momentum, weight_decay
            self.velocities = {}

        @torch.no_grad()
        def step(self):
            for number, p in enumerate(self.parameters):
                v = self.velocities.get(number, torch.zeros_like(p))
                new, self.velocities[number] = update(self, p, v, p.grad)
                p.copy_(new)

    return Momentum


def velocity(f):
    """One whose velocity is f of itself, p, v and the gradient."""

    def update(self, p, v, g):
        v = f(self, p, v, g)
        return p - self.lr * v, v

    return doing(update)


def right(self, p, v, g):
    v = self.m * v + g + self.decay * p
    return p - self.lr * v, v


def decayed(f):
    """One whose velocity is without decay; what decay takes is f of itself and p."""

    def update(self, p, v, g):
        v = self.m * v + g
        return p - self.lr * v - f(self, p), v

    return doing(update)


def stepping(f):
    """One whose velocity is right; the next p is f of itself, p, the last velocity, the new one and the sum
    of gradient and decay."""

    def update(self, p, v, g):
        _, new = right(self, p, v, g)
        return f(self, p, v, new, g + self.decay * p), new

    return doing(update)


def uphill_without_decay(self, p, v, g):
    v = self.m * v + g
    return p + self.lr * v, v


def lr_inside(self, p, v, g):
    v = self.m * v + self.lr * (g + self.decay * p)
    return p - v, v


def lr_twice(self, p, v, g):
    v = self.m * v + self.lr * (g + self.decay * p)
    return p - self.lr * v, v


def with_grad(self, p, v, g):
    with torch.enable_grad():
        p -= self.lr * v
    return p, v


def grad_changed(self, p, v, g):
    g += self.decay * p
    v = self.m * v + g
    return p - self.lr * v, v


def clearing(self, p, v, g):
    new = right(self, p, v, g)
    p.grad = None
    return new


def zeroing(self, p, v, g):
    new = right(self, p, v, g)
    p.grad.zero_()
    return new


class OneVelocity(doing(right)):
    """For all parameters."""

    @torch.no_grad()
    def step(self):
        for p in self.parameters:
            new, self.velocities[0] = right(self, p, self.velocities.get(0, 0), p.grad)
            p.copy_(new)


WHERE = "{got1} where {right1} is right."
MISTAKES = [
    Mistake(
        f"It has no memory: {WHERE} What the velocity was before this step counts, too.",
        Momentum=velocity(lambda o, p, v, g: g + o.decay * p),
    ),
    Mistake(
        f"The velocity is multiplied by the momentum twice a step: {WHERE} Once is right.",
        Momentum=velocity(lambda o, p, v, g: o.m**2 * v + g + o.decay * p),
    ),
    Mistake(
        f"The velocity never slows down: {WHERE} What is the momentum for?",
        Momentum=velocity(lambda o, p, v, g: v + g + o.decay * p),
    ),
    Mistake(
        f"The lr is inside the velocity: {WHERE} After lr has changed, old gradients keep the old one.",
        Momentum=doing(lr_inside),
    ),
    Mistake(f"The lr is there twice: {WHERE} Multiply by it where p is changed.", Momentum=doing(lr_twice)),
    Mistake(
        f"The lr is that of the first step for ever: {WHERE} Read self.lr in each step.",
        Momentum=stepping(lambda o, p, v, new, g: p - o.first_lr * new),
    ),
    Mistake(
        f"The lr is missing: {WHERE} p goes lr times the velocity down.",
        Momentum=stepping(lambda o, p, v, new, g: p - new),
    ),
    Mistake(
        f"It walks uphill: {WHERE} The gradient points to where the loss grows.",
        Momentum=stepping(lambda o, p, v, new, g: p + o.lr * new),
    ),
    Mistake(
        f"It steps by the velocity of the step before: {WHERE} First the velocity, then p.",
        Momentum=stepping(lambda o, p, v, new, g: p - o.lr * v),
    ),
    Mistake(
        f"That is Nesterov's form: {WHERE} The velocity alone is asked for here.",
        Momentum=stepping(lambda o, p, v, new, g: p - o.lr * (g + o.m * new)),
    ),
    Mistake(
        f"The gradient counts twice, by itself and in the velocity: {WHERE} p goes by the velocity alone.",
        Momentum=stepping(lambda o, p, v, new, g: p - o.lr * (g + new)),
    ),
    Mistake(
        f"The momentum multiplies the gradient, and not the velocity: {WHERE} Which of them is to fade?",
        Momentum=velocity(lambda o, p, v, g: v + o.m * (g + o.decay * p)),
    ),
    Mistake(
        f"The momentum multiplies the new gradient as well: {WHERE} It is for the old velocity alone.",
        Momentum=velocity(lambda o, p, v, g: o.m * (v + g + o.decay * p)),
    ),
    Mistake(
        f"You gave the gradient a weight of 1 - momentum: {WHERE} Here it counts in full.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + (1 - o.m) * (g + o.decay * p)),
    ),
    Mistake(
        f"The old velocity counts 1 - momentum, and the gradient the momentum: {WHERE} Which fades?",
        Momentum=velocity(lambda o, p, v, g: (1 - o.m) * v + o.m * (g + o.decay * p)),
    ),
    Mistake(
        f"There is no weight decay: {WHERE} What is added to the gradient?", Momentum=decayed(lambda o, p: 0)
    ),
    Mistake(
        f"Two things are missing, momentum and weight decay: {WHERE} That is plain SGD.",
        Momentum=velocity(lambda o, p, v, g: g),
    ),
    Mistake(
        f"It walks uphill, and there is no weight decay: {WHERE} First turn the step round.",
        Momentum=doing(uphill_without_decay),
    ),
    Mistake(
        f"The decay has the wrong sign, so that weights grow: {WHERE} Add it to the gradient.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + g - o.decay * p),
    ),
    Mistake(
        f"The decay goes past the lr, straight to p: {WHERE} Add it to the gradient.",
        Momentum=decayed(lambda o, p: o.decay * p),
    ),
    Mistake(
        f"The decay goes past the velocity, straight to p: {WHERE} Add it to the gradient.",
        Momentum=decayed(lambda o, p: o.lr * o.decay * p),
    ),
    Mistake(
        f"The decay is multiplied by lr twice: {WHERE} Add weight_decay · p to the gradient.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + g + o.lr * o.decay * p),
    ),
    Mistake(
        f"The decay is twice as large: {WHERE} It is weight_decay · p, without a 2.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + g + 2 * o.decay * p),
    ),
    Mistake(
        f"The decay is the same for small and large weights: {WHERE} It is weight_decay · p.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + g + o.decay * p.sign()),
    ),
    Mistake(
        f"The decay is added to each gradient without p: {WHERE} It is weight_decay · p.",
        Momentum=velocity(lambda o, p, v, g: o.m * v + g + o.decay),
    ),
    Mistake(
        f"The momentum multiplies the decay as well: {WHERE} It is for the old velocity alone.",
        Momentum=velocity(lambda o, p, v, g: o.m * (v + o.decay * p) + g),
    ),
    Mistake(
        f"The parameters never move: {WHERE} `p = p - …` makes a new tensor; `p -= …` changes the old one.",
        Momentum=stepping(lambda o, p, v, new, g: p),
    ),
    Mistake(
        f"All parameters share one velocity: {WHERE} Each needs its own.",
        Momentum=OneVelocity,
    ),
    Mistake(
        "autograd watches the step, and forbids it to change p. Put it under @torch.no_grad().",
        Momentum=doing(with_grad),
    ),
    Mistake(
        f"A step changes p.grad: {WHERE} Who goes on to add up gradients, or reads them, finds others.",
        Momentum=doing(grad_changed),
    ),
    Mistake(
        "It takes the gradients away. Clearing them is the training loop's business.",
        Momentum=doing(clearing),
    ),
    Mistake(
        f"It sets the gradients to 0: {WHERE} That is the training loop's business.", Momentum=doing(zeroing)
    ),
    Mistake(
        f"From the second step on nothing moves: {WHERE} An iterator is gone through once: keep a list.",
        Momentum=doing(right, parameters_of=lambda parameters: parameters),
    ),
    Mistake(
        f"Nothing moves: {WHERE} An iterator is gone through once: keep a list.",
        Momentum=doing(right, parameters_of=lambda parameters: list(parameters) and parameters),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
