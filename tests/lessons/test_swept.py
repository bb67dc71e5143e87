"""What the course has ready to be swept, run as a sweep runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from runs import course

from initplay.engine import outcome
from initplay.engine.order import Order

pytestmark = pytest.mark.long
Swept = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def swept() -> Iterator[Swept]:
    """The facts of an experiment at these knobs."""

    def run(what: str, seed: int = 42, **knobs: Any) -> dict[str, Any]:
        lesson, experiment = course().find_experiment(what)
        order = Order(
            lesson=lesson.slug,
            experiment=experiment.name,
            filename=lesson.filename,
            source=lesson.source,
            knobs=experiment.check(experiment.defaults() | knobs),
            seeds=(seed,),
            device="cpu",
            data="embedded",
        )
        came = outcome.outcome_of(order)
        assert came.ending == "finished", came.message
        return came.facts

    yield run
    outcome.close()


def test_the_edge_of_chaos_lies_between_the_corners_of_its_map(swept):
    order = swept("deep/phase", weight_variance=0.5, bias_variance=0.25)
    chaos = swept("deep/phase", weight_variance=4.0, bias_variance=0.0)
    assert order["cosine_last"] > 0.99 and order["gradient_a_layer"] < 0.8
    assert chaos["cosine_last"] < 0.5 and chaos["gradient_a_layer"] > 1.1
