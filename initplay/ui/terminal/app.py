"""What every app of ours has of the terminal that it is drawn on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.binding import Binding
from textual.filter import LineFilter

from initplay.look import Look
from initplay.ui import themes
from initplay.ui.terminal.signals import leave_on_signals
from initplay.ui.terminal.textual_private import busy, driver, frames, late, messages, styles


class TerminalApp(App[None]):
    """Painted with what the terminal shows, and left in order when it is closed."""

    def __init__(self, look: Look) -> None:
        self._ascii_filter: tuple[LineFilter, ...] = ()
        self._key_names: dict[str, str] = {}
        super().__init__(driver_class=driver.driver_class())
        self.look = look
        if look.slow_line:
            self.animation_level = "none"
        if look.ascii:
            from initplay.ui.terminal.ascii import KEY_NAMES, AsciiFilter

            self._ascii_filter = (AsciiFilter(),)
            self._key_names = KEY_NAMES

    def on_load(self) -> None:
        leave_on_signals(self.exit)  # before there is a terminal to restore, or a worker to end

    def on_mount(self) -> None:
        self.set_class(not self.is_headless and self.console.color_system == "standard", "-few-colours")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, and the one that has the last word where nothing but ASCII may be painted."""
        return [*super().get_line_filters(), *self._ascii_filter]

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        return self._key_names.get(shown, shown)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.series_variables(dark=self.current_theme.dark)


def replace_parts_of_textual() -> None:
    """What our apps need of Textual otherwise than it is. Once, for the whole process."""
    frames.draw_no_faster_than_it_is_read()
    frames.draw_what_is_in_sight()
    frames.paint_what_a_look_has_moved()
    frames.paint_no_screen_for_its_focus()
    frames.make_strips_lightly()
    styles.tell_rules_apart_at_once()
    styles.style_a_new_screen_once()
    styles.lay_out_a_screen_once()
    late.let_what_comes_late_pass()
    busy.note_who_handles_a_message()
    messages.find_who_takes_a_message_once()
    messages.count_parameters_by_the_code()
