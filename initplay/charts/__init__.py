"""A recording as lines of text: pure functions of a chart, a cursor and a size.

plotext is imported here alone, after the first frame. Nothing here knows a screen: a line is a list of spans,
each a text with the role of its colour.
"""
