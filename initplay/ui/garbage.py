"""Garbage is looked for while nobody waits for an answer.

Once enough has been made, Python looks through all that lives. That is while a screen is built for a key, and
with a lesson open there are 125,000 things: every few keys it took longer than the key itself.
"""

from __future__ import annotations

import asyncio
import gc

REST = 1.5
"""Seconds without a key after which it is looked for."""
_SELDOM = 20
"""Looks at what is young before one at all that lives, should there be no rest, or no key for long; Python's
own number is 10. Over 1,400 runs without a rest 20 stays below 112 MB, 100 below 124; keys take the same."""


def leave_for_rests() -> None:
    """What has been made until now stays; of what comes, only the young is looked through before a rest."""
    gc.freeze()
    gc.enable()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _SELDOM)


def leave_for(seconds: float) -> None:
    """Look through nothing, the young neither, for at most so long: of the keys that build a screen it took a
    tenth, of some a quarter. Where keys come faster, that of an earlier one ends within a later one."""
    gc.disable()
    asyncio.get_running_loop().call_later(seconds, gc.enable)
