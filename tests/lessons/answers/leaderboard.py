"""What people write for `interval(accuracies)`."""

from rewriting import rewriting

STANDARD = """
import math, statistics, torch
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]
def interval(accuracies):
    n = len(accuracies)
    mean = sum(accuracies) / n
    if n == 1:
        return mean, None
    s = statistics.stdev(accuracies)
    return mean, T[n - 2] * s / math.sqrt(n)
"""
instead = rewriting(STANDARD)

T, S, MEAN, RETURN = (
    "T[n - 2]",
    "statistics.stdev(accuracies)",
    "sum(accuracies) / n",
    "return mean, T[n - 2] * s / math.sqrt(n)",
)

RIGHT = {
    "the standard": STANDARD,
    "a list": instead((RETURN, "return [mean, T[n - 2] * s / math.sqrt(n)]")),
    "torch": instead((MEAN, "torch.tensor(accuracies).mean()"), (S, "torch.tensor(accuracies).std()")),
    "torch, double, as tensors": instead(
        (MEAN, "torch.tensor(accuracies, dtype=torch.float64).mean()"),
        (S, "torch.tensor(accuracies, dtype=torch.float64).var().sqrt()"),
    ),
    "numpy": instead(
        (MEAN, "__import__('numpy').mean(accuracies)"), (S, "__import__('numpy').std(accuracies, ddof=1)")
    ),
    "a dict of t": instead((T, "{2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}[n]")),
    "t of more digits": instead(
        (T, "(12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462)[n - 2]")
    ),
    "root of all": instead((RETURN, "return mean, T[n - 2] * (s**2 / n) ** 0.5")),
    "loops": """
def interval(accuracies):
    total = 0
    for accuracy in accuracies:
        total += accuracy
    mean = total / len(accuracies)
    squares = 0
    for accuracy in accuracies:
        squares += (accuracy - mean) ** 2
    if len(accuracies) < 2:
        return mean, None
    t = [0, 0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365][len(accuracies)]
    return mean, t * (squares / (len(accuracies) - 1)) ** 0.5 / len(accuracies) ** 0.5
""",
    "a named tuple": """
from collections import namedtuple
import statistics
Interval = namedtuple("Interval", "mean half_width")
T = dict(zip(range(2, 9), [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]))
def interval(accuracies):
    n = len(accuracies)
    half = T[n] * statistics.stdev(accuracies) / n**0.5 if n > 1 else None
    return Interval(statistics.mean(accuracies), half)
""",
    "a tensor of two": """
import torch
T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]
def interval(accuracies):
    a = torch.tensor(accuracies)
    if len(a) == 1:
        return a.mean(), None
    return torch.stack([a.mean(), T[len(a) - 2] * a.std() / len(a) ** 0.5])
""",
}

