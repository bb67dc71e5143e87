"""What a chart and a table of lesson code take and refuse; what is recorded of them is tested in worker/."""

from __future__ import annotations

from typing import Any

import pytest

from initplay.lab import Chart, Row, Table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": 7}, "A Chart's name must be text, not 7 (int)."),
        ({"name": ["loss"]}, "A Chart's name must be text, not ['loss'] (list)."),
        ({"name": "loss", "x": 3}, "A Chart's x must be text, not 3 (int)."),
        ({"name": "loss", "y": None}, "A Chart's y must be text, not None (NoneType)."),
    ],
)
def test_names_that_are_no_text_are_refused_in_one_sentence(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError) as error:
        Chart(**arguments)
    assert str(error.value) == said


def test_a_row_has_a_cell_for_each_column_in_their_order() -> None:
    """A column may have any name, also one that is no Python name."""
    row = Table("three texts", "init", "±").row("he relu", 0.3)
    assert isinstance(row, Row)
    assert (row.table, list(row.cells.items())) == ("three texts", [("init", "he relu"), ("±", 0.3)])


def test_what_others_printed_stands_after_the_first_column_row_by_row() -> None:
    table = Table("t", "quantity", "theory", "you", printed={"one": [1, None], "other": ["a", "b"]})
    first, second = table.row("mean", 0, 0.1), table.row("std", 1, 0.9)
    assert list(first.cells) == ["quantity", "one", "other", "theory", "you"]
    assert list(first.cells.values()) == ["mean", 1, "a", 0, 0.1]
    assert list(second.cells.values()) == ["std", None, "b", 1, 0.9]
    with pytest.raises(TypeError, match=r"nothing printed for row 3 of 't'"):
        table.row("rms", 1, 1)


@pytest.mark.parametrize("cells", [(), (1,), (1, 2, 3)])
def test_a_row_of_another_length_is_refused(cells: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match=rf"A row of 't' has 2 cells, not {len(cells)}\."):
        Table("t", "a", "b").row(*cells)
