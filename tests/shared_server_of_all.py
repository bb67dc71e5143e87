"""The fork server of all tests: `worker.shared_server`, which has imported what can wait before anyone comes.

    python tests/shared_server_of_all.py SOCKET PARENT DATA

In use it imports that in its first rest, once for all. Tests leave it none, and then each of their hundreds
of playgrounds would do so for itself, a second of a core at a time. And here it becomes nice only when all is
imported: beside processes that are not, that would take a minute, in which every test waits.
"""

from __future__ import annotations

import sys


def main() -> None:
    del sys.path[0]  # this folder, which no process of a run has there
    from initplay.worker import manners, shared_server
    from initplay.worker.torch_import import import_torch, import_what_torch_imports_later

    manners.die_with(int(sys.argv[2]))
    import_torch(data=sys.argv[3])
    import_what_torch_imports_later()
    shared_server.main()


if __name__ == "__main__":
    main()
