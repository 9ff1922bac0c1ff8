"""Dataclasses of arrays as a tree in JSON's types beside the arrays, and back; nothing in a file is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PACKAGE = "batterycell."
_ARRAY, _LIST, _TUPLE, _DICT, _OBJECT = "array", "list", "tuple", "dict", "object"


def to_tree(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """A value in JSON's types.

    Args:
        value: Numbers, words, arrays, and lists, tuples, dictionaries and this package's dataclasses of these.
        arrays: Its arrays, by the names by which the tree calls them; they are added here.

    Raises:
        TypeError: if something else is in it.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray):
        name = f"{_ARRAY}{len(arrays)}"
        arrays[name] = value
        return {_ARRAY: name}
    if isinstance(value, dict):
        return {_DICT: {str(name): to_tree(item, arrays) for name, item in value.items()}}
    if type(value) in (list, tuple):
        return {type(value).__name__: [to_tree(item, arrays) for item in value]}
    kind = type(value)
    parts = {name: to_tree(getattr(value, name), arrays) for name in _names(kind)}
    return {_OBJECT: f"{kind.__module__}:{kind.__qualname__}", _DICT: parts}


def from_tree(tree: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The value of `to_tree`.

    Raises:
        TypeError, ValueError, KeyError, AttributeError, ImportError: if it is none.
    """
    if not isinstance(tree, dict):
        return tree
    if _ARRAY in tree:
        return arrays[tree[_ARRAY]]
    if _LIST in tree:
        return [from_tree(item, arrays) for item in tree[_LIST]]
    if _TUPLE in tree:
        return tuple(from_tree(item, arrays) for item in tree[_TUPLE])
    parts = {name: from_tree(item, arrays) for name, item in tree[_DICT].items()}
    return _class(tree[_OBJECT])(**parts) if _OBJECT in tree else parts


def _names(kind: type) -> tuple[str, ...]:
    """Names of the fields of one of this package's dataclasses."""
    if not (kind.__module__.startswith(_PACKAGE) and is_dataclass(kind)):
        raise TypeError(f"{kind} cannot be kept")
    return tuple(one.name for one in fields(kind))


def _class(name: str) -> type:
    module, _, kind = name.partition(":")
    if not (module.startswith(_PACKAGE) and kind.isidentifier()):
        raise ValueError(f"{name} is none of this program")
    found = getattr(import_module(module), kind)
    if not isinstance(found, type):
        raise TypeError(f"{name} is no class")
    _names(found)
    return found
