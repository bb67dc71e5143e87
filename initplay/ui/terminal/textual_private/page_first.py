"""A page over another screen whose dialog is painted before what is around it."""

from __future__ import annotations

from typing import Any

from textual.geometry import Region
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget


class PageFirst(ModalScreen[ScreenResultType]):
    """Its first frame is the dialog alone, its second one all: what is behind a page takes longer to dim
    than all else that a key needs which opens one."""

    _is_begun = False
    """Whether the dialog was painted."""

    def _compositor_refresh(self) -> None:
        compositor: Any = getattr(self, "_compositor", None)
        regions: set[Region] | None = getattr(compositor, "_dirty_regions", None)
        dirty: set[Widget] | None = getattr(self, "_dirty_widgets", None)
        dialog = None if self._is_begun or regions is None or dirty is None else self._dialog
        if dirty is None or not dialog:
            super()._compositor_refresh()
            return
        dirty.clear()  # all of the screen makes up for these
        compositor._dirty_regions = {dialog}
        super()._compositor_refresh()
        if not compositor._dirty_regions:  # else the terminal has another frame to take before
            self._is_begun = True
            self.call_later(self.refresh)

    @property
    def _dialog(self) -> Region | None:
        """Where it is; None where there is none, or it has no place yet."""
        return next((found.region for found in self.query(".dialog") if found.is_on_screen), None)
