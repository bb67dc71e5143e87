"""What comes of a finding's cures, each tried on a copy of the net: only what is seen to help is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from initplay.lab.events import Verdict
from initplay.lab.examining.chains import head_of
from initplay.lab.examining.cures import Cure, NoCopy, NotApplied, Patient
from initplay.lab.examining.finding import Finding, Judge
from initplay.lab.examining.inputs import called_with, moved
from initplay.lab.examining.losses import Losing
from initplay.lab.examining.loud import is_louder, of_the_head, with_a_quiet_head
from initplay.lab.examining.refused import Refused
from initplay.lab.examining.xray import Xray, look


class _Outcome(NamedTuple):
    mends: bool
    """Whether the fault is gone."""
    harms: bool
    """Whether something else is worse than it was."""
    said: str
    """What it gives, in words."""


@dataclass
class Trial:
    """A net as it is, beside which its cured copies are held."""

    patient: Patient
    before: Xray
    way: Losing | None

    def verdict_on(self, finding: Finding) -> Verdict:
        """The finding with the first of its cures that helps. One that mends the fault and harms by that is
        tried again with a smaller head, to which it may bring more than ever came."""
        if finding.judge is None or not finding.cures:
            return untried(finding)
        tried: list[str] = []
        alone = ""
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
            if outcome.mends and not outcome.harms:
                said = f"{finding.text}; {alone}{cure.what} gives {outcome.said}."
                return Verdict(finding.layer, said, cure.change)
            tried.append(f"{cure.what} gives {outcome.said}")
            head = head_of(self.before)
            if outcome.mends and head and not alone and not finding.fills_head:
                left = [*with_a_quiet_head(self.patient.net, head, cure), *left]
                alone = f"{cure.what} alone gives {outcome.said}, and {of_the_head(head)}; "
        return Verdict(
            finding.layer, f"{finding.text}; nothing that was tried is a cure: {'; '.join(tried)}."
        )

    def _outcome(self, cure: Cure, judge: Judge) -> _Outcome:
        cured = self.patient.cured(cure)
        after = look(cured.net, called_with(cured.net, moved(cured.x, cured.net)), cured.y, self.way)
        mends, said = judge(after)
        return _Outcome(mends, is_louder(after, self.before), said)


def untried(finding: Finding) -> Verdict:
    """The finding with the likeliest of its cures."""
    return Verdict(finding.layer, f"{finding.text}.", finding.cures[0].change if finding.cures else None)
