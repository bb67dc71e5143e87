"""Hands a text and the terminal to the learner's own editor, and takes both back."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, SuspendNotSupported

from initplay.ui.editor import own_editor
from initplay.ui.editor.own_editor import NotEdited
from initplay.ui.typed_ahead import TypedAhead


def with_keys_held(app: App[Any], edit: Callable[[], Awaitable[None]]) -> Awaitable[None]:
    """`edit`, before whose end no key is given out: what is typed behind the one for it is for the text that
    comes back, and would go into the one that it replaces."""
    typed_ahead: TypedAhead | None = getattr(app, "typed_ahead", None)
    if typed_ahead is not None:
        typed_ahead.hold()

    async def held() -> None:
        try:
            await edit()
        finally:
            if typed_ahead is not None:
                typed_ahead.let_go()

    return held()


async def edited_elsewhere(app: App[None], text: str, name: str = "experiment.py") -> tuple[str | None, str]:
    """What came back, and what went wrong in one sentence; None where nothing came back."""
    try:
        command = own_editor.command(os.environ)
        # Textual stops its writer, not its repaints: those would fill the writer's queue and then block.
        with own_editor.keyboards_signals_left_to_it(), app.batch_update(), app.suspend():
            try:
                return await own_editor.edited(text, command, name), ""
            except NotEdited as error:  # caught in here, for Textual resumes only after a good end
                problem = str(error)
    except NotEdited as error:
        problem = str(error)
    except SuspendNotSupported:
        problem = "This terminal cannot be handed to another editor."
    return None, problem
