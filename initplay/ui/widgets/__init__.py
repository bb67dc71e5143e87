"""Widgets that know nothing of lessons: bars, a page of set text, a drawing."""
