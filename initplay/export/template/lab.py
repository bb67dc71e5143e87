"""What a lesson that was taken home draws with: torch, numpy and matplotlib, and nothing of initplay.

`run(experiment, knob=value)` calls an experiment and shows what it drew; its results stay in `results`.
"""

from __future__ import annotations

import math
import random
import sys
from itertools import count
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch


class Range:  # depth: Range[1, 200] = 100 is a knob of the playground; here it is a number
    __class_getitem__ = classmethod(lambda cls, bounds: float)


LogRange = Range


class Chart:
    def __init__(self, name, x="", y="", log_x=False, log_y=False, reference=""):
        self.name, self.x, self.y, self.log_x, self.log_y = name, x, y, log_x, log_y
        self.reference, self.axes = reference, []
        self.curves, self.histograms, self.pictures = {}, [], []  # of the chart that is shown

    def at(self, x, y, theory=None, series="measured"):
        points = [(self, series, x, y)]
        return points if theory is None else [*points, (self, "theory", x, theory)]

    def band(self, x, low, mid, high, theory=None, series="measured"):
        ends = [(self, f"{series}, lowest", x, low), (self, f"{series}, highest", x, high)]
        return [*self.at(x, mid, theory, series), *ends]

    def histogram(self, tensor, at=0, range=None, theory=None):
        values = torch.as_tensor(tensor).detach().double().flatten().cpu()
        return [(self, "histogram", number(at), (values[values.isfinite()].numpy(), range, theory))]

    def image(self, tensor, at=0):
        return [(self, "picture", number(at), torch.as_tensor(tensor).detach().float().cpu().clone())]


class Table:
    def __init__(self, name, *columns, printed=None):
        self.name, self.columns, self.printed, self.count = name, columns, printed or {}, 0

    def row(self, *cells):
        others = {source: rows[self.count] for source, rows in self.printed.items()}
        self.count += 1
        named = dict(zip(self.columns, cells, strict=True))
        return Row(self.name, **{self.columns[0]: cells[0], **others, **named})


class Row:
    def __init__(self, table, /, **cells):
        self.table, self.cells = table, cells


class Note:
    def __init__(self, text):
        self.text = text


class Result:
    def __init__(self, /, **values):
        self.values = values


class Progress:
    def __init__(self, done, total, label=""):
        pass


def Axes(chart, x="", y="", log_x=False, log_y=False, reference=""):
    shown = charts.setdefault(chart, Chart(chart))
    shown.x, shown.y, shown.log_x, shown.log_y, shown.reference = x, y, log_x, log_y, reference
    return []


def Point(chart, x, y, series="measured"):
    return charts.setdefault(chart, Chart(chart)).at(x, y, series=series)


def Band(chart, x, low, mid, high, series="measured"):
    return charts.setdefault(chart, Chart(chart)).band(x, low, mid, high, series=series)


def Histogram(chart, tensor, at=0, range=None, theory=None):
    return charts.setdefault(chart, Chart(chart)).histogram(tensor, at, range, theory)


def Image(chart, tensor, at=0):
    return charts.setdefault(chart, Chart(chart)).image(tensor, at)


def yours(name, otherwise):
    return otherwise


def digits(split="validation"):
    """4,000 digits of MNIST to learn from and 1,000 held out: bytes (n, 784), labels (n,)."""
    rows = np.load(DIGITS)
    x, y = torch.from_numpy(rows["images"]).flatten(1), torch.from_numpy(rows["labels"]).long()
    return x[:4000], y[:4000], x[4000:], y[4000:]


def normalized_digits(split="validation"):
    """The same with mean 0 and std 1, by the mean and the std of the training digits."""
    x_train, y_train, x_valid, y_valid = digits(split)
    x_train, x_valid = x_train / 255, x_valid / 255
    mean, std = x_train.mean(), x_train.std()
    return (x_train - mean) / std, y_train, (x_valid - mean) / std, y_valid


