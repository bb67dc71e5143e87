"""Which runs a sweep has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from initplay.engine.order import Order
    from initplay.engine.outcome import Outcome
    from initplay.recording.cell import Cell
    from initplay.sweep.grid import Grid


class Plan:
    """Which runs there are: an order at every setting of a grid, for each of its seeds."""

    def __init__(self, order: Order, grid: Grid, facts: Sequence[str], levels: Mapping[str, float]) -> None:
        """`facts` are those to keep; empty for all numbers. `levels` are marked on their charts."""
        self.grid = grid
        self.facts = facts
        self.levels = levels
        self._order = order

    @property
    def count(self) -> int:
        return self.grid.count * len(self._order.seeds)

    def about(self) -> dict[str, Any]:
        """All that the numbers depend on, but for the versions of torch and of the machine."""
        order = self._order
        return {
            "experiment": f"{order.lesson}/{order.experiment}",
            "source": order.source,
            "knobs": {name: list(values) for name, values in self.grid.swept.items()} | order.knobs,
            "seeds": [order.seeds[0], len(order.seeds)],
            "facts": list(self.facts),
            "device": order.device,
            "data": order.data,
        }

    def orders(self, but: Iterable[Cell]) -> Iterator[Order]:
        """All runs but those of which there is a cell."""
        for seed, knobs in self.grid.left(self._order.seeds, but):
            yield self._order.with_seed(seed).with_experiment(self._order.experiment, knobs)

    def cell(self, order: Order, outcome: Outcome | Exception) -> Cell:
        """What one of the runs came to, or what was raised instead."""
        from initplay.sweep.cell import cell_of

        knobs, seed = order.knobs, order.seeds[0]
        if isinstance(outcome, Exception):
            return cell_of(self.grid, knobs, seed, {}, "failed", f"Its worker was lost: {outcome}.")
        ended = outcome.ending, outcome.message, outcome.seconds
        return cell_of(self.grid, knobs, seed, outcome.facts, *ended, wanted=self.facts)
