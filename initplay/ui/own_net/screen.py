"""The bench on a net of the user's own: edit the file, examine it, compare, write it when it is better."""

from __future__ import annotations

from typing import Any

from initplay.course.own_net import OwnNet
from initplay.ui.exercise.own_file import OwnFile
from initplay.ui.lesson.screen import LessonScreen
from initplay.ui.own_net.pane import FoundPane
from initplay.ui.pages.ask import AskScreen


class OwnNetScreen(LessonScreen):
    """A lesson of one step whose text is a file of the user's, which is written when they say so."""

    def __init__(self, net: OwnNet, *services: Any, file: OwnFile | None = None, **options: Any) -> None:
        """`services` and `options` are those of a lesson. Without a `file` the text is one that was saved
        with a run, and is written nowhere."""
        super().__init__(net, *services, **options)
        self._file = file
        self.session.setting.seed = net.seed

    def _new_prose(self) -> FoundPane:
        return FoundPane(self.lesson, self._answers, id="prose")

    async def on_mount(self) -> None:
        if self._file is not None:
            self.bench.file = self._file.path.name

    def _follow(self) -> None:
        super()._follow()
        self._show_found()

    def _show_found(self) -> None:
        attempt = self.session.attempt
        for pane in self.query(FoundPane):
            pane.show_found(attempt.run if attempt else None)

    # The file

    def _look_at_file(self) -> None:
        if self._file is None:
            return
        self._file.edit(self.session.setting.source)
        if self._file.look():
            self.bench.take_original(self._file.text)
        elif (
            self._file.theirs is not None and self._file.is_kept
        ):  # nothing was edited here, or it was put back
            self._settle(take_theirs=True)
        self._say_how_the_file_stands()

    def _say_how_the_file_stands(self) -> None:
        assert self._file is not None, "it is there where it was looked at"
        name = self._file.path.name
        if self._file.trouble:
            self.notify(self._file.trouble, severity="warning", markup=False)
        elif self._file.theirs is not None:
            words = (
                f"{name} was changed elsewhere, and what runs is your text here: in the editor ctrl+s writes "
                "it over that, and ctrl+l, then ctrl+r takes that."
            )
            self.notify(words, severity="warning", markup=False)

    def _write_text(self, text: str) -> None:
        """Write it, or ask first where the file is gone, or another program wrote meanwhile."""
        if self._file is None:
            super()._write_text(text)
            return
        self._file.edit(text)
        self._file.look()
        if self._file.is_gone:
            question = f"{self._file.path.name} is not there any more. Write it anew?"
            self.app.push_screen(AskScreen(question, "writes it", "leaves it so"), self._write_anew)
        else:
            self._write()

    def _write_anew(self, wanted: bool | None) -> None:
        if wanted:
            self._write()

    def _write(self) -> None:
        assert self._file is not None, "it is there where it is to be written"
        if self._file.keep():
            self._take_from_file("Written to {}.")
        elif self._file.theirs is not None:
            question = f"{self._file.path.name} was changed elsewhere. Write your text over that?"
            self.app.push_screen(AskScreen(question, "writes it", "leaves the file"), self._write_over)
        else:
            self._say_how_the_file_stands()

    def _write_over(self, wanted: bool | None) -> None:
        if wanted:
            self._settle(take_theirs=False)

    def _settle(self, *, take_theirs: bool) -> None:
        """Choose between the text here and what another program wrote."""
        assert self._file is not None, "it has another text"
        self._file.settle(take_theirs=take_theirs)
        if self._file.is_kept:
            self._take_from_file("Taken from {}." if take_theirs else "Written to {}.")
        else:
            self._say_how_the_file_stands()

    def _take_from_file(self, said: str) -> None:
        assert self._file is not None, "something was taken from it"
        self.bench.take_original(self._file.text)
        self._progress.drop_edit(self.lesson.slug)
        self.session.setting.typed = False
        self.notify(said.format(self._file.path), markup=False)
