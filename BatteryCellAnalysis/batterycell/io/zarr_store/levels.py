"""The levels of a multiscale volume: axes, units, scales, and whether they are pictures of one and the same volume."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from batterycell.errors import InputError

from .arrays import ArrayMeta
from .documents import damaged

Numbers = tuple[float, float, float]
Sides = tuple[int, int, int]
_SLACK = 1.01


class Axes(NamedTuple):
    """The axes of a volume: how many come before z (None where nobody says), and the units of z, y, x."""

    start: int | None
    units: tuple[str, str, str]


def spatial(axes: list[Any], path: Path) -> Axes:
    """Check that the last three axes are z, y, x.

    Args:
        axes: As in the metadata: objects (0.4 and later), names (0.3), or nothing before.
        path: For messages.

    Raises:
        InputError: if they are not.
    """
    named = [axis if isinstance(axis, dict) else {"name": axis} for axis in axes]
    if not named:
        return Axes(None, ("", "", ""))
    names = [f"{axis['name']}".lower() for axis in named]
    if names[-2:] == ["y", "x"] and "z" not in names:
        raise InputError("single-image", f"{path} holds 2D images.", "Give a volume.")
    if names[-3:] != ["z", "y", "x"]:
        order = ", ".join(names)[:80]
        raise InputError("store-axes", f"{path} has the axes {order}, not z, y, x.", "Write it as z, y, x.")
    z, y, x = (f"{axis.get('unit') or ''}" for axis in named[-3:])
    return Axes(len(named) - 3, (z, y, x))


def transformed(places: Sequence[dict[str, Any]], axes: int, path: Path) -> tuple[Numbers | None, Numbers]:
    """Voxel size and place of a level, from its own transformations and those of all levels after them.

    Args:
        places: What holds ``coordinateTransformations``, in the order in which they apply.
        axes: How many axes there are.
        path: For messages.

    Returns:
        Scale (z, y, x), None where none is stated, and offset (z, y, x), in the axes' units.

    Raises:
        InputError: if they are damaged, or more than scales and translations.
    """
    scale, offset, stated = [1.0] * 3, [0.0] * 3, False
    for step in (step for place in places for step in place.get("coordinateTransformations") or []):
        kind = step["type"]
        if kind == "identity":
            continue
        values = _values(step, kind, axes, path)
        factors = values if kind == "scale" else [1.0] * 3
        shifts = values if kind == "translation" else [0.0] * 3
        stated = stated or kind == "scale"
        scale = [old * factor for old, factor in zip(scale, factors, strict=True)]
        offset = [old * factor + shift for old, factor, shift in zip(offset, factors, shifts, strict=True)]
    return (_three(scale) if stated else None), _three(offset)


def check_levels(levels: Sequence[tuple[Sides, Numbers | None, ArrayMeta]], path: Path) -> None:
    """Refuse levels of different types, or whose scales tell other sizes than their shapes: they show other volumes.

    Raises:
        InputError: if they do.
    """
    (sides, finest, first), *others = levels
    for number, (shape, scale, meta) in enumerate(others, 1):
        if meta.dtype != first.dtype:
            raise _mixed(path, number, f"holds {meta.dtype}, the finest {first.dtype}")
        if scale is None or finest is None:
            continue
        for n, size, n_whole, size_whole in zip(shape, scale, sides, finest, strict=True):
            if size < size_whole * (1 - 1e-6) or abs(n * size - n_whole * size_whole) > _SLACK * size:
                raise _mixed(path, number, f"is {n * size:g} long, the finest {n_whole * size_whole:g}")


def _values(step: dict[str, Any], kind: str, axes: int, path: Path) -> list[float]:
    if kind not in ("scale", "translation") or kind not in step:
        raise InputError("store-place", f"{path} is placed by a {kind} that is not known.", "Write a scale instead.")
    values = [float(value) for value in step[kind]]
    if len(values) != axes or not all(map(math.isfinite, values)) or (kind == "scale" and min(values) <= 0):
        raise damaged(path, f"its {kind} {step[kind]} cannot be")
    return values[-3:]


def _mixed(path: Path, number: int, how: str) -> InputError:
    message = f"The resolutions of {path} do not belong together: level {number} {how}."
    return InputError("levels-differ", message, "Write the store again from its finest level.")


def _three(values: list[float]) -> Numbers:
    z, y, x = values
    return z, y, x
