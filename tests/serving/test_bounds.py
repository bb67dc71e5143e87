"""Whose process is whose, by a table: no process is needed."""

from __future__ import annotations

from initplay.engine.peer import name_of_server_for
from initplay.serving.bounds import Bounds, Row, belonging, below

OURS, ANN, BEN, FORKS, ANNS, OLD = 100, 110, 120, 130, 131, 101
BASE = {
    1: Row(0, 1),
    OURS: Row(1, 1),
    OLD: Row(OURS, 1),
    ANN: Row(OURS, ANN),
    BEN: Row(OURS, BEN),
    FORKS: Row(OURS, FORKS),
    ANNS: Row(FORKS, ANNS, name_of_server_for(ANN)),
}


def sort(**more: Row):
    table = BASE | {int(name[1:]): row for name, row in more.items()}
    return belonging(table, OURS, [ANN, BEN], FORKS, [OLD])


def test_what_a_playground_and_its_server_started_is_its_own():
    found = sort(p201=Row(ANNS, ANNS), p202=Row(201, 202), p203=Row(BEN, BEN), p204=Row(203, BEN))
    assert found.of == {ANN: {201, 202}, BEN: {203, 204}}
    assert found.strays == set()


def test_whose_parent_has_ended_belongs_to_the_session_it_is_of():
    found = sort(p201=Row(OURS, ANNS), p202=Row(201, 202), p203=Row(OURS, BEN))
    assert found.of == {ANN: {201, 202}, BEN: {203}}
    assert found.strays == set()


def test_what_left_its_session_too_is_a_stray_with_all_it_started():
    assert sort(p201=Row(OURS, 201), p202=Row(201, 201)).strays == {201, 202}


def test_what_was_there_before_and_what_is_not_below_us_is_left_alone():
    found = sort(p201=Row(OLD, 1), p202=Row(1, 202), p203=Row(999, 203))
    assert found.strays == set() and not any(found.of.values())


def test_nobody_is_a_server_by_name_alone():
    """It must be a child of the fork server, where no code of a lesson runs."""
    name = name_of_server_for(BEN)
    assert sort(p201=Row(ANNS, ANNS, name), p202=Row(201, ANNS)).of == {ANN: {201, 202}, BEN: set()}


def test_the_server_of_a_playground_that_is_gone_is_no_stray():
    """It ends with its line."""
    assert sort(p201=Row(FORKS, 201, name_of_server_for(9))).strays == set()


def test_a_table_that_was_read_while_it_changed_ends_the_search():
    assert sort(p201=Row(202, 1), p202=Row(201, 1)).strays == set()


def test_what_is_too_much_is_said_with_the_bound():
    bounds = Bounds(processes=10, memory=2**30)
    assert bounds.too_much(10, 2**30) == ""
    assert "11 processes" in bounds.too_much(11, 0) and "10" in bounds.too_much(11, 0)
    assert "1.5 GB" in bounds.too_much(1, 3 * 2**29)
    assert bounds.too_large(2**30) == ""
    assert "1.5 GB" in bounds.too_large(3 * 2**29)


def test_below_a_process_is_all_it_started_and_nobody_else():
    table = BASE | {201: Row(OURS, 201), 202: Row(201, 201), 203: Row(202, 203), 204: Row(OURS, 204)}
    assert below(table, {201, 999}) == {201, 202, 203}
