"""A course: a folder of lessons as records, found, read, checked and scaffolded.

Knobs and experiments are read from the text by `ast`, and nothing of a lesson is executed here. No torch, no
engine, no screen.
"""
