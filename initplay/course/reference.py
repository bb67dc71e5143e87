"""The course's page of formulas and words, searched: what of its Markdown says what is sought."""

from __future__ import annotations

FILE = "reference.md"


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
