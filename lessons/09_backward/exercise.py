"""Write `backward(x, y, w1, b1, w2, b2)`: the gradients of a small net's
loss, without autograd.

The net: z = x @ w1 + b1, h = relu(z), out = h @ w2 + b2. Its loss is the
mean of (out - y)², over all entries of out. x is (samples, inputs), w1
(inputs, hidden), w2 (hidden, outputs), y (samples, outputs).

Return d_w1, d_b1, d_w2, d_b2 in this order, each of the shape of its
tensor.
"""

import torch


def backward(x, y, w1, b1, w2, b2):
    """The gradients of w1, b1, w2 and b2."""
    z = x @ w1 + b1
    h = z.relu()
    out = h @ w2 + b2

    d_out = (out - y) * ...
    d_w2 = h.T @ d_out
    d_b2 = d_out.sum(0)
    d_z = ...
    d_w1 = x.T @ d_z
    d_b1 = d_z.sum(0)
    return d_w1, d_b1, d_w2, d_b2
