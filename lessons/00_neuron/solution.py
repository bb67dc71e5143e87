def layer(x, w, b):
    sums = x @ w.T + b
    return sums.relu()
