import torch


class Momentum:
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
        for p, v in zip(self.parameters, self.velocities, strict=True):
            v *= self.momentum
            v += p.grad + self.weight_decay * p
            p -= self.lr * v
