import math

import torch


def xavier_uniform_(w, gain=1.0):
    n_out, n_in = w.shape
    bound = gain * math.sqrt(6 / (n_in + n_out))
    with torch.no_grad():
        return w.uniform_(-bound, bound)
