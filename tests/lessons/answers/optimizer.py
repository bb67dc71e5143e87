"""What people write for `Momentum`."""

from rewriting import rewriting

STANDARD = """
import torch
class Momentum:
    def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):
        self.parameters = list(parameters)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.velocities = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.parameters):
            g = p.grad + self.weight_decay * p
            v = self.momentum * self.velocities[i] + g
            self.velocities[i] = v
            p -= self.lr * v
"""
instead = rewriting(STANDARD)

GRADIENT = "p.grad + self.weight_decay * p"
VELOCITY = "self.momentum * self.velocities[i] + g"
STEP = "p -= self.lr * v"

RIGHT = {
    "the standard": STANDARD,
    "through data, without no_grad": instead(
        ("    @torch.no_grad()\n", ""), (STEP, "p.data -= self.lr * v.detach()")
    ),
    "in place": instead(
        (f"v = {VELOCITY}", "v = self.velocities[i].mul_(self.momentum).add_(g)"),
        ("            self.velocities[i] = v\n", ""),
        (STEP, "p.sub_(v, alpha=self.lr)"),
    ),
    "torch's, with an lr": """
import torch
class Momentum(torch.optim.SGD):
    def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):
        super().__init__(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)

    @property
    def lr(self):
        return self.param_groups[0]["lr"]

    @lr.setter
    def lr(self, lr):
        self.param_groups[0]["lr"] = lr
""",
    "velocities by parameter, made at the first step": """
import torch
class Momentum:
    def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):
        self.params = [*parameters]
        self.lr = lr
        self.mu = momentum
        self.wd = weight_decay
        self.state = {}

    def step(self):
        with torch.no_grad():
            for p in self.params:
                g = p.grad.add(p, alpha=self.wd)
                if p in self.state:
                    g = self.mu * self.state[p] + g
                self.state[p] = g
                p.copy_(p - self.lr * g)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
""",
    "double precision": instead((f"g = {GRADIENT}", "g = p.grad.double() + self.weight_decay * p.double()")),
    "the sign in the velocity": instead(
        (f"g = {GRADIENT}", "g = -p.grad - self.weight_decay * p"), (STEP, "p += self.lr * v")
    ),
    "for all at once": """
import torch
class Momentum:
    def __init__(self, parameters, lr=0.1, momentum=0.9, weight_decay=0.01):
        self.all = list(parameters)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.v = 0

    @torch.no_grad()
    def step(self):
        flat = torch.cat([p.grad.flatten() for p in self.all])
        flat = flat + self.weight_decay * torch.cat([p.flatten() for p in self.all])
        self.v = self.momentum * self.v + flat
        for p, part in zip(self.all, self.v.split([p.numel() for p in self.all])):
            p -= self.lr * part.view_as(p)
""",
}

