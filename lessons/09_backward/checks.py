"""What `backward` is asked, and what people write instead."""

from functools import partial

import torch

from initplay.lab.checking import Mistake, Probe, verdicts

NAMES = ("d_w1", "d_b1", "d_w2", "d_b2")
NOT_FOUR = "<something else than four gradients>"


def net(samples, inputs, hidden, outputs):
    """x, y, w1, b1, w2, b2 of these sizes; the same ones again, since each probe begins with one seed."""
    x, y = torch.randn(samples, inputs), torch.randn(samples, outputs)
    w1, b1 = torch.randn(inputs, hidden), torch.randn(hidden)
    return x, y, w1, b1, torch.randn(hidden, outputs), torch.randn(outputs)


def are_four(gradients):
    return isinstance(gradients, tuple | list) and len(gradients) == len(NAMES)


def shapes(mine):
    gradients = mine.backward(*net(6, 4, 5, 3))
    if not isinstance(gradients, tuple | list):
        return gradients
    return [str(tuple(getattr(gradient, "shape", ()))) for gradient in gradients]


def one(name):
    """A probe's question: that gradient."""

    def ask(mine):
        gradients = mine.backward(*net(6, 4, 5, 3))
        return gradients[NAMES.index(name)] if are_four(gradients) else NOT_FOUR

    return ask


def off_by(*sizes, positive=False):
    """A probe's question: how far each gradient is from autograd's."""

    def ask(mine):
        tensors = [t.abs() if positive else t for t in net(*sizes)]
        x, y, w1, b1, w2, b2 = tensors
        weights = [t.clone().requires_grad_() for t in (w1, b1, w2, b2)]
        out = (x @ weights[0] + weights[1]).relu() @ weights[2] + weights[3]
        right = torch.autograd.grad((out - y).square().mean(), weights)
        gradients = mine.backward(*tensors)
        if not are_four(gradients):
            return NOT_FOUR
        return {n: difference(*pair) for n, *pair in zip(NAMES, gradients, right, strict=True)}

    return ask


def difference(gradient, theirs):
    gradient = torch.as_tensor(gradient)
    if gradient.shape != theirs.shape:
        return f"of shape {tuple(gradient.shape)}"
    return round((gradient - theirs).abs().max().item(), 4)


def unchanged(mine):
    given = net(6, 4, 5, 3)
    before = [t.clone() for t in given]
    mine.backward(*given)
    names = ("x", "y", "w1", "b1", "w2", "b2")
    changed = [n for n, a, b in zip(names, before, given, strict=True) if not torch.equal(a, b)]
    return ", ".join(changed) or "none"


CLOSE = {"within": 1e-4, "slack": 1e-5}
PROBES = [
    Probe("shapes of d_w1, d_b1, d_w2, d_b2, for 6 samples and a net 4-5-3", shapes),
    *(Probe(f"{name}, 6 samples, 4-5-3", one(name), **CLOSE) for name in reversed(NAMES)),
    Probe("difference from autograd, 7 samples, 5-5-5", off_by(7, 5, 5, 5), **CLOSE),
    Probe("difference from autograd, 8 samples, 3-4-1", off_by(8, 3, 4, 1), **CLOSE),
    Probe("difference from autograd, 1 sample, 1-1-1", off_by(1, 1, 1, 1, positive=True), **CLOSE),
    Probe(
        "which of its arguments it changed",
        unchanged,
        says="It changes {got}, which others still need.",
        beside=True,
    ),
]


def by_hand(
    x, y, w1, b1, w2, b2,
    d_loss=lambda out, y: 2 * (out - y) / out.numel(),
    into_h=lambda d_out, w2: d_out @ w2.T,
    mask=lambda z: z > 0,
    over_samples=lambda d: d.sum(0),
    into_w=lambda x, d: x.T @ d,
    relu=torch.relu,
    h_of=torch.relu,
):  # fmt: skip
    """The right gradients, but for what is given."""
    z = x @ w1 + b1
    d_out = d_loss(relu(z) @ w2 + b2, y)
    d_w2 = into_w(h_of(z), d_out)
    d_z = into_h(d_out, w2) * mask(z)
    return into_w(x, d_z), over_samples(d_z), d_w2, over_samples(d_out)


def loss(f):
    return partial(by_hand, d_loss=f)


def mask(f):
    return partial(by_hand, mask=f)


