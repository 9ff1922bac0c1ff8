"""How near an instance is to a ball or a circle."""

from __future__ import annotations

import numpy as np

from batterycell.instances.measures.context import Context, Derived, Measure
from batterycell.tables import Column

from .surface import equivalent_surface, measured_surface


def _column(context: Context) -> Column:
    if context.dimension == 2:
        text = "4π·area / perimeter²; 1 for a circle, by the perimeter's error sometimes above 1."
        return Column("circularity", "Circularity", "", text)
    text = "Surface of the ball of equal volume / surface; 1 for a ball, by the surface's error sometimes above 1."
    return Column("sphericity", "Sphericity", "", text)


def _make(context: Context) -> Derived:
    surface, voxels = measured_surface(context)
    power, name = 4 - context.dimension, _column(context).name

    def compute() -> dict[str, np.ndarray]:
        with np.errstate(invalid="ignore"):
            return {name: (equivalent_surface(context, voxels.counts) / surface.areas) ** power}

    return Derived(compute)


MEASURES = (
    Measure(
        "sphericity",
        "Sphericity or circularity",
        lambda context: (_column(context),),
        "3D: ψ = π^(1/3)·(6V)^(2/3) / S; 2D: 4π·A / P². With S and P of the measure surface. Not cut off at 1.",
        "Wadell 1935, J. Geol. 43, 250; Cox 1927, J. Paleontol. 1, 179.",
        _make,
    ),
)
