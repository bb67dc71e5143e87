"""What `interval` is asked, and what people write instead."""

import statistics

from initplay.lab.checking import Mistake, Probe, verdicts

T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]
EIGHT = [94.1, 93.2, 95.6, 94.4, 92.9, 94.0, 95.1, 93.8]


def of(*accuracies):
    """A probe's question: what these are worth."""
    return lambda mine: named(mine.interval(list(accuracies)))


def named(result):
    """The two, if there are two."""
    if isinstance(result, str):
        return result
    if isinstance(result, dict | set):
        return f"<a {type(result).__name__}>"
    try:
        mean, half_width = result
    except (TypeError, ValueError):  # one number, or three
        return result
    return {"mean": mean, "half-width": half_width}


def by_number(mine):
    """The half-widths for the first 2, 3, … 8 of eight."""
    widths = {}
    for n in range(2, 9):
        got = named(mine.interval(EIGHT[:n]))
        widths[f"of {n}"] = got["half-width"] if isinstance(got, dict) else got
    return widths


def unchanged(mine):
    accuracies = EIGHT[:4]
    mine.interval(accuracies)
    return accuracies == EIGHT[:4]


CLOSE = {"mean": 1e-5, "half-width": 2e-3}
PROBES = [
    Probe("97, 98", of(97.0, 98.0), within=CLOSE),
    Probe("97, 97.2, 98.5, 99.3", of(97.0, 97.2, 98.5, 99.3), within=CLOSE),
    Probe("94.4, 95.3, 92.9, 94, out of order", of(94.4, 95.3, 92.9, 94.0), within=CLOSE),
    Probe("half-widths for 2 to 8 numbers", by_number, within=2e-3),
    Probe("0.91, 0.95, 0.9, 0.97, 0.92, as shares", of(0.91, 0.95, 0.9, 0.97, 0.92), within=CLOSE),
    Probe("-3, 1, -2", of(-3.0, 1.0, -2.0), within=CLOSE),
    Probe("95, 95, 95", of(95.0, 95.0, 95.0), within=CLOSE, slack=1e-4),
    Probe("one number: 90", of(90.0), within=CLOSE),
    Probe(
        "the list is as it was", unchanged, says="It changes the list, which others still need.", beside=True
    ),
]


def interval(
    mean=statistics.fmean, s=statistics.stdev, t=T.__getitem__, root=lambda n: n**0.5, factor=1.0, one=None
):
    """An `interval` that is right but for what is given."""

    def interval(accuracies):
        n = len(accuracies)
        if n == 1:
            return mean(accuracies), one
        return mean(accuracies), factor * t(n - 2) * s(accuracies) / root(n)

    return interval


def changed(f):
    """The right mean and half-width, and what f makes of them."""
    return lambda accuracies: f(*interval()(accuracies))


