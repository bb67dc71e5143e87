"""What is said of an answer that is wrong: the sentence of a mistake only where that was made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from initplay.lab.checking import Answer, Mistake, Probe, answer, verdicts
from initplay.words.blanks import blanks_in


class Learner:
    """One whose `f` is asked in this process, and one whose `f` is right."""

    blanks: list[int] = []
    """Of its text, as a process that has one says."""

    def __init__(self, f: Any, right: Any) -> None:
        self.mine, self.right = SimpleNamespace(f=f), SimpleNamespace(f=right)

    def of(self, _number: int, probe: Probe) -> Answer:
        return answer(probe, self.mine)


def said(f: Any, right: Any, *mistakes: Mistake, of: Any = (3, 4), **how: Any) -> list[str]:
    probes = [Probe(f"f({x})", lambda mine, x=x: mine.f(x)) for x in of]
    return [check.says for check in verdicts(Learner(f, right), probes, mistakes, **how)]


def missing(name: str) -> Any:
    return lambda x: getattr(x, name)


def test_an_error_is_a_known_one_only_if_it_says_the_same() -> None:
    known = Mistake("You forgot b.", f=missing("b"))
    assert said(missing("b"), abs, known) == ["You forgot b."] * 2
    assert all("attribute 'c'" in says for says in said(missing("c"), abs, known))


def test_a_mistake_that_must_fit_as_a_whole_says_nothing_of_a_part() -> None:
    three = Mistake("It is always 3.", f=lambda x: 3)
    assert said(lambda x: x - 1, lambda x: x, three) == [
        "f(3): 3 is right, yours gives 2.",
        "It is always 3.",
    ]
    assert said(lambda x: x - 1, lambda x: x, three, whole=True)[1] == "f(4): 4 is right, yours gives 3."
    assert said(lambda x: 3, lambda x: x, three, whole=True) == ["", "It is always 3."]


def test_another_kind_of_value_is_called_by_its_kind() -> None:
    for given, kind in (
        (torch.ones(1), "a tensor of shape (1,)"),
        ([1], "1 result in a list or tuple"),
        ("1", "text"),
        (True, "yes or no"),
        ({"a": 1}, "(a)"),
        (abs, "<builtin_function_or_method>"),
    ):
        assert said(lambda x, given=given: given, lambda x: 1, of=[1]) == [
            f"f(1): it gave {kind} where one number is right."
        ]
    assert said(lambda x: torch.ones(2), lambda x: torch.ones(1), of=[1]) == [
        "f(1): it gave a tensor of shape (2,) where a tensor of shape (1,) is right."
    ]
    assert said(lambda x: {"a": [2.0], "b": "None"}, lambda x: {"a": 2.0, "b": "None"}, of=[1]) == [
        "f(1), a: it gave 1 result in a list or tuple where one number is right."
    ]
    assert said(lambda x: [1, "None"], lambda x: (1, None), of=[1]) == [
        "f(1), result 2: it gave text where None is right."
    ]


def test_a_blank_is_called_a_blank() -> None:
    assert (
        said(lambda x: ..., abs)
        == said(lambda x: x * ..., abs)
        == ["A blank, `...`, is still to be filled in."] * 2
    )


def test_of_several_blanks_all_are_named_though_the_code_stops_at_the_first() -> None:
    text = "def f(x):\n    a = ...\n    b = ...\n    return a * x[..., 0] + b\n"
    assert [blank.line for blank in blanks_in(text)] == [2, 3]
    for blanks, says in (
        ([2, 3], "2 blanks, `...`, are still to be filled in (lines 2 and 3)."),
        ([2, 3, 5], "3 blanks, `...`, are still to be filled in (lines 2, 3 and 5)."),
        ([2, 2], "2 blanks, `...`, are still to be filled in (line 2)."),
        ([3], "A blank, `...`, is still to be filled in (line 3)."),
    ):
        learner = Learner(lambda x: ..., abs)
        learner.blanks = blanks
        assert [check.says for check in verdicts(learner, [Probe("f(3)", lambda mine: mine.f(3))], [])] == [
            says
        ]


def test_of_many_numbers_the_first_that_differs_is_named() -> None:
    many = [1, 1, 1, 2, 2, 1, 1]
    known = Mistake("Not {got1} but {right1}.", f=lambda x: x * torch.tensor([1, 1, 1, 3, 4, 1, 1]))
    right = lambda x: x * torch.tensor(many)  # noqa: E731
    assert said(lambda x: x * torch.tensor([1, 1, 1, 3, 5, 1, 1]), right, of=[1]) == [
        "f(1), entry [3]: 2 is right, yours gives 3."
    ]
    assert said(lambda x: x * torch.tensor([1, 1, 1, 3, 4, 1, 1]), right, known, of=[1]) == ["Not 3 but 2."]
    named = Mistake("Not {got1} but {right1}.", f=lambda x: {"a": 1, "b": torch.tensor([2, 4])})
    b_is = lambda b: lambda x: {"a": 1, "b": torch.tensor(b)}  # noqa: E731
    assert said(b_is([2, 4]), b_is([2, 3]), named, of=[1]) == ["Not 4 but 3."]


def test_a_sentence_with_a_first_number_is_said_of_an_error_too() -> None:
    """An answer that is no tensor has no first number: it is named itself."""

    def wrong(x: int) -> Any:
        if x > 3:
            raise ValueError("too large")
        return torch.tensor([x, 0])

    known = Mistake("{got1} where {right1} is right", f=wrong)
    assert said(wrong, lambda x: torch.tensor([x, 1]), known) == [
        "0 where 1 is right",
        "ValueError where 4, 1 is right",
    ]
