"""Every use of a private part of Textual, and every method of Textual that is replaced: all are here.

Each is guarded: in a Textual without it, Textual's own behaviour remains and the program starts. Written for
Textual 8.2.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import selectors
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from inspect import signature
from itertools import count
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.segment import Segment
from textual import constants, events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.cache import FIFOCache, LRUCache
from textual.color import Color
from textual.css.model import RuleSet
from textual.css.query import NoMatches
from textual.css.styles import RenderStyles, RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.driver import Driver
from textual.geometry import Offset, Region, Spacing
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import WorkerFailed

from initplay.ui.terminal.input import Pasted, Sequence, Splitter
from initplay.ui.terminal.output import Output

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser
    from textual.widgets import TextArea


Chops = dict[int, Strip | None]
"""The pieces of a line of the screen, by the column at which each begins."""
SOURCES = 256
"""Of styles: one for each kind of widget, and the sheet."""
SHEETS = 32
"""Sets of rules: for each theme that was looked at, one for each kind of widget that came."""
PLACES = 4096
"""Of widgets and their component classes, by one set of rules."""


# Keys


def parser_class() -> type[XTermParser] | None:
    """Textual's parser of keys, mouse reports and the rest."""
    try:
        from textual._xterm_parser import XTermParser
    except ImportError:
        return None
    return XTermParser if hasattr(XTermParser, "feed") and hasattr(XTermParser, "tick") else None


class Keys:
    """Textual's parser, fed with what `Splitter` lets through."""

    def __init__(self, parser_class: type[XTermParser]) -> None:
        self._parser = parser_class()
        self._splitter = Splitter(constants.ESCAPE_DELAY)

    def read(self, text: str) -> Iterator[Message]:
        """The messages that `text` makes; to be called with an empty one, too, for what ends by a timeout."""
        now = time.monotonic()
        for piece in self._splitter.feed(text, now) if text else self._splitter.tick(now):
            if isinstance(piece, Sequence):  # one that it made a key of, it has forgotten
                self._begin_again()
            elif isinstance(piece, Pasted):
                yield events.Paste(piece.text)
            else:
                yield from self._read(piece)
        yield from self._parser.tick()

    def _read(self, text: str) -> Iterator[Message]:
        for character in text:
            try:
                yield from self._parser.feed(character)
            except (ValueError, ArithmeticError):
                # A key with the number of no character, a report of a window without pixels: it dies of them.
                self._begin_again()

    def _begin_again(self) -> None:
        """Forget the sequence that is half read, and nothing else."""
        known = vars(self._parser)
        self._parser = type(self._parser)()
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            if name in known:
                setattr(self._parser, name, known[name])


# The terminal


def driver_class() -> type[Driver] | None:
    """Our driver for a terminal; None where Textual is to choose one."""
    if constants.DRIVER is not None:  # another is asked for
        return None
    try:
        from textual.drivers.linux_driver import LinuxDriver
    except ImportError:  # on this system there is none such
        return None

    class TerminalDriver(LinuxDriver):
        """Textual's, for terminals that send anything, read slowly, and go away."""

        output: Output | None = None
        reads = False
        suspending = False
        over = False
        """Whether it has left the terminal for good."""

        def __init__(self, app: App[object], **options: Any) -> None:
            self.loop = asyncio.get_running_loop()
            super().__init__(app, **options)
            self.leave = partial(app.call_later, app.exit)
            self.draw_all = partial(app.call_later, app.refresh, layout=True)
            file = getattr(self, "_file", None)
            if file is not None:
                self.output = Output(file)
                self._file = self.output

        # A signal comes at any point of the loop's thread, which may hold a lock that these need, as the
        # queue of what is to be written has one. So they wait for the loop. While an editor has the terminal,
        # nothing is written, and the two are to be stopped together.

        def _sigtstp_application(self, *_: object) -> None:
            if getattr(self, "_auto_restart", True):
                self.loop.call_soon_threadsafe(super()._sigtstp_application)
            else:
                super()._sigtstp_application()

        def _sigcont_application(self, *_: object) -> None:
            if getattr(self, "_auto_restart", True):
                self.loop.call_soon_threadsafe(super()._sigcont_application)

        def start_application_mode(self) -> None:
            if self.output is not None:
                self.output.begin()
            self.reads = True
            super().start_application_mode()

        def stop_application_mode(self) -> None:
            self.over = not self.suspending
            super().stop_application_mode()

        def suspend_application_mode(self) -> None:
            if self.over:  # ctrl+z comes, too, when it has left the terminal and is not gone yet
                return
            self.suspending = True
            super().suspend_application_mode()
            self.suspending = False

        def resume_application_mode(self) -> None:
            if self.over:
                return
            # SIGCONT comes after SIGSTOP, too, of which nobody was told: two threads would read the keys.
            if self.reads:
                self.suspend_application_mode()
            super().resume_application_mode()
            self.draw_all()  # the terminal is empty now, and Textual draws what has changed

        def close(self) -> None:
            self.reads = False
            super().close()

        def write(self, data: str) -> None:
            if not self.reads:  # stopped, or about to go on: nobody writes, and the queue would fill up
                return
            if self.output is not None:
                self.output.expect()
            super().write(data)

        def run_input_thread(self) -> None:
            parser = parser_class()
            if parser is None or not (hasattr(self, "exit_event") and hasattr(self, "fileno")):
                super().run_input_thread()
                return
            keys = Keys(parser)
            # Old mouse reports past column 95, which tmux sends, are not UTF-8 (Textualize/textual#6668).
            decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                while not self.exit_event.is_set():
                    text = ""
                    if selector.select(0.1):
                        data = self.received()
                        if not data:
                            self.leave()
                            return
                        text = decode(data)
                    for event in keys.read(text):
                        self.process_message(event)

        def received(self) -> bytes:
            """Empty when the terminal is gone."""
            try:
                return os.read(self.fileno, 4096)
            except OSError:
                return b""

    return TerminalDriver


