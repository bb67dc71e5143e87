"""The command itself: its options, its errors, and the playground where no other command follows."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay import __version__
from initplay.look import FPS, MOST_FPS, SLOW_FPS, look_for, why_ascii
from initplay.opening import class_folder_of, is_terminal
from initplay.words.spelling import speak

if TYPE_CHECKING:
    from initplay.course.course import Course
    from initplay.course.own_net import OwnNet
    from initplay.learner.progress import Progress
    from initplay.look import Look
    from initplay.recording.run import Run


class Failure(click.ClickException):
    """It was asked for rightly, and did not work; one sentence. Exit code 1."""


class Wrong(click.UsageError):
    """It was asked for wrongly; one sentence. Exit code 2."""


@dataclass(frozen=True)
class Everywhere:
    """The options before the command."""

    lessons: Path | None
    device: str | None
    data: str | None
    look: Look
    class_folder: Path | None = None
    """Where a class is told of what is done; None where there is none."""
    name: str | None = None
    """The learner's, in that class."""

    def course(self) -> Course:
        from initplay.course.course import Course
        from initplay.course.lesson import CourseError

        try:
            course = Course.load(self.lessons)
        except CourseError as error:
            raise Wrong(str(error)) from error
        if not course.lessons:
            more = f" (`initplay lint {course.path}` lists all {len(course.problems)} mistakes)"
            raise Wrong(
                f"No lesson in {course.path} can be used: {course.problems[0]}"
                f"{more if len(course.problems) > 1 else ''}."
            )
        return course

    def progress(self) -> Progress:
        """The learner's, of which the class is told where there is one. Close it, and read its warning."""
        if self.class_folder:
            from initplay.classroom.progress import ClassProgress

            return ClassProgress.join(self.class_folder, name=self.name)
        from initplay.learner.progress import Progress

        return Progress.open()


class Commands(click.Group):
    """Commands that name their nearest neighbour when asked for one that is not there."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names:
            from initplay.words.nearest import did_you_mean

            if args[0].partition(".py:")[0].removesuffix(".py") != args[0]:
                raise Wrong(f"{args[0]!r} is no command: `initplay examine {args[0]} --open` opens a net.")
            raise Wrong(
                f"No command {args[0]!r}{did_you_mean(args[0], names)}: there are {', '.join(names)}. "
                "The lessons open with `initplay` alone."
            )
        return super().resolve_command(ctx, args)


as_json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable, on stdout.")
DEVICES = "cpu, cuda, cuda:1, mps"
device_option = click.option(
    "--device", metavar="NAME", help=f"{DEVICES}; by default the first GPU there is."
)
data_option = click.option(
    "--data", metavar="WHICH", help="embedded, full, or a path; the best there is by default."
)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--lessons", metavar="DIR", type=click.Path(path_type=Path), help="Another folder of lessons.")
@device_option
@data_option
@click.option(
    "--ascii/--no-ascii",
    default=None,
    help="Nothing but ASCII (JSON aside), or all of Unicode; by default as the terminal's own settings say.",
)
@click.option(
    "--fps",
    metavar="N",
    type=click.IntRange(1, MOST_FPS),
    help=f"Redraws of a chart per second, 1 to {MOST_FPS}; {FPS} by default.",
)
@click.option(
    "--slow-line",
    is_flag=True,
    help=f"For a slow connection: {SLOW_FPS} redraws a second, and nothing that moves by itself.",
)
@click.option(
    "--class",
    "class_folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Take part in a class: what you predict, reach and solve is told in that folder.",
)
@click.option("--as", "name", metavar="NAME", help="Your name in the class; asked once, or made up.")
@click.version_option(__version__, message="initplay %(version)s")
@click.pass_context
def initplay(
    context: click.Context,
    lessons: Path | None,
    device: str | None,
    data: str | None,
    ascii: bool | None,
    fps: int | None,
    slow_line: bool,
    class_folder: Path | None,
    name: str | None,
) -> int | None:
    """Learn weight initialization by running it. Without a command: the playground, where you left off."""
    if ascii is not None:
        speak("ascii" if ascii else "utf-8")
    elif is_terminal(sys.stdout) and why_ascii(os.environ):
        speak("ascii")
    look = look_for(ascii=ascii, fps=fps, slow_line=slow_line)
    folder = _class_folder(class_folder, name)
    context.obj = Everywhere(lessons, device, data, look, folder, name)
    if context.invoked_subcommand is not None:
        return None
    return play(context.obj, recording=None)


def _class_folder(asked: Path | None, name: str | None) -> Path | None:
    """The one to tell. One that was typed must be there; what the environment names may be gone for now."""
    if asked and not os.path.isdir(asked):
        raise Wrong(f"--class {asked} is no folder: name the one that your instructor has made.")
    folder = class_folder_of(asked)
    if name is not None and folder is None:
        raise Wrong("--as is a name in a class: name its folder with --class DIR.")
    return folder


def play(
    everywhere: Everywhere, recording: Run | None, net: OwnNet | None = None, device: str | None = None
) -> int:
    """The playground, on a saved run or a net where one is given."""
    from initplay.opening import CannotOpen, open_playground

    data = usable_data(everywhere.data or "auto")
    device = device or everywhere.device or "auto"
    try:
        return open_playground(
            everywhere.lessons,
            data=data,
            device=device,
            recording=recording,
            net=net,
            look=everywhere.look,
            class_folder=everywhere.class_folder,
            name=everywhere.name,
        )
    except CannotOpen as error:
        raise Wrong(str(error)) from error


def usable_data(data: str) -> str:
    """Refuse digits that are not there, before torch takes its seconds; the lab looks inside the files."""
    if data in ("auto", "embedded"):
        return data
    from initplay.lab.mnist.dataset import cache_dir
    from initplay.lab.mnist.files import Unusable, locate

    try:
        locate(cache_dir() if data == "full" else Path(data).expanduser())
    except Unusable as error:
        mend = "run `initplay data fetch`" if data == "full" else "point --data to MNIST's files"
        raise Wrong(f"{error}; {mend}, or choose `--data embedded`.") from error
    return data
