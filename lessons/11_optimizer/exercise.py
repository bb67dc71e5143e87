"""Write `Momentum(parameters, lr=0.1, momentum=0.9, weight_decay=0.01)`,
with a method `step()`.

A step changes each parameter in place. Weight decay adds weight_decay · p
to p's gradient; the velocity is momentum times the one before, plus that
sum; and p goes lr times the velocity down. `self.lr` may be changed
between two steps. The gradients stay as they are: clearing them is the
training loop's business.
"""

import torch


class Momentum:
    """SGD with momentum, and weight decay in the gradient."""

    def __init__(
        self,
        parameters,
        lr=0.1,
        momentum=0.9,
        weight_decay=0.01,
    ):
        self.parameters = list(parameters)
        self.lr, self.momentum = lr, momentum
        self.weight_decay = weight_decay
        self.velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        """Change each parameter by its gradient, p.grad."""
        for p, v in zip(self.parameters, self.velocities, strict=True):
            v *= self.momentum
            v += ...
            p -= ...
