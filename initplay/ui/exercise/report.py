"""What the checks say of a text, as styled words."""

from __future__ import annotations

import re

from textual.content import Content

from initplay.lab.events import Check, Failed
from initplay.ui.exercise.desk import Desk
from initplay.ui.exercise.verdict import Verdict
from initplay.words.harmless import harmless, harmless_line

BEFORE_THE_FIRST = "ctrl+s writes it to your file and checks it · ctrl+t gives a hint"
_QUIET = "$foreground 65%"
_GAP = Content("   ")
_BESIDE = 60
"""Characters of what is right and what came that still go into one line of a narrow screen."""
_STYLES = {
    "checking": "$text-primary",
    "passed": "$text-success",
    "missed": "$text-error",
    "failed": "$text-error",
    "stopped": "$text-warning",
}


def outcome(desk: Desk) -> Content:
    """How the text stands, and the first thing that is wrong with it in full."""
    verdict = desk.verdict
    if verdict is None:
        return Content.styled(BEFORE_THE_FIRST, _QUIET)
    lines = [Content.styled(desk.headline, f"bold {_STYLES[verdict.state]}")]
    if isinstance(verdict.ending, Failed):
        lines.append(Content(harmless(verdict.ending.message)))
    elif verdict.state == "missed":
        lines += [line for failure in verdict.failures[:1] for line in _first(failure)]
    elif verdict.state == "passed":
        lines.append(Content.styled(_next(desk), _QUIET))
    return Content("\n").join(lines)


def _first(failure: Check) -> list[Content]:
    """The check that is to be mended first: its sentence, then what is right and what came."""
    said = Content.assemble(
        ("✗ ", "$text-error"), (harmless_line(failure.name), "bold"), "\n", harmless(failure.says)
    )
    if _says(failure, failure.expected) and _says(failure, failure.got):
        return [said]
    expected, got = harmless_line(failure.expected), harmless_line(failure.got)
    apart = "   " if len(expected) + len(got) < _BESIDE else "\n"
    numbers = Content.assemble(("expected ", _QUIET), expected, apart, ("got ", _QUIET), got)
    return [said, numbers]


def _says(failure: Check, value: str) -> bool:
    """Whether its sentence has these numbers in it, without the shape of `(2, 2): 0, 2, 13, 30`."""
    numbers = value.partition("): ")[2] if value.startswith("(") else value
    return bool(re.search(rf"(?<![\w.-]){re.escape(numbers)}(?!\w|\.\d)", failure.says))


def _next(desk: Desk) -> str:
    run = f"F5 runs {desk.exercise.experiment} with yours · " if desk.can_run_it else ""
    level = "the next level" if desk.next_level > desk.level else f"level {desk.next_level}"
    return f"{run}ctrl+g shows the solution beside yours · ctrl+n goes to {level}"


def checks(verdict: Verdict | None, width: int | None) -> Content:
    """Every check, passed, failed or not reached by sign and hue: one a line or, given a width, as many as go
    into one."""
    if verdict is None:
        return Content()
    each = [
        Content.assemble(_sign(check), (harmless_line(check.name), "$foreground" if check.failed else _QUIET))
        for check in verdict.checks
    ]
    rows: list[Content] = []
    for check in each:
        if width and rows and rows[-1].cell_length + len(_GAP) + check.cell_length <= width:
            rows[-1] += _GAP + check
        else:
            rows.append(check)
    return Content("\n").join(rows)


def _sign(check: Check) -> tuple[str, str]:
    if check.passed:
        return "✓ ", "$text-success"
    return ("✗ ", "bold $text-error") if check.failed else ("– ", _QUIET)


def printed(verdict: Verdict | None) -> Content:
    """What the code printed while it was checked."""
    if verdict is None or not verdict.printed:
        return Content()
    lines = "\n".join(map(harmless, verdict.printed.rstrip("\n").split("\n")))
    return Content.assemble(("it printed:", _QUIET), "\n", lines)
