"""Which process belongs to which visit, and which visits take too much: rules on a table of processes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from initplay.engine.peer import name_of_server_for


@dataclass(frozen=True)
class Row:
    """One process, as the system lists it."""

    parent: int
    session: int
    name: str = ""
    size: int = 0
    """Bytes in memory, what it shares with others included."""
    is_stopped: bool = False
    is_over: bool = False
    """Whether it has ended, and nobody has asked how."""
    began: float = 0.0
    """By the system's clock: whose number is the same and whose beginning is not is another process."""


@dataclass(frozen=True)
class Belonging:
    """Whose processes those are that this one has started."""

    of: dict[int, set[int]]
    """By the playground's process, which is not among them: all that was started for it."""
    strays: set[int] = field(default_factory=set)
    """Of no playground that is open: it detached itself from one that may be gone."""


def belonging(
    table: Mapping[int, Row],
    ours: int,
    playgrounds: Collection[int],
    fork_server: int,
    known: Collection[int],
) -> Belonging:
    """Sort the processes below `ours`; those in `known`, and all below them, are left alone.

    Whose parent has ended is a child of ours on Linux, and still of the session of the playground, or of the
    process that forks for it.
    """
    by_name = {name_of_server_for(one): one for one in playgrounds}
    forks_for = {
        pid: by_name[row.name]
        for pid, row in table.items()
        if row.parent == fork_server and row.name in by_name
    }
    sessions = {one: one for one in playgrounds} | forks_for
    found = Belonging({one: set() for one in playgrounds})

    for pid in table:
        if pid in playgrounds or pid in forks_for or pid == ours:
            continue
        top, climbed = pid, {pid}
        while (above := table[top].parent) in table and above not in climbed and above != ours:
            if above in playgrounds or above in forks_for or above == fork_server:
                break
            climbed.add(above)
            top = above
        if above in playgrounds:
            found.of[above].add(pid)
        elif above in forks_for:
            found.of[forks_for[above]].add(pid)
        elif above == ours and top != fork_server and top not in known:
            if table[top].session in sessions:
                found.of[sessions[table[top].session]].add(pid)
            else:
                found.strays.add(pid)
    return found


def below(table: Mapping[int, Row], roots: Collection[int]) -> set[int]:
    """Those of the table that are `roots`, or were started by one of them, at any remove."""
    found = {pid for pid in roots if pid in table}
    while new := {pid for pid, row in table.items() if row.parent in found} - found:
        found |= new
    return found


@dataclass(frozen=True)
class Bounds:
    """What may be started in a visit, which is one tab's; its screen has as much memory again."""

    processes: int = 100
    memory: int = 2 * 2**30
    """Bytes."""

    def too_much(self, processes: int, memory: int) -> str:
        """A sentence for the visitor; empty where all is well."""
        if processes > self.processes:
            return (
                f"What you ran was ended: {processes} processes are more than the {self.processes} allowed."
            )
        if memory > self.memory:
            return f"What you ran was ended: {self._more_than_allowed(memory)}"
        return ""

    def too_large(self, memory: int) -> str:
        """A sentence for the visitor whose screen takes so many bytes; empty where all is well."""
        if memory > self.memory:
            return f"The playground was ended: {self._more_than_allowed(memory)}"
        return ""

    def _more_than_allowed(self, memory: int) -> str:
        had, most = (f"{size / 2**30:.1f} GB" for size in (memory, self.memory))
        return f"{had} of memory are more than the {most} allowed."
