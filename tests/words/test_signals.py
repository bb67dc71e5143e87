"""How signals are called."""

import pytest

from initplay.words.signals import signal_name


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (15, "SIGTERM"), (40, "signal 40")])
def test_a_signal_without_a_name_has_its_number(number, name):
    assert signal_name(number) == name
