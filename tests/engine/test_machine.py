"""What the screen knows of the machine, from what the engine reports."""

from __future__ import annotations

from initplay.engine.machine import Machine
from initplay.engine.wire import Device, Ready


def ready(warning: str = "") -> Ready:
    return Ready("2.13", [Device("cpu", "CPU")], "MNIST 5k", warning)


def test_a_trouble_is_over_when_the_engine_is_ready_without_one():
    machine, heard = Machine(), []
    machine.on_trouble = heard.append
    machine.engine_ready(ready())
    machine.engine_lost("its process was ended by SIGKILL.")
    assert machine.state == "loading" and "SIGKILL" in machine.trouble
    machine.engine_ready(ready())
    assert machine.state == "ready" and machine.trouble == ""
    machine.engine_lost("again.")
    machine.engine_ready(ready("The digits are damaged."))
    assert machine.trouble == "The digits are damaged."
    assert heard == [
        "The lab was restarted: its process was ended by SIGKILL.",
        "The lab was restarted: again.",
        "The digits are damaged.",
    ]
