from initplay.lab.checking import Mistake, Probe, verdicts

PROBES = [
    Probe("twice 3", lambda mine: mine.double(3)),
    Probe("twice -1.5", lambda mine: mine.double(-1.5)),
    Probe("twice 0", lambda mine: mine.double(0)),
]
MISTAKES = [Mistake("You squared: {got} where {right} is right.", double=lambda x: x * x)]


def checks(mine):
    yield from verdicts(mine, PROBES, MISTAKES)