ONE_SIDED = [6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895]
OF_99 = [63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499]
OF_N = [4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306]
WHERE = "{got1} where {right1} is right."
MISTAKES = [
    Mistake(
        f"1.96 is for a known scatter: {WHERE} So few numbers have only guessed it: t is larger.",
        interval=interval(t=lambda _: 1.96),
    ),
    Mistake(f"You took 2 for t: {WHERE} With few numbers t is larger.", interval=interval(t=lambda _: 2)),
    Mistake(
        f"That t leaves out 5 % on one side: {WHERE} Both ways, it is 2.5 % on each.",
        interval=interval(t=ONE_SIDED.__getitem__),
    ),
    Mistake(f"That t is for 99 %: {WHERE} 95 % is asked for.", interval=interval(t=OF_99.__getitem__)),
    Mistake(
        f"That t is for one number more: {WHERE} T begins with two numbers. At which index is n?",
        interval=interval(t=OF_N.__getitem__),
    ),
    Mistake(
        f"You took the t of eight numbers for any n: {WHERE} T begins with two numbers.",
        interval=interval(t=lambda _: T[-1]),
    ),
    Mistake(
        f"You took the t of two numbers for any n: {WHERE} T begins with two numbers.",
        interval=interval(t=lambda _: T[0]),
    ),
    Mistake(
        f"That is the standard error, without t: {WHERE} Which t belongs to n?",
        interval=interval(t=lambda _: 1),
    ),
    Mistake(
        f"That is the std itself: {WHERE} How much surer is a mean, and which t belongs to n?",
        interval=interval(t=lambda _: 1, root=lambda n: 1),
    ),
    Mistake(
        f"It is not divided by √n: {WHERE} A mean of n scatters less than one number.",
        interval=interval(root=lambda n: 1),
    ),
    Mistake(
        f"It is divided by n, not by √n: {WHERE} What is the std of a mean?",
        interval=interval(root=lambda n: n),
    ),
    Mistake(
        f"It is divided by n - 1, not by √n: {WHERE} The n - 1 is in the std; what is that of a mean?",
        interval=interval(root=lambda n: n - 1),
    ),
    Mistake(
        f"It is divided by √(n - 1): {WHERE} The n - 1 is in the std already; a mean is of n.",
        interval=interval(root=lambda n: (n - 1) ** 0.5),
    ),
    Mistake(
        f"Your std divides by n: {WHERE} One of the n went into the mean: divide by n - 1.",
        interval=interval(s=statistics.pstdev),
    ),
    Mistake(
        f"Under your root the squares are divided by n alone: {WHERE} By n - 1 first, and then by n.",
        interval=interval(s=statistics.pstdev, root=lambda n: 1),
    ),
    Mistake(
        f"Your std divides by n, and 1.96 is for a known scatter: {WHERE} Divide by n - 1, and take t.",
        interval=interval(s=statistics.pstdev, t=lambda _: 1.96),
    ),
    Mistake(
        f"That is 1.96 · std, where single numbers lie: {WHERE} How much surer is their mean, and what is t?",
        interval=interval(t=lambda _: 1.96, root=lambda n: 1),
    ),
    Mistake(
        f"That is 2 · std, where single numbers lie: {WHERE} How much surer is their mean, and what is t?",
        interval=interval(t=lambda _: 2, root=lambda n: 1),
    ),
    Mistake(
        f"Your std is the mean distance from the mean: {WHERE} The std is a root, of squares over n - 1.",
        interval=interval(s=lambda a: sum(abs(x - statistics.fmean(a)) for x in a) / len(a)),
    ),
    Mistake(
        f"You used the variance for the std: {WHERE} The std is its root.",
        interval=interval(s=statistics.variance),
    ),
    Mistake(
        f"You used the variance, divided by n, for the std: {WHERE} The std is a root, of a sum over n - 1.",
        interval=interval(s=statistics.pvariance),
    ),
    Mistake(
        f"It is the whole width of the interval: {WHERE} Asked for is either way.",
        interval=interval(factor=2),
    ),
    Mistake(
        f"It is half of the half-width: {WHERE} The interval is mean ± t·std/√n.",
        interval=interval(factor=0.5),
    ),
    Mistake(
        f"That is half the range: {WHERE} The std takes every number into account, and t how few they are.",
        interval=lambda a: (sum(a) / len(a), (max(a) - min(a)) / 2 if len(a) > 1 else None),
    ),
    Mistake(
        f"That is the range: {WHERE} The std takes every number into account, and t how few they are.",
        interval=lambda a: (sum(a) / len(a), max(a) - min(a) if len(a) > 1 else None),
    ),
    Mistake(
        f"That is the median: {WHERE} t·std/√n is about the mean.", interval=interval(mean=statistics.median)
    ),
    Mistake(f"That is the best of them: {WHERE} Report the mean.", interval=interval(mean=max)),
    Mistake(f"That is the worst of them: {WHERE} Report the mean.", interval=interval(mean=min)),
    Mistake(
        f"That is the middle between the best and the worst: {WHERE} The mean takes all of them.",
        interval=interval(mean=lambda a: (min(a) + max(a)) / 2),
    ),
    Mistake(f"That is the sum: {WHERE} Divide by n.", interval=interval(mean=sum)),
    Mistake(
        "One number has a half-width of 0 in yours. It cannot know: None is right.",
        interval=interval(one=0.0),
    ),
    Mistake(
        "One number has a half-width of NaN in yours. Say None: there is none.",
        interval=interval(one=float("nan")),
    ),
    Mistake(
        "One number has an infinite half-width in yours. Say None: there is none.",
        interval=interval(one=float("inf")),
    ),
    Mistake(
        "The two come the other way round: {got} where {right} is right.",
        interval=changed(lambda mean, half: (half, mean)),
    ),
    Mistake(
        f"That is the interval's upper end: {WHERE} Asked for is how far it reaches either way.",
        interval=changed(lambda mean, half: (mean, mean + half if half is not None else None)),
    ),
    Mistake(
        f"That is the interval's lower end: {WHERE} Asked for is how far it reaches either way.",
        interval=changed(lambda mean, half: (mean, mean - half if half is not None else None)),
    ),
    Mistake(
        "Those are the interval's two ends: {got} where {right} is right.",
        interval=changed(lambda mean, half: (mean - half, mean + half) if half is not None else (mean, None)),
    ),
]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