# Frames


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
    """Ask a widget for the lines that are to be painted and that nothing in front of it covers.

    Textual asks each for all its lines, and drops what is covered: under a lesson lie seven screens' worth of
    blank containers, and behind a page the whole lesson. It also draws each line of a frame, though they are
    the same.
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
            left, right = seen.column_span
            edges = {y: [x for x in cuts[y] if left <= x <= right] for y in seen.line_range if is_painted(y)}
            rows = [y for y in edges if any(chops[y][x] is None for x in edges[y][:-1])]
            if not rows:
                continue
            wanted = Region(left - region.x, rows[0] - region.y, seen.width, rows[-1] + 1 - rows[0])
            lines = _frame(widget, wanted) if _has_but_a_frame(widget) else widget.render_lines(wanted)
            for y in rows:
                pieces = lines[y - rows[0]].divide([x - left for x in edges[y][1:]])
                for x, piece in zip(edges[y], pieces, strict=False):
                    if chops[y][x] is None:
                        chops[y][x] = piece
        return chops

    Compositor._render_chops = draw  # type: ignore[method-assign, assignment]


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


def text_area_class() -> type[TextArea]:
    """Textual's, that makes and paints no line anew which is as it was.

    Textual makes and paints all that are in sight for each letter, and paints all at a move of the cursor.
    """
    from textual.widgets import TextArea  # which takes a while to import, and only the editor needs it

    class LightTextArea(TextArea):
        """For a text whose lines are not wrapped."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._drawn: dict[int, Strip] = {}
            """What each line in sight was when it was painted last."""
            self._paints = False
            self._lines: _KeptLines | None = None
            of_texts = ("_line_cache", "_highlights", "_build_highlight_map")
            if all(hasattr(self, name) for name in of_texts):
                self._line_cache = self._lines = _KeptLines()

        def _line_of(self, y: int) -> Strip:
            """What there is to see in a line of the widget."""
            if self._lines is not None:
                row = self.scroll_offset.y + y
                text = self.document.get_line(row) if row < self.document.line_count else ""
                colours = tuple(self._highlights[row]) if row in self._highlights else ()
                self._lines.look = (text, colours, self.virtual_size.width, self.gutter_width)
            return self.dressed(y, super().render_line(y))

        def dressed(self, y: int, strip: Strip) -> Strip:
            """What else there is to see in a line of the widget."""
            return strip

        def render_line(self, y: int) -> Strip:
            strip = self._line_of(y)
            if self._paints:
                self._drawn[y] = strip
            return strip

        def render_lines(self, crop: Region) -> list[Strip]:
            self._paints = True
            try:
                return super().render_lines(crop)
            finally:
                self._paints = False

        def edit(self, edit: Any) -> Any:
            if self._lines is not None:
                self._lines.outlive_an_edit = not self.soft_wrap
            try:
                return super().edit(edit)
            finally:
                if self._lines is not None:
                    self._lines.outlive_an_edit = False

        def notify_style_update(self) -> None:
            self._drawn.clear()
            super().notify_style_update()

        def _exchange_repaint_regions(self) -> Collection[Region]:
            regions = super()._exchange_repaint_regions()
            if self.styles.gutter != Spacing():  # there is more to it than its lines
                return regions
            width, height = self.size
            rows = {y for region in regions for y in region.line_range if 0 <= y < height}
            drawn = self._drawn  # not what is to be styled anew, which it is when it is painted
            return [Region(0, y, width, 1) for y in rows if y not in drawn or drawn[y] != self._line_of(y)]

    return LightTextArea


