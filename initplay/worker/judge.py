"""An exercise from the learner's text to its verdicts: the checks run here, the learner's code does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from initplay.engine.order import Order
from initplay.lab.events import Check, Result
from initplay.worker import source
from initplay.worker.pupil import Pupil


def judged(order: Order, say: Callable[[str], object]) -> Iterator[Check | Result]:
    """The checks of the order's exercise, then how many passed. Raises `pupil.CannotBegin`."""
    torch.set_default_device(None)  # exercises are small: their numbers are those of the CPU everywhere
    checks = source.load_as("checks", order.checks, "checks.py")
    right = source.load_as("solution", order.solution, "solution.py")
    pupil = Pupil(order, right, say)
    passed = count = 0
    try:
        for check in checks.checks(pupil):
            count += 1
            passed += check.passed
            yield check
    finally:
        pupil.close()
    yield Result(passed=passed, checks=count, all_passed=passed == count)
