"""Which sources draw a plan's specimens: where one of them changes, specimens are drawn anew."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import batterycell

from .plan import Pretraining

_DIGITS = 12
_PHANTOMS = "batterycell.phantom"


def fingerprint(plan: Pretraining) -> str:
    """A short checksum of the factory's sources, and of those of the phantoms that it imports."""
    text = b"".join(path.read_bytes() for path in sources_of(plan.draw.__module__))
    return hashlib.sha256(text).hexdigest()[:_DIGITS]


def sources_of(module: str) -> list[Path]:
    """The files of a module of this program, and of all that it imports within its package and of the phantoms."""
    wanted = tuple(f"{name}." for name in (module.rpartition(".")[0] or module, _PHANTOMS))
    left, found = [module], dict[str, Path]()
    while left:
        name = left.pop()
        path = _file(name)
        if path is not None and name not in found and f"{name}.".startswith(wanted):
            found[name] = path
            left += _imported(path, name if path.name == "__init__.py" else name.rpartition(".")[0])
    return [found[name] for name in sorted(found)]


def _file(name: str) -> Path | None:
    """The file of a module; None where the name is another thing's, such as a function's."""
    top, *parts = name.split(".")
    place = Path(batterycell.__file__).parent.joinpath(*parts)
    files = (place.with_suffix(".py"), place / "__init__.py") if top == batterycell.__name__ and parts else ()
    return next((path for path in files if path.is_file()), None)


def _imported(path: Path, package: str) -> Iterator[str]:
    """The absolute names that a file imports, those of functions among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))
