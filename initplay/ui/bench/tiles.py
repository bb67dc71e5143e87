"""What a run has to show, as tiles: one large, the others small beside each other below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from initplay.charts.draw import draw, place_of
from initplay.charts.guess import Guess, frame
from initplay.charts.history import history
from initplay.charts.sheet import Line, sentence
from initplay.charts.tables import table, whole_table
from initplay.look import ANY_TERMINAL, FPS, Look
from initplay.recording.differences import set_otherwise
from initplay.recording.run import Chart, Run
from initplay.ui.bench.tile_bar import TileBar
from initplay.ui.pages.reading import reading_of
from initplay.ui.widgets.plot import COLOURS, Plot

BEHIND = 0.5
"""Seconds between two drawings of a chart while something else comes first."""
MAX_SMALL = 3
ROWS_FOR_TWO = 16
"""From this height on there is a second row of tiles."""
COLUMNS_A_TILE = 36
COMES_LATER = "{}: later in this run"
"""In the place of what is awaited."""
SHOWS_ALL = "C: all of it"
"""Beside the name of a table that has not room for all."""


@dataclass(frozen=True)
class Tile:
    """One thing that can be drawn of a run."""

    kind: str
    """"chart", "history", "table"; "frame": a chart that no run has drawn yet, for a guess to stand in; or
    "awaited": what the run is about to show, and keeps its place for."""
    name: str

    @property
    def title(self) -> str:
        return f"{self.name}, all" if self.kind == "history" else self.name


@dataclass(frozen=True)
class View:
    """What is drawn: a run at a moment, with other runs behind it."""

    run: Run
    cursor: int | None = None
    """None follows the newest moment."""
    pinned: tuple[tuple[str, Run], ...] = ()
    ascii: bool = False
    guess: Guess | None = None
    """A prediction that is a place on a chart."""
    experiment: str = ""
    """What was run: a run that goes on has the frames of the one of the same before it."""
    shows: str = ""
    """What of it is in sight first; empty where that is what comes first in the run."""
    named: tuple[str, ...] = ()
    """What the text calls by name: it comes right behind the first, so that one key brings it."""

    @cached_property
    def apart(self) -> dict[str, list[str]]:
        """By their labels, what the pinned runs were set to otherwise than the one that is shown."""
        here = self.run.started
        both = ((label, other.started) for label, other in self.pinned)
        return {label: set_otherwise(here, there) for label, there in both if here and there}

    @property
    def runs(self) -> list[Run]:
        """Everything that is drawn."""
        return [self.run, *(run for _, run in self.pinned)]


def tiles_of(run: Run) -> list[Tile]:
    """Everything a run has to show, in the order in which it first appeared."""
    found = []
    for chart in run.charts.values():
        if chart.bins.items or chart.pictures.items or chart.curves:
            found.append(Tile("chart", chart.name))
        if len(chart.bins.items) > 1:
            found.append(Tile("history", chart.name))
    found += [Tile("table", name) for name in run.tables]
    return found


def in_order(tiles: list[Tile], shows: str, named: tuple[str, ...]) -> list[Tile]:
    """What the step shows, or else the first of them; then those that the text names, in its order; then the
    others."""
    first = [tile for tile in tiles if tile.title == shows] or tiles[:1]
    spoken_of = [tile for name in named for tile in tiles if tile.title == name]
    return list(dict.fromkeys(first[:1] + spoken_of + tiles))


def with_place_kept(tiles: list[Tile], view: View) -> list[Tile]:
    """Before them, while the run goes on, a place in the list for what is to be in sight first and has not
    come yet."""
    here = not view.shows or any(tile.title == view.shows for tile in tiles)
    if here or not tiles or view.run.ending is not None:
        return tiles
    return [Tile("awaited", view.shows), *tiles]


def frame_of(view: View) -> list[Tile]:
    """What stands there before the run draws: the chart that a guess is to be placed on, if there is such."""
    if view.guess is None or view.guess.span is None or view.run.ending is not None:
        return []
    return [Tile("frame", view.guess.chart)]


def lines_of(tile: Tile, view: View, width: int, height: int, *, large: bool = True) -> list[Line]:
    """The tile as exactly `height` lines of `width` columns; the large one says by which key all is seen."""
    run = view.run
    if tile.name not in (run.tables if tile.kind == "table" else run.charts) and tile.kind != "frame":
        words = COMES_LATER if tile.kind == "awaited" else "{}: nothing yet"
        return sentence(words.format(tile.name), width, height, view.ascii)
    if tile.kind == "table":
        rows = run.rows(tile.name, -1 if view.cursor is None else view.cursor)
        if not rows:  # where the cursor stands
            return sentence(f"{tile.name}: its rows come later in the run", width, height, view.ascii)
        # While rows come, and where the cursor stands among them, the newest is what one looks at.
        is_whole = run.ending is not None and len(rows) == len(run.tables[tile.name].items)
        lines = table(rows, width, height - 1, view.ascii, from_start=is_whole)
        left_out = large and (len(rows) > height or _leaves_out(rows, lines, width, view.ascii))
        return [_title_of(tile.name, width, left_out=left_out), *lines][:height]
    if tile.kind == "history":
        end = None if view.cursor is None else run.end(view.cursor)
        return history(run.charts[tile.name], width, height, end=end, ascii=view.ascii)
    chart, options = _chart_of(tile, view)
    return draw(chart, width, height, **options)


def _leaves_out(rows: Sequence[Mapping[str, Any]], lines: list[Line], width: int, ascii: bool) -> bool:
    """Whether that is not all there is of the table, for want of room."""
    whole = whole_table(rows, width, ascii)
    return lines[: len(whole)] != whole


def _title_of(name: str, width: int, *, left_out: bool) -> Line:
    """The name of a table and, where some of it has no room here, the key that shows all."""
    room = width - len(name) - len(SHOWS_ALL)
    if not left_out or room < 2:
        return [(name[:width].ljust(width), "title")]
    return [(name + " " * room, "title"), (SHOWS_ALL, "muted")]


def whole_lines_of(tile: Tile, view: View, width: int, height: int) -> list[Line]:
    """The tile with all the room there is: a table in full, whatever its height, all else as `lines_of`."""
    if tile.kind != "table" or tile.name not in view.run.tables:
        return lines_of(tile, view, width, height)
    rows = view.run.rows(tile.name, -1 if view.cursor is None else view.cursor)
    return [[(tile.name[:width], "title")], *whole_table(rows, width, view.ascii)]


def place_at(tile: Tile, view: View, width: int, height: int, column: int) -> float | None:
    """The x at a column of the tile as `lines_of` draws it; None where no guess may be placed on it."""
    guess = view.guess
    if tile.kind not in ("chart", "frame") or guess is None or guess.span is None or guess.chart != tile.name:
        return None
    if tile.kind == "chart" and tile.name not in view.run.charts:
        return None
    chart, options = _chart_of(tile, view)
    return place_of(column, chart, width, height, **options)


def _chart_of(tile: Tile, view: View) -> tuple[Chart, dict[str, Any]]:
    """A tile's chart, and how it is drawn."""
    run, name = view.run, tile.name
    guess = view.guess if view.guess and view.guess.chart == name else None
    options: dict[str, Any] = {"ascii": view.ascii, "guess": guess}
    if tile.kind == "frame" and guess is not None:
        return frame(guess), options
    options["apart"] = view.apart
    options["pinned"] = [(label, other.charts[name]) for label, other in view.pinned if name in other.charts]
    if view.cursor is not None:
        options |= {"end": run.end(view.cursor), "cursor": _place_on(run.charts[name], run, view.cursor)}
    return run.charts[name], options


