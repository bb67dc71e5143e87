"""The digits: 5,000 embedded ones, the full MNIST from the cache, from the network or from a path."""
