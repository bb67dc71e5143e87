"""The command that examines this machine."""

from __future__ import annotations

import click

from initplay.commands.output import print_json, say
from initplay.commands.root import Everywhere, as_json_option, initplay


@initplay.command()
@as_json_option
@click.pass_obj
def doctor(everywhere: Everywhere, as_json: bool) -> int:
    """What works on this machine. And how to mend the rest; exit code 1 where initplay cannot be used."""
    from initplay.commands.findings import examine, usable

    found = []
    for finding in examine(everywhere.lessons):
        found.append(finding)
        if not as_json:
            say(f"{finding.state:<8} {finding.name:<10} {finding.text}")
            if finding.mend:
                say(f"{'':<19} {finding.mend}")
    if as_json:
        print_json({"usable": usable(found), "findings": [finding._asdict() for finding in found]})
    return 0 if usable(found) else 1
