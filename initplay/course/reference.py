"""The course's page of formulas and words, searched: what of its Markdown says what is sought."""

from __future__ import annotations

from pathlib import Path

FILE = "reference.md"


def text_of(course: Path) -> str | None:
    """The page of the course in that folder; None where there is no text."""
    try:
        return (course / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def found(markdown: str, sought: str) -> str:
    """The lines that have all the words of `sought`, under their headings; rows of a table under its head.

    A word may be a part of one, in any case. A list's entry or a paragraph is kept or left whole. Empty where
    nothing is found; all of it where nothing is sought.
    """
    words = sought.casefold().split()
    if not words:
        return markdown
    kept: list[str] = []
    headings: list[str] = []
    for block in markdown.split("\n\n"):
        if block.lstrip().startswith("#"):
            level = len(block) - len(block.lstrip("#"))
            headings = [one for one in headings if len(one) - len(one.lstrip("#")) < level] + [block.strip()]
        elif some := _matching(block.strip("\n"), words):
            kept += [*headings, some]
            headings = []
    return "\n\n".join(kept)


def formulas(markdown: str) -> str:
    """All before the glossary, under its headings, with each row of a table as one entry of a list."""
    first = markdown.partition("\n# ")[0]
    return "\n\n".join(_as_entries(block.strip("\n")) for block in first.split("\n\n") if block.strip())


def _as_entries(block: str) -> str:
    """A table as a list, where the name of a column stands before what it says if there are several."""
    if not block.startswith("|"):
        return f"#{block}" if block.startswith("#") else block
    head, _, *rows = (_cells(row) for row in block.split("\n"))
    entries = []
    for first, *others in rows:
        named = zip(head[1:], others, strict=False)
        said = "; ".join(f"{name}: {cell}" if len(others) > 1 else cell for name, cell in named)
        entries.append(f"- **{first}**: {said}")
    return "\n".join(entries)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _matching(block: str, words: list[str]) -> str:
    """The entries or rows of one block that say it, or the whole of a paragraph that does."""
    lines = block.split("\n")
    if lines[0].startswith("|"):
        rows = [row for row in lines[2:] if _says(row, words)]
        return "\n".join([*lines[:2], *rows]) if rows else ""
    if lines[0].startswith("- "):
        entries = f"\n{block}".split("\n- ")[1:]
        return "\n".join(f"- {entry}" for entry in entries if _says(entry, words))
    return block if _says(block, words) else ""


def _says(text: str, words: list[str]) -> bool:
    text = text.casefold()
    return all(word in text for word in words)