WRONG = {
    "1.96": (instead((T, "1.96")), "1.96 is for"),
    "2": (instead((T, "2")), "You took 2"),
    "one-sided": (instead((T, "[6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895][n - 2]")), "on one side"),
    "99 %": (instead((T, "[63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499][n - 2]")), "for 99"),
    "t of n": (instead((T, "[4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306][n - 2]")), "one number more"),
    "T[n - 1]": (instead((T, "T[n - 1]")), "one number more"),
    "T[n]": (instead((T, "T[n]")), "yours gives"),
    "T[n - 3]": (instead((T, "T[n - 3]")), "yours gives"),
    "always the last t": (instead((T, "T[-1]")), "t of eight"),
    "always the first t": (instead((T, "T[0]")), "t of two"),
    "standard error": (instead((T, "1")), "without t"),
    "s alone": (instead((RETURN, "return mean, s")), "std itself"),
    "no root n": (instead((" / math.sqrt(n)", "")), "not divided by √n"),
    "n for its root": (instead(("math.sqrt(n)", "n")), "divided by n, not"),
    "root of n - 1": (instead(("math.sqrt(n)", "math.sqrt(n - 1)")), "√\\(n - 1\\)"),
    "s by n": (instead((S, "statistics.pstdev(accuracies)")), "std divides by n"),
    "s by n, numpy": (instead((S, "__import__('numpy').std(accuracies)")), "std divides by n"),
    "the variance": (instead((S, "statistics.variance(accuracies)")), "variance for the std"),
    "whole width": (instead((RETURN, "return mean, 2 * T[n - 2] * s / math.sqrt(n)")), "whole width"),
    "a quarter": (instead((RETURN, "return mean, T[n - 2] * s / math.sqrt(n) / 2")), "half of the half"),
    "half the range": (
        instead((RETURN, "return mean, (max(accuracies) - min(accuracies)) / 2")),
        "half the range",
    ),
    "the range": (instead((RETURN, "return mean, max(accuracies) - min(accuracies)")), "the range"),
    "by the right names": (
        instead((RETURN, "return {'mean': mean, 'half-width': T[n - 2] * s / math.sqrt(n)}")),
        "gave <a dict> where",
    ),
    "mean absolute deviation": (
        instead((S, "sum(abs(a - mean) for a in accuracies) / n")),
        "mean distance",
    ),
    "1.96 s": (instead((RETURN, "return mean, 1.96 * s")), "where single numbers lie"),
    "2 s": (instead((RETURN, "return mean, 2 * s")), "where single numbers lie"),
    "n - 1 for the root": (instead(("math.sqrt(n)", "(n - 1)")), "by n - 1, not"),
    "sum of squares": (instead((S, "sum((a - mean) ** 2 for a in accuracies) ** 0.5")), "divided by n alone"),
    "s by n, no root": (
        instead((S, "statistics.pstdev(accuracies)"), (" / math.sqrt(n)", "")),
        "divided by n alone",
    ),
    "worst": (instead((MEAN, "min(accuracies)")), "the worst"),
    "midrange": (instead((MEAN, "(min(accuracies) + max(accuracies)) / 2")), "middle between"),
    "upper end": (instead((RETURN, "return mean, mean + T[n - 2] * s / math.sqrt(n)")), "upper end"),
    "lower end": (instead((RETURN, "return mean, mean - T[n - 2] * s / math.sqrt(n)")), "lower end"),
    "negative": (instead((RETURN, "return mean, -T[n - 2] * s / math.sqrt(n)")), "yours gives -6"),
    "half-width in a list": (
        instead((RETURN, "return mean, [T[n - 2] * s / math.sqrt(n)]")),
        "half-width: it gave 1 result in a list or tuple where one number",
    ),
    "None as text": (instead(("return mean, None", "return mean, 'None'")), "it gave text where None"),
    "median": (instead((MEAN, "statistics.median(accuracies)")), "the median"),
    "best": (instead((MEAN, "max(accuracies)")), "the best"),
    "last": (instead((MEAN, "accuracies[-1]")), "yours gives"),
    "sum": (instead((MEAN, "sum(accuracies)")), "the sum"),
    "rounded": (
        instead((RETURN, "return round(mean, 1), round(T[n - 2] * s / math.sqrt(n), 1)")),
        "yours gives",
    ),
    "NaN for one": (instead(("return mean, None", "return mean, float('nan')")), "half-width of NaN"),
    "0 for one": (instead(("return mean, None", "return mean, 0.0")), "half-width of 0"),
    "inf for one": (instead(("return mean, None", "return mean, math.inf")), "infinite"),
    "no case for one, torch": (
        instead(
            ("    if n == 1:\n        return mean, None\n", ""),
            (S, "(torch.tensor(accuracies).var(correction=0) * n / torch.tensor(n - 1.0)) ** 0.5"),
            ("T[n", "T[-1 if n == 1 else n"),
        ),
        "half-width of NaN",
    ),
    "no case for one": (instead(("    if n == 1:\n        return mean, None\n", "")), "StatisticsError"),
    "None alone for one": (instead(("return mean, None", "return None")), "None"),
    "the mean alone for one": (instead(("return mean, None", "return mean")), "gave one number"),
    "the other way round": (
        instead((RETURN, "return T[n - 2] * s / math.sqrt(n), mean")),
        "yours gives",
    ),
    "both, the other way round": (
        instead(
            (RETURN, "return T[n - 2] * s / math.sqrt(n), mean"), ("return mean, None", "return None, mean")
        ),
        "other way round",
    ),
    "ends": (instead((RETURN, "h = T[n - 2] * s / math.sqrt(n)\n    return mean - h, mean + h")), "two ends"),
    "three": (
        instead((RETURN, "h = T[n - 2] * s / math.sqrt(n)\n    return mean - h, mean, mean + h")),
        "3 results",
    ),
    "half-width alone": (instead((RETURN, "return T[n - 2] * s / math.sqrt(n)")), "gave one number"),
    "by name": (
        instead((RETURN, "return {'mean': mean, 'half': T[n - 2] * s / math.sqrt(n)}")),
        "gave <a dict> where",
    ),
    "no return": (instead((RETURN, "mean, T[n - 2] * s / math.sqrt(n)")), "return"),
    "text": (instead((RETURN, "return f'{mean} ± {T[n - 2] * s / math.sqrt(n)}'")), "gave text"),
    "sorts": (instead(("    n = len", "    accuracies.sort()\n    n = len")), "changes the list"),
    "a shared s": (instead((S, "max(statistics.stdev(accuracies), 0.5)")), "yours gives"),
    "integers": (instead((MEAN, "sum(accuracies) // n")), "yours gives"),
    "1.96 and s by n": (instead((T, "1.96"), (S, "statistics.pstdev(accuracies)")), "and 1.96"),
    "no root, one-sided": (
        instead(
            (" / math.sqrt(n)", ""), ("T[n - 2]", "[6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895][n - 2]")
        ),
        "yours gives",
    ),
    "ignores T beyond four": (instead((T, "T[min(n, 4) - 2]")), "yours gives"),
}
