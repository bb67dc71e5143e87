"""What was on the benches of lessons that were left, for when the learner comes back: in memory in this
start, on disk in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from initplay.learner.benches import Benches
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
        """`say` is told, once, why files cannot be read or written; without it there are no files."""
        self._by_lesson: dict[str, Left] = {}
        self._say = say
        self._files: Benches | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._unfinished: set[str] = set()
        """Lessons that were written while a run of theirs had not ended."""
        self._closing = False
        self._left_out: set[tuple[str, int]] = set()
        """Runs that were said to have found no room on disk."""
        self._told: set[str] = set()
        """Sentences, each of which is said once."""
        self.kept_by_another: list[str] = []
        """Lessons whose runs go with this playground, since another one keeps its own of them."""

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
            await self._do(self._write(lesson, left.packed()))
        if self._files is not None:
            self._files.close()

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(self._do(doing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        """Alone, and whatever comes of it."""
        async with self._turn:
            try:
                await doing
            except OSError as error:  # there are too many open files to import what it needs
                why = (error.strerror or str(error)).lower()
                self._tell(f"Runs are neither read nor kept now ({why}).")

    def _opened(self) -> Benches:
        if self._files is None:
            from initplay.learner.benches import Benches

            self._files = Benches()
        return self._files

    async def _write(self, lesson: str, bench: Bench) -> None:
        from initplay.learner.benches import KeptByAnother
        from initplay.learner.saved import NotKept

        try:
            written = await asyncio.to_thread(self._opened().write, lesson, bench)
        except NotKept as error:
            if isinstance(error, KeptByAnother) and lesson not in self.kept_by_another:
                self.kept_by_another.append(lesson)
            self._tell(str(error))
            return
        if written.aside is not None:
            self._tell(f"What was kept of {lesson} before, and not read here, lies in {written.aside}.")
        self._say_what_was_left_out(lesson, written.left_out)

    def _say_what_was_left_out(self, lesson: str, numbers: list[int]) -> None:
        """Once for each run, those that stay in memory alone: what is large can be saved as a file."""
        new = [number for number in numbers if (lesson, number) not in self._left_out]
        self._left_out |= {(lesson, number) for number in new}
        if new:
            runs = f"run{'s' * (len(new) > 1)} {', '.join(map(str, new))}"
            self._tell(
                f"Of {lesson}, {runs} will not be there in the next start: {MAX_ON_DISK} MB are kept. "
                "ctrl+s in the lesson saves a run as a file."
            )

    async def _read(self, lesson: str, then: Callable[[Bench | None], None]) -> None:
        try:
            bench = await self._kept_of(lesson)
        except OSError:
            then(None)
            raise
        then(bench)

    async def _kept_of(self, lesson: str) -> Bench | None:
        from initplay.learner.benches import NotRead

        try:
            return await asyncio.to_thread(self._opened().read, lesson)
        except NotRead as error:
            self._tell(str(error))
            return None

    def _tell(self, sentence: str) -> None:
        """Once, and nobody who has left."""
        if self._say and not self._closing and sentence not in self._told:
            self._told.add(sentence)
            self._say(sentence)

    @property
    def _size(self) -> int:
        return sum(left.kept.size for left in self._by_lesson.values())
