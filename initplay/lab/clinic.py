"""The clinic's patients: what was done to a healthy net. Who reads on, reads the diagnoses.

A patient is what differs from the healthy net of lesson `sandbox`, by the names of that lesson's knobs.
"""

from __future__ import annotations

from itertools import combinations

PATIENTS: dict[str, dict[str, str | float | bool]] = {
    "a": {"init": "default"},
    "b": {"init": "xavier", "depth": 12},
    "c": {"gain": 10.0},
    "d": {"gain": 1.4},
    "e": {"activation": "sigmoid"},
    "f": {"activation": "tanh", "gain": 3.0},
    "g": {"bias": -3.0},
    "h": {"inputs": "0 to 255"},
    "i": {"last_gain": 30.0},
    "j": {"lr": 0.0005},
    "k": {"init": "constant"},
    "l": {"zero_grad": False},
}
"""By case, one fault each. What belongs to it and is none, such as a depth, is the patient's build."""

PAIRS = [
    PATIENTS[first] | PATIENTS[second]
    for first, second in combinations("aceghijl", 2)
    if first + second not in ("ah", "ai")  # weights too small for what is too large: nearly a cure
]


def one_fault(case: str) -> dict[str, str | float | bool]:
    """What is wrong with the patient of that case, "a" to "l". Raises KeyError for another."""
    return PATIENTS[case]


def two_faults(patient: int) -> dict[str, str | float | bool]:
    """Two faults at once: other ones for each patient from 1 to 26, and always the same for one."""
    return PAIRS[11 * patient % len(PAIRS)]
