"""The command that examines a user's own net."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from initplay.commands.output import is_plain, say, text_out, width
from initplay.commands.root import Everywhere, Failure, Wrong, device_option, initplay, play
from initplay.commands.runs import keeper, perform_and_keep, perform_as_json, show_how_far, ticking
from initplay.course.agreed import FIRST_SEED, MOST_STEPS
from initplay.course.python_text import NotText, decoded
from initplay.words.harmless import harmless
from initplay.words.nearest import did_you_mean
from initplay.words.plain_file import contents

if TYPE_CHECKING:
    from initplay.commands.runs import Keep
    from initplay.course.knob import Value
    from initplay.engine.order import Order
    from initplay.lab.events import Recorded
    from initplay.recording.run import Run


@initplay.command()
@click.argument("what", metavar="FILE[:NAME]")
@click.option(
    "--input", "shape", metavar="1x28x28", help="The shape of one example; a comma between several inputs."
)
@click.option(
    "--batch", metavar="FILE.pt", type=click.Path(path_type=Path), help="A batch (x, y) from torch.save."
)
@click.option(
    "--loss", metavar="NAME", help="cross_entropy, mse, or a function of the file: loss(output, y)."
)
@click.option(
    "--steps", type=click.IntRange(0, MOST_STEPS), default=0, help="Steps of SGD on a copy; 0 by default."
)
@click.option("--lr", type=float, default=0.01, help="The learning rate of the steps; 0.01 by default.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**63 - 1),
    default=FIRST_SEED,
    help="Of the net's weights.",
)
@device_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object per layer and verdict per line.")
@click.option("--save", metavar="RUN.jsonl", type=click.Path(path_type=Path), help="Keep it for `replay`.")
@click.option("--open", "opens", is_flag=True, help="In the playground: edit the file, run again, compare.")
@click.pass_obj
def examine(
    everywhere: Everywhere,
    what: str,
    shape: str | None,
    batch: Path | None,
    loss: str | None,
    steps: int,
    lr: float,
    seed: int,
    device: str | None,
    as_json: bool,
    save: Path | None,
    opens: bool,
) -> int:
    """Look at your own net. It says where the signal or the gradient is lost, and what to change.

    NAME is a class, an instance, or a function that makes the net; the only net in FILE needs none. FILE is
    run for it. With --open it stands on a bench of the playground; FILE is written when you say so there.
    """
    if opens and (as_json or save):
        raise Wrong("--open shows it on the screen, where ctrl+s saves a run: leave out --json and --save.")
    path, name = _file_and_name(what)
    if shape and batch:
        raise Wrong("--input and --batch both say what the net is shown: choose one.")
    if not 0 < lr < float("inf"):
        raise Wrong(f"--lr {lr:g} is no learning rate: it is a number above 0, such as 0.01.")
    knobs: dict[str, Value] = {
        "steps": steps,
        "lr": lr,
        "name": name,
        "input": _shape(shape) if shape else "",
        "batch": str(_readable(batch)) if batch else "",
        "loss": loss or "",
    }
    text = _text(path, name)
    if opens:
        return _open(everywhere, path, text, knobs, seed, device)
    from initplay.engine.order import to_examine

    device = device or everywhere.device or "auto"
    order = to_examine(str(path.absolute()), text, knobs, seeds=(seed,), device=device)
    keep = keeper(save) if save else None
    recorded = perform_as_json(order, keep) if as_json else _as_text(order, keep)
    if recorded.state != "finished" and not as_json:
        raise Failure(getattr(recorded.ending, "message", "") or "It was stopped.")
    return 0 if recorded.state == "finished" else 1


def _open(
    everywhere: Everywhere, path: Path, text: str, knobs: dict[str, Value], seed: int, device: str | None
) -> int:
    from initplay.course.knob import KnobError
    from initplay.course.own_net import HOW_TO, own_net

    net = own_net(str(path.absolute()), text, HOW_TO.format(path.name), knobs=knobs, seed=seed)
    try:
        net.experiments[0].check(knobs)
    except KnobError as error:
        raise Wrong(f"--open: {error}") from error
    return play(everywhere, recording=None, net=net, device=device)


def _file_and_name(what: str) -> tuple[Path, str]:
    """`net.py:Net` in its parts; a colon of a path that is there belongs to it."""
    file, colon, name = what.rpartition(":")
    if not colon or os.path.exists(what):
        file, name = what, ""
    if name and not name.isidentifier():
        raise Wrong(f"{name!r} is no name in Python: write FILE:NAME, such as net.py:Net.")
    if not os.path.isfile(file):
        raise Wrong(f"{file} is no file: name the Python file that your net is in.")
    return Path(file), name


def _text(path: Path, name: str) -> str:
    try:
        text = decoded(contents(path))
    except OSError as error:
        raise Wrong(f"{path} cannot be read ({error.strerror}).") from error
    except NotText as error:
        raise Wrong(f"{path} {error}.") from error
    try:
        names = _names_in(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text  # running it says what is wrong, and where
    if name and names is not None and name not in names:
        raise Wrong(f"{path} has no {name!r}{did_you_mean(name, names)}: name what makes your net there.")
    return text


def _names_in(text: str) -> set[str] | None:
    """What the file's text gives a name to; None where it takes all of another one's."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            if node.name == "*":
                return None
            names.add(node.asname or node.name.partition(".")[0])
    return names


def _shape(text: str) -> str:
    """The shape as it was written, where it is one; the lab reads it again."""
    from initplay.lab.examining.refused import Refused
    from initplay.lab.examining.shapes import shapes_of

    try:
        shapes_of(text)
    except Refused as error:
        raise Wrong(str(error)) from error
    return text


def _readable(path: Path) -> Path:
    if not os.path.isfile(path):
        raise Wrong(f"--batch {path} is no file: write one with torch.save((x, y), 'batch.pt').")
    return path.resolve()


def _as_text(order: Order, keep: Keep | None) -> Run:
    """What the file prints as it comes, and the examination at its end."""
    from initplay.lab.events import Finished, Note, Printed
    from initplay.lab.examining.text import written

    out = text_out()
    plain = is_plain(False)
    with ticking(plain) as ticker:

        def watch(batch: list[Recorded], recording: Run) -> None:
            for event in batch:
                if isinstance(event, Printed):
                    if ticker:
                        ticker.clear()
                    out.write(harmless(event.text))
            show_how_far(ticker, recording)

        def close(recorded: Run) -> None:
            if recorded.layers:
                notes = [event.text for event in recorded.events if isinstance(event, Note)]
                is_whole = isinstance(recorded.ending, Finished)
                found = recorded.layers, recorded.verdicts, recorded.facts, notes
                say(written(*found, width(), is_whole=is_whole))
            sys.stdout.flush()

        return perform_and_keep(order, keep, watch, close)
