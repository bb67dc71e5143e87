"""The course that comes along, which a process of tests reads once: that takes a fifth of a second."""

from __future__ import annotations

from initplay.course.course import Course

COURSE = Course.load()
