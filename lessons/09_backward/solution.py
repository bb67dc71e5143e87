def backward(x, y, w1, b1, w2, b2):
    z = x @ w1 + b1
    h = z.relu()
    out = h @ w2 + b2

    d_out = (out - y) * (2 / out.numel())
    d_w2 = h.T @ d_out
    d_b2 = d_out.sum(0)
    d_z = (d_out @ w2.T) * (z > 0)
    d_w1 = x.T @ d_z
    d_b1 = d_z.sum(0)
    return d_w1, d_b1, d_w2, d_b2
