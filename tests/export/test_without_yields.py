"""Generators as plain functions: what is yielded is drawn, and nothing else of the text changes."""

from __future__ import annotations

import ast

import pytest

from initplay.export.without_yields import without_yields


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("yield Note('x')  # why", "lab.draw(Note('x'))  # why"),
        ("yield (a)", "lab.draw((a))"),
        ("got = yield from part(1)", "got = part(1)"),
        ("yield from [Note('é'), Note('b')]", "[lab.draw(one) for one in [Note('é'), Note('b')]]"),
        ("é = 'é'; yield é; yield 'b'", "é = 'é'; lab.draw(é); lab.draw('b')"),
        ("yield Result(\n        a=1,\n    )", "lab.draw(Result(\n        a=1,\n    ))"),
        ("yield (\n        a\n    )", "lab.draw((\n        a\n    ))"),
        ("yield", "None"),
        ("yield(a)", "lab.draw((a))"),
        ("f = lambda: (yield 1)", "f = lambda: (yield 1)"),
    ],
)
def test_a_yield_becomes_a_call(line, plain):
    source = "def part(n):\n    yield n\n\n\ndef chain(depth=3):\n    {}\n"
    changed = without_yields(source.format(line), ["chain"])
    assert changed.split("def chain(depth=3):\n")[1] == f"    {plain}\n"
    ast.parse(changed)


def test_what_is_yielded_from_becomes_plain_too_and_other_generators_stay():
    source = (
        "@contextmanager\ndef held():\n    yield\n\ndef ones():\n    yield 1\n\n"
        "def deep():\n    yield 2\n\ndef part():\n    yield from deep()\n\n"
        "def chain():\n    with held():\n        for one in ones():\n            yield one\n"
        "    yield from part()\n"
    )
    changed = without_yields(source, ["chain"])
    assert "def held():\n    yield\n" in changed and "def ones():\n    yield 1\n" in changed
    assert "def deep():\n    lab.draw(2)\n" in changed and "def part():\n    deep()\n" in changed
    assert "            lab.draw(one)\n    part()\n" in changed
    assert without_yields(source, []) == source
