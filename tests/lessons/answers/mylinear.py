"""What people write for `MyLinear`."""

from rewriting import rewriting

STANDARD = """
import math
import torch
from torch import nn
import torch.nn.functional as F
class MyLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1 / math.sqrt(self.in_features)
        nn.init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, x):
        out = x @ self.weight.T
        if self.bias is not None:
            out = out + self.bias
        return out

    def extra_repr(self):
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"
"""
instead = rewriting(STANDARD)

WEIGHT = "nn.Parameter(torch.empty(out_features, in_features))"
BIAS = "nn.Parameter(torch.empty(out_features))"
DRAW = "nn.init.uniform_(self.weight, -bound, bound)"
DRAW_BIAS = "nn.init.uniform_(self.bias, -bound, bound)"
BOUND = "1 / math.sqrt(self.in_features)"
OUT = "x @ self.weight.T"
REPR = 'return f"{sizes}, bias={self.bias is not None}"'
ADD = "        if self.bias is not None:\n            out = out + self.bias\n"

RIGHT = {
    "the standard": STANDARD,
    "torch's own": "from torch import nn\nclass MyLinear(nn.Linear):\n    pass\n",
    "F.linear": instead((ADD, ""), (OUT, "F.linear(x, self.weight, self.bias)")),
    "einsum": instead((OUT, "torch.einsum('...i,oi->...o', x, self.weight)")),
    "matmul, transpose": instead((OUT, "torch.matmul(x, self.weight.transpose(0, 1))")),
    "Kaiming's with root 5": instead((DRAW, "nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))")),
    "through data": instead(
        (DRAW, "self.weight.data.uniform_(-bound, bound)"),
        (DRAW_BIAS, "self.bias.data = (torch.rand(self.out_features) * 2 - 1) * bound"),
    ),
    "bias first": instead((f"        {DRAW}\n", ""), (DRAW_BIAS, DRAW_BIAS + f"\n        {DRAW}")),
    "a size check": instead(
        (
            "        out = x",
            "        if x.shape[-1] != self.in_features:\n            raise ValueError\n        out = x",
        )
    ),
    "bias None, more methods": instead(('self.register_parameter("bias", None)', "self.bias = None"))
    + "\n    def fans(self):\n        return self.weight.shape[::-1]\n",
    "its own repr": instead(
        ("def extra_repr", "def __repr__"),
        ("{sizes}, bias={self.bias is not None}", "MyLinear({sizes}, bias={self.bias is not None})"),
    ),
    "double inside": instead(
        ("return out\n", "return out.to(x.dtype)\n"), (OUT, "(x.double() @ self.weight.T.double())")
    ),
    "flattened and put back": instead(
        (OUT, "(x.reshape(math.prod(x.shape[:-1]), self.in_features) @ self.weight.T)"),
        ("return out\n", "return out.reshape(*x.shape[:-1], self.out_features)\n"),
    ),
}

