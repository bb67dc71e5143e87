"""The command that serves the playground to browsers."""

from __future__ import annotations

import errno
import math
import os
import socket
import sys
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initplay.commands.output import say
from initplay.commands.root import Everywhere, Failure, Wrong, initplay, usable_data

if TYPE_CHECKING:
    from initplay.serving.doorkeeper import Doorkeeper
    from initplay.serving.house import House, Rules

TOKEN = "INITPLAY_SERVE_TOKEN"
"""The variable that gives the token without showing it in lists of processes."""


class _Number(click.FloatRange):
    """One that is a number: what is none lies in every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is no number.", param, ctx)
        return number


@initplay.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Any but this machine's own needs --token."
)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free."
)
@click.option(
    "--max", "most", default=8, show_default=True, type=click.IntRange(1), metavar="N", help="Open at once."
)
@click.option(
    "--token",
    default="",
    envvar=TOKEN,
    help=f"What visitors must know, drawn if not given; better in {TOKEN}.",
)
@click.option(
    "--no-token", is_flag=True, help="Every account of this machine may come in, and run code as you."
)
@click.option(
    "--idle",
    default=30.0,
    show_default=True,
    type=_Number(0.05, 1e6),
    metavar="MINUTES",
    help="Without a key, after which a visitor is let go.",
)
@click.option(
    "--memory",
    default=2.0,
    show_default=True,
    type=_Number(0.5, 1e6),
    metavar="GB",
    help="The runs of one tab.",
)
@click.option(
    "--processes", default=100, show_default=True, type=click.IntRange(10), metavar="N", help="Of one tab."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Of all visitors' homes; beside your progress.",
)
@click.pass_obj
def serve(
    everywhere: Everywhere,
    host: str,
    port: int,
    most: int,
    token: str,
    no_token: bool,
    idle: float,
    memory: float,
    processes: int,
    folder: Path | None,
) -> int:
    """The playground in browsers. It is for people without a shell; docs/serve.md says whom to let in.

    It prints the link to open, and runs the code of whoever comes in. Each visitor has a home that a cookie
    leads back to. Needs textual-serve: `pip install 'initplay[serve]'`.
    """
    from initplay.serving.doorkeeper import SHORTEST_TOKEN, is_loopback, new_token
    from initplay.serving.front import NotInstalled, files

    is_open = not is_loopback(host)
    if is_open and not token:
        raise Wrong(
            f"Who reaches {host} could run code as you: set {TOKEN} to a token of {SHORTEST_TOKEN} "
            "characters or more, which `python -c 'import secrets; print(secrets.token_urlsafe())'` makes."
        )
    if token and len(token) < SHORTEST_TOKEN:
        characters = f"{len(token)} character{'s' * (len(token) != 1)}"
        raise Wrong(f"A token of {characters} can be guessed: take {SHORTEST_TOKEN} or more.")
    if token and no_token:
        raise Wrong(f"There is a token, of --token or {TOKEN}, and --no-token: take one of the two.")
    is_drawn = not token and not no_token
    token = new_token() if is_drawn else token
    everywhere.course()  # whatever is wrong with it is wrong for everybody
    try:
        files()
        from initplay.serving.bounds import Bounds
        from initplay.serving.house import Rules
        from initplay.serving.service import serve as serve_until_stopped
    except NotInstalled as error:
        raise Failure(str(error)) from error
    except ImportError as error:
        raise Failure(f"{error.name} is missing: `pip install 'initplay[serve]'` brings it.") from error

    rules = Rules(
        most,
        idle=idle * 60,
        bounds=Bounds(processes, int(memory * 2**30)),
        options=_options(everywhere),
    )
    house, doorkeeper = _house(folder, rules, token)

    def begun(at: int) -> None:
        name = socket.gethostname() if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
        shown = f"?token={token if is_drawn else '…'}" if token else ""  # who gave one keeps it from our log
        say(f"The playground is at http://{name}:{at}/{shown} for {most} at once.")
        if is_open:
            print(_WARNING.format(user=getuser()), file=sys.stderr)
        sys.stdout.flush()

    import asyncio  # it costs 40 ms, and no other command of these needs it

    try:
        asyncio.run(serve_until_stopped(house, doorkeeper, host, port, begun))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"Port {port} is taken: choose another with --port.") from error
        raise
    return 0


_WARNING = """\
initplay: whoever knows the token runs code of theirs on this machine as {user}, and can read and change what
{user} can, other visitors' work included. What is sent can be read on the way unless a proxy adds TLS.
docs/serve.md has more."""


def _options(everywhere: Everywhere) -> list[str]:
    """Of each visitor's playground: what was said before `serve`."""
    look = everywhere.look
    options = ["--fps", str(look.fps)]
    is_ascii = click.get_current_context().find_root().params["ascii"]
    if is_ascii is not None:  # it was typed: what our own terminal can show is no browser's concern
        options.append("--ascii" if is_ascii else "--no-ascii")
    if look.slow_line:
        options.append("--slow-line")
    if everywhere.lessons is not None:
        options += ["--lessons", str(everywhere.lessons.absolute())]
    if everywhere.class_folder is not None:
        options += ["--class", str(everywhere.class_folder.absolute())]
    if everywhere.device is not None:
        options += ["--device", everywhere.device]
    if everywhere.data is not None:
        data = usable_data(everywhere.data)
        options += ["--data", data if data in ("auto", "embedded", "full") else str(Path(data).absolute())]
    return options


def _house(folder: Path | None, rules: Rules, token: str) -> tuple[House, Doorkeeper]:
    from initplay.engine.own_server import SHARED
    from initplay.lab.mnist.dataset import cache_dir
    from initplay.learner.store import data_dir
    from initplay.serving.doorkeeper import Doorkeeper, secret_of
    from initplay.serving.house import House

    folder = (folder or data_dir() / "serve").absolute()
    doorkeeper = Doorkeeper(secret_of(folder), token)
    fork_server = os.environ.get(SHARED, "")
    house = House(folder, rules, cache=cache_dir().parent, fork_server=fork_server, has_machine=True)
    return house, doorkeeper
