def rms(x):
    largest = x.abs().max()
    if largest == 0:
        return largest
    return largest * (x / largest).square().mean().sqrt()