class _KeptLines(LRUCache[tuple[object, ...], Strip]):
    """Textual's lines of a text, each with what it was made from: an edit leaves what is as it was."""

    outlive_an_edit = False
    look: tuple[object, ...] = ()
    """Of the line that is asked for."""

    def __init__(self) -> None:
        super().__init__(1024)

    def get(self, key: tuple[object, ...], default: Any = None) -> Any:
        return super().get((key, self.look), default)

    def __setitem__(self, key: tuple[object, ...], value: Strip) -> None:
        super().__setitem__((key, self.look), value)

    def clear(self) -> None:
        if not self.outlive_an_edit:
            super().clear()


# Styles


def stylesheet(variables: dict[str, str]) -> Stylesheet:
    """One that remembers what it has found, and takes a widget's colours for one change.

    Textual's parses a theme each time that it is chosen, looks for a widget's rules anew though there was one
    at this place before, sets each of them though it is as it was, makes a node for each component class
    though few are drawn with, and has all that is in a widget drawn anew for each of its twenty colours.
    """
    of_sheets = ("_process_component_classes",)
    of_nodes = ("_attach", "_component_styles", "_get_component_classes", "_has_focus_within")
    of_nodes += ("_has_hover_style", "_has_odd_or_even", "_has_order_style")
    sheet, node = Stylesheet(), DOMNode()
    if not (
        hasattr(sheet, "_parse_cache")
        and all(hasattr(sheet, name) for name in of_sheets)
        and all(hasattr(node, name) for name in of_nodes)
    ):
        return Stylesheet(variables=variables)

    class KeptStylesheet(Stylesheet):
        def __init__(self, variables: dict[str, str]) -> None:
            super().__init__(variables=variables)
            self._here: dict[int, _Found] = {}
            self.set_variables(variables)

        def set_variables(self, variables: dict[str, str]) -> None:
            parsed = _PARSED.setdefault(frozenset(variables.items()), LRUCache(SOURCES))
            self._parse_cache = LRUCache(1)  # what there is would be cleared
            super().set_variables(variables)
            self._parse_cache = parsed

        def reparse(self) -> None:
            self.parse()  # in a fresh one, says Textual, which would remember nothing

        def parse(self) -> None:
            super().parse()
            if len(_FOUND) == SHEETS:
                _FOUND.clear()
            self._here = _FOUND.setdefault(tuple(self.rules), {})

        def apply(
            self, node: DOMNode, *, animate: bool = False, cache: dict[tuple, RulesMap] | None = None
        ) -> None:
            if not self.rules:  # which parses what has come since, and only then is it known what is `_here`
                super().apply(node, animate=animate)
                return
            # Of all that is styled at one go Textual hands over the same cache.
            seen = {} if cache is None else cast(dict[DOMNode, int], cache)
            place = _NUMBERED.of(node, seen)
            found = self._here.get(place)
            if found is not None:
                node._has_hover_style = found.has_hover
                node._has_focus_within = node._has_order_style = node._has_odd_or_even = False
                if node.styles.base.get_rules():
                    self.replace_rules(node, found.rules)
                else:  # a new one, and these are as they stood in another: nothing is left to be done to them
                    node.styles.base.merge_rules(found.rules)
                    node.styles.base.refresh(layout=True)
                    node.notify_style_update()
                self._process_component_classes(node)
                return
            super().apply(node, animate=animate)
            by_neighbours = node._has_focus_within or node._has_order_style or node._has_odd_or_even
            rules = node.styles.base.get_rules()
            # With a transition they may still be on their way to what they are.
            if not by_neighbours and "transitions" not in rules:
                if len(self._here) == PLACES:
                    self._here.clear()
                self._here[place] = _Found(rules, node._has_hover_style)

        @classmethod
        def replace_rules(cls, node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
            if animate and "transitions" in rules:
                super().replace_rules(node, rules, animate)
            else:
                _set_rules(node, cast(dict[str, object], rules))

        def _process_component_classes(self, node: DOMNode) -> None:
            if names := node._get_component_classes():
                before = node._component_styles
                node._component_styles = now = _Components(self, node, names)
                if any(name not in now or styles != now[name] for name, styles in before.items()):
                    node.refresh()

    return KeptStylesheet(variables)


class _Found(NamedTuple):
    """How a widget looks at a place."""

    rules: RulesMap
    has_hover: bool
    """Whether it may look otherwise under the pointer."""


class _Places:
    """A number for each place: for all that selectors ask of a node and of what it is in, but for its place
    among its siblings."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._free = count()  # a number that was once given is never given to another

    def of(self, node: DOMNode, seen: dict[DOMNode, int]) -> int:
        """`seen` has the numbers of those that were asked for and are since then as they were."""
        number = seen.get(node)
        if number is None:
            within = None if node.parent is None else self.of(cast(DOMNode, node.parent), seen)
            key = (within, *_looked_at(node))
            if (number := self._numbers.get(key)) is None:
                if len(self._numbers) == PLACES:
                    self._numbers.clear()
                number = self._numbers[key] = next(self._free)
            seen[node] = number
        return number


_PARSED: dict[frozenset[tuple[str, str]], Any] = {}
"""By the variables of a theme. This and what follows holds for every playground of a process."""
_NUMBERED = _Places()
_FOUND: dict[tuple[RuleSet, ...], dict[int, _Found]] = {}


class _Components(dict[str, RenderStyles]):
    """The styles of a widget's component classes, each found when it is first asked for."""

    def __init__(self, sheet: Stylesheet, node: DOMNode, names: Set[str]) -> None:
        super().__init__()
        self._sheet = sheet
        self._node = node
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __missing__(self, name: str) -> RenderStyles:
        if name not in self._names:
            raise KeyError(name)
        node = DOMNode(classes=name)
        node._attach(self._node)
        self._sheet.apply(node)
        self[name] = node.styles
        return node.styles


def _looked_at(node: DOMNode) -> tuple[object, ...]:
    """All of a node that selectors ask for, but its place among its siblings: by that Textual keeps none."""
    if isinstance(node, Widget):
        state: object = (node.has_focus, node.mouse_hover, node.disabled, node.can_focus)
    else:  # the app, which may be without focus and without colours
        state = tuple(node.get_pseudo_classes()) if isinstance(node, App) else None
    return (type(node), node.id, node.classes, state)


def _set_rules(node: DOMNode, new: dict[str, object]) -> None:
    """Set those that are others than before: colours, which take no room, at once."""
    base = node.styles.base
    old = cast(dict[str, object], base.get_rules())
    if old != new:
        changed = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        colours = [name for name in changed if differ_in_colour(old.get(name), new.get(name))]
        for name in colours:
            base.set_rule(name, new[name])
        if colours:
            base.refresh(children=True)
            _draw_bars_of(node)
        for name in changed:
            if name not in colours:
                setattr(base, name, new.get(name))
    node.notify_style_update()


def differ_in_colour(old: object, new: object) -> bool:
    """Whether two values of a rule are different colours, or edges of one kind in different colours."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new) == 2 and old[0] == new[0]:
        old, new = old[1], new[1]
    return isinstance(old, Color) and isinstance(new, Color) and old != new


def _draw_bars_of(node: DOMNode) -> None:
    """A widget's scrollbars have its colours, and are none of its children."""
    if isinstance(node, Widget):
        for shown, bar in (
            (node.show_vertical_scrollbar, "vertical_scrollbar"),
            (node.show_horizontal_scrollbar, "horizontal_scrollbar"),
        ):
            if shown:
                getattr(node, bar).refresh()


def tell_rules_apart_at_once() -> None:
    """Look rules up by what they are, as Textual does, but without a call for each: 200 for every widget."""
    if vars(RuleSet).get("__hash__") is not None:
        RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign, assignment]


