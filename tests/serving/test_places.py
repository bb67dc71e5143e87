"""So many are in at once, and the others come in the order in which they asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from initplay.serving.places import HELD, LONGEST_LINE, PATIENCE, Places


def test_who_comes_when_all_is_taken_waits_and_comes_in_turn():
    places = Places(2)
    assert places.take("a", 0) and places.take("b", 0)
    assert [places.ask("c", 1), places.ask("d", 1)] == [1, 2]
    places.leave("a")
    assert places.ask("d", 2) == 1  # the place is c's, who asks again in a moment
    assert places.ask("c", 3) == 0
    assert places.take("c", 3)
    assert not places.take("d", 3)


def test_nobody_comes_in_before_who_waits():
    places = Places(1)
    assert places.take("a", 0)
    assert places.ask("b", 1) == 1
    places.leave("a")
    assert not places.take("c", 2)
    assert places.take("b", 3)


def test_who_no_longer_asks_has_left_the_line():
    places = Places(1)
    assert places.take("a", 0)
    assert places.ask("b", 0) == 1
    assert places.ask("c", 1) == 2
    assert places.ask("c", PATIENCE) == 1


def test_a_place_is_held_for_a_while():
    places = Places(1)
    assert places.ask("a", 0) == 0
    assert places.ask("b", HELD - 1) == 1
    assert places.ask("b", HELD) == 0
    assert not places.take("a", HELD + 1)


def test_who_is_in_asks_and_stays():
    places = Places(1)
    assert places.take("a", 0)
    assert places.ask("a", 1) == 0
    assert places.take("a", 1)
    places.leave("a")
    assert places.take("b", 2)


def test_a_line_has_an_end():
    places = Places(1)
    assert places.take("a", 0)
    for number in range(LONGEST_LINE):
        assert places.ask(number, 1) == number + 1
    assert places.ask("late", 1) == LONGEST_LINE + 1
    assert places.ask(LONGEST_LINE - 1, 1) == LONGEST_LINE


def test_one_visitor_has_so_many_and_others_come_in():
    places: Places[str] = Places(4, 2, lambda who: who[0])
    assert places.take("a1", 0)
    assert places.ask("a2", 0) == 0  # a place that is held counts too
    assert places.has_enough("a3", 0) and places.ask("a3", 0) and not places.take("a3", 0)
    assert not places.has_enough("a2", 0) and places.take("a2", 0)
    assert places.take("b1", 0)
    places.leave("a1")
    assert not places.has_enough("a3", 1) and places.take("a3", 1)


def test_who_has_enough_takes_no_room_in_the_line():
    places: Places[str] = Places(1, 2, lambda who: who[0])
    assert places.take("b1", 0)
    assert places.ask("a1", 0) == 1 and places.ask("a2", 0) == 2
    assert places.ask("a3", 0) > LONGEST_LINE
    assert places.ask("c1", 0) == 3


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(["ask", "take", "leave"]), st.integers(0, 5), st.integers(0, 15))),
)
def test_never_more_are_in_than_there_are_places(most, deeds):
    places, inside, now = Places(most), set(), 0
    for deed, who, later in deeds:
        now += later
        if deed == "ask":
            places.ask(who, now)
        elif deed == "take" and places.take(who, now):
            inside.add(who)
        elif deed == "leave":
            places.leave(who)
            inside.discard(who)
        assert len(inside) <= most
