"""The table of fractions: each with its sources of uncertainty apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table

from .fractions import Fraction
from .representativity_cells import Cells

Floats = NDArray[np.float64]
COLUMNS = (
    Column("class", "Class", "", "Name of the class."),
    Column("voxels", "Voxels", "", "How many voxels it has."),
    Column("fraction_percent", "Fraction", "%", "Its share of what is labelled."),
    Column("u_percent", "Uncertainty (95 %)", "%", "Half width of the combined interval."),
    Column("u_sampling_percent", "Of the imaged size", "%", "Half width of the interval of representativity."),
    Column("u_segmentation_percent", "Of the segmentation", "%", "Half width by the model's doubt."),
    Column("low_percent", "Low", "%", "Lower end of the interval of representativity (Wilson)."),
    Column("high_percent", "High", "%", "Upper end of the interval of representativity (Wilson)."),
    Column("correlation_z_um", "Correlation length, z", "µm", "Integral of the two-point correlation along z."),
    Column("correlation_y_um", "Correlation length, y", "µm", "The same along y."),
    Column("correlation_x_um", "Correlation length, x", "µm", "The same along x."),
    Column("samples", "Independent samples", "", "Imaged size over the integral range."),
)  # fmt: skip


def fraction_table(found: Mapping[int, Fraction], cells: Cells) -> Table:
    """One row a class."""
    rows = [_row(one, cells) for one in found.values()]
    data = {column.name: np.array([row[n] for row in rows]) for n, column in enumerate(COLUMNS)}
    return Table(COLUMNS, data)


def _row(one: Fraction, cells: Cells) -> tuple[str | float, ...]:
    sampling, spread = one.sampling, one.sampling.spread
    lengths = np.full(3, np.nan)
    samples = float("nan")
    if spread is not None and spread.variance > 0:
        lengths = np.where(np.array(cells.shape) > 1, spread.lengths * cells.size_um, np.nan)
        total = one.voxels / sampling.value
        samples = sampling.value * (1 - sampling.value) * total**2 / spread.variance
    percents = (sampling.value, one.half, sampling.half, one.u_doubt, sampling.low, sampling.high)
    return one.name, one.voxels, *(100 * share for share in percents), *lengths.tolist(), samples
