"""Commands about the digits."""

from __future__ import annotations

import sys
from typing import Any, TextIO

import click

from initplay.commands.output import say
from initplay.commands.root import Commands, Failure, Wrong, initplay
from initplay.opening import is_dumb, is_terminal


@initplay.group(cls=Commands, invoke_without_command=True)
@click.pass_context
def data(context: click.Context) -> None:
    """The full MNIST. 70,000 digits, instead of the 5,000 that are always there."""
    if context.invoked_subcommand is None:
        raise Wrong("data takes a command: fetch, path or verify.")


@data.command()
@click.option("--mirror", metavar="URL", help="Where the four .gz files are, instead of the known places.")
def fetch(mirror: str | None) -> None:
    """Download 11 MB, checked by hash. What is whole already is not fetched again."""
    from initplay.lab.mnist import download

    progress = _FetchProgress(sys.stderr)
    try:
        folder = download.fetch(mirror, progress.update, on_failure=progress.failed)
    except download.FetchError as error:
        raise Failure(str(error)) from error
    finally:
        progress.end()
    say(f"The full MNIST is in {folder}.")


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
    from initplay.lab.mnist.dataset import cache_dir

    say(str(cache_dir()))


@data.command()
def verify() -> int:
    """Hash every file of it. Exit code 1 where one is missing or damaged."""
    from initplay.lab.mnist import download

    checked = download.verify()
    for file in checked:
        say(file.sentence)
    return 0 if all(file.ok for file in checked) else 1
