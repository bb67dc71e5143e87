"""Which sentence a wrong answer gets: one that is true of it, and the nearest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from initplay.lab.checking import Answer, Mistake, Probe, answer, verdicts
from initplay.lab.initializing import Fills, of_draws
from initplay.lab.plain import plain, shown

X = torch.arange(12.0).reshape(3, 4) - 5


class _Of:
    """A learner's function beside the right one."""

    def __init__(self, mine: Any, right: Any) -> None:
        self.mine, self.right = SimpleNamespace(f=mine), SimpleNamespace(f=right)

    def of(self, number: int, probe: Probe) -> Answer:
        return answer(probe, self.mine)


def _says(mine: Any, right: Any, probes: list[Probe], mistakes: list[Mistake] | None = None) -> list[str]:
    return [check.says for check in verdicts(_Of(mine, right), probes, mistakes or []) if not check.passed]


def _probe(x: Any = X, **more: Any) -> Probe:
    return Probe("of x", lambda mine: mine.f(x), **more)


async def _later(x: Any) -> Any:
    return x


def _a_coroutine(x: Any) -> Any:
    """What `async def` gives, closed, so that nobody is warned that it was never awaited."""
    given = _later(x)
    given.close()
    return given


def test_whoever_gets_right_what_a_mistake_gets_wrong_has_not_made_it() -> None:
    """|x| is as wrong as -x at -2, and not at 3: only there do the two mistakes part."""
    probes = [_probe(-2.0), _probe(3.0)]
    mistakes = [Mistake("turned: {got}", f=lambda x: -x), Mistake("cut off", f=abs)]
    assert _says(abs, lambda x: x, probes, mistakes) == ["cut off"]
    assert _says(lambda x: -x, lambda x: x, probes, mistakes) == ["turned: 2", "turned: -3"]


def test_a_few_answers_that_agree_by_chance_do_not_tell_a_mistake() -> None:
    probes = [_probe(x) for x in (0.0, 1.0, 2.0, 3.0)]
    mistakes = [Mistake("doubled", f=lambda x: 2 * x)]
    assert all("doubled" not in says for says in _says(lambda x: 2.0, lambda x: x + 3, probes, mistakes))


def test_an_error_is_a_mistake_s_own_only_if_it_says_the_same() -> None:
    def wrong(x: Any) -> Any:
        raise RuntimeError("something else")

    mistakes = [Mistake("not turned", f=lambda x: x @ x)]
    (says,) = _says(wrong, lambda x: x.T @ x, [_probe()], mistakes)
    assert says == "It raised RuntimeError: something else."
    assert _says(lambda x: x @ x, lambda x: x.T @ x, [_probe()], mistakes) == ["not turned"]


@pytest.mark.parametrize(
    ("mine", "right", "says"),
    [
        (
            lambda x: x.tolist(),
            lambda x: x,
            "of x: it gave 3 results in a list or tuple where a tensor of shape (3, 4)",
        ),
        (lambda x: x.T, lambda x: x, "of x: it gave a tensor of shape (4, 3) where a tensor of shape (3, 4)"),
        (lambda x: x, lambda x: x.sum(), "a tensor of shape (3, 4) where one number is right"),
        (lambda x: None, lambda x: 2.0, "It gave None where 2 is right"),
        (lambda x: ..., lambda x: 2.0, "A blank, `...`, is still to be filled in."),
        (_a_coroutine, lambda x: 2.0, "It gives a coroutine, which does nothing until it is awaited: write"),
        (lambda x: (2.0, ...), lambda x: (2.0, 1.0), "A blank, `...`, is still to be filled in."),
        (lambda x: x + (x > 5), lambda x: x, "of x, entry [2, 3]: 6 is right, yours gives 7."),
        (lambda x: (x, 1.0), lambda x: (x, 2.0), "of x, result 2: 2 is right, yours gives 1."),
        (lambda x: {"std": 1.0}, lambda x: {"std": 2.0}, "of x, std: 2 is right, yours gives 1."),
        (lambda x: 1.00003, lambda x: 1.0, "of x: 1 is right, yours gives 1.00003."),
        (lambda x: x.nothing, lambda x: 1.0, "It raised AttributeError: 'Tensor' object has no attribute"),
    ],
)
def test_without_a_known_mistake_it_says_what_is_apart(mine: Any, right: Any, says: str) -> None:
    (said,) = _says(mine, right, [_probe()])
    assert says in said


def test_a_probe_may_have_a_sentence_of_its_own_and_name_a_number() -> None:
    probe = Probe("of x", lambda mine: {"std": mine.f(1.0), "mean": 0.0}, says="{got.std}, not {right.std}.")
    assert _says(lambda x: 2 * x, lambda x: x, [probe]) == ["2, not 1."]


def test_an_error_that_is_asked_for_and_does_not_come_is_named() -> None:
    def right(x: Any) -> Any:
        raise ValueError

    assert _says(lambda x: 1.0, right, [_probe()]) == ["of x: it should raise ValueError, and gave 1."]


@pytest.mark.parametrize(
    ("draw", "form", "each"),
    [
        (lambda w: w.normal_(), "bell", True),
        (lambda w: w.uniform_(-1, 1), "box", True),
        (lambda w: w.bernoulli_(0.5).sub_(0.5), "neither", False),
        (lambda w: w.copy_(torch.randn(50)), "bell", False),
        (lambda w: w.zero_(), "neither", False),
    ],
)
def test_draws_are_told_by_their_form(draw: Any, form: str, each: bool) -> None:
    torch.manual_seed(0)
    said = of_draws(draw(torch.empty(400, 50)))
    assert each == said["drawn"]
    assert form == said["form"] or not each


def test_what_is_said_of_a_wrong_fill_goes_into_the_line_of_a_report() -> None:
    """All of it: what was cut off was the last of what was asked."""

    class Mine:
        @staticmethod
        def fill(w: torch.Tensor) -> torch.Tensor:
            return w.fill_(0.0123456)

    said = shown(plain(Fills("fill").weight((240, 80))(Mine)))
    assert said.endswith("form neither, drawn no, filled yes")
    assert len(said) <= 65


def test_a_sentence_may_name_the_first_numbers_that_differ() -> None:
    mistakes = [Mistake("{got1} for {right1}, of {got}", f=lambda x: (x + 1).clamp(min=0))]
    assert _says(mistakes[0].module.f, lambda x: (x + 1).relu() * 2, [_probe()], mistakes) == [
        "1 for 2, of 0, 0, 0, 0, 0, 1 …"
    ]
    assert _says(
        lambda x: {"a": x, "b": -x},
        lambda x: {"a": x, "b": x},
        [_probe()],
        [Mistake("{got1}", f=lambda x: {"a": x, "b": -x})],
    ) == ["5"]


def test_a_mistake_may_have_to_fit_on_every_probe() -> None:
    probes = [_probe(x) for x in (-1.0, 2.0, 3.0)]
    turned = [Mistake("turned", f=lambda x: abs(x))]

    def says(mine: Any, whole: bool) -> list[str]:
        return [check.says for check in verdicts(_Of(mine, lambda x: x), probes, turned, whole=whole)]

    assert says(abs, whole=True) == ["turned", "", ""]
    assert says(lambda x: 1.0, whole=False)[0] == "turned"
    assert says(lambda x: 1.0, whole=True)[0] == "of x: -1 is right, yours gives 1."


def test_what_one_answer_switches_off_is_on_for_the_next() -> None:
    def switching(x: Any) -> bool:
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        return before

    assert _says(switching, lambda x: True, [_probe(), _probe()]) == []
    assert torch.is_grad_enabled()
