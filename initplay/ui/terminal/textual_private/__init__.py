"""Every use of a private part of Textual, and every method of Textual that is replaced, is in this folder.

Each is guarded: in a Textual without it, Textual's own behaviour remains and the program starts. Written for
Textual 8.2.
"""
