"""A chart of a recording as a picture for slides."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from initplay.commands.root import Failure, Wrong
from initplay.words.whole import write_whole

if TYPE_CHECKING:
    from initplay.recording.run import Chart, Run

SUFFIXES = (".svg", ".png")
SIZE = (100, 30)
"""Columns and rows that it is drawn at."""
SCALE = 2
"""Pixels of a PNG for one of the SVG: a slide is shown large."""
CONVERTERS = {
    "rsvg-convert": ("--zoom", f"{SCALE}"),
    "cairosvg": ("-", "--scale", f"{SCALE}", "--format", "png"),
}
"""Programs that make a PNG on stdout of the SVG on their stdin, and their arguments."""


def write_picture(run: Run, file: Path, name: str | None, at: float | None) -> None:
    """Write a chart, by default the first, as it stood at a place on its x axis, by default the last."""
    from initplay.charts.draw import draw
    from initplay.charts.svg import as_svg

    if file.suffix not in SUFFIXES:
        raise Wrong(f"{file} ends in neither .svg nor .png: name it so.")
    chart = _chart(run, name)
    end = None if at is None else run.end(_moment(run, chart, at))
    svg = as_svg(draw(chart, *SIZE, end=end, cursor=at), chart.name)
    try:
        write_whole(file, svg.encode() if file.suffix == ".svg" else _as_png(svg))
    except OSError as error:
        raise Failure(f"{file} cannot be written ({error.strerror}).") from error


def _chart(run: Run, name: str | None) -> Chart:
    from initplay.words.nearest import did_you_mean

    if not run.charts:
        raise Wrong("This run drew no chart: there is nothing to make a picture of.")
    if name is None:
        return next(iter(run.charts.values()))
    if name not in run.charts:
        raise Wrong(
            f"No chart {name!r}{did_you_mean(name, list(run.charts))}: there are {', '.join(run.charts)}."
        )
    return run.charts[name]


def _moment(run: Run, chart: Chart, at: float) -> int:
    """The last moment in which the chart was drawn on at that place."""
    from initplay.words.numbers import short

    drawn = [
        (run.position(moment), moment) for moment in range(run.moments) if chart in run.charts_at(moment)
    ]
    found = [moment for position, moment in drawn if position == at]
    if not found:
        places = [position for position, _ in drawn if position is not None]
        axis = chart.axes.x or "x"
        reach = f"from {short(min(places))} to {short(max(places))}" if places else "nowhere"
        raise Wrong(f"{chart.name} has nothing at {axis} {short(at)}: it is drawn {reach}.")
    return found[-1]


def _as_png(svg: str) -> bytes:
    program = next((program for program in CONVERTERS if shutil.which(program)), None)
    if program is None:
        raise Failure(
            f"A .png is made by {' or '.join(CONVERTERS)}, and neither is here: install one "
            "(the package librsvg2-bin has the first), or ask for an .svg."
        )
    command = [program, *CONVERTERS[program]]
    done = subprocess.run(command, input=svg.encode(), capture_output=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise Failure(f"{program} made no picture: {said[:200]}.")
    return done.stdout
