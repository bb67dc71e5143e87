"""How many charts, tables and curves a run names: a name with the step in it makes one of each step."""

from __future__ import annotations

from initplay.lab.events import Axes, Band, Histogram, Image, Point, Row
from initplay.worker.values import EventError

MAX_CHARTS = 1_000
"""Charts and tables. Nobody looks at more, and the screen would go through all of them for each key."""
MAX_CURVES = 200
"""Of one chart, which is drawn with all of them."""


class Named:
    """What the events of a run have named so far."""

    def __init__(self) -> None:
        self._charts: dict[str, set[str]] = {}
        """By the name of the chart its curves."""
        self._tables: set[str] = set()

    def add(self, event: object) -> None:
        """Take in what the event names. Raises EventError where that is one too many."""
        if isinstance(event, (Point, Band)):  # most are, of a curve that is known
            curves = self._charts.get(event.chart)
            if curves is None or event.series not in curves:
                self._add_curve(event.chart, event.series)
        elif isinstance(event, (Histogram, Image, Axes)):
            if event.chart not in self._charts:
                self._add_chart(event.chart)
        elif isinstance(event, Row) and event.table not in self._tables:
            self._tables.add(event.table)
            self._check()

    def _add_curve(self, chart: str, series: str) -> None:
        if chart not in self._charts:
            self._add_chart(chart)
        self._charts[chart].add(series)
        if len(self._charts[chart]) > MAX_CURVES:
            raise EventError(
                f"yielded more than {MAX_CURVES:,} curves in the chart {chart[:40]!r}, the most that it can "
                "show; name a curve without what changes at each step"
            )

    def _add_chart(self, chart: str) -> None:
        self._charts[chart] = set()
        self._check()

    def _check(self) -> None:
        if len(self._charts) + len(self._tables) > MAX_CHARTS:
            raise EventError(
                f"yielded more than {MAX_CHARTS:,} charts and tables, the most that is kept; name them "
                "without what changes at each step"
            )
