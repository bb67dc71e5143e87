"""When a goal is reached."""

import math

import pytest

from initplay.course.lesson import Goal


@pytest.mark.parametrize(
    ("values", "missed"),
    [
        ({"std": 1.0, "depth": 100, "same": True}, ()),
        ({"std": 0.5, "depth": 100.0, "same": True}, ()),
        ({"std": math.nan, "depth": 100, "same": True}, ("std",)),
        ({"std": None, "depth": 99, "same": 1}, ("std", "depth", "same")),
        ({"std": True}, ("std", "depth", "same")),
    ],
)
def test_a_goal_is_reached_when_no_target_is_missed(values, missed):
    targets = {"std": (0.5, 2.0), "depth": 100, "same": True}
    assert Goal("a/1/goal/1", "?", "chain", targets, 1).missed(values) == missed
