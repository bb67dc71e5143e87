"""torchvision's nets, which nobody here wrote: what their authors did is recognized, and theory fits."""

from __future__ import annotations

from types import ModuleType
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from initplay.lab import examine
from initplay.lab.events import Layer


@pytest.fixture(scope="module")
def models() -> ModuleType:
    """torchvision's models. Its wheels want the operators of detection, which one built for CUDA cannot load
    beside a torch for the CPU; no net here uses them, and a name for each is enough."""
    pytest.importorskip("PIL", reason="torchvision needs Pillow: pip install torchvision")
    try:
        import torchvision
    except ImportError:
        pytest.skip("torchvision is not installed: pip install torchvision")
    except RuntimeError:
        operators = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision.models


def examined(net: nn.Module, side: int, classes: int) -> list[Layer]:
    found = examine(net, torch.randn(2, 3, side, side), torch.randint(classes, (2,)))
    calls = [layer for layer in found.layers if layer.rms is not None]
    weighted = [
        name
        for name, module in net.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear | nn.LayerNorm)
    ]
    inside = [name for name in weighted if not name.endswith("out_proj")]  # attention is one layer
    assert [layer.name for layer in calls if layer.name in inside] == inside, "each is there, in their order"
    for layer in calls:
        if layer.kind in ("Conv2d", "Linear") and layer.theory_rms:
            assert layer.rms == pytest.approx(layer.theory_rms, rel=0.6), layer.name
    return found.layers


def share(layers: list[Layer], kind: str, *schemes: str) -> float:
    """Of the layers of a kind, how many are called one of these, by any of their names."""
    of_kind = [layer for layer in layers if layer.kind == kind and layer.scheme]
    named = [(layer.scheme or "").replace("either fan", "fan_out").split(" = ") for layer in of_kind]
    return sum(any(one in schemes for one in names) for names in named) / len(of_kind)


def test_resnet18(models: ModuleType):
    """He by fan_out, norms of ones, and torch's default at the end."""
    torch.manual_seed(0)
    layers = examined(models.resnet18(num_classes=10), 32, 10)
    assert len(layers) == 41 and share(layers, "Conv2d", "kaiming_normal_, fan_out, relu") >= 0.95
    assert share(layers, "BatchNorm2d", "ones_") == 1 and share(layers, "Linear", "torch's default") == 1


@pytest.mark.long
def test_vgg11(models: ModuleType):
    """He by fan_out, and normal 0.01 in the classifier, of which the two large layers are left out here."""
    torch.manual_seed(0)
    net = models.vgg11(num_classes=10, init_weights=False)
    net.classifier = nn.Sequential(nn.Linear(512 * 49, 16), nn.ReLU(), nn.Linear(16, 10))
    modules: list[Any] = list(net.modules())
    for each in modules:  # as its constructor does
        if type(each) is nn.Conv2d:
            nn.init.kaiming_normal_(each.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(cast(Tensor, each.bias))
        elif type(each) is nn.Linear:
            nn.init.normal_(each.weight, 0, 0.01)
            nn.init.zeros_(cast(Tensor, each.bias))
    layers = examined(net, 32, 10)
    assert len(layers) == 10 and share(layers, "Conv2d", "kaiming_normal_, fan_out, relu") >= 0.85
    assert share(layers, "Linear", "normal_, std 0.01") == 1


def test_mobilenet_v3_small(models: ModuleType):
    """Depthwise and squeezing layers, activations as modules: He by fan_out throughout."""
    torch.manual_seed(0)
    layers = examined(models.mobilenet_v3_small(num_classes=10), 64, 10)
    assert share(layers, "Conv2d", "kaiming_normal_, fan_out, relu") >= 0.9
    assert share(layers, "Linear", "normal_, std 0.01") == 1


def test_vit_b_16(models: ModuleType):
    """Narrower than the original: attention, parameters of no layer, a head of zeros."""
    torch.manual_seed(0)
    net = models.VisionTransformer(
        image_size=32, patch_size=16, num_layers=3, num_heads=4, hidden_dim=96, mlp_dim=192, num_classes=10
    )
    found = examine(net, torch.randn(4, 3, 32, 32), torch.randint(10, (4,)))
    by_name = {layer.name: layer for layer in found.layers}
    attention = [layer for layer in found.layers if layer.kind == "MultiheadAttention"]
    assert len(attention) == 3 and all("torch's default" in (layer.scheme or "") for layer in attention)
    assert share(found.layers, "LayerNorm", "ones_") == 1
    hidden = [layer for layer in found.layers if layer.name.endswith(("mlp.0", "mlp.3"))]
    assert len(hidden) == 6 and share(hidden, "Linear", "xavier_uniform_") == 1
    assert by_name["conv_proj"].scheme == "lecun_normal_"
    assert by_name["class_token"].kind == by_name["encoder.pos_embedding"].kind == "Parameter"
    assert by_name["encoder.pos_embedding"].scheme == "normal_, std 0.02"
    assert by_name["heads.head"].scheme == "zeros_" and "heads.head begins with zeros" in " ".join(
        found.notes
    )
