"""What holds for every test."""

from __future__ import annotations

import os

# The tests run in as many processes as there are cores. Were each to use every core as well, most of the
# time would go into threads that wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