def _place_on(chart: Chart, run: Run, cursor: int) -> float | None:
    """Where the cursor stands on a chart; None at a moment of others, whose x axis is another."""
    there = run.charts_at(cursor)
    alike = chart in there or any(other.axes.x == chart.axes.x for other in there)
    return run.position(cursor) if alike else None


class TilePlot(Plot):
    """One tile on the screen. Draws itself when told to, if anything changed since.

    A guess that may be placed on the large one follows the mouse while its button is down.
    """

    def __init__(self, colours: Widget, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(colours, id=id, classes=classes)
        self.tile: Tile | None = None
        self.dirty = False
        self.asked = False
        """Whether a key or a click wants it drawn, and not the run alone that goes on."""
        self.drawn_at = 0.0
        self._view: View | None = None
        self._dragging = False

    def set_tile(self, tile: Tile) -> None:
        if tile != self.tile:
            self.tile = tile
            self.dirty = self.asked = True

    def draw(self, view: View, now: float) -> None:
        self.dirty = self.asked = False
        self.drawn_at = now
        self._view = view
        if self.tile is not None and self.size.area:
            size = self.size
            self.show(lines_of(self.tile, view, size.width, size.height, large=self.id == "large"))

    def on_resize(self) -> None:
        self.dirty = self.asked = True
        self.post_message(Tiles.Wanted())

    def on_click(self) -> None:
        if self.tile is not None:
            self.post_message(Tiles.Chosen(self.tile))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and self.id == "large" and self._place(event.x) is not None:
            self._dragging = True
            self.capture_mouse()
            self._point_at(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._point_at(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragging:
            self._dragging = False
            self.release_mouse()
            self._point_at(event.x, final=True)

    def _point_at(self, column: int, *, final: bool = False) -> None:
        if (x := self._place(column)) is not None:  # a run may have settled it meanwhile
            self.post_message(Tiles.Pointed(x, final=final))

    def _place(self, column: int) -> float | None:
        if self.tile is None or self._view is None:
            return None
        return place_at(self.tile, self._view, self.size.width, self.size.height, column)


class Tiles(Vertical):
    """The charts of the bench. Shows a `View`; draws one tile at a time, each as often as its look has it."""

    COMPONENT_CLASSES = COLOURS

    class Wanted(Message):
        """Something is to be drawn."""

    class Chosen(Message):
        """The learner wants this tile large."""

        def __init__(self, tile: Tile) -> None:
            self.tile = tile
            super().__init__()

    class Pointed(Message):
        """The learner points at a place on the x axis for the guess; `final` when the button is let go."""

        def __init__(self, x: float, *, final: bool) -> None:
            self.x = x
            self.final = final
            super().__init__()

    def __init__(self, look: Look = ANY_TERMINAL, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look = look
        self._view: View | None = None
        self._shown: tuple[View, str, list[int]] | None = None
        """The view, what is said without charts, and how many events its runs had."""
        self._tiles: list[Tile] = []
        self._there: list[Tile] = []
        """Those of them that the run has drawn something of by now."""
        self._picked: Tile | None = None
        """The tile the learner wants large; until there is one, the one guessed about is, else the first that
        is there."""
        self._empty = "press r to run"

    def compose(self) -> ComposeResult:
        yield TileBar(self._look, id="tile-bar")
        yield TilePlot(self, id="large")
        with Horizontal(id="small"):
            for number in range(MAX_SMALL):
                yield TilePlot(self, id=f"small-{number}", classes="small")
        yield Static("", id="nothing-yet", markup=False)

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / (3 * max(FPS, self._look.fps)), self._draw_one, pause=True)
        self._arrange()

    def show(self, view: View, empty: str) -> None:
        """Show a run at a moment; `empty` is what is said while it has nothing to draw."""
        shown = (view, empty, [len(run.events) for run in view.runs])
        if shown == self._shown:
            return
        self._shown = shown
        new_run = self._view is None or self._view.run is not view.run
        asked = view != self._view or view.run.ending is not None
        of_run = tiles_of(view.run)
        tiles = self._tiles_for(view, of_run)
        drawn = set(of_run)
        there = [tile for tile in tiles if tile in drawn]
        self._view = view
        if new_run or (tiles, there, empty) != (self._tiles, self._there, self._empty):
            self._tiles, self._there, self._empty = tiles, there, empty
            self._arrange()
        for plot in self.walk_children(TilePlot):
            plot.dirty = True
            plot.asked |= asked
        self._timer.resume()

    def _tiles_for(self, view: View, of_run: list[Tile]) -> list[Tile]:
        """What the run has to show; while it goes on, all that the one before it of the same had, so that
        nothing jumps when the next chart comes."""
        tiles = in_order(of_run, view.shows, view.named) or frame_of(view)
        before = self._view
        goes_on = bool(view.experiment) and view.run.ending is None
        again = before is not None and before.experiment == view.experiment
        framed = frame_of(view) or any(tile.kind == "frame" for tile in self._tiles)
        spoken = before is not None and (before.shows, before.named) == (view.shows, view.named)
        awaited = goes_on and again and spoken and not framed and set(tiles) <= set(self._tiles)
        return self._tiles if awaited else with_place_kept(tiles, view)

    @property
    def _large(self) -> Tile | None:
        if self._picked in self._tiles:
            return self._picked
        marked = self._view.guess.chart if self._view and self._view.guess else ""
        about = (tile for tile in self._tiles if tile == Tile("chart", marked))
        return next(about, next(iter(self._there or self._tiles), None))

    @property
    def reading(self) -> str:
        """How to read the large tile; empty while there is none, or it has not come yet."""
        if not (self._large and self._view) or self._large.kind == "awaited":
            return ""
        chart = frame(self._view.guess) if self._large.kind == "frame" and self._view.guess else None
        return reading_of(self._large.kind, chart or self._view.run.charts.get(self._large.name))

    def whole(self) -> Callable[[int, int], list[Line]] | None:
        """What draws the large tile, as it stands by then, in any room; None while there is none."""
        return self._whole_lines if self._large and self._view else None

    def _whole_lines(self, width: int, height: int) -> list[Line]:
        # Asked for anew: what was awaited when the key was pressed may be there by now.
        return whole_lines_of(self._large, self._view, width, height) if self._large and self._view else []

    @property
    def drawn_of(self) -> object:
        """Equal as long as there is nothing new to draw; None where no more will come."""
        run = self._view.run if self._view else None
        return (id(run), len(run.events)) if run and run.started and run.ending is None else None

    def choose(self, tile: Tile) -> None:
        self._picked = tile
        self._arrange()

    def begin_anew(self) -> None:
        """Let go of what the learner chose: another text speaks of "the chart", which is the first."""
        self._picked = None
        self._arrange()

    def choose_next(self) -> bool:
        """Make the next tile that is there the large one, be it the same, which then stays; whether there is
        another, or will be."""
        if large := self._large:
            at = self._tiles.index(large) + 1
            ahead = self._tiles[at:] + self._tiles[:at]
            self.choose(next((tile for tile in ahead if tile in self._there), ahead[0]))
        return len(self._tiles) > 1

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def on_tiles_wanted(self) -> None:
        self._timer.resume()

    def on_tiles_chosen(self, message: Chosen) -> None:
        self.choose(message.tile)

    def on_tile_bar_picked(self, message: TileBar.Picked) -> None:
        if message.number < len(self._tiles):
            self.choose(self._tiles[message.number])

    def _arrange(self) -> None:
        """Give each plot its tile, as many as there is room for."""
        chosen = self._large  # once: it looks through all tiles, of which a run may have a thousand
        others = len(self._tiles) - (chosen is not None)
        fitting = min(MAX_SMALL, self.size.width // COLUMNS_A_TILE)
        two_rows = self.size.height >= ROWS_FOR_TWO and fitting > 1
        small = [tile for tile in self._tiles[: fitting + 1] if tile != chosen][:fitting] if two_rows else []
        large = self.query_one("#large", TilePlot)
        large.display = chosen is not None
        if chosen:
            large.set_tile(chosen)
        self.query_one("#small").display = bool(small)
        for number in range(MAX_SMALL):
            plot = self.query_one(f"#small-{number}", TilePlot)
            plot.display = number < len(small)
            if number < len(small):
                plot.set_tile(small[number])
        bar = self.query_one(TileBar)
        bar.display = others > len(small)
        if chosen:
            bar.show([tile.title for tile in self._tiles], self._tiles.index(chosen))
        nothing = self.query_one("#nothing-yet", Static)
        nothing.display = chosen is None
        nothing.update(self._empty, layout=False)
        self._timer.resume()  # for the plots that have another tile

    def _draw_one(self) -> None:
        """Draw the tile that has waited longest, if its time has come; rest when there is nothing left."""
        waiting = [plot for plot in self.walk_children(TilePlot) if plot.dirty and plot.display]
        if not waiting or self._view is None:
            self._timer.pause()
            return
        now = time.monotonic()
        due = [plot for plot in waiting if now - plot.drawn_at >= self._rest_of(plot)]
        if due:
            min(due, key=lambda plot: plot.drawn_at).draw(self._view, now)

    def _rest_of(self, plot: TilePlot) -> float:
        """The least seconds between two drawings: more while a key is answered that did not ask for it, and
        behind a page, where all of the page is painted again with it."""
        # Not `is_current`, which a screen is too when it lies next under another that may let it be seen.
        waits = getattr(self.app, "answering", False) or self.screen is not self.app.screen
        return BEHIND if waits and not plot.asked else 1 / self._fps_of(plot)

    def _fps_of(self, plot: TilePlot) -> float:
        """How often a second a tile may be drawn: the large one at once, where a key or a click wants it."""
        if plot.has_class("small"):
            return self._look.fps if plot.asked else self._look.small_fps
        return max(FPS, self._look.fps) if plot.asked else self._look.fps
