"""The net of a file: found in it, and made."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import nn

from initplay.lab.examining.memory import refuse_what_is_too_large
from initplay.lab.examining.nesting import refuse_what_is_too_deep
from initplay.lab.examining.refused import Refused, is_of_memory
from initplay.lab.examining.untouched import own_dice
from initplay.words.nearest import did_you_mean

COPIES = 3
"""Of the parameters: themselves, their gradients, and a copy on which a change is tried."""


def net_of(module: ModuleType, name: str | None) -> tuple[nn.Module, str]:
    """The net that the file calls so, or the only one in it, with its name. Raises Refused."""
    found = name or _only_one(module)
    if not hasattr(module, found):
        others = _names(module)
        raise Refused(
            f"The file has no {found!r}{did_you_mean(found, others)}: "
            + (f"it has {', '.join(others)}." if others else "and no nn.Module at all.")
        )
    return _made(getattr(module, found), found), found


def _names(module: ModuleType) -> list[str]:
    """What in the file is a net or the class of one, and was not imported into it."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and _is_own_net(value, module)
    ]


def _is_own_net(value: Any, module: ModuleType) -> bool:
    if isinstance(value, nn.Module):
        return True
    return inspect.isclass(value) and issubclass(value, nn.Module) and value.__module__ == module.__name__


def _only_one(module: ModuleType) -> str:
    names = _names(module)
    instances = [name for name in names if isinstance(getattr(module, name), nn.Module)]
    for name in instances:
        refuse_what_is_too_deep(getattr(module, name))
    # What a loop over a net's layers leaves behind is a part of it.
    parts = {id(part) for name in instances for part in list(getattr(module, name).modules())[1:]}
    instances = [name for name in instances if id(getattr(module, name)) not in parts]
    names = [name for name in names if name in instances or id(getattr(module, name)) not in parts]
    if len(instances) == 1:
        return instances[0]
    if len(names) == 1:
        return names[0]
    # A net that is a part of another one in the file is not the one that is meant.
    classes = [name for name in names if name not in instances]
    free = [name for name in classes if not _is_used(module, name, classes)]
    if not instances and len(free) == 1:
        return free[0]
    if not names:
        raise Refused(
            "The file has no nn.Module, neither a class nor an instance: name what makes one after the "
            "file, such as "
            "FILE:make_net."
        )
    raise Refused(
        f"The file has {len(names)} nets, {', '.join(names)}: name one after the file, such as "
        f"FILE:{names[-1]}."
    )


def _is_used(module: ModuleType, name: str, classes: list[str]) -> bool:
    """Whether another of the classes makes one of these, or is made from it."""
    own = getattr(module, name)
    for other in classes:
        one = getattr(module, other)
        if one is own:
            continue
        if issubclass(one, own) or _mentions(one, name):
            return True
    return False


def _mentions(one: type, name: str) -> bool:
    functions = [value for value in vars(one).values() if inspect.isfunction(value)]
    return any(name in _names_in(function.__code__) for function in functions)


def _names_in(code: Any) -> set[str]:
    """The names that a function uses, also in what is defined inside it, as a comprehension is."""
    inner = [constant for constant in code.co_consts if hasattr(constant, "co_names")]
    return set(code.co_names).union(*(_names_in(one) for one in inner))


def _made(value: Any, name: str) -> nn.Module:
    if isinstance(value, nn.Module):
        return examinable(value)
    if not callable(value):
        raise Refused(
            f"{name} is a {type(value).__name__} and no net: name an nn.Module, or a function that makes one."
        )
    missing = _missing(value)
    if missing:
        raise Refused(
            f"{name} needs {', '.join(missing)}: write `def net(): return "
            f"{name}({', '.join(f'{one}=…' for one in missing)})` "
            "with your values into the file, and name FILE:net."
        )
    _refuse_what_is_too_large_to_make(value)
    return _net_from(value, name)


def _missing(value: Callable[..., Any]) -> list[str]:
    """The arguments that somebody has to give."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in parameters if one.default is one.empty and one.kind not in kinds]


def _refuse_what_is_too_large_to_make(make: Callable[..., Any]) -> None:
    """Made without memory first, on the meta device, so that its size can be told before it is tried."""
    try:
        with torch.device("meta"), contextlib.redirect_stdout(io.StringIO()), own_dice():
            shape = make()
    except Exception:  # noqa: BLE001 (what a net does while it is made may need its numbers: then nobody can tell)
        return
    if isinstance(shape, nn.Module):
        refuse_what_is_too_large(shape, COPIES)


def _net_from(make: Callable[..., Any], name: str) -> nn.Module:
    try:
        net = make()
    except Exception as error:
        raise Refused(why_not(error, f"{name}()")) from error
    if not isinstance(net, nn.Module):
        what = "nothing" if net is None else f"a {type(net).__name__} and no nn.Module"
        raise Refused(f"{name}() gives {what}: let it return the net.")
    return examinable(net)


def examinable(net: nn.Module) -> nn.Module:
    """The net, and of one that torch.compile was given the net as it was written, for what that makes of it
    shows no layer of its own. Raises Refused for what nobody can look into."""
    if not isinstance(net, nn.Module):
        what = f"the class {net.__name__}" if isinstance(net, type) else f"a {type(net).__name__}"
        raise Refused(f"The net is {what} and no nn.Module: give one that was made, such as net = Net().")
    if isinstance(net, torch.jit.ScriptModule):
        raise Refused(
            "The net was compiled by TorchScript, and nobody can look inside: name the net that it was made "
            "of."
        )
    net = getattr(net, "_orig_mod", net)
    refuse_what_is_too_deep(net)
    if any(".quantized" in type(module).__module__ for module in net.modules()):
        raise Refused(
            "The net is quantized, and its weights are no numbers that learn: name the net that it was made "
            "of."
        )
    if any(own.is_meta for own in (*net.parameters(), *net.buffers())):
        raise Refused(
            "The net is on the meta device, where tensors have a shape and no numbers: make it without "
            'torch.device("meta"), or load its weights first.'
        )
    if not any(True for _ in net.parameters()):
        raise Refused(
            "The net has no parameters, so that nothing in it is initialized: name one that has layers with "
            "weights."
        )
    return net


def wants_gpu(error: BaseException) -> bool:
    """Whether it was raised because there is no accelerator, or another one."""
    gpu = re.search(r"\b(CUDA|cuda|NVIDIA|MPS|mps)", f"{type(error).__name__}: {error}")
    return gpu is not None and not isinstance(error, torch.cuda.OutOfMemoryError)


def why_not(error: BaseException, what: str) -> str:
    """A sentence for what user code raised where it was to give a net, with the mend where one is known."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]
    text = f"{type(error).__name__}: {said}"
    if wants_gpu(error):
        return f"{what} needs a GPU that is not here ({said}): take .cuda() out, for --device moves the net."
    if is_of_memory(error):
        said = said if len(said) < 60 else type(error).__name__
        return f"{what} needs more memory than there is ({said}): examine a smaller net of its kind."
    if isinstance(error, ModuleNotFoundError):
        return f"{what} imports {error.name!r}, which is not installed beside initplay: install it there."
    if isinstance(error, ImportError) and "relative import" in said:
        return f"{what} imports by a dot, from a package, and is run by itself: import without the dot."
    if "before Module.__init__() call" in said:
        return f"{what} stopped with {text}: begin its __init__ with super().__init__()."
    return f"{what} stopped with {text}."
