"""A run of the length that sweeps are made of."""

import time

import torch

from initplay.lab import Chart, LogRange, Range, Result


def short(k: Range[0.0, 1.0] = 0.5, seconds: LogRange[0.001, 10.0] = 0.02):
    """Products of a matrix for so many seconds of a core, however busy the machine is."""
    began = time.thread_time()
    by_step = Chart("rms", x="step", y="rms")
    w = torch.randn(256, 256) / 16
    x = torch.randn(256)
    step = 0
    while (taken := time.thread_time() - began) < seconds:
        for _ in range(10):
            x = w @ x
            x = x / x.std()
        step += 1
        yield by_step.at(step, x.std())
    yield Result(cpu=taken, k=k)
