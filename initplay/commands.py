"""The commands. Each imports what it needs when it runs, so that none pays for another."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from initplay import __version__
from initplay.opening import has_terminal, is_dumb, is_terminal
from initplay.spelling import SPELL, speak, spelled
from initplay.ui.look import FPS, MOST_FPS, SLOW_FPS, look_for, why_ascii

if TYPE_CHECKING:
    from initplay.calibration import Calibration
    from initplay.course import Course
    from initplay.headless import Request
    from initplay.lab.events import Recorded
    from initplay.lesson import Lesson
    from initplay.progress import LessonState
    from initplay.run import Run
    from initplay.signature import Experiment
    from initplay.ui.look import Look

DEFAULT_SEED = 42
LARGEST_SEED = 2**63 - 1  # a seed travels to the worker as 64 bits


class Failure(click.ClickException):
    """It was asked for rightly, and did not work; one sentence. Exit code 1."""


class Wrong(click.UsageError):
    """It was asked for wrongly; one sentence. Exit code 2."""


@dataclass(frozen=True)
class _Everywhere:
    """The options before the command."""

    lessons: Path | None
    device: str | None
    data: str | None
    look: Look

    def course(self) -> Course:
        from initplay.course import Course, CourseError

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


class _Commands(click.Group):
    """Commands that name their nearest neighbour when asked for one that is not there."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names:
            from initplay.signature import did_you_mean

            raise Wrong(
                f"No command {args[0]!r}{did_you_mean(args[0], names)}: there are {', '.join(names)}."
            )
        return super().resolve_command(ctx, args)


_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable, on stdout.")
_device = click.option(
    "--device", metavar="NAME", help="cpu, cuda, cuda:1, mps; by default the first GPU there is."
)
_data = click.option(
    "--data", metavar="WHICH", help="embedded, full, or a path; the best there is by default."
)


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.option("--lessons", metavar="DIR", type=click.Path(path_type=Path), help="Another folder of lessons.")
@_device
@_data
@click.option(
    "--ascii/--no-ascii",
    default=None,
    help="Nothing but ASCII, or all of Unicode; by default what the terminal's own settings say.",
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
) -> int | None:
    """Learn weight initialization by running it. Without a command: the playground, where you left off."""
    if ascii is not None:
        speak("ascii" if ascii else "utf-8")
    elif is_terminal(sys.stdout) and why_ascii(os.environ):
        speak("ascii")
    context.obj = _Everywhere(lessons, device, data, look_for(ascii=ascii, fps=fps, slow_line=slow_line))
    if context.invoked_subcommand is not None:
        return None
    return _play(context.obj, run_file=None)


def _play(everywhere: _Everywhere, run_file: Path | None) -> int:
    from initplay.opening import CannotOpen, open_playground

    data = _usable_data(everywhere.data or "auto")
    device = everywhere.device or "auto"
    try:
        return open_playground(
            everywhere.lessons, data=data, device=device, run_file=run_file, look=everywhere.look
        )
    except CannotOpen as error:
        raise Wrong(str(error)) from error


@initplay.command("list")
@_json
@click.pass_obj
def list_lessons(everywhere: _Everywhere, as_json: bool) -> None:
    """The lessons, and the experiments that `run` takes."""
    course = everywhere.course()
    if as_json:
        _print_json(
            {
                "path": str(course.path),
                "lessons": [_lesson_fields(lesson) for lesson in course.lessons],
                "problems": [str(problem) for problem in course.problems],
            }
        )
        return
    for lesson in course.lessons:
        minutes = f"  ({lesson.minutes} min)" if lesson.minutes else ""
        _print(f"{lesson.folder_name}  {lesson.title}{minutes}")
        for experiment in lesson.experiments:
            _print(f"    {lesson.slug}/{experiment.name}  {_defaults(experiment)}".rstrip())
    for problem in course.problems:
        print(f"initplay: left out: {problem}", file=sys.stderr)


def _defaults(experiment: Experiment) -> str:
    return " ".join(f"{knob.name}={knob.format(knob.default)}" for knob in experiment.knobs)


def _lesson_fields(lesson: Lesson) -> dict[str, Any]:
    return {
        "number": lesson.number,
        "slug": lesson.slug,
        "folder": lesson.folder_name,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps": len(lesson.steps),
        "experiments": [asdict(experiment) for experiment in lesson.experiments],
        "exercise": lesson.exercise,
    }