WRONG = {
    "plain tensors": (
        instead((WEIGHT, "torch.empty(out_features, in_features)"), (BIAS, "torch.empty(out_features)")),
        "no parameters",
    ),
    "a plain weight": (instead((WEIGHT, "torch.empty(out_features, in_features)")), "weight is a plain"),
    "a plain bias": (instead((BIAS, "torch.empty(out_features)")), "bias is a plain"),
    "buffers": (
        instead(
            (
                f"self.weight = {WEIGHT}",
                "self.register_buffer('weight', torch.empty(out_features, in_features))",
            ),
            (f"self.bias = {BIAS}", "self.register_buffer('bias', torch.empty(out_features))"),
        ),
        "no parameters|yours gives|gave",
    ),
    "no super": (instead(("        super().__init__()\n", "")), "super"),
    "no Module": (
        instead(
            ("(nn.Module)", ""),
            ("        super().__init__()\n", ""),
            ('self.register_parameter("bias", None)', "self.bias = None"),
        ),
        "named_parameters",
    ),
    "weight turned": (
        instead((WEIGHT, "nn.Parameter(torch.empty(in_features, out_features))"), (OUT, "x @ self.weight")),
        r"is \(3, 2\), and",
    ),
    "without .T": (instead((OUT, "x @ self.weight")), "as it is"),
    "no bias added": (instead(("out = out + self.bias", "pass")), "never added"),
    "bias subtracted": (instead(("out = out + self.bias", "out = out - self.bias")), "subtracted"),
    "bias twice": (instead(("out = out + self.bias", "out = out + 2 * self.bias")), "yours gives"),
    "with ReLU": (instead(("return out\n", "return out.relu()\n")), "a ReLU"),
    "bias ignored": (instead(("if bias:", "if True:")), "all the same"),
    "no attribute": (
        instead(
            ('self.register_parameter("bias", None)', "pass"),
            ("self.bias is not None", "hasattr(self, 'bias')"),
        ),
        "no `bias` at all",
    ),
    "bias 0 without one": (
        instead(('self.register_parameter("bias", None)', "self.bias = torch.zeros(out_features)")),
        "yours gives",
    ),
    "no bias argument": (instead((", bias=True)", ")"), ("if bias:", "if True:")), "unexpected keyword"),
    "bias off by default": (instead(("bias=True", "bias=False")), r"gave \(weight\)"),
    "bias of shape (1, out)": (instead((BIAS, "nn.Parameter(torch.empty(1, out_features))")), r"\(1, 2\)"),
    "bias of in_features": (instead((BIAS, "nn.Parameter(torch.empty(in_features))")), "yours gives"),
    "one bias for all": (instead((BIAS, "nn.Parameter(torch.empty(1))")), "yours gives"),
    "other names": (
        instead(("self.weight", "self.w"), ("self.bias", "self.b"), ('"bias"', '"b"')),
        r"gave \(w, b\)",
    ),
    "randn": (instead((DRAW, "self.weight.data.normal_()")), "weight is drawn by randn"),
    "randn for both": (
        instead((DRAW, "self.weight.data.normal_()"), (DRAW_BIAS, "self.bias.data.normal_()")),
        "Weight and bias are drawn",
    ),
    "a bell of 1/√n": (instead((DRAW, "nn.init.normal_(self.weight, std=bound)")), "bell of std 1/√n"),
    "a bell of the right std": (
        instead((DRAW, "nn.init.normal_(self.weight, std=bound / 3**0.5)")),
        "form is not",
    ),
    "LeCun": (instead((BOUND, "math.sqrt(3 / self.in_features)")), "LeCun"),
    "Kaiming for ReLU": (
        instead((DRAW, "nn.init.kaiming_uniform_(self.weight, nonlinearity='relu')")),
        "Kaiming's uniform",
    ),
    "Kaiming normal": (instead((DRAW, "nn.init.kaiming_normal_(self.weight)")), "yours gives"),
    "Xavier": (instead((DRAW, "nn.init.xavier_uniform_(self.weight)")), "Xavier"),
    "1/√n_out": (instead((BOUND, "1 / math.sqrt(self.out_features)")), "out_features"),
    "√n": (instead((BOUND, "math.sqrt(self.in_features)")), "and grows"),
    "1/n": (instead((BOUND, "1 / self.in_features")), "without the root"),
    "between -1 and 1": (instead((BOUND, "1")), "bound is 1"),
    "from 0": (instead(("-bound, bound", "0, bound")), "from 0 upward"),
    "weight from 0": (instead((DRAW, "nn.init.uniform_(self.weight, 0, bound)")), "from 0 upward"),
    "zeros": (
        instead((DRAW, "nn.init.zeros_(self.weight)"), (DRAW_BIAS, "nn.init.zeros_(self.bias)")),
        "all the same",
    ),
    "bias zeros": (instead((DRAW_BIAS, "nn.init.zeros_(self.bias)")), "all the same"),
    "bias ones": (instead((DRAW_BIAS, "nn.init.ones_(self.bias)")), "all the same"),
    "bias randn": (
        instead((DRAW_BIAS, "nn.init.normal_(self.bias)")),
        "bound is 1/√n|bell|yours gives|randn",
    ),
    "bias not drawn": (
        instead(
            (f"            {DRAW_BIAS}", "            pass"), (BIAS, "nn.Parameter(torch.ones(out_features))")
        ),
        "all the same",
    ),
    "one number for all": (
        instead((DRAW, "self.weight.data.fill_(torch.empty(1).uniform_(-bound, bound).item())")),
        "all the same",
    ),
    "one row for all": (
        instead((DRAW, "self.weight.data.copy_(torch.empty(self.in_features).uniform_(-bound, bound))")),
        "yours gives",
    ),
    "never drawn": (
        instead(("        self.reset_parameters()\n", ""), ("torch.empty", "torch.zeros")),
        "yours gives 0|all the same",
    ),
    "no reset_parameters": (instead(("reset_parameters", "init")), "no attribute 'reset_parameters'"),
    "reset draws the weight alone": (
        instead(
            (
                "        if self.bias is not None:\n            nn.init",
                "        if self.first:\n            nn.init",
            ),
            (
                "        self.reset_parameters()\n",
                "        self.first = bias\n        self.reset_parameters()\n",
            ),
            (DRAW_BIAS, f"{DRAW_BIAS}\n        self.first = False"),
        ),
        "leaves the bias",
    ),
    "reset makes new ones": (
        instead((DRAW, "self.weight = nn.Parameter(torch.empty_like(self.weight).uniform_(-bound, bound))")),
        "new Parameters|yours gives no",
    ),
    "draws in forward": (
        instead(("        out = x @", "        self.reset_parameters()\n        out = x @")),
        "draws again",
    ),
    "detached": (instead(("return out\n", "return out.detach()\n")), "forward leave autograd"),
    "weights by data": (
        instead(("self.weight.T", "self.weight.data.T"), ("out + self.bias", "out + self.bias.data")),
        "data or .detach",
    ),
    "weight by data": (instead(("self.weight.T", "self.weight.data.T")), "yours gives none"),
    "frozen": (
        instead(
            (WEIGHT, "nn.Parameter(torch.empty(out_features, in_features), requires_grad=False)"),
            (BIAS, "nn.Parameter(torch.empty(out_features), requires_grad=False)"),
        ),
        "ask for no gradient",
    ),
    "no repr": (instead(("def extra_repr", "def more_repr")), "prints no sizes"),
    "repr of another form": (
        instead((REPR, "return f'{self.in_features} -> {self.out_features}'")),
        "yours gives",
    ),
    "repr says bias=True always": (instead(("bias={self.bias is not None}", "bias=True")), "yours gives"),
    "sizes swapped": (
        instead(("in_features, out_features, bias", "out_features, in_features, bias")),
        "yours gives",
    ),
    "flattens": (instead((OUT, "x.reshape(-1, self.in_features) @ self.weight.T")), "flattens"),
    "flattens all": (instead((OUT, "x.reshape(len(x), -1) @ self.weight.T")), "yours gives|RuntimeError"),
    "addmm": (instead((OUT, "x.mm(self.weight.T)")), "RuntimeError"),
    "squeezes": (instead(("return out\n", "return out.squeeze()\n")), "squeezes"),
    "to float32": (instead(("return out\n", "return out.float()\n")), "yours gives|float32"),
    "bias in place on x": (instead((OUT, "x.mul_(2) / 2 @ self.weight.T")), "yours gives|RuntimeError"),
    "no return": (instead(("return out\n", "out\n")), "return"),
    "a cached weight": (
        instead(
            (
                "        self.reset_parameters()\n",
                "        self.reset_parameters()\n        self.turned = self.weight.detach().T\n",
            ),
            (OUT, "x @ self.turned"),
        ),
        "yours gives|RuntimeError",
    ),
    "not copied": (
        instead(
            (
                "        self.reset_parameters()\n",
                "        self.reset_parameters()\n        self.f = lambda x: x\n",
            )
        ),
        "local object",  # that Python cannot pickle, or cannot get, by its version
    ),
    "an extra parameter": (
        instead(
            (
                "        self.reset_parameters()\n",
                "        self.scale = nn.Parameter(torch.ones(1))\n        self.reset_parameters()\n",
            )
        ),
        "scale",
    ),
    "randn and no bias": (
        instead((DRAW, "self.weight.data.normal_()"), ("out = out + self.bias", "pass")),
        "never added",
    ),
    "a function": (
        "import torch\ndef MyLinear(i, o, bias=True):\n    return lambda x: x @ torch.ones(i, o)\n",
        "named_parameters",
    ),
}
