def dead_units(h):
    return int((h == 0).all(dim=0).sum())
