"""What is measured of a microstructure, and how its numbers are named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batterycell.errors import UsageError


@dataclass(frozen=True)
class MicrostructureSettings:
    """What is measured, and at what cost.

    Args:
        dimension: 3 for the volume, 2 for each slice on its own. A single slice is always taken as 2D.
        pore: Name of the class of pores; empty for the first whose name begins with "pore".
        sizes_of: Names of the classes whose objects get size distributions; empty for every class with objects.
        pore_voxels: Of larger volumes, a block of so many voxels in the middle gives the pore sizes.
        tortuosity: Whether tortuosity factors are computed (minutes for large volumes).
        tortuosity_voxels: Tortuosity is computed on at most so many voxels, coarser ones where there are more.
        bootstrap: Times that objects are drawn again for the intervals of size distributions.
        seed: Of these draws.

    Raises:
        UsageError: if a value makes no sense.
    """

    dimension: int = 3
    pore: str = ""
    sizes_of: tuple[str, ...] = ()
    pore_voxels: int = 8_000_000
    tortuosity: bool = True
    tortuosity_voxels: int = 300_000
    bootstrap: int = 500
    seed: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes_of", tuple(self.sizes_of))  # JSON knows no tuples
        _require(self.dimension in (2, 3), "dimension", self.dimension, "2 or 3")
        _require(self.pore_voxels >= 1000, "pore_voxels", self.pore_voxels, "1000 or more")
        _require(self.tortuosity_voxels >= 1000, "tortuosity_voxels", self.tortuosity_voxels, "1000 or more")
        _require(20 <= self.bootstrap <= 100_000, "bootstrap", self.bootstrap, "a number from 20 to 100,000")


def slug(name: str) -> str:
    """A class's name as a part of a machine name."""
    return re.sub(r"\W+", "_", name.casefold()).strip("_") or "class"


def _require(met: bool, name: str, value: object, wanted: str) -> None:
    if not met:
        raise UsageError("microstructure-setting", f"{name} cannot be {value}.", f"Give {wanted}.")