@initplay.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def lint(everywhere: _Everywhere, folder: Path | None) -> int:
    """Check lessons. Says what is wrong in DIR, a lesson or a folder of them, and how to mend it."""
    from initplay import course

    try:
        folder = folder or everywhere.lessons or course.find_lessons_dir()
        problems = course.lint(folder)
    except course.CourseError as error:
        raise Wrong(str(error)) from error
    for problem in problems:
        _print(str(problem))
    mistakes = sum(not problem.warning for problem in problems)
    if not mistakes:
        _print(f"{folder}: no mistakes.")
    return 1 if mistakes else 0


@initplay.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Write a lesson to start from. DIR is its folder, such as lessons/13_mine."""
    from initplay.scaffold import ScaffoldError, new_lesson

    try:
        made = new_lesson(folder.parent, folder.name)
    except ScaffoldError as error:
        raise Wrong(str(error)) from error
    _print(f"{made} is a lesson that works: edit it, check it with `initplay lint {made}`,")
    _print(f"and see it with `initplay --lessons {made.parent}`.")


# Runs


@initplay.command()
@click.argument("what", metavar="LESSON/EXPERIMENT")
@click.argument("knobs", metavar="[KNOB=VALUE]...", nargs=-1)
@click.option("--seed", metavar="N", type=int, default=DEFAULT_SEED, help=f"{DEFAULT_SEED} by default.")
@_device
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object per event per line.")
@click.option("--plain", is_flag=True, help="Text without colours, as in a pipe.")
@click.option(
    "--save", metavar="RUN.jsonl", type=click.Path(path_type=Path), help="Keep the run for `replay`."
)
@click.pass_obj
def run(
    everywhere: _Everywhere,
    what: str,
    knobs: tuple[str, ...],
    seed: int,
    device: str | None,
    data: str | None,
    as_json: bool,
    plain: bool,
    save: Path | None,
) -> int:
    """Run an experiment without the playground. It computes the same, and shows it at the end.

    Example: initplay run blowup/chain depth=50 scale=1/512**0.5
    """
    if as_json and plain:
        raise Wrong("--json and --plain are two forms of output: choose one.")
    if not 0 <= seed <= LARGEST_SEED:
        raise Wrong(f"--seed {seed} is out of range: a seed is a whole number from 0 to {LARGEST_SEED}.")
    request = _request(
        everywhere.course(),
        what,
        knobs,
        seed=seed,
        device=device or everywhere.device or "auto",
        data=data or everywhere.data or "auto",
    )
    save = _savable(save) if save else None
    recorded = _perform_as_json(request) if as_json else _perform_as_text(request, _is_plain(plain))
    if save and recorded.started:
        try:
            recorded.save(save)
        except OSError as error:
            raise Failure(f"The run was not saved: {save} cannot be written ({error.strerror}).") from error
    return 0 if recorded.state == "finished" else 1


def _request(
    course: Course, what: str, knobs: tuple[str, ...], *, seed: int, device: str, data: str
) -> Request:
    from initplay.headless import Request
    from initplay.lesson import CourseError
    from initplay.signature import KnobError

    try:
        lesson, experiment = course.find_experiment(what)
        values = experiment.parse(knobs)
    except (CourseError, KnobError) as error:
        raise Wrong(str(error)) from error
    return Request(
        lesson=lesson.slug,
        experiment=experiment.name,
        filename=f"{lesson.folder_name}/{lesson.source_path.name}",
        source=lesson.source,
        knobs=values,
        seed=seed,
        device=device,
        data=_usable_data(data),
    )


def _usable_data(data: str) -> str:
    """Refuse digits that are not there, before torch takes its seconds; the lab looks inside the files."""
    if data in ("auto", "embedded"):
        return data
    from initplay.lab.mnist import cache_dir
    from initplay.lab.mnist_files import Unusable, locate

    try:
        locate(cache_dir() if data == "full" else Path(data).expanduser())
    except Unusable as error:
        mend = "run `initplay data fetch`" if data == "full" else "point --data to MNIST's files"
        raise Wrong(f"{error}; {mend}, or choose `--data embedded`.") from error
    return data


def _savable(path: Path) -> Path:
    """Where to save, links followed. Refused now rather than after the run; what is there stays."""
    real = path.resolve()
    if real.exists() and not real.is_file():
        raise Wrong(f"--save {path} is no file: name a new file, such as run.jsonl.")
    try:
        with tempfile.TemporaryFile(dir=real.parent):
            return real
    except OSError as error:
        raise Wrong(f"--save {path} cannot be written ({error.strerror}): name another place.") from error


def _perform_as_json(request: Request) -> Run:
    from initplay.run import to_json

    def write(event: Recorded) -> None:
        # JSON is UTF-8 whatever the locale; half a surrogate pair is spelt as JSON's own escape.
        sys.stdout.buffer.write((to_json(event) + "\n").encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()

    return _performed(request, write)


def _perform_as_text(request: Request, plain: bool) -> Run:
    from initplay.report import Reporter, Ticker
    from initplay.run import Run

    reporter = Reporter(_text_out(), width=_width(), styled=not plain, ascii=_is_ascii())
    ticker = Ticker(sys.stderr, _width()) if not plain and is_terminal(sys.stderr) else None
    seen = Run()

    def take(event: Recorded) -> None:
        seen.add(event)
        if ticker and reporter.says(event):
            ticker.clear()
        reporter.add(event)
        if ticker:
            ticker.show(seen)

    if ticker:
        ticker.say("starting torch ...")
    try:
        recorded = _performed(request, take)
    finally:
        if ticker:
            ticker.clear()
    reporter.close(recorded)
    return recorded


def _performed(request: Request, take: Any) -> Run:
    from initplay.headless import LabBroken, Refused, perform

    try:
        return perform(request, take)
    except Refused as error:
        raise Wrong(str(error)) from error
    except LabBroken as error:
        raise Failure(str(error)) from error


@initplay.command()
@click.argument("file", metavar="RUN.jsonl", type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="As text on stdout, also on a terminal.")
@click.pass_obj
def replay(everywhere: _Everywhere, file: Path, plain: bool) -> int:
    """Look at a saved run. It opens in the playground, or as text where there is no terminal."""
    from initplay.run import Run, RunFileError

    try:
        recorded = Run.load(file)
    except RunFileError as error:
        raise Wrong(str(error)) from error
    if not plain and has_terminal():
        return _play(everywhere, run_file=file)
    from initplay.report import Reporter

    reporter = Reporter(_text_out(), width=_width(), styled=not _is_plain(plain), ascii=_is_ascii())
    for event in recorded.events:
        reporter.add(event)
    reporter.close(recorded)
    return 0


# Data


@initplay.group(cls=_Commands, invoke_without_command=True)
@click.pass_context
def data(context: click.Context) -> None:
    """The full MNIST. 70,000 digits, instead of the 5,000 that are always there."""
    if context.invoked_subcommand is None:
        raise Wrong("data takes a command: fetch, path or verify.")


@data.command()
@click.option("--mirror", metavar="URL", help="Where the four .gz files are, instead of the known places.")
def fetch(mirror: str | None) -> None:
    """Download 11 MB, checked by hash. What is whole already is not fetched again."""
    from initplay import fetch as fetching

    progress = _FetchProgress(sys.stderr)
    try:
        folder = fetching.fetch(mirror, progress.update, on_failure=progress.failed)
    except fetching.FetchError as error:
        raise Failure(str(error)) from error
    finally:
        progress.end()
    _print(f"The full MNIST is in {folder}.")


class _FetchProgress:
    """A bar per file on a terminal, a line per file elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._file = ""
        self._bar: Any = None
        self._done = 0

    def update(self, file: str, done: int, total: int | None) -> None:
        if file != self._file or done < self._done:  # the next file, or the same from another mirror
            self.end()
            self._file, self._done = file, 0
            if is_terminal(self._out) and not is_dumb():
                self._bar = click.progressbar(length=total or 0, label=f"{file:<24}", file=self._out)
                self._bar.__enter__()
            else:
                print(f"fetching {file}", file=self._out)
        if self._bar is not None:
            self._bar.update(done - self._done)
        self._done = done

    def failed(self, sentence: str) -> None:
        self.end()
        print(f"initplay: {sentence}", file=self._out)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


