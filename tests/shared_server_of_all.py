"""The fork server of all tests: `worker.shared_server`, which has done what can wait before anyone comes.

    python tests/shared_server_of_all.py SOCKET PARENT DATA

In use it does that in its first rest, once for all. Tests leave it none, and then each of their hundreds of
playgrounds would import it for itself, a second of a core at a time, and each fork would copy a long list of
small pages. And here it becomes nice only when all is imported: beside processes that are not, that would
take a minute, in which every test waits.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if place != str(here)]  # no process of a run has it there
    sys.path.append(str(here.parent))
    from initplay.worker import manners, shared_server
    from initplay.worker.huge_pages import put_on_huge_pages
    from initplay.worker.torch_import import import_torch, import_what_torch_imports_later

    manners.die_with(int(sys.argv[2]))
    import_torch(data=sys.argv[3])
    import_what_torch_imports_later()
    put_on_huge_pages()
    shared_server.main()


if __name__ == "__main__":
    main()
