"""Names for those who choose none: no login name ever stands on a board."""

from __future__ import annotations

import random

_HUES = (
    "amber", "azure", "bronze", "copper", "coral", "crimson", "emerald", "golden", "indigo", "ivory", "jade",
    "lilac", "olive", "pearl", "ruby", "russet", "sable", "saffron", "scarlet", "silver", "slate", "teal",
    "umber", "violet",
)  # fmt: skip
_ANIMALS = (
    "badger", "beaver", "bison", "crane", "curlew", "dolphin", "falcon", "finch", "gecko", "hare", "heron",
    "ibis", "jackdaw", "kestrel", "lark", "lynx", "marten", "newt", "otter", "owl", "plover", "quail",
    "raven", "robin", "seal", "stork", "swift", "tern", "toad", "trout", "wren", "zebra",
)  # fmt: skip


def made_up(seed: str) -> str:
    """A name such as "amber otter", ever the same for that seed."""
    draw = random.Random(seed.encode(errors="surrogatepass"))  # a file's name may be no text
    return f"{draw.choice(_HUES)} {draw.choice(_ANIMALS)}"
