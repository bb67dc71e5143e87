"""Frames: what is drawn of a screen, and when."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from typing import Any

from rich.segment import Segment
from textual.app import App
from textual.cache import FIFOCache
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from initplay.ui.terminal.output import Output

Chops = dict[int, Strip | None]
"""The pieces of a line of the screen, by the column at which each begins."""


def draw_no_faster_than_it_is_read() -> None:
    """Paint no frame while the terminal has not taken the last one; then paint what has changed by then.

    Textual queues thirty frames and then blocks until the terminal has read some: over a line that is slower
    than the charts, a key would be answered seconds later. What has changed stays marked in the compositor,
    so that frames are left out, and no change of the screen is.
    """
    refresh = getattr(Screen, "_compositor_refresh", None)
    if refresh is None:
        return

    def refresh_when_read(screen: Screen) -> None:
        output = _output_of(screen.app)
        dirty = getattr(screen, "_dirty_widgets", None)
        compositor = getattr(screen, "_compositor", None)
        if output is not None and dirty is not None and compositor is not None:
            # Those that became dirty since Textual's last look would be forgotten undrawn.
            compositor.update_widgets(dirty)
            if screen is screen.app.screen:
                # The writer's thread knows no app; and it may be done, and never call, before this is set.
                context, app = copy_context(), screen.app
                output.when_taken = lambda: context.run(_draw, app)
                if output.busy:
                    dirty.clear()  # the compositor has them
                    return
                output.when_taken = None
        refresh(screen)

    Screen._compositor_refresh = refresh_when_read  # type: ignore[method-assign]


def paint_now(screen: Screen) -> None:
    """Paint what has changed. Textual looks for that 60 times a second, and is about to."""
    paint = getattr(screen, "_on_timer_update", None)
    if paint is not None:
        paint()


def _output_of(app: App[object]) -> Output | None:
    """None where nothing is written: before the first screen, and in tests without a terminal."""
    return getattr(getattr(app, "_driver", None), "output", None)


def _draw(app: App[object]) -> None:
    """Draw what the screen has to draw, if the app has not left meanwhile."""
    if (output := _output_of(app)) is not None:
        output.when_taken = None
    if not app.is_running or not app.screen_stack:
        return
    if getattr(app, "_batch_count", 0):  # nothing is painted now: all of it when the batch is over
        app.screen.refresh()
    else:
        app.screen._compositor_refresh()


def forget_what_was_dirty(widget: Widget) -> None:
    """To be called when a widget that draws its own lines has drawn them.

    Textual forgets which regions were to be drawn as it renders, which such a widget never has it do: each
    region of a live chart would be kept for good, 50 of every run.
    """
    regions = getattr(widget, "_dirty_regions", None)
    if regions is not None:
        regions.clear()


def lines_of(screen: Screen) -> list[Strip] | None:
    """What a screen shows, as lines."""
    render = getattr(getattr(screen, "_compositor", None), "render_strips", None)
    return render() if render else None


def draw_what_is_in_sight() -> None:
    """Ask a widget for the lines that are to be painted and that nothing in front of it covers there.

    Textual asks each for all its lines, and drops what is covered: under a lesson lie seven screens' worth of
    blank containers, and behind a page the whole lesson. It also draws each line of a frame, though they are
    the same, and of a line that is to be painted all, though a part is to be.
    """
    try:
        from textual._compositor import Compositor
    except ImportError:
        return
    if not (hasattr(Compositor, "_render_chops") and hasattr(Compositor, "visible_widgets")):
        return

    def draw(compositor: Compositor, crop: Region, is_painted: Callable[[int], bool]) -> list[Chops]:
        cuts = compositor.cuts
        chops: list[Chops] = [dict.fromkeys(columns[:-1]) for columns in cuts]
        for widget, (region, clip) in compositor.visible_widgets.items():  # the front first
            seen = region.intersection(clip)
            if not seen.overlaps(crop):
                continue
            rows = {}
            for y in seen.line_range:
                if is_painted(y):
                    columns = _pieces_within(cuts[y], seen.intersection(crop))
                    if any(chops[y][x] is None for x in columns[:-1]):
                        rows[y] = columns
            if not rows:
                continue
            left, right = min(row[0] for row in rows.values()), max(row[-1] for row in rows.values())
            top, last = min(rows), max(rows)
            wanted = Region(left - region.x, top - region.y, right - left, last + 1 - top)
            lines = _frame(widget, wanted) if _has_but_a_frame(widget) else widget.render_lines(wanted)
            for y, columns in rows.items():
                begins = columns[0] > left  # with a piece that is not seen
                pieces = lines[y - top].divide([x - left for x in columns[not begins :]])[begins:]
                for x, piece in zip(columns, pieces, strict=False):
                    if chops[y][x] is None:
                        chops[y][x] = piece
        return chops

    Compositor._render_chops = draw  # type: ignore[method-assign, assignment]


def paint_what_a_look_has_moved() -> None:
    """Paint what has another place in a layout that is made for a look at where a widget is, and have the
    next layout tell it so.

    Textual makes one where it knows of a widget that is not in the last, and takes it for what was painted.
    So what had moved or come by then was never painted, nor told its size: the next layout found all of it in
    its place. A chart stayed that of another experiment, for it is drawn when it is told its size.
    """
    try:
        from textual._compositor import Compositor
    except ImportError:
        return
    get = getattr(vars(Compositor).get("full_map"), "fget", None)
    lay_out = getattr(Compositor, "reflow", None)
    if get is None or lay_out is None or not vars(Compositor()).keys() >= _USED_BY_LOOKS:
        return

    def look_and_mark(compositor: Compositor) -> Mapping[Widget, Any]:
        if not compositor._full_map_invalidated:  # as at nearly all looks, of which each key has many
            return get(compositor)
        laid_out = compositor._full_map
        painted = _places(compositor._visible_map or laid_out)
        found = get(compositor)
        if found is not laid_out:
            moved = {clip.intersection(region) for _, region, clip in painted ^ _places(found)}
            if any(moved):  # else a frame is cut as the last one was, which takes long to find out
                compositor._cuts = compositor._layers = compositor._layers_visible = None
                compositor._dirty_regions.update(filter(None, moved))
            both = found.keys() & laid_out.keys()
            shown, resized = _untold(compositor)
            shown |= found.keys() - laid_out.keys()
            resized |= {one for one in both if found[one].region.size != laid_out[one].region.size}
        return found

    def lay_out_and_tell(compositor: Compositor, parent: Widget, size: Size) -> Any:
        told = lay_out(compositor, parent, size)
        for widgets, those_of_looks in zip((told.shown, told.resized), _untold(compositor), strict=True):
            widgets.update(those_of_looks & compositor._full_map.keys())
            those_of_looks.clear()
        return told

    Compositor.full_map = property(look_and_mark)  # type: ignore[method-assign, assignment]
    Compositor.reflow = lay_out_and_tell  # type: ignore[method-assign]


_USED_BY_LOOKS = {"_full_map", "_full_map_invalidated", "_visible_map", "_cuts", "_layers", "_layers_visible"}


def _places(laid_out: Mapping[Widget, Any]) -> set[tuple[Widget, Region, Region]]:
    """Where each widget is, and what is seen of it; not in which order, which differs after a scroll."""
    return {(widget, place.region, place.clip) for widget, place in laid_out.items()}


def _untold(compositor: object) -> tuple[set[Widget], set[Widget]]:
    """What looks have found shown, and of another size, since the last layout: kept as long as it is."""
    kept: tuple[set[Widget], set[Widget]] = vars(compositor).setdefault("untold_of_looks", (set(), set()))
    return kept


def _pieces_within(cuts: list[int], seen: Region) -> list[int]:
    """The columns at which the pieces of a line begin that are seen in part, and the end of the last."""
    first, last = bisect_right(cuts, seen.x) - 1, bisect_left(cuts, seen.right)
    return cuts[first : last + 1]


def paint_no_screen_for_its_focus() -> None:
    """What has the keyboard, or loses it, is painted for that; Textual paints all of the screen with it."""
    focused = vars(Screen).get("focused")
    if focused is not None and hasattr(focused, "_repaint"):
        focused._repaint = False


def _has_but_a_frame(widget: Widget) -> bool:
    """Whether a widget draws nothing itself but what is around the widgets in it."""
    kind, styles = type(widget), widget.styles
    return (
        kind.render is Widget.render
        and kind.render_line is Widget.render_line
        and kind.render_lines is Widget.render_lines
        and widget.is_container
        and styles.keyline[0] == "none"
        and styles.padding.height == 0
    )


def _frame(widget: Widget, crop: Region) -> list[Strip]:
    """The lines of one that has but a frame: of those between the first and the last, one is drawn."""
    last = widget.region.height - 1
    drawn: dict[int, Strip] = {}
    lines = []
    for y in crop.line_range:
        kind = y if y in (0, last) else 1
        if kind not in drawn:
            (drawn[kind],) = widget.render_lines(Region(crop.x, y, crop.width, 1))
        lines.append(drawn[kind])
    return lines


def make_strips_lightly() -> None:
    """Make the caches of a piece of a line when they are used: each has seven, and few use one."""
    few = ("_crop_extend_cache", "_divide_cache", "_filter_cache", "_line_length_cache", "_offsets_cache")
    sizes = {"_crop_cache": 16, "_style_cache": 16, **dict.fromkeys(few, 4)}
    others = {"_cell_count", "_cell_length", "_link_ids", "_render_cache", "_segments"}
    if set(getattr(Strip, "__slots__", ())) != sizes.keys() | others:
        return

    def make(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
        strip._segments = list(segments)
        strip._cell_length = cell_length
        strip._render_cache = strip._link_ids = strip._cell_count = None

    def make_cache(strip: Strip, name: str) -> FIFOCache[Any, Any]:
        if name not in sizes:
            raise AttributeError(name)
        cache: FIFOCache[Any, Any] = FIFOCache(sizes[name])
        setattr(strip, name, cache)
        return cache

    Strip.__init__ = make  # type: ignore[method-assign]
    Strip.__getattr__ = make_cache  # type: ignore[attr-defined]
