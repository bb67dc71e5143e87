import os
import time

from initplay.lab import Note, Point, Result


def raises():
    yield Point("before", 0, 1)
    yield Point("before", 1, 2)
    raise RuntimeError("the author's mistake")


def exits():
    yield Point("before", 0, 1)
    time.sleep(0.2)  # what was yielded is on its way by then
    os._exit(7)


def spins():
    yield Note("spinning from here")
    time.sleep(0.2)
    while True:
        pass


def no_event():
    yield Point("before", 0, 1)
    yield 42


def flood(points: int = 300_000):
    for step in range(points):
        yield Point("flood", step, step % 17)
    yield Result(points=points)


def prints(lines: int = 20_000):
    for line in range(lines):
        print("line", line, "." * 100)
    yield Result(lines=lines)


def fine():
    yield Point("fine", 0, 1)
    yield Point("fine", 1, 2)
    yield Result(fine=True)
