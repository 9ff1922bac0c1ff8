"""How regions of a label volume become objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from batterycell.errors import UsageError

Separation = Literal["none", "watershed"]
Border = Literal["keep", "flag", "exclude"]
# Gaps of so many voxels are filled where no width is given.
CRACK_VOXELS = 4.0
# A peak of depth that is higher by less, in voxels, is the roughness of a surface of voxels, and no object.
NOISE_VOXELS = 0.3
# Faces, edges and corners of voxels over which an object goes on, by number of neighbours; 0: over all of them.
CONNECTIVITY = {2: {4: 1, 8: 2, 0: 2}, 3: {6: 1, 18: 2, 26: 3, 0: 3}}


@dataclass(frozen=True)
class LabelSettings:
    """What an object is.

    Args:
        dimension: 3, or 2 for objects of each slice on its own. A single slice is always taken as 2D.
        connectivity: Neighbours of a voxel: 6, 18 or 26 in 3D, 4 or 8 in 2D; 0 for the largest.
        classes: Label values of which objects are made; () for all but 0. An object is never of two classes.
        separate: "watershed" divides touching objects at their necks.
        neck: Two parts are two objects where the neck between them is narrower than the smaller one by more than this
            part: the largest sphere through the neck against the largest sphere inside the smaller one; and by more
            than `NOISE_VOXELS`.
        crack_um: Gaps in a class up to this width never divide an object; None for `CRACK_VOXELS` voxels.
        crack_classes: Label values that such gaps have; () for the lowest that occurs beside the class, usually pore or
            nothing.
        min_size_um: Objects of a smaller equivalent diameter (of the sphere, in 2D of the circle) are left out.
        min_voxels: Objects of fewer voxels are left out.
        border: What becomes of objects that the volume's border may cut: "keep" them like all others, "flag" them and
            weight the others without bias, or "exclude" them from the volume, the others weighted in the same way.

    Raises:
        UsageError: if settings contradict each other.
    """

    dimension: int = 3
    connectivity: int = 0
    classes: tuple[int, ...] = ()
    separate: Separation = "none"
    neck: float = 0.075
    crack_um: float | None = None
    crack_classes: tuple[int, ...] = ()
    min_size_um: float = 0.0
    min_voxels: int = 1
    border: Border = "flag"

    def __post_init__(self) -> None:
        for name in ("classes", "crack_classes"):  # JSON knows no tuples, and numpy has whole numbers of its own
            values = (int(one) if isinstance(one, np.integer) else one for one in getattr(self, name))
            object.__setattr__(self, name, tuple(values))
        _require(self.dimension in CONNECTIVITY, "dimension", self.dimension, "2 or 3")
        known = CONNECTIVITY[self.dimension]
        _require(self.connectivity in known, "connectivity", self.connectivity, ", ".join(map(str, known)))
        every = (*self.classes, *self.crack_classes)
        _require(all(isinstance(one, int) and one >= 0 for one in every), "classes", every, "whole numbers")
        _require(0 not in self.classes, "classes", self.classes, "values above 0; 0 is nothing")
        _require(self.separate in ("none", "watershed"), "separate", self.separate, "none or watershed")
        _require(0 <= self.neck < 1, "neck", self.neck, "a number from 0 to below 1")
        _require(self.crack_um is None or 0 <= self.crack_um < 1e6, "crack_um", self.crack_um, "a width in µm")
        _require(0 <= self.min_size_um < 1e6, "min_size_um", self.min_size_um, "a diameter in µm")
        _require(self.min_voxels >= 0, "min_voxels", self.min_voxels, "a number of voxels")
        _require(self.border in ("keep", "flag", "exclude"), "border", self.border, "keep, flag or exclude")

    @property
    def order(self) -> int:
        """Over what an object goes on: 1 for faces, 2 for edges too, 3 for corners too."""
        return CONNECTIVITY[self.dimension][self.connectivity]

    def widest_crack(self, voxel_um: tuple[float, float, float]) -> float:
        """Gaps up to this width in µm divide nothing; of the voxel size (z, y, x) where none is given."""
        return CRACK_VOXELS * max(voxel_um[1:]) if self.crack_um is None else self.crack_um


def _require(holds: bool, name: str, value: object, allowed: str) -> None:
    if not holds:
        raise UsageError("instances-settings", f"{name} cannot be {value!r}.", f"Give {allowed}.")
