"""What it takes to draw each kind of chart at 100 x 30, the first time: the processor's time."""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator

from benchmarks.figures import Figure, median
from initplay.charts import dots
from initplay.charts.draw import draw
from initplay.charts.history import history
from initplay.charts.sheet import Line
from initplay.charts.tables import table
from initplay.lab.events import Band, Bins, Picture, Point, Recorded
from initplay.recording.run import Chart, Run
from initplay.worker.named import MAX_CURVES

WIDTH, HEIGHT = 100, 30
MOST = 0.010
TWELVE = "abcdefghijkl"


def drawing(quick: bool) -> Iterator[Figure]:
    times = 5 if quick else 25
    for what, once in drawings().items():
        drawn = said_to_be_drawn(once())  # and plotext is imported at the first one
        taken = [timed(once) for _ in range(times)]
        yield median(f"drawing {what}{drawn}, {WIDTH} x {HEIGHT}", taken, MOST)


def said_to_be_drawn(sheet: list[Line]) -> str:
    """Of a crowd: ", 31 of 40 drawn"."""
    said = re.search(r"\d+ of \d+ drawn", " ".join(text for line in sheet for text, _ in line))
    return f", {said[0]}" if said else ""


def drawings() -> dict[str, Callable[[], list[Line]]]:
    three = chart_of([point for name in "abc" for point in curve(name, 300)])
    longer = chart_of([point for name in "abc" for point in curve(name, 4_000)])
    pinned_three, pinned_twelve = runs_of("abc"), runs_of(TWELVE)
    long = chart_of(curve("loss", 100_000))
    twelve = chart_of([point for name in TWELVE for point in curve(name, 300)])
    crowd = chart_of([point for name in TWELVE for point in curve(name, 1_000)])
    crowd_of_long = chart_of([point for name in TWELVE for point in curve(name, 4_000)])
    noise = chart_of([point for name in TWELVE for point in gaps(name, 1_000)])
    bands = chart_of([band(name, x) for name in "abc" for x in range(300)])
    twelve_bands = chart_of([band(name, x) for name in TWELVE for x in range(300)])
    noisy_bands = chart_of([one for name in TWELVE for one in noise_band(name, 1_000)])
    line_of_noise = chart_of(gaps("loss", 1_000, every=1_001))
    most = [str(number) for number in range(MAX_CURVES)]
    most_of_long = chart_of([point for name in most for point in curve(name, 10_000)])
    most_of_odd = chart_of([point for name in most for point in gaps(name, 1_000, own_x=True)])
    pinned_most = runs_of(most)
    forty = chart_of([point for number in range(40) for point in curve(str(number), 1_000)])
    crowded = chart_of([point for number in range(100) for point in curve(str(number), 30)])
    histograms = chart_of([bins(at) for at in range(100)])
    more_histograms = chart_of([bins(at) for at in range(13_000)])  # a run keeps hardly more
    pictures = chart_of([Picture("chart", 0, 8, 28, 28, 0.0, 1.0, random.Random(1).randbytes(8 * 28 * 28))])
    sentences = [{f"column {number}": "a sentence that goes on below " * 3 for number in range(12)}] * 1_000
    names = [{f"column {number}": number} for number in range(1_000)]
    rows = [{"layer": number, "theory": 1.0, "you": number / 7} for number in range(40)]
    return {
        "three curves of 300 points": lambda: draw(three, WIDTH, HEIGHT),
        "three curves of 4,000 points": lambda: draw(longer, WIDTH, HEIGHT),
        "a curve of 100,000 points": lambda: draw(long, WIDTH, HEIGHT),
        "twelve curves of 300 points": lambda: draw(twelve, WIDTH, HEIGHT),
        "twelve curves of 1,000 points": lambda: draw(crowd, WIDTH, HEIGHT),
        "twelve curves of 4,000 points": lambda: draw(crowd_of_long, WIDTH, HEIGHT),
        "twelve curves of noise, every third of 1,000 NaN": lambda: draw(noise, WIDTH, HEIGHT),
        "three bands of 300 points": lambda: draw(bands, WIDTH, HEIGHT),
        "twelve bands of 300 points": lambda: draw(twelve_bands, WIDTH, HEIGHT),
        "three curves before three runs of three": lambda: draw(three, WIDTH, HEIGHT, pinned=pinned_three),
        "twelve curves before three runs of twelve": lambda: draw(
            twelve, WIDTH, HEIGHT, pinned=pinned_twelve
        ),
        "twelve bands of noise, 1,000 points": lambda: draw(noisy_bands, WIDTH, HEIGHT),
        "a curve of noise, 1,000 points": lambda: draw(line_of_noise, WIDTH, HEIGHT),
        "forty curves of 1,000 points": lambda: draw(forty, WIDTH, HEIGHT),
        "a hundred curves of 30 points": lambda: draw(crowded, WIDTH, HEIGHT),
        f"{MAX_CURVES} curves of 10,000 points": lambda: draw(most_of_long, WIDTH, HEIGHT),
        f"{MAX_CURVES} curves, each of x of its own, every third of 1,000 NaN": lambda: draw(
            most_of_odd, WIDTH, HEIGHT
        ),
        f"three curves before three runs of {MAX_CURVES}": lambda: draw(
            three, WIDTH, HEIGHT, pinned=pinned_most
        ),
        "a histogram of 60 bins": lambda: draw(histograms, WIDTH, HEIGHT),
        "a history of 100 histograms": lambda: history(histograms, WIDTH, HEIGHT),
        "a history of 13,000 histograms": lambda: history(more_histograms, WIDTH, HEIGHT),
        "eight digits": lambda: draw(pictures, WIDTH, HEIGHT),
        "a table of 40 rows": lambda: table(rows, WIDTH, HEIGHT),
        "a table of 1,000 rows, each with a column of its own": lambda: table(names, WIDTH, HEIGHT),
        "a table of 1,000 rows of twelve sentences": lambda: table(sentences, WIDTH, HEIGHT),
    }


