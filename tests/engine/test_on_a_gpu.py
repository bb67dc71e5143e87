"""Runs on an accelerator: whose context is kept for the next run, and for no longer than it is of use."""

from __future__ import annotations

import psutil
import pytest
import torch
from recorder import Lab, are_gone

from initplay.lab.events import Failed, Finished, Stopped

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]
GPU = "cuda:0"
WHERE = """
import os

def go(run=1):
    yield Result(pid=os.getpid(), sum=torch.ones(3).sum(), on=str(torch.ones(1).device))
"""
OPENS = """
import psutil

def go():
    torch.randn(3) @ torch.randn(3)
    mapped = [one.path for one in psutil.Process().memory_maps() if "libcuda.so" in one.path]
    yield Result(mapped=mapped, ready=torch.cuda.is_initialized())
"""
FAULTS = {
    "an index that is checked on the device": "torch.zeros(4)[torch.tensor([99])].sum()",
    "more memory than there is": "torch.empty(10**12)",
    "an error of its own": "1 / 0",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_what_fails_there_leaves_the_next_run_alone(lab: Lab, fault: str) -> None:
    failed = await lab.run(f"def go():\n    yield Result(x={fault})\n", device=GPU)
    assert isinstance(failed.ending, Failed)
    after = await lab.run(WHERE, device=GPU)
    assert isinstance(after.ending, Finished), after.ending
    assert (after.facts["sum"], after.facts["on"]) == (3, GPU)


async def test_a_lesson_s_own_text_finds_the_context_of_the_run_before_and_an_edited_one_does_not(
    lab: Lab,
) -> None:
    first = await lab.run(WHERE, device=GPU)
    assert (await lab.run(WHERE, device=GPU)).facts["pid"] == first.facts["pid"]
    await lab.run(WHERE, device=GPU, edited=True)
    assert (await lab.run(WHERE, device=GPU)).facts["pid"] != first.facts["pid"]


async def test_a_run_on_the_cpu_opens_no_driver(lab: Lab) -> None:
    run = await lab.run(OPENS, device="cpu")
    assert run.facts == {"mapped": [], "ready": False}


async def test_one_that_does_not_answer_is_ended_and_the_next_is_whole(lab: Lab) -> None:
    endless = """
    def go():
        yield Note("on")
        while True:
            torch.ones(999, 999) @ torch.ones(999, 999)
    """
    number = lab.start(endless, device=GPU)
    await lab.said(number, "on")
    lab.stop(number)
    assert isinstance((await lab.ended(number)).ending, Stopped)
    assert (await lab.run(WHERE, device=GPU)).facts["sum"] == 3


async def test_theory_of_a_histogram_is_reckoned_where_the_values_are(lab: Lab) -> None:
    source = """
    def go():
        edge = torch.tensor(2.0)
        values = torch.rand(1000)
        yield Histogram("before", values, range=(0, 2), theory=lambda x: (x * edge / 2).clamp(0, 1))
        yield Histogram("in it", values, range=(0, 2), theory=lambda x: (x * torch.eye(1)[0]).clamp(0, 1))
    """
    run = await lab.run(source, device=GPU)
    assert isinstance(run.ending, Finished), run.ending


async def test_nothing_is_left_on_the_device_when_it_closes() -> None:
    async with Lab.opened(ready=True) as lab:
        kept = psutil.Process((await lab.run(WHERE, device=GPU)).facts["pid"])
    await are_gone([kept])
