"""Styles that are found once, and for a change of colours alone."""

from __future__ import annotations

from collections.abc import Set
from inspect import signature
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual import events
from textual.app import App
from textual.cache import LRUCache
from textual.color import Color
from textual.css.model import RuleSet
from textual.css.styles import RenderStyles, RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

if TYPE_CHECKING:
    pass

SOURCES = 256
"""Of styles: one for each kind of widget, and the sheet."""
SHEETS = 32
"""Sets of rules: for each theme that was looked at, one for each kind of widget that came."""
PLACES = 4096
"""Of widgets and their component classes, by one set of rules."""


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


def lay_out_a_screen_once() -> None:
    """A screen is told its size when it is laid out at that size; Textual then lays it out again, and all
    that are in sight behind it."""
    resized = getattr(Screen, "_screen_resized", None)
    if resized is None:
        return

    def resized_to_another(screen: Screen, size: Size) -> None:
        compositor = getattr(screen, "_compositor", None)
        if size != screen.size or size != getattr(compositor, "size", None):
            resized(screen, size)

    Screen._screen_resized = resized_to_another  # type: ignore[method-assign]