DIGITS = Path(__file__).with_name("mnist_5k.npz")
charts, tables, notes, results = {}, {}, [], {}
numbers = count(1)  # of the pictures that are written


def run(experiment, *, seed=42, **knobs):
    """Call an experiment on a draw, and show what it drew."""
    for kept in (charts, tables, notes, results):
        kept.clear()
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    experiment(**knobs)
    show()


def draw(what):
    """Keep what an experiment hands over; numbers are read now, for a tensor may change later."""
    if isinstance(what, Row):
        tables.setdefault(what.table, []).append({name: plain(cell) for name, cell in what.cells.items()})
    elif isinstance(what, Note):
        notes.append(what.text)
    elif isinstance(what, Result):
        results.update({name: plain(value) for name, value in what.values.items()})
    elif isinstance(what, list):
        for chart, series, x, y in what:
            shown = charts.setdefault(chart.name, chart)
            if series == "histogram":
                shown.histograms.append((x, *y))
            elif series == "picture":
                shown.pictures.append((x, y))
            else:
                xs, ys = shown.curves.setdefault(series, ([], []))
                xs.append(number(x))
                ys.append(number(y))


def number(x):
    return float(x.detach() if isinstance(x, torch.Tensor) else x)


def plain(value):
    if isinstance(value, torch.Tensor):
        return value.detach().tolist()
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def show():
    drawn = [chart for chart in charts.values() if chart.curves or chart.histograms or chart.pictures]
    if drawn:
        columns = min(2, len(drawn))
        rows = math.ceil(len(drawn) / columns)
        _, places = plt.subplots(rows, columns, figsize=(6 * columns, 3.6 * rows), squeeze=False)
        for place in places.flat:
            place.set_visible(False)
        for place, chart in zip(places.flat, drawn, strict=False):
            place.set_visible(True)
            show_chart(place, chart)
        plt.tight_layout()
        present()
        plt.close()
    for text in notes:
        print("·", text)
    for name, rows in tables.items():
        show_table(name, rows)
    for name, value in results.items():
        print(f"{name} = {short(value)}")


def present():
    """On the screen; where there is none, as over SSH, in a picture beside this file."""
    if plt.get_backend().lower() != "agg":
        plt.show()
        return
    path = Path(__file__).with_name(f"{Path(sys.argv[0]).stem}-{next(numbers)}.png")
    plt.savefig(path)
    print(f"charts: {path.name}")


def show_chart(place, chart):
    place.set_title(chart.name)
    if chart.pictures:
        at, pixels = chart.pictures[-1]
        pixels = pixels.reshape(-1, *pixels.shape[-2:])
        place.imshow(torch.cat(list(pixels), dim=1), cmap="gray")
        place.axis("off")
        return
    for at, values, limits, theory in chart.histograms[:: max(1, math.ceil(len(chart.histograms) / 4))]:
        if not len(values):
            continue
        counts, edges = np.histogram(values, bins=60, range=limits)
        label = f"{chart.x} {at:g}".strip()
        place.stairs(counts / len(values), edges, label=label)
        if theory is not None:
            below = torch.as_tensor(theory(torch.from_numpy(edges)))
            place.stairs(below.diff().numpy(), edges, color="gray", linestyle="--")
    for series, (xs, ys) in chart.curves.items():
        dashed = series in ("theory", chart.reference)
        place.plot(xs, ys, "--" if dashed else ".-", label=series, color="gray" if dashed else None)
    if chart.log_x:
        place.set_xscale("log")
    if chart.log_y and chart.curves:
        place.set_yscale("log")
    place.set_xlabel("" if chart.histograms else chart.x)
    place.set_ylabel("share" if chart.histograms else chart.y)
    if place.get_legend_handles_labels()[0]:
        place.legend()


def show_table(name, rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns, *([short(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(columns))]
    print(f"\n{name}")
    for line in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def short(value):
    if isinstance(value, bool) or value is None:
        return {None: "-", True: "yes", False: "no"}[value]
    return f"{value:.4g}" if isinstance(value, float) else str(value)
