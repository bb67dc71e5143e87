import math

import torch


def kaiming_normal_(w, a=0.0, mode="fan_in"):
    if w.dim() < 2 or mode not in ("fan_in", "fan_out"):
        raise ValueError("no fan: is it a bias, or another mode?")
    pixels = w[0, 0].numel()  # of the kernel: 1 where there is none
    n_out, n_in = w.shape[:2]
    fan = pixels * (n_in if mode == "fan_in" else n_out)
    std = math.sqrt(2 / (1 + a**2)) / math.sqrt(fan)
    with torch.no_grad():
        return w.normal_(0, std)