def style_a_new_screen_once() -> None:
    """Each widget of a new screen is styled as it is mounted, and painted as it is laid out.

    Textual does both again for all of them.
    """
    resume = getattr(Screen, "_on_screen_resume", None)
    if resume is None or "refresh_styles" not in signature(events.ScreenResume).parameters:
        return

    def resume_as_it_is(screen: Screen, event: events.ScreenResume) -> None:
        is_new = not screen.stack_updates
        if is_new:
            event.refresh_styles = False
        resume(screen, event)
        if is_new and hasattr(screen, "_repaint_required"):
            screen._repaint_required = False

    Screen._on_screen_resume = resume_as_it_is  # type: ignore[method-assign]


# Keys and mouse reports that come late


def let_what_comes_late_pass() -> None:
    """Drop a key or a mouse report for something that is no more on the screen, or not yet laid out.

    Textual looks for it, does not find it, and ends the app.
    """
    _dismiss_a_screen_once()
    _find_no_widget_that_is_removed()
    _choose_no_option_that_is_not_shown()
    _ask_nothing_of_what_is_gone()
    _heed_no_size_that_is_past()


def _dismiss_a_screen_once() -> None:
    """Two keys that close a page may both be on their way to it: the second closed what is under the page."""
    dismiss = Screen.dismiss

    def dismiss_if_on_top(screen: Screen, result: object = None) -> AwaitComplete:
        if screen.app.screen_stack[-1:] != [screen]:
            return AwaitComplete()
        return dismiss(screen, result)

    Screen.dismiss = dismiss_if_on_top  # type: ignore[method-assign]


