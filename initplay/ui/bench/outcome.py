"""Below the charts: what the run found out, and what it said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from initplay.look import ANY_TERMINAL, Look
from initplay.recording.run import Run
from initplay.recording.seeds import BAND
from initplay.words.names import spelled
from initplay.words.numbers import short_fact

NEWEST_NOTES = 3
MOST_FACTS = 200
"""That stand here; all of them are a page."""
_GAP = "   "


class Facts(Widget):
    """Results as `name value` pairs, as many to a line as fit; a pair is never torn."""

    COMPONENT_CLASSES = {"facts--name", "facts--value"}

    def __init__(self) -> None:
        super().__init__()
        self._facts: dict[str, object] = {}
        self.display = False  # without any it would still take a row

    def show(self, facts: dict[str, object]) -> None:
        if facts != self._facts:
            self._facts = dict(facts)
            self.display = bool(facts)
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._lines(width)))

    def render(self) -> Text:
        return Text("\n", no_wrap=True, end="").join(self._lines(self.size.width))

    def _lines(self, width: int) -> list[Text]:
        lines: list[Text] = []
        for pair in self._pairs():
            if lines and lines[-1].cell_len + len(_GAP) + pair.cell_len <= width:
                lines[-1].append(_GAP)
                lines[-1].append_text(pair)
            else:
                pair.truncate(max(1, width), overflow="ellipsis")
                lines.append(pair)
        return lines

    def _pairs(self) -> Iterable[Text]:
        name_style = self.get_component_rich_style("facts--name")
        value_style = self.get_component_rich_style("facts--value")
        for name, value, spread in _facts(self._facts):
            words = Text.assemble((name, name_style), " " * bool(value), (value, value_style))
            yield words.append(spread, name_style)


def facts_in_words(facts: Mapping[str, object]) -> str:
    """The results in one line; empty where there are none."""
    return _GAP.join(f"{name} {value}{spread}".rstrip() for name, value, spread in _facts(facts))


def _facts(facts: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """The name of each, its value, and behind that its band."""
    # A band of another stands behind the value whose band it is.
    names = [name for name in facts if not (name.endswith(BAND) and name.removesuffix(BAND) in facts)]
    for name in names[:MOST_FACTS]:
        # Else the value would seem to go on the digit.
        called = f"{spelled(name)}:" if name[-1:].isdigit() else spelled(name)
        yield called, short_fact(facts[name]), _spread(facts.get(name + BAND))
    if len(names) > MOST_FACTS:
        yield f"and {len(names) - MOST_FACTS:,} more (m: all of them)", "", ""


def _spread(band: object) -> str:
    """The band of a value over seeds, behind the value; empty where all seeds gave the same."""
    if not isinstance(band, list) or len(band) != 2:
        return ""
    low, high = map(short_fact, band)
    return "" if low == high else f" ({low} to {high})"


class Outcome(VerticalScroll, can_focus=False):
    """What a run settled, its facts, and the newest of its notes."""

    def __init__(self, look: Look = ANY_TERMINAL, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look = look
        self._experiment = ""
        self._reserved = (0, 0)
        """A width, and the most rows that were needed at it for what is run."""

    def compose(self) -> ComposeResult:
        yield Static("", id="verdicts", markup=False)
        yield Static("", id="parted", markup=False)
        yield Facts()
        yield Static("", id="notes", markup=False)

    def show(
        self,
        run: Run,
        cursor: int | None,
        verdicts: Sequence[str],
        parted: Sequence[str],
        *,
        experiment: str,
        hidden: bool,
    ) -> None:
        """`verdicts` are what was predicted or asked for, which cards beside the bench say too; `parted` is
        what else there is to say of the run as a whole."""
        if experiment != self._experiment:
            self._experiment, self._reserved = experiment, (0, 0)
        end = len(run.events) if cursor is None else run.end(cursor)
        said = run.notes.items[: run.notes.until(end)]
        self._tell("#verdicts", verdicts)
        self._tell("#parted", parted)
        self.query_one(Facts).show(run.facts)
        self._tell("#notes", [f"› {note}" for note in said[-NEWEST_NOTES:]])
        something = run.facts or said or verdicts or parted or self._reserved[1]
        self.display = bool(something) and not hidden

    @property
    def overflows(self) -> bool:
        """Whether there is more than is in sight, in the room that there is without the line that says so; or
        once was for what is run, since a line that comes and goes would move what stands above."""
        most = self.styles.max_height
        # Not what is in sight by now: between two layouts that may be less than there will be room for.
        return most is not None and self._reserved[1] > (most.cells or 0) + self.has_class("-overflows")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as it once was for what is run: notes come and go, and what stands above must not jump."""
        height = super().get_content_height(container, viewport, width)
        self._reserved = (width, max(height, self._reserved[1] if self._reserved[0] == width else 0))
        return self._reserved[1]

    def _tell(self, where: str, sentences: Sequence[str]) -> None:
        place = self.query_one(where, Static)
        words = self._look.words("\n".join(sentences))
        if words != place.content:  # an update lays the whole screen out anew
            place.update(words)
        place.set_class(not sentences, "-empty")
