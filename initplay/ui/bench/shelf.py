"""What was on the benches of lessons that were left, for when the learner comes back: in memory in this
start, on disk in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from initplay.recording.packed import Bench
    from initplay.ui.bench.left import Left

MAX_BYTES = 128 * 2**20
"""Of the recordings of all lessons together, roughly."""
MAX_ON_DISK = 8
"""Of one lesson, in MB; `learner/benches` is imported when it is needed."""


class Shelf:
    """What stands on it longest goes first, when there is no more room. Files are written and read one after
    the other, on a thread."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        """`say` is told, once, why files cannot be written; without it there are no files."""
        self._by_lesson: dict[str, Left] = {}
        self._say = say
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._unfinished: set[str] = set()
        """Lessons that were written while a run of theirs had not ended."""
        self._unread: set[str] = set()
        """Lessons with a file from an earlier start that could not be read, and is still there."""
        self._closing = False
        self._told: set[tuple[str, int]] = set()
        """Runs that were said to have found no room on disk."""

    def put(self, lesson: str, left: Left) -> None:
        """Keep what a lesson was left with."""
        self._by_lesson.pop(lesson, None)
        self._by_lesson[lesson] = left
        while len(self._by_lesson) > 1 and self._size > MAX_BYTES:
            del self._by_lesson[next(iter(self._by_lesson))]
        if self._say is not None and left.live:
            self._unfinished.add(lesson)
        self.copy(lesson, left)

    def copy(self, lesson: str, left: Left) -> None:
        """Keep on disk what is on the bench of a lesson that is open: who is killed leaves nothing."""
        if self._say is not None:
            self._begin(self._write(lesson, left.packed()))

    def take(self, lesson: str) -> Left | None:
        """Take it down again; None where there is nothing in memory."""
        self._unfinished.discard(lesson)
        return self._by_lesson.pop(lesson, None)

    def fetch(self, lesson: str, then: Callable[[Bench | None], None]) -> None:
        """Read what an earlier start kept of a lesson, and hand it over."""
        if self._say is None:
            then(None)
        else:
            self._begin(self._read(lesson, then))

    async def close(self) -> None:
        """Write what is to be written yet; the processes of all runs are gone by now."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        self._closing = True
        for lesson in self._unfinished & self._by_lesson.keys():
            left = self._by_lesson[lesson]
            left.end_what_goes_on()
            await self._write(lesson, left.packed())

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, lesson: str, bench: Bench) -> None:
        from initplay.learner import benches
        from initplay.learner.saved import NotKept

        try:
            async with self._turn:
                unread = lesson in self._unread
                left_out = await asyncio.to_thread(benches.write, lesson, bench, unread=unread)
            self._unread.discard(lesson)
            self._say_what_was_left_out(lesson, left_out)
        except NotKept as error:
            if self._tell(str(error)):
                self._say = _nothing_more

    def _say_what_was_left_out(self, lesson: str, numbers: list[int]) -> None:
        """Once for each run, those that stay in memory alone: what is large can be saved as a file."""
        new = [number for number in numbers if (lesson, number) not in self._told]
        self._told |= {(lesson, number) for number in new}
        if new:
            runs = f"run{'s' * (len(new) > 1)} {', '.join(map(str, new))}"
            self._tell(
                f"Of {lesson}, {runs} will not be there in the next start: {MAX_ON_DISK} MB are kept. "
                "ctrl+s in the lesson saves a run as a file."
            )

    async def _read(self, lesson: str, then: Callable[[Bench | None], None]) -> None:
        from initplay.learner import benches

        bench = None
        try:
            async with self._turn:
                bench = await asyncio.to_thread(benches.read, lesson)
        except benches.NotRead as error:
            if error.stays:
                self._unread.add(lesson)
            self._tell(str(error))
        then(bench)

    def _tell(self, sentence: str) -> bool:
        """Whether there is somebody to be told."""
        if self._say is None or self._closing:
            return False
        self._say(sentence)
        return True

    @property
    def _size(self) -> int:
        return sum(left.kept.size for left in self._by_lesson.values())


def _nothing_more(sentence: str) -> None:
    """What was said once need not be said again."""
