"""How things are written: numbers in three digits that matter, text in ASCII or without what steers a
terminal, the nearest valid name.

Pure functions of text and numbers. Nothing here knows a recording, a lesson or a screen.
"""
