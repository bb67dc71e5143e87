from __future__ import annotations

from initplay.lab import Point, Range, Result, yours


def double(x):
    return 2 * x


def chart(n: Range[1, 9] = 5):
    """Double the numbers up to n."""
    function = yours("double", double)
    for x in range(1, n + 1):
        yield Point("doubled", x, function(x))
    yield Result(last=function(n), whose="yours" if function is not double else "the lesson's")
