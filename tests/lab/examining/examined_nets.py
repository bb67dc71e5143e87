"""Nets as people write them, small: what the instrument is held against."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mlp(depth: int = 6, width: int = 100, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    sizes = [784, *[width] * depth]
    hidden = [layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), activation())]
    return nn.Sequential(*hidden, nn.Linear(width, 10))


def kaiming(net: nn.Module) -> Any:
    """Every weight drawn for ReLU, every bias 0."""
    for module in net.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return net


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        b, t, c = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(b, t, c))


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.fc, self.proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.proj(F.gelu(self.fc(self.ln_2(x))))


class CharGPT(nn.Module):
    """GPT-2's ways in small: normal 0.02, smaller at the ends of branches; embeddings tied or not."""

    def __init__(
        self, vocabulary: int = 65, length: int = 32, width: int = 48, layers: int = 6, tied: bool = False
    ):
        super().__init__()
        self.token, self.place = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, 4) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() >= 2:
                nn.init.normal_(
                    weight, std=0.02 / math.sqrt(2 * layers) if name.endswith("proj.weight") else 0.02
                )
            elif name.endswith("bias"):
                nn.init.zeros_(weight)
        if tied:
            self.head.weight = self.token.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.place(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln(x))


class Reader(nn.Module):
    """An LSTM that reads characters and guesses a class."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 32, num_layers=2, batch_first=True)
        self.head = nn.Linear(32, 5)

    def forward(self, ids: Tensor) -> Tensor:
        output, _ = self.lstm(self.embedding(ids))
        return self.head(output[:, -1])


class Double(nn.Sequential):
    def __init__(self, into: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(into, out, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1),
            nn.ReLU(),
        )


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down_1, self.down_2, self.bottom = Double(3, 8), Double(8, 16), Double(16, 32)
        self.up_2, self.up_1 = nn.ConvTranspose2d(32, 16, 2, stride=2), nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.join_2, self.join_1 = Double(32, 16), Double(16, 8)
        self.head = nn.Conv2d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.down_1(x)
        b = self.down_2(F.max_pool2d(a, 2))
        c = self.bottom(F.max_pool2d(b, 2))
        b = self.join_2(torch.cat((self.up_2(c), b), 1))
        return self.head(self.join_1(torch.cat((self.up_1(b), a), 1)))


class Stream(nn.Module):
    """Residual blocks without normalization: each adds as much as it got."""

    def __init__(self, blocks: int = 12, width: int = 64) -> None:
        super().__init__()
        self.first = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.second = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.head = nn.Linear(width, 10)
        kaiming(self)
        nn.init.normal_(self.head.weight, std=0.001)

    def forward(self, x: Tensor) -> Tensor:
        for first, second in zip(self.first, self.second, strict=True):
            x = x + second(F.relu(first(x)))
        return self.head(x)


class MyLinear(nn.Module):
    """As the course writes it, kept (in, out)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(n_in, n_out) / math.sqrt(n_in))
        self.b = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w + self.b


class Shared(nn.Module):
    """One layer called four times, beside one that is never called."""

    def __init__(self) -> None:
        super().__init__()
        self.again = nn.Linear(16, 16)
        self.never = nn.Linear(16, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(4):
            x = torch.tanh(self.again(x))
        return self.head(x)


class TwoInputs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(8, 6), nn.Linear(5, 6)
        self.both = nn.Bilinear(6, 6, 4)

    def forward(self, a: Tensor, *, b: Tensor) -> Tensor:
        return self.both(self.left(a).relu(), self.right(b).relu())


class Gives(nn.Module):
    """A net that gives whatever it is told to."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.what = what

    def forward(self, x: Tensor) -> object:
        y = self.fc(x)
        return {
            "dict": {"logits": y, "hidden": y},
            "tuple": (y, y),
            "nothing": None,
            "classes": y.argmax(1),
            "text": "y",
        }[self.what]
