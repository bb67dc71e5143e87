def std_after(scale, width, layers):
    growth = scale * width**0.5
    return growth**layers
