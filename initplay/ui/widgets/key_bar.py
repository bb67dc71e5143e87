"""The last line of every screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rich.text import Text
from textual import events
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen

from initplay.ui.widgets.one_line import OneLine


@runtime_checkable
class Offering(Protocol):
    """A screen with keys that work and yet are not always worth a place on the key bar."""

    def offers(self, action: str) -> bool: ...


@dataclass(frozen=True)
class Key:
    """One entry of the key bar."""

    key: str
    label: str
    action: str
    node: DOMNode
    """Whose action it is."""

    @property
    def width(self) -> int:
        return len(self.key) + len(self.label) + 3


class KeyBar(OneLine):
    """The keys that do something now, as many as there is room for; help, always there, has them all.

    Read from the bindings of the screen, so that what is shown is what works. A click does what the key does.
    """

    COMPONENT_CLASSES = {"key-bar--key", "key-bar--label"}

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def _follow(self, screen: Screen) -> None:
        if screen is self.screen:
            self.refresh()

    def render(self) -> Text:
        style = self.get_component_rich_style
        line = Text()
        for entry in self._fitting():
            line.append(f" {entry.key}", style("key-bar--key"))
            line.append(f" {entry.label} ", style("key-bar--label"))
        return line

    async def on_click(self, event: events.Click) -> None:
        end = 0
        for entry in self._fitting():
            end += entry.width
            if event.x < end:
                await self.app.run_action(entry.action, entry.node)
                return

    def _fitting(self) -> list[Key]:
        """Keys in the order of their declaration until the line is full, the last place kept for help."""
        by_action: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.enabled:
                by_action.setdefault(active.binding.action, active)
        help_ = by_action.pop("help", None)
        last = [self._entry(help_)] if help_ else []
        room = self.size.width - sum(entry.width for entry in last)
        # Not those for which the screen would rather leave the place to keys that lead further.
        offers = self.screen.offers if isinstance(self.screen, Offering) else None
        fitting: list[Key] = []
        for action, active in by_action.items():
            if offers is not None and not offers(action):
                continue
            entry = self._entry(active)
            room -= entry.width
            if room < 0:
                break
            fitting.append(entry)
        return [*fitting, *last]

    def _entry(self, active: ActiveBinding) -> Key:
        binding = active.binding
        return Key(self.app.get_key_display(binding), binding.description, binding.action, active.node)

    def on_resize(self) -> None:
        self.refresh()