def chart_of(events: list[Recorded]) -> Chart:
    run = Run()
    for event in events:
        run.add(event)
    return run.charts["chart"]


def curve(name: str, count: int, seed: int = 0) -> list[Recorded]:
    noise = random.Random(f"{name}{seed or ''}")
    return [Point("chart", x, math.exp(-3 * x / count) + noise.gauss(0, 0.05), name) for x in range(count)]


def runs_of(names: Iterable[str]) -> list[tuple[str, Chart]]:
    """Three runs to be pinned, of which each is another draw."""
    return [
        (f"run {run}", chart_of([point for name in names for point in curve(name, 300, seed=run)]))
        for run in range(1, 4)
    ]


def gaps(name: str, count: int, every: int = 3, *, own_x: bool = False) -> list[Recorded]:
    noise = random.Random(name)
    points: list[Recorded] = []
    for number in range(count):
        x = number + noise.random() if own_x else number
        y = math.nan if number % every == every - 1 else noise.random()
        points.append(Point("chart", x, y, name))
    return points


def noise_band(name: str, count: int) -> list[Recorded]:
    noise = random.Random(name)
    middles = [noise.random() for _ in range(count)]
    return [
        Band("chart", x, mid - noise.random(), mid, mid + noise.random(), name)
        for x, mid in enumerate(middles)
    ]


def band(name: str, x: int) -> Recorded:
    mid = math.sin(x / 30 + ord(name))
    return Band("chart", x, mid - 0.3, mid, mid + 0.5, name)


def bins(at: int) -> Recorded:
    spread = 1 + at / 20
    counts = [round(1000 * math.exp(-(((number - 29.5) / 10) ** 2))) for number in range(60)]
    return Bins("chart", at, -3 * spread, 3 * spread, counts)


def timed(draw: Callable[[], object]) -> float:
    dots.forget()
    began = time.process_time()
    draw()
    return time.process_time() - began
