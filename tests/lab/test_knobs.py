"""Range and LogRange as experiment code meets them: at run time."""

import inspect
import typing

import pytest

from initplay.lab.knobs import LogRange, Range

EXPERIMENT = "def experiment(depth: {name}[1, 200] = 100): return depth"


@pytest.fixture(params=[Range, LogRange])
def knob(request):
    return request.param


@pytest.mark.parametrize("postponed", ["", "from __future__ import annotations\n"])
def test_an_annotated_experiment_is_still_the_function_it_looks_like(knob, postponed):
    """The annotation changes neither the default nor the call, and whoever resolves it gets the bounds."""
    namespace = {knob.__name__: knob}
    exec(postponed + EXPERIMENT.format(name=knob.__name__), namespace)
    experiment = namespace["experiment"]
    assert experiment() == 100
    assert experiment(7) == 7
    assert inspect.signature(experiment).parameters["depth"].default == 100
    hint = typing.get_type_hints(experiment)["depth"]
    assert typing.get_origin(hint) is knob
    assert typing.get_args(hint) == (1, 200)
