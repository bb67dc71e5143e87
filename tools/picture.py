"""Make docs/screen.svg, the picture in the README: the real playground, running the real blow-up.

python tools/picture.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from initplay.course.course import Course
from initplay.learner.progress import Progress
from initplay.ui.app import Playground
from initplay.ui.lesson.screen import LessonScreen

SIZE = (130, 38)
STEP = 2
"""A hundred layers, counted from 0."""
LAYER = 19


async def picture(path: Path) -> None:
    """Run `blowup/chain`, go back to a layer before the end, and save what the screen shows."""
    course = Course.load()
    with tempfile.TemporaryDirectory() as home:
        app = Playground(course, Progress.open(Path(home) / "progress.db"), device="cpu", data="embedded")
        async with app.run_test(size=SIZE) as pilot:
            screen = LessonScreen(course.find("blowup"), app.engine, app.machine, app.progress, step=STEP)
            await app.push_screen(screen)
            await screen.action_run()  # though what the step asks has no answer
            while screen.session.attempt is None or screen.session.attempt.live:
                await pilot.pause(0.1)
            run = screen.session.attempt.run
            positions = [run.position(moment) for moment in range(run.moments)]
            screen.session.scrub_to(positions.index(LAYER))
            await pilot.pause(1)  # the charts are drawn ten times a second
            app.save_screenshot(str(path))


if __name__ == "__main__":
    asyncio.run(picture(Path(__file__).parents[1] / "docs" / "screen.svg"))
