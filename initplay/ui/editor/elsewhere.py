"""Hands a text and the terminal to the learner's own editor, and takes both back."""

from __future__ import annotations

import os

from textual.app import App, SuspendNotSupported

from initplay.ui.editor import own_editor
from initplay.ui.editor.own_editor import NotEdited


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