@data.command()
def path() -> None:
    """The folder that it is kept in."""
    from initplay.lab.mnist import cache_dir

    _print(str(cache_dir()))


@data.command()
def verify() -> int:
    """Hash every file of it. Exit code 1 where one is missing or damaged."""
    from initplay import fetch as fetching

    checked = fetching.verify()
    for file in checked:
        _print(file.sentence)
    return 0 if all(file.ok for file in checked) else 1


# This machine and this learner


@initplay.command()
@_json
@click.pass_obj
def doctor(everywhere: _Everywhere, as_json: bool) -> int:
    """What works on this machine. And how to mend the rest; exit code 1 where initplay cannot be used."""
    from initplay.doctor import examine, usable

    found = []
    for finding in examine(everywhere.lessons):
        found.append(finding)
        if not as_json:
            _print(f"{finding.state:<8} {finding.name:<10} {finding.text}")
            if finding.mend:
                _print(f"{'':<19} {finding.mend}")
    if as_json:
        _print_json({"usable": usable(found), "findings": [finding._asdict() for finding in found]})
    return 0 if usable(found) else 1


@initplay.group(cls=_Commands, invoke_without_command=True)
@_json
@click.pass_context
def progress(context: click.Context, as_json: bool) -> None:
    """What you have done so far."""
    if context.invoked_subcommand is not None:
        return
    from initplay.progress import Progress

    kept = Progress.open()
    try:
        summary = kept.summary()
        predicted = _calibration(context.obj, map(kept.lesson_state, summary["lessons"]))
    finally:
        kept.close()
    if as_json:
        _print_json(summary | {"calibration": asdict(predicted)})
        return
    if summary["warning"]:
        print(f"initplay: {summary['warning']}", file=sys.stderr)
    for line in _progress_lines(summary):
        _print(line)
    if words := predicted.in_words():
        _print(f"Predictions: {words}")


