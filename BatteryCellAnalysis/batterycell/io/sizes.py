"""Voxel sizes: what the file says, what the user says, and whether it can be true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from batterycell.errors import InputError
from batterycell.volume import UM_PER_MM

from .options import LoadOptions, Size

SMALLEST_UM = 0.0002
LARGEST_UM = 2000.0
LARGEST_RATIO = 50.0
_NOT_STATED = "not stated"
HINT = "Pass it in µm, e.g. --voxel-size 67.94,33.97,33.97 (z,y,x)."


@dataclass(frozen=True)
class StatedSize:
    """What a file says about its voxel size.

    Args:
        zyx_um: Voxel size (z, y, x) in µm, None where the file says nothing.
        source: Where in the file it stands.
    """

    zyx_um: tuple[float | None, float | None, float | None] = (None, None, None)
    source: str = ""

    @property
    def complete(self) -> Size | None:
        """The voxel size, if all of it is stated and it is not the 1 mm of programs that do not know it."""
        z, y, x = self.zyx_um
        if z is None or y is None or x is None or self.is_default:
            return None
        return z, y, x

    @property
    def is_default(self) -> bool:
        """Whether it says 1 mm along every axis."""
        return all(size is not None and math.isclose(size, UM_PER_MM, rel_tol=1e-6) for size in self.zyx_um)


def decide_voxel_size(stated: StatedSize, options: LoadOptions, path: Path) -> tuple[Size, str]:
    """The voxel size (z, y, x) in µm, and where it came from.

    Raises:
        InputError: if nobody says it and it is needed, or it cannot be true for a battery.
    """
    if options.voxel_size_um is not None:
        check_voxel_size(options.voxel_size_um, "--voxel-size")
        return options.voxel_size_um, _user_source(options.voxel_size_um, stated)
    if stated.complete is None and not options.needs_voxel_size:
        return _with_placeholders(stated), f"{_NOT_STATED}: {_what_is_known(stated)}"
    if stated.complete is None:
        raise InputError("voxel-size-unknown", f"The voxel size of {path} is unknown: {_what_is_known(stated)}.", HINT)
    check_voxel_size(stated.complete, f"{path} ({stated.source})")
    return stated.complete, stated.source


def is_stated(source: str) -> bool:
    """Whether somebody said the voxel size, from where it is said to come from."""
    return not source.startswith(_NOT_STATED)


def check_voxel_size(size: Size, source: str) -> None:
    """Refuse a voxel size (z, y, x) in µm that no image of a battery has.

    Raises:
        InputError: if it is not positive and finite, not between 0.0002 µm and 2000 µm, or too elongated.
    """
    if not all(math.isfinite(value) and SMALLEST_UM <= value <= LARGEST_UM for value in size):
        reason = f"it must lie between {SMALLEST_UM:g} and {LARGEST_UM:g} µm"
    elif max(size) / min(size) > LARGEST_RATIO:
        reason = f"one side is more than {LARGEST_RATIO:g} times another"
    else:
        return
    raise InputError(
        "voxel-size-implausible", f"The voxel size {describe(size)} of {source} cannot be: {reason}.", HINT
    )


def describe(size: tuple[float, ...]) -> str:
    """A size for people, e.g. ``67.94 × 33.97 × 33.97 µm``."""
    return " × ".join(f"{value:.6g}" for value in size) + " µm"


def _with_placeholders(stated: StatedSize) -> Size:
    z, y, x = (UM_PER_MM if size is None else size for size in stated.zyx_um)
    return z, y, x


def _user_source(size: Size, stated: StatedSize) -> str:
    if stated.complete is None or all(map(_close, size, stated.complete)):
        return "--voxel-size"
    return f"--voxel-size (the file says {describe(stated.complete)})"


def _close(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=1e-4)


def _what_is_known(stated: StatedSize) -> str:
    _, y, x = stated.zyx_um
    if stated.is_default:
        return f"its {stated.source} says 1 mm along every axis, as programs write when they do not know it"
    if y is not None and x is not None:
        return f"its {stated.source} gives {describe((y, x))} within a slice (y, x), but no distance between slices"
    return stated.source or "the file does not state it"
