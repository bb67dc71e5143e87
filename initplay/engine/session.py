"""How much of a busy machine a session has: Linux may share the cores out among sessions first, and weigh
niceness within each alone."""

from __future__ import annotations

BEHIND, AS_OTHERS = 10, 0
"""How nice a session is: one of runs, and any other."""
AGAIN = 0.1
"""Seconds: of all sessions of a machine, Linux lets one be changed in so long."""


def weigh(leader: int, niceness: int) -> bool:
    """Weigh the session that this process leads so against others; False where it has to be tried again.

    Where sessions are not weighed, or not by us, there is nothing to try.
    """
    try:
        with open(f"/proc/{leader}/autogroup", "w") as session:
            session.write(str(niceness))
    except BlockingIOError:
        return False
    except OSError:  # no such file, no such process, or a /proc that is only to be read
        pass
    return True
