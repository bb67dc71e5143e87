"""Text in ASCII, for terminals that show nothing else: in words where there is room, else cell by cell."""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata

_SUPERSCRIPTS: dict[str, str] = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ", "0123456789+-nT", strict=True))
_WORDS = {
    "σ": "sigma", "μ": "mu", "π": "pi", "ε": "eps", "λ": "lambda", "α": "alpha", "β": "beta", "γ": "gamma",
    "δ": "delta", "θ": "theta", "φ": "phi", "χ": "chi", "Φ": "Phi", "Δ": "delta", "∞": "inf",
}  # fmt: skip
_SIGNS = {
    "–": "-", "—": "-", "−": "-", "…": "...", "µ": "u", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~",
    "≠": "!=", "±": "+-", "½": "1/2", "“": '"', "”": '"', "‘": "'", "’": "'", "⊤": "T", "√": "sqrt",
    "⌈": "ceil(", "⌉": ")",
}  # fmt: skip
_POWER = re.compile(f"([{''.join(_SUPERSCRIPTS)}]+)([A-Za-z(]?)")
_GREEK = re.compile(f"([A-Za-z]?)([{''.join(_WORDS)}])")
_ROOT = re.compile(
    r"√((?:Σ|½|\d+(?:\.\d+)?|[^\W\d]\w*)"  # a sum, a half, a number or a name ...
    r"(?:(?<=Σ)\w+)?(?:\[[^]]*\])?(?:\^-?\w+)?)"  # ... what is summed, what it is taken of, its power
)
_ALIKE = {
    # lines and borders
    "-": "─╌┄┈╴╶╼╾▔‾⎯–—−‐‑―",
    "=": "━═╍┅┉╸╺",
    "_": "▁▂⎽✎",
    "|": "│┃║╎╏┆┇┊┋╵╷╹╻▌▐▏▎▍▊▉▋🮇🮈‖",
    "+": "┌┍┎┏┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬"
    "╭╮╯╰✓✔◐◑",
    # bars and blocks
    ".": "·⋅░",
    "#": "█▇▆▅▄▃▀■◼▓▒",
    # marks
    "*": "●◆•★⭑∙✦",
    "o": "○◇◦◯□▫△▽∘",
    ">": "›▶▸►→❯⟩»≥≫⏵",
    "<": "‹◀◂◄←❮⟨«≤≪⏴",
    "^": "↑▲▴⏶",
    "v": "↓▼▾⏷",
    "x": "×✗✘✕✖╳",
    "~": "…≈±∼≃∝",
    "'": "‘’′",
    '"': "“”″",
    # what prose says in words, where only a cell is left
    "V": "√",
    "/": "≠½",
    "T": "⊤",
    "s": "σ",
    "m": "μ",
    "u": "µ",
    "p": "π",
    "e": "ε",
    "l": "λ",
    "S": "Σ",
    "d": "δΔ",
    "F": "Φ",
    "c": "χ",
    # two cells
    "> ": "🔎",
}
CELLS = {character: alike for alike, characters in _ALIKE.items() for character in characters}
"""A character and what stands for it, as many cells wide, where there is no room for words."""


def spelled(text: str, dot: str = "*") -> str:
    """`text` in ASCII with its meaning kept: "√512" is "sqrt(512)", "2⁻²⁵" is "2^-25", "t·s" is "t * s".

    It may become longer, so it is for text that has not been laid out yet. `dot` is what a dot between spaces
    becomes, which multiplies in a lesson and parts words in a title. What has no spelling becomes "?".
    """
    if text.isascii():
        return text
    text = _POWER.sub(_power, text)
    text = _ROOT.sub(lambda root: f"sqrt({root[1]})", text)
    text = text.replace("Σ", "sum ")
    text = re.sub(r"(?<=\d)( ?)×( ?)(?=\d)", r"\1x\2", text)  # 3×3 is a shape
    text = re.sub(r"(?<=\S)[·×](?=\S)", " * ", text)  # spaces, for without them Markdown's star emphasizes
    text = text.replace("·", dot).replace("×", "*")
    text = _GREEK.sub(lambda found: f"{found[1]}{' ' * bool(found[1])}{_WORDS[found[2]]}", text)
    return _plain("".join(_SIGNS.get(character, character) for character in text))


def spelled_markdown(text: str) -> str:
    """The same of Markdown: a sign that begins a line must not become the sign of a list."""
    return spelled(re.sub(r"(?m)^( {0,3})(?=[·×−–—] )", r"\1\\", text))


def _power(found: re.Match[str]) -> str:
    power = "".join(_SUPERSCRIPTS[character] for character in found[1])
    return f"^{power}{' ' * bool(found[2])}{found[2]}"  # what follows is no part of the power


def _plain(text: str) -> str:
    """What is left over: a look-alike, a letter without its accents, or a question mark."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", "".join(CELLS.get(character, character) for character in text))
    return "".join(c for c in apart if not unicodedata.combining(c)).encode("ascii", "replace").decode()


SPELL = "initplay-spell"
"""The name of the way to write what an encoding has no character for: the `errors` of a text stream."""


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    words = spelled(error.object[error.start : error.end])
    glued = words[-1:].isalnum() and error.object[error.end : error.end + 1].isalnum()
    return words + " " * glued, error.end


codecs.register_error(SPELL, _spell)


def speak(encoding: str) -> None:
    """Write in this encoding to the terminal, whatever the locale says; what it lacks is spelled in ASCII."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding=encoding, errors=SPELL)
