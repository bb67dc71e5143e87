"""What a card says of what the learner did."""

from __future__ import annotations

from textual.widgets import Static


class Says(Static):
    """A line at the end of a card; where there is nothing to say, none."""

    def __init__(self) -> None:
        super().__init__("", classes="card-verdict -empty", markup=False)

    def say(self, words: str) -> None:
        self.update(words)
        self.set_class(not words, "-empty")
