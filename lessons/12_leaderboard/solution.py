T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365]


def interval(accuracies):
    n = len(accuracies)
    mean = sum(accuracies) / n
    if n == 1:
        return mean, None
    variance = sum((a - mean) ** 2 for a in accuracies) / (n - 1)
    return mean, T[n - 2] * (variance / n) ** 0.5
