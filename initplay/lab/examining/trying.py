"""What comes of a finding's cures, each tried on a copy of the net: only what is seen to help is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from initplay.lab.events import Verdict
from initplay.lab.examining import cures
from initplay.lab.examining.chains import head_of
from initplay.lab.examining.cures import Cure, NoCopy, NotApplied, Patient
from initplay.lab.examining.finding import Finding, Judge
from initplay.lab.examining.inputs import called_with, moved
from initplay.lab.examining.losses import Losing
from initplay.lab.examining.loud import is_louder, of_the_head, with_a_quiet_head
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.training import Learning, ends_worse
from initplay.lab.examining.xray import Xray, look
from initplay.words.numbers import short

_SLOWER = 1.05
"""Of the loss without a cure: whose loss is above that with one, learns more slowly at the same rate."""


class _Outcome(NamedTuple):
    mends: bool
    """Whether the fault is gone."""
    louder: bool
    """Whether the first loss is worse than it was."""
    ends_worse: bool
    """Whether training is."""
    said: str
    """What it gives, in words."""


@dataclass
class Trial:
    """A net as it is, beside which its cured copies are held."""

    patient: Patient
    before: Xray
    way: Losing | None
    learning: Learning | None
    """How the net as it is has learned, where steps were asked for."""

    def verdict_on(self, finding: Finding) -> Verdict:
        """The finding with the first of its cures that helps. One that mends the fault, and makes the loss
        worse by that, is tried again with more."""
        if finding.judge is None or not finding.cures:
            return untried(finding)
        tried: list[str] = []
        alone = ""
        added: set[bool] = set()
        """What a cure was tried with besides: once a quieter head, and once a smaller rate."""
        left = list(finding.cures)
        while left:
            cure = left.pop(0)
            try:
                outcome = self._outcome(cure, finding.judge)
            except NoCopy as error:
                said = f"{finding.text}; not tried, for the net cannot be copied ({error})."
                return Verdict(finding.layer, said, cure.change)
            except (NotApplied, Refused) as error:
                tried.append(f"{cure.what}, and then: {str(error).rstrip('.')}")
                continue
            if outcome.mends and not outcome.louder and not outcome.ends_worse:
                said = f"{finding.text}; {alone}{cure.what} gives {outcome.said}."
                return Verdict(finding.layer, said, cure.change)
            tried.append(f"{cure.what} gives {outcome.said}")
            if outcome.mends and outcome.louder not in added:
                added.add(outcome.louder)
                more, why = self._with_more(cure, outcome, finding)
                left = [*more, *left]
                alone = alone or (f"{cure.what} alone gives {outcome.said}{why}; " if more else "")
        return Verdict(
            finding.layer, f"{finding.text}; nothing that was tried is a cure: {'; '.join(tried)}."
        )

    def _with_more(self, cure: Cure, outcome: _Outcome, finding: Finding) -> tuple[list[Cure], str]:
        """The cure with what else has to change where more comes through, and why: the head, or the rate."""
        if not outcome.louder:
            return [cures.slower(cure, self.patient.lr / 10)], ""
        head = head_of(self.before)
        if head is None or finding.fills_head:
            return [], ""
        return with_a_quiet_head(self.patient.net, head, cure), f", and {of_the_head(head)}"

    def _outcome(self, cure: Cure, judge: Judge) -> _Outcome:
        cured = self.patient.cured(cure)
        after = look(cured.net, called_with(cured.net, moved(cured.x, cured.net)), cured.y, self.way)
        mends, said = judge(after)
        louder = is_louder(after, self.before)
        del after  # its gradients are as large as the net
        without = self.learning.losses if self.learning else []
        if self.learning is None or not without or not mends or louder:
            return _Outcome(mends, louder, False, said)
        losses = self.learning.losses_with(cured)
        rate = ", so that another rate may be due" if losses[-1] > _SLOWER * without[-1] else ""
        said += (
            f", and after {self.learning.steps} steps at a learning rate of {cured.lr:g} a loss of "
            f"{short(losses[-1], 4)} (without it: {short(without[-1], 4)}{rate})"
        )
        return _Outcome(mends, louder, ends_worse(losses, without), said)


def untried(finding: Finding) -> Verdict:
    """The finding with the likeliest of its cures."""
    return Verdict(finding.layer, f"{finding.text}.", finding.cures[0].change if finding.cures else None)
