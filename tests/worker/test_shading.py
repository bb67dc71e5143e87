"""A picture has the same shades wherever its values lie."""

from __future__ import annotations

import math

import pytest
import torch

from initplay.worker.shading import shade_on_device, shades


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0, 2.0, 10.0],
        [3.0, 3.0],
        [-3e38, 0.0, 3e38],
        [math.nan, 1.0, -math.inf, 2.0],
        [math.nan, math.inf],
    ],
    ids=str,
)
def test_shades_that_wait_on_a_device_are_those_that_do_not(values: list[float]) -> None:
    tensor = torch.tensor(values)
    parts, read = shade_on_device(tensor)
    assert read([part.tolist() for part in parts]) == shades(tensor.numpy())
