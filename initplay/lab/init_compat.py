"""What functions of `torch.nn.init` are called in code written long ago: by names that are deprecated, and by
private ones that libraries import all the same. `initplay.lab.init` answers to them by this table."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

_DEPRECATED = (
    *("constant", "dirac", "eye", "normal", "orthogonal", "sparse", "uniform"),
    *("kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"),
)
"""Since torch 0.4 these end in an underscore."""
_PRIVATE = {
    "_calculate_fan_in_and_fan_out": "fans",
    "_calculate_correct_fan": "_chosen_fan",
    "_no_grad_uniform_": "uniform_",
    "_no_grad_normal_": "normal_",
    "_no_grad_trunc_normal_": "trunc_normal_",
    "_no_grad_fill_": "constant_",
    "_no_grad_zero_": "zeros_",
}


def by_old_name(name: str, module: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of `module` that an old name stands for. Raises AttributeError for any other name."""
    if name in _DEPRECATED:
        return _deprecated(module[f"{name}_"])
    if name in _PRIVATE:
        return module[_PRIVATE[name]]
    raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")


@lru_cache
def _deprecated(fill: Callable[..., Any]) -> Callable[..., Any]:
    """The function without the underscore in its name, and with a warning."""
    name = fill.__name__
    old_name = name.removesuffix("_")

    def renamed(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return fill(*args, **kwargs)

    renamed.__name__ = renamed.__qualname__ = old_name
    renamed.__doc__ = f"Deprecated: use `{name}`."
    return renamed
