"""The editor: the source on the screen, what was changed of it, and the learner's own editor."""
