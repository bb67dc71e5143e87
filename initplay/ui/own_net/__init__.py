"""A net of the user's own on the bench: its file in the editor, its examination as the run."""
