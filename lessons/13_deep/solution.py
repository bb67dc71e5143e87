import torch
from torch.nn.init import orthogonal_


def lsuv_(w, x):
    with torch.no_grad():
        orthogonal_(w)
        std = (x @ w.T).std()
        w /= std
    return w
