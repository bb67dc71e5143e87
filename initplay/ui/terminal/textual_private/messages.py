"""Who takes a message, and what it is called with, is found once for a kind.

Textual looks through all classes of a widget for each of a thousand messages that a key may cause, and reads
the signature of a callback each time that it is bound to an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

Takers = list[tuple[type, Callable[..., Any]]]


def find_who_takes_a_message_once() -> None:
    """Not where a handler is decorated with `on`: that may look at the widget which the message is from."""
    find = getattr(MessagePump, "_get_dispatch_methods", None)
    if find is None or not hasattr(Message, "stop"):
        return
    known: dict[tuple[type, type, str], Takers | None] = {}

    def found(pump: MessagePump, name: str, message: Message) -> Iterable[tuple[type, Callable[..., Any]]]:
        kind = (type(pump), type(message), name)
        if kind not in known:
            known[kind] = takers(*kind)
        if (of_kind := known[kind]) is None:
            yield from find(pump, name, message)
            return
        for cls, method in of_kind:
            if getattr(message, "_no_default_action", False):
                break
            yield cls, method.__get__(pump, cls)

    MessagePump._get_dispatch_methods = found  # type: ignore[method-assign, assignment]


def takers(kind: type, of_message: type, name: str) -> Takers | None:
    """The methods of a widget's classes for a message, in the order of the classes; None where one of them is
    decorated."""
    taken = []
    for cls in kind.__mro__:
        decorated = vars(cls).get("_decorated_handlers") or {}
        if any(message in decorated for message in of_message.__mro__):
            return None
        method = vars(cls).get(f"_{name}") or vars(cls).get(name)
        if method is not None and not getattr(method, "_textual_on", None):
            taken.append((cls, method))
    return taken


def count_parameters_by_the_code() -> None:
    try:
        from textual import _callback
    except ImportError:
        return
    by_signature = getattr(_callback, "_count_parameters", None)
    if by_signature is not None:
        _callback._count_parameters = lambda func: parameters(func, by_signature)


def parameters(callback: Callable[..., Any], otherwise: Callable[[Callable[..., Any]], int]) -> int:
    """How many a plain function or a method has, without its self; `otherwise` counts those of all else."""
    function = getattr(callback, "__func__", callback)
    if not isinstance(function, FunctionType) or vars(function).keys() & {"__wrapped__", "__signature__"}:
        return otherwise(callback)
    code = function.__code__
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_argcount + code.co_kwonlyargcount + stars - (function is not callback)
