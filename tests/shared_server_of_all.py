"""The fork server of all tests: `worker.shared_server`, which is not nice while it imports torch.

    python tests/shared_server_of_all.py SOCKET PARENT DATA

Beside processes that are not nice, and tests are many, that would take a minute, in which every test waits.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if place != str(here)]  # no process of a run has it there
    sys.path.append(str(here.parent))
    from initplay.worker import manners, shared_server
    from initplay.worker.torch_import import import_torch, import_what_torch_imports_later

    manners.die_with(int(sys.argv[2]))
    import_torch(data=sys.argv[3])
    import_what_torch_imports_later()
    shared_server.main()


if __name__ == "__main__":
    main()
