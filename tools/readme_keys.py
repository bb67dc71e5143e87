"""Write the README's tables of keys anew, from where the keys are declared.

python tools/readme_keys.py
"""

from __future__ import annotations

from pathlib import Path

from initplay.ui.keys import as_markdown

BEGIN, END = "<!-- made by tools/readme_keys.py -->", "<!-- up to here -->"
README = Path(__file__).parents[1] / "README.md"


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n{as_markdown()}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