def only(name, **wrong):
    """The right gradients but for one, which is by_hand's with this."""

    def backward(*net):
        right, other = by_hand(*net), by_hand(*net, **wrong)
        return [other[n] if known == name else right[n] for n, known in enumerate(NAMES)]

    return backward


def relu_on_out(x, y, w1, b1, w2, b2):
    """A ReLU too many: on the outputs, and on the way back."""
    out = (x @ w1 + b1).relu() @ w2 + b2
    return by_hand(x, y, w1, b1, w2, b2, d_loss=lambda o, y: 2 * (o.relu() - y) * (o > 0) / out.numel())


def in_order(*order):
    """The right gradients, one after the other in this order."""
    return lambda *net: [by_hand(*net)[n] for n in order]


WHERE = "{got1} where {right1} is right."
MISTAKES = [
    Mistake(
        f"The mean's 1/N is missing: {WHERE} How many entries has out?",
        backward=loss(lambda out, y: 2 * (out - y)),
    ),
    Mistake(
        f"You divided by the samples alone: {WHERE} The mean is over every entry of out.",
        backward=loss(lambda out, y: 2 * (out - y) / len(out)),
    ),
    Mistake(
        f"You divided by the outputs alone: {WHERE} The mean is over every entry of out.",
        backward=loss(lambda out, y: 2 * (out - y) / out.shape[1]),
    ),
    Mistake(
        f"The mean's 1/N is there twice: {WHERE} The chain rule passes it on by itself.",
        backward=loss(lambda out, y: 2 * (out - y) / out.numel() ** 2),
    ),
    Mistake(
        f"The square's 2 is missing: {WHERE} What is the slope of d²?",
        backward=loss(lambda out, y: (out - y) / out.numel()),
    ),
    Mistake(
        f"The square's 2 is missing, and you divided by the samples alone: {WHERE} What is the slope of d²?",
        backward=loss(lambda out, y: (out - y) / len(out)),
    ),
    Mistake(
        f"That is out - y by itself: {WHERE} The square gives a factor, and so does the mean.",
        backward=loss(lambda out, y: out - y),
    ),
    Mistake(
        f"The sign is turned round: {WHERE} If out is above y, a larger out is a larger loss.",
        backward=loss(lambda out, y: 2 * (y - out) / out.numel()),
    ),
    Mistake(
        f"You sent the loss back, and not its slope: {WHERE} What is the slope of d²?",
        backward=loss(lambda out, y: (out - y) ** 2 / out.numel()),
    ),
    Mistake(
        f"That is the slope of mean |out - y|: {WHERE} The slope of a square grows with out - y.",
        backward=loss(lambda out, y: (out - y).sign() / out.numel()),
    ),
    Mistake(
        f"There is a ReLU on out, too: {WHERE} Only the hidden units have one.",
        backward=relu_on_out,
    ),
    Mistake(
        f"ReLU let the whole gradient back: {WHERE} What is its slope where z is below 0?",
        backward=mask(lambda z: 1),
    ),
    Mistake(
        f"You cut off the gradient below 0: {WHERE} What counts is where z was below 0.",
        backward=partial(by_hand, into_h=lambda d_out, w2: (d_out @ w2.T).relu(), mask=lambda z: 1),
    ),
    Mistake(
        f"Your net has no ReLU on its way forward: {WHERE} h is relu(z).",
        backward=partial(by_hand, relu=lambda z: z, h_of=lambda z: z),
    ),
    Mistake(
        f"Your net has no ReLU at all: {WHERE} h is relu(z), and back it goes only where z is above 0.",
        backward=partial(by_hand, relu=lambda z: z, h_of=lambda z: z, mask=lambda z: 1),
    ),
    Mistake(
        f"The bias is behind the ReLU as well, and its gradient had no mask: {WHERE} Sum d_z.",
        backward=only("d_b1", mask=lambda z: 1),
    ),
    Mistake(
        f"d_w1 had no mask, though d_b1 had: {WHERE} Both come from d_z.",
        backward=only("d_w1", mask=lambda z: 1),
    ),
    Mistake(
        f"Your mask is the sign of z, with -1 in it: {WHERE} What is ReLU's slope where z is below 0?",
        backward=mask(torch.sign),
    ),
    Mistake(
        f"You multiplied by h for ReLU's slope: {WHERE} The slope is 0 or 1; h is ReLU itself.",
        backward=mask(torch.relu),
    ),
    Mistake(
        f"You multiplied by z for ReLU's slope: {WHERE} The slope is 0 or 1.",
        backward=mask(lambda z: z),
    ),
    Mistake(
        f"The mask is turned round: {WHERE} Which side of 0 does ReLU let through?",
        backward=mask(lambda z: z <= 0),
    ),
    Mistake(
        f"That is a sigmoid's slope: {WHERE} ReLU's is 0 or 1.",
        backward=mask(lambda z: z.sigmoid() * (1 - z.sigmoid())),
    ),
    Mistake(
        f"That is a tanh's slope, of h: {WHERE} ReLU's is 0 or 1.",
        backward=mask(lambda z: 1 - z.relu() ** 2),
    ),
    Mistake(
        f"That is a tanh's slope, of z: {WHERE} ReLU's is 0 or 1.",
        backward=mask(lambda z: 1 - z.tanh() ** 2),
    ),
    Mistake(
        f"You took the mean over the samples for a bias: {WHERE} Each sample used the bias, so add them up.",
        backward=partial(by_hand, over_samples=lambda d: d.mean(0)),
    ),
    Mistake(
        f"The 1/N is missing, and the gradient of a bias is a mean over samples: {WHERE} It is a sum.",
        backward=partial(by_hand, d_loss=lambda out, y: 2 * (out - y), over_samples=lambda d: d.mean(0)),
    ),
    *(
        Mistake(
            f"You took the mean over the samples for {name}: {WHERE} Each sample used it, so add.",
            backward=only(name, over_samples=lambda d: d.mean(0)),
        )
        for name in ("d_b1", "d_b2")
    ),
    *(
        Mistake(
            f"{name} is transposed: {{got}} where {{right}} is right. It has its weight's shape.",
            backward=only(name, into_w=lambda x, d: d.T @ x),
        )
        for name in ("d_w1", "d_w2")
    ),
    Mistake(
        "You summed over the units for a bias: {got} where {right} is right. What is one bias added to?",
        backward=partial(by_hand, over_samples=lambda d: d.sum(1)),
    ),
    Mistake(
        "A bias's gradient is not summed: {got} where {right} is right. Each sample used it: add up.",
        backward=partial(by_hand, over_samples=lambda d: d),
    ),
    Mistake(
        "A bias's gradient has a dimension too many: {got} where {right} is right. What shape has the bias?",
        backward=partial(by_hand, over_samples=lambda d: d.sum(0, keepdim=True)),
    ),
    Mistake(
        "A bias's gradient is summed to one number: {got} where {right} is right. Only the samples go.",
        backward=partial(by_hand, over_samples=torch.sum),
    ),
    Mistake(
        f"d_w2 is made of z: {WHERE} What does w2 multiply?",
        backward=partial(by_hand, h_of=lambda z: z),
    ),
    Mistake(
        "A weight's gradient is transposed: {got} where {right} is right. It has its weight's shape.",
        backward=partial(by_hand, into_w=lambda x, d: d.T @ x),
    ),
    Mistake(
        f"A weight's gradient is a mean over the samples: {WHERE} The 1/N is in d_out already.",
        backward=partial(by_hand, into_w=lambda x, d: x.T @ d / len(d)),
    ),
    Mistake(
        "You multiplied by w2 as it is. Going back from (samples, outputs) to (samples, hidden) takes w2.T.",
        backward=partial(by_hand, into_h=lambda d_out, w2: d_out @ w2),
    ),
    Mistake(
        "A weight's gradient needs a transpose: the samples are summed away. Which of the two is turned?",
        backward=partial(by_hand, into_w=lambda x, d: x @ d),
    ),
    Mistake(
        "They come in another order: {got} where {right} is right. Return d_w1, d_b1, d_w2, d_b2.",
        backward=in_order(2, 3, 0, 1),
    ),
    Mistake(
        "They come in another order: {got} where {right} is right. Return d_w1, d_b1, d_w2, d_b2.",
        backward=in_order(0, 2, 1, 3),
    ),
    Mistake(
        "They come in another order: {got} where {right} is right. Return d_w1, d_b1, d_w2, d_b2.",
        backward=in_order(3, 2, 1, 0),
    ),
    Mistake(
        f"It is 0: {WHERE} The loss depends on w1 and b1 as well, through h.",
        backward=mask(lambda z: 0),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
