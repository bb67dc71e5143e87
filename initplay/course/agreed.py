"""Numbers that the commands and the screen agree on with the course. Nothing is imported for them."""

FIRST_SEED = 42
"""The one that the course speaks of."""
MOST_STEPS = 10_000
"""Of SGD, that an examined net may take."""
