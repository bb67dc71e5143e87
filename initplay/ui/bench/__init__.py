"""The bench: one experiment with its knobs and its runs, and the widgets that show them."""