def _find_no_widget_that_is_removed() -> None:
    """A widget stays under the pointer until the next layout, without a parent (Textualize/textual#6643)."""
    find = getattr(Screen, "get_widget_and_offset_at", None)
    if find is None:
        return

    def find_attached(screen: Screen, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        widget, offset = find(screen, x, y)
        return (widget, offset) if widget is None or widget.is_attached else (None, None)

    Screen.get_widget_and_offset_at = find_attached  # type: ignore[method-assign]


def _choose_no_option_that_is_not_shown() -> None:
    """A list without room has no lines to turn a page of; a click is on an option the list had before."""
    for name in ("action_page_up", "action_page_down"):
        turn = getattr(OptionList, name)

        def turn_what_is_laid_out(options: OptionList, turn: Callable[[OptionList], None] = turn) -> None:
            with suppress(KeyError, IndexError):  # of the line that the option or the page begins with
                turn(options)

        setattr(OptionList, name, turn_what_is_laid_out)

    click = getattr(OptionList, "_on_click", None)
    if click is None:
        return

    async def click_what_is_there(options: OptionList, event: events.Click) -> None:
        if event.style.meta.get("option", 0) < options.option_count:
            await click(options, event)

    OptionList._on_click = click_what_is_there  # type: ignore[method-assign]


def _ask_nothing_of_what_is_gone() -> None:
    """A page that is being closed has no widgets any more, but messages and timers that ask for them.

    The error is caught where the message is handled: further up, whoever handles it would be ended by it.
    """
    dispatch = getattr(MessagePump, "_dispatch_message", None)
    if dispatch is not None:

        async def dispatch_what_matters(pump: MessagePump, message: Message) -> None:
            try:
                await dispatch(pump, message)
            except NoMatches as error:
                if not is_of_what_is_gone(error):
                    raise

        MessagePump._dispatch_message = dispatch_what_matters  # type: ignore[method-assign]

    handle = getattr(App, "_handle_exception", None)
    if handle is not None:

        def handle_what_matters(app: App[object], error: Exception) -> None:
            if not is_of_what_is_gone(error):
                handle(app, error)

        App._handle_exception = handle_what_matters  # type: ignore[method-assign]


def is_of_what_is_gone(error: Exception) -> bool:
    """Whether something was looked for in a part of the screen that is gone, or is being removed."""
    asked = _asked(error)
    return asked is not None and is_gone(asked)


def is_of_what_is_not_there(error: Exception) -> bool:
    """Whether something was looked for in a part of the screen that is gone, or that is not built yet."""
    asked = _asked(error)
    return asked is not None and (is_gone(asked) or not asked.is_mounted)


def _asked(error: BaseException) -> Widget | None:
    """The widget in which something was looked for in vain, if that is the error."""
    if isinstance(error, WorkerFailed):
        return _asked(error.error)
    if not isinstance(error, NoMatches):
        return None
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    asked = frames[-1].f_locals.get("self") if frames else None
    return asked if isinstance(asked, Widget) else None


def is_gone(widget: Widget) -> bool:
    """Whether a widget is no part of the screen any more, or is being removed, and its own before it."""
    lineage = [node for node in widget.ancestors_with_self if isinstance(node, Widget)]
    return (
        not widget.is_attached
        or lineage[-1] not in widget.app.screen_stack
        or any(getattr(node, "_pruning", False) for node in lineage)
    )


def _heed_no_size_that_is_past() -> None:
    """A layout posts its size to the screen: of two sizes in the queue, each asks for the other, for ever."""
    resize = getattr(Screen, "_on_resize", None)
    if resize is None:
        return

    async def resize_to_what_is(screen: Screen, event: events.Resize) -> None:
        if event.size == screen.app.size:
            await resize(screen, event)

    Screen._on_resize = resize_to_what_is  # type: ignore[method-assign]
