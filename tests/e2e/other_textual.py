"""Opens the playground on a Textual whose private parts have other names; see `test_other_textual.py`.

Every module of Textual is compiled from a text in which they are replaced, so that Textual itself is whole.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

PRIVATE = frozenset(
    {
        "_attach",
        "_auto_restart",
        "_batch_count",
        "_build_highlight_map",
        "_cell_count",
        "_cell_length",
        "_component_styles",
        "_compositor",
        "_compositor_refresh",
        "_crop_cache",
        "_crop_extend_cache",
        "_cuts",
        "_dirty_regions",
        "_dirty_widgets",
        "_disable_mouse_support",
        "_dispatch_message",
        "_divide_cache",
        "_driver",
        "_file",
        "_filter_cache",
        "_full_map",
        "_full_map_invalidated",
        "_get_component_classes",
        "_handle_exception",
        "_has_focus_within",
        "_has_hover_style",
        "_has_odd_or_even",
        "_has_order_style",
        "_highlights",
        "_key_thread",
        "_layers",
        "_layers_visible",
        "_line_cache",
        "_line_length_cache",
        "_link_ids",
        "_offsets_cache",
        "_on_timer_update",
        "_parse_cache",
        "_pending_message",
        "_process_component_classes",
        "_pruning",
        "_render_cache",
        "_render_chops",
        "_repaint",
        "_repaint_required",
        "_screen_resized",
        "_segments",
        "_style_cache",
        "_visible_map",
        "_xterm_parser",
        "_callback",
        "_count_parameters",
        "_get_dispatch_methods",
        "_no_default_action",
        "_decorated_handlers",
        "_textual_on",
    }
)
"""Attributes and modules."""
HANDLERS = {"_on_resize": "screen.py", "_on_screen_resume": "screen.py", "_on_click": "_option_list.py"}
"""Methods that Textual calls by their names, and finds under the public one as well; and where they are."""

_NAMES = re.compile(rf"\b({'|'.join(sorted(PRIVATE, key=len, reverse=True))})\b")
_MODULE = "textual._other_"


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        text = _NAMES.sub(r"_other\1", self.get_data(self.path).decode("utf-8"))
        for name, file in HANDLERS.items():
            if self.path.endswith(f"/{file}"):
                text = text.replace(name, name.removeprefix("_"))
        return compile(text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "textual":
            return None
        if fullname.removeprefix("textual.") in PRIVATE:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        spec = PathFinder.find_spec(fullname.replace(_MODULE, "textual._"), path)
        if spec is None or spec.origin is None:
            return spec
        loader = _Loader(fullname, spec.origin)
        return spec_from_file_location(
            fullname, loader=loader, submodule_search_locations=spec.submodule_search_locations
        )


if __name__ == "__main__":
    sys.meta_path.insert(0, _Finder())
    from initplay.cli import main

    main()