WRONG = {
    "no momentum": (instead((VELOCITY, "g")), "no memory"),
    "momentum twice": (instead((VELOCITY, "self.momentum**2 * self.velocities[i] + g")), "twice a step"),
    "never slows": (instead((VELOCITY, "self.velocities[i] + g")), "never slows"),
    "lr in the velocity": (
        instead((VELOCITY, "self.momentum * self.velocities[i] + self.lr * g"), (STEP, "p -= v")),
        "inside the velocity",
    ),
    "lr twice": (
        instead((VELOCITY, "self.momentum * self.velocities[i] + self.lr * g")),
        "lr is there twice",
    ),
    "lr kept under another name": (
        instead(("self.lr, ", "self.rate, "), ("self.lr * v", "self.rate * v")),
        "first step for ever",
    ),
    "no lr": (instead((STEP, "p -= v")), "lr is missing"),
    "uphill": (instead((STEP, "p += self.lr * v")), "uphill"),
    "old velocity": (
        instead(
            (
                f"v = {VELOCITY}\n            self.velocities[i] = v\n",
                "v = self.velocities[i]\n            self.velocities[i] = self.momentum * v + g\n",
            )
        ),
        "step before",
    ),
    "Nesterov": (instead((STEP, "p -= self.lr * (g + self.momentum * v)")), "Nesterov"),
    "gradient twice": (instead((STEP, "p -= self.lr * (g + v)")), "counts twice"),
    "momentum on the gradient": (
        instead((VELOCITY, "self.velocities[i] + self.momentum * g")),
        "not the velocity",
    ),
    "momentum on both": (instead((VELOCITY, "self.momentum * (self.velocities[i] + g)")), "as well"),
    "an average": (
        instead((VELOCITY, "self.momentum * self.velocities[i] + (1 - self.momentum) * g")),
        "1 - momentum",
    ),
    "average turned round": (
        instead((VELOCITY, "(1 - self.momentum) * self.velocities[i] + self.momentum * g")),
        "1 - momentum, and",
    ),
    "no decay": (instead((GRADIENT, "p.grad")), "no weight decay"),
    "decay's sign": (instead((GRADIENT, "p.grad - self.weight_decay * p")), "wrong sign"),
    "decay past lr": (
        instead((GRADIENT, "p.grad"), (STEP, "p -= self.lr * v + self.weight_decay * p")),
        "past the lr",
    ),
    "decoupled decay": (
        instead((GRADIENT, "p.grad"), (STEP, "p -= self.lr * (v + self.weight_decay * p)")),
        "past the velocity",
    ),
    "decoupled decay, first": (
        instead((f"g = {GRADIENT}", "g = p.grad\n            p *= 1 - self.lr * self.weight_decay")),
        "past the velocity",
    ),
    "decay after the step": (
        instead(
            (GRADIENT, "p.grad"), (STEP, "p -= self.lr * v\n            p -= self.lr * self.weight_decay * p")
        ),
        "yours gives",
    ),
    "decay times lr twice": (instead((GRADIENT, "p.grad + self.lr * self.weight_decay * p")), "by lr twice"),
    "decay doubled": (instead((GRADIENT, "p.grad + 2 * self.weight_decay * p")), "twice as large"),
    "decay of signs": (instead((GRADIENT, "p.grad + self.weight_decay * p.sign()")), "small and large"),
    "decay without p": (instead((GRADIENT, "p.grad + self.weight_decay")), "without p"),
    "decay of squares": (instead((GRADIENT, "p.grad + self.weight_decay * p**2")), "yours gives"),
    "decay of the velocity": (
        instead((GRADIENT, "p.grad + self.weight_decay * self.velocities[i]")),
        "yours gives",
    ),
    "default decay for ever": (instead((GRADIENT, "p.grad + 0.01 * p")), "yours gives"),
    "default momentum for ever": (instead((VELOCITY, "0.9 * self.velocities[i] + g")), "yours gives"),
    "new tensors": (instead((STEP, "p = p - self.lr * v")), "never move"),
    "one velocity": (
        instead(
            (
                f"v = {VELOCITY}\n            self.velocities[i] = v",
                "v = self.velocities[0] = self.momentum * self.velocities[0] + g",
            )
        ),
        "share one velocity",
    ),
    "no no_grad": (instead(("    @torch.no_grad()\n", "")), "no_grad"),
    "grad in place": (
        instead((f"g = {GRADIENT}", "g = p.grad.add_(self.weight_decay * p)")),
        "changes p.grad",
    ),
    "velocity is the gradient's tensor": (
        instead(
            (f"g = {GRADIENT}", "g = p.grad"),
            (f"v = {VELOCITY}", "v = g.add_(self.momentum * self.velocities[i] + self.weight_decay * p)"),
        ),
        "yours gives|no memory",
    ),
    "clears": (instead((STEP, "p -= self.lr * v\n            p.grad = None")), "takes the gradients away"),
    "zeroes": (instead((STEP, "p -= self.lr * v\n            p.grad.zero_()")), "to 0"),
    "goes through the iterator once": (
        instead(
            ("list(parameters)", "parameters"),
            ("[torch.zeros_like(p) for p in self.parameters]", "{}"),
            ("self.velocities[i] + g", "self.velocities.get(i, 0) + g"),
        ),
        "second step on",
    ),
    "velocities use the iterator up": (instead(("list(parameters)", "parameters")), "Nothing moves"),
    "no step": (instead(("def step", "def update")), "has no attribute 'step'"),
    "no defaults": (
        instead(("lr=0.1, momentum=0.9, weight_decay=0.01", "lr, momentum, weight_decay")),
        "missing 3",
    ),
    "another default": (instead(("momentum=0.9", "momentum=0.95")), "yours gives"),
    "velocities on the class": (
        instead(
            ("class Momentum:", "class Momentum:\n    velocities = {}"),
            ("        self.velocities = [torch.zeros_like(p) for p in self.parameters]\n", ""),
            ("self.velocities[i] + g", "self.velocities.get(i, 0) + g"),
        ),
        "yours gives|RuntimeError",
    ),
    "stops at the first": (instead((STEP, f"{STEP}\n            return")), "yours gives"),
    "no momentum, no decay": (
        instead((GRADIENT, "p.grad"), (VELOCITY, "g")),
        "momentum and weight decay: 0.9159 where 0.9149",
    ),
    "uphill without decay": (
        instead((GRADIENT, "p.grad"), (STEP, "p += self.lr * v")),
        "uphill, and there is no",
    ),
    "freezes": (instead((STEP, "p -= self.lr * v\n            p.requires_grad_(False)")), "yours gives"),
}