def _calibration(everywhere: _Everywhere, states: Iterable[LessonState]) -> Calibration:
    """How well was predicted what the lessons ask; where there are none, that is said and nothing counts."""
    from initplay.calibration import Calibration, calibrate, predictions_of
    from initplay.course import Course, CourseError

    made = [prediction for state in states for prediction in state.predictions]
    try:
        lessons = Course.load(everywhere.lessons).lessons if made else ()
    except CourseError as error:
        print(f"initplay: {error}", file=sys.stderr)
        return Calibration()
    return calibrate(predictions_of(lessons), made)


def _progress_lines(summary: dict[str, Any]) -> Iterator[str]:
    if not summary["lessons"]:
        yield "Nothing begun yet: `initplay` opens the first lesson."
        return
    width = max(len(slug) for slug in summary["lessons"])
    for slug, state in summary["lessons"].items():
        steps = "done" if state["done"] else f"step {state['step']} of {state['total']}"
        parts = [f"{slug:<{width}}  {steps if state['step'] else 'not begun'}"]
        settled = [prediction for prediction in state["predictions"] if prediction["settled"]]
        if settled:
            right = sum(bool(prediction["right"]) for prediction in settled)
            parts.append(f"{right} of {len(settled)} predictions right")
        if state["goals"]:
            parts.append(f"{len(state['goals'])} goal{'' if len(state['goals']) == 1 else 's'} reached")
        if state["exercise_passed"]:
            parts.append("exercise passed")
        yield ", ".join(parts)


@progress.command()
def reset() -> None:
    """Forget it all, and say where a copy is kept."""
    from initplay.progress import Progress, ProgressError

    kept = Progress.open()
    try:
        backup = kept.reset()
    except ProgressError as error:
        raise Failure(str(error)) from error
    finally:
        kept.close()
    if backup is None:
        raise Failure(kept.warning or "There is no progress file to reset.")
    _print(f"You begin anew; what you had done is kept in {backup}.")


# Where output goes


def _is_plain(asked: bool) -> bool:
    return asked or not is_terminal(sys.stdout) or is_dumb() or bool(os.environ.get("NO_COLOR"))


def _is_ascii() -> bool:
    return not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _width() -> int:
    return shutil.get_terminal_size().columns


def _text_out() -> Any:
    """stdout, such that a character it has none for is spelled in ASCII and no crash."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors=SPELL)
    return sys.stdout


def _print(text: str) -> None:
    print(spelled(text) if _is_ascii() else text, file=_text_out())


def _print_json(value: Any) -> None:
    _print(json.dumps(value, indent=2, ensure_ascii=True, default=str))
