"""What a run left behind, and questions about it.

A `Run` is the list of events that an experiment yielded; saved files, several seeds as one, where numbers
broke, what differs between two, and the text card are all functions of such lists. Nothing here draws, and
nothing here starts a process.
"""
