"""Write `layer(x, w, b)`: a whole layer of neurons with ReLU, for all
samples at once.

x has a row for each sample, (samples, in); w a row for each neuron, (out,
in); b a number for each neuron, (out,). What comes out has a row for each
sample and a column for each neuron.
"""

import torch


def layer(x, w, b):
    """x's rows with w's rows, plus b, then ReLU: (samples, out)."""
    sums = ...
    return ...
