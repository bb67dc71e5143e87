"""The screen's side of everything that runs: orders go out, events come back.

`Engine.start(order, take)` gives a `Running`, which is that run's address; the processes themselves are in
`worker`, which nothing here imports. No torch, no screen.
"""
