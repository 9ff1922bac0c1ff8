"""All numbers of a microstructure, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.measured import Quantity, Stage
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Table

from .connectivity import connection_quantities, connection_table, measure_connection
from .fractions import Fraction, count_classes, fraction_quantities, measure_fractions, ratio_quantities
from .fractions_table import fraction_table
from .pores import measure_pores, pore_quantities
from .pores_table import pore_table
from .representativity_cells import Cells
from .settings import MicrostructureSettings
from .sizes import SIZE, objects_of, size_quantities
from .sizes_table import size_table
from .stage_notes import note_connections, note_fractions, note_given, note_sizes
from .surface_area import Interfaces
from .surface_area_quantities import surface_quantities
from .tortuosity import ABSENT, can_solve, measure_tortuosity, tortuosity_quantities

Floats = NDArray[np.float64]
VoxelSize = tuple[float, float, float]


@dataclass(frozen=True)
class Given:
    """What is known beside the labels.

    Args:
        instances: One row an object, with ``class`` (its name), ``equivalent_diameter_um`` and ``weight``.
        uncertainty: The model's doubt in percent on the labels' grid, as `batterycell segment --uncertainty` writes it.
    """

    instances: Table | None = None
    uncertainty: SlabSource | None = None


@dataclass
class _Sample:
    """What is measured, and what was found so far."""

    labels: SlabSource
    classes: dict[int, str]
    cells: Cells
    settings: MicrostructureSettings
    counts: dict[int, Floats]
    quantities: list[Quantity] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def present(self) -> dict[int, str]:
        """Classes that have voxels."""
        return {value: name for value, name in self.classes.items() if self.counts[value].any()}

    def pore(self) -> int | None:
        """The class of pores."""
        wanted = self.settings.pore.casefold()
        for value, name in self.present.items():
            if name.casefold() == wanted or (not wanted and name.casefold().startswith("pore")):
                return value
        return None


def measure_microstructure(
    labels: SlabSource | NDArray[Any],
    voxel_um: VoxelSize,
    classes: Mapping[int, str],
    settings: MicrostructureSettings | None = None,
    given: Given | None = None,
    progress: Progress | None = None,
) -> Stage:
    """Measure fractions, ratios, sizes, surfaces, pores, connections and tortuosity, each with a 95 % interval.

    The labels are read in slabs. Beside them some 500 MB are held, and 4 bytes a voxel for the connected parts of one
    class at a time, from 134 million voxels on in a temporary file.

    Args:
        labels: Values of the classes, shape (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        classes: Names of the classes by their values, 0 among them where it is one. What has another value is not
            labelled: shares are of what is.
        settings: What is measured.
        given: Objects of classes, and how unsure the labels are.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The stage "microstructure", with the tables ``microstructure_fractions``, ``microstructure_connections`` and,
        where there is something to tell, ``microstructure_pores`` and ``microstructure_sizes``.

    Raises:
        InputError: if no voxel has one of the classes, or the uncertainty is not on the labels' grid.
        UsageError: if settings contradict each other.
        Cancelled: if the user asked to stop.
    """
    progress, settings, given = progress or Progress(), settings or MicrostructureSettings(), given or Given()
    source = labels if isinstance(labels, SlabSource) else SlabSource.of_array(labels)
    sample = _open(source, voxel_um, dict(classes), settings, progress.part(0.0, 0.1))
    _measure_fractions(sample, given, progress.part(0.1, 0.15))
    _measure_surfaces(sample, progress.part(0.15, 0.35))
    _measure_sizes(sample, given)
    _measure_pores(sample, progress.part(0.35, 0.55))
    _measure_connections(sample, progress.part(0.55, 0.75))
    _measure_tortuosity(sample, progress.part(0.75, 1.0))
    progress.report(1.0, "measured the microstructure")
    title = "Microstructure"
    return Stage("microstructure", title, tuple(sample.quantities), sample.tables, (), tuple(sample.notes))


def _open(
    labels: SlabSource, voxel_um: VoxelSize, classes: dict[int, str], settings: MicrostructureSettings,
    progress: Progress,
) -> _Sample:  # fmt: skip
    dimension = 2 if labels.shape[0] == 1 else settings.dimension
    cells = Cells.of_volume(labels.shape, voxel_um, dimension)
    settings = replace(settings, dimension=dimension)
    counts = count_classes(labels, classes, cells, progress)
    if not any(one.any() for one in counts.values()):
        hint = f"Name the values that the labels have; named are {', '.join(map(str, classes)) or 'none'}."
        raise InputError("classes-absent", "No voxel of the labels has one of the classes.", hint)
    return _Sample(labels, classes, cells, settings, counts)


def _measure_fractions(sample: _Sample, given: Given, progress: Progress) -> None:
    progress.report(0.0, "fractions and their intervals")
    found: dict[int, Fraction] = measure_fractions(sample.counts, sample.classes, sample.labels, given.uncertainty)
    sample.quantities += fraction_quantities(found, sample.cells.dimension)
    sample.quantities += ratio_quantities(found, sample.counts)
    sample.tables["microstructure_fractions"] = fraction_table(found, sample.cells)
    sample.notes += note_given(sample.labels.voxels, found, given.uncertainty is not None)
    sample.notes += note_fractions(found, sample.cells)


def _measure_surfaces(sample: _Sample, progress: Progress) -> None:
    if len(sample.present) < 2:
        return
    found = Interfaces(sample.labels, tuple(sample.present), sample.cells, sample.cells.dimension)
    found.measure(progress)
    sample.quantities += surface_quantities(found, sample.counts, sample.present, sample.cells)


def _measure_sizes(sample: _Sample, given: Given) -> None:
    table = given.instances
    if table is None or SIZE not in table.data:
        return
    names = sample.settings.sizes_of or tuple(
        name for name in sample.classes.values() if (table["class"] == name).any()
    )
    objects = [objects_of(table, name, sample.cells.dimension) for name in names]
    for one in objects:
        sample.quantities += size_quantities(one, sample.settings)
    sample.tables["microstructure_sizes"] = size_table(objects)
    sample.notes += note_sizes(objects)


def _measure_pores(sample: _Sample, progress: Progress) -> None:
    value = sample.pore()
    if value is None:
        sample.notes.append("No class is named as that of the pores: their sizes were not measured.")
        return
    name = sample.classes[value]
    found = measure_pores(sample.labels, value, name, sample.cells, sample.settings, progress)
    if found is None:
        sample.notes.append(f"{name} fills all or nothing of what was examined: its sizes were not measured.")
        return
    sample.quantities += pore_quantities(found, sample.cells.dimension)
    sample.tables["microstructure_pores"] = pore_table(found)
    if found.examined < 1:
        share = f"{100 * found.examined:.0f} % of the volume, a block in its middle"
        sample.notes.append(f"The sizes of {name} were measured in {share}.")


def _measure_connections(sample: _Sample, progress: Progress) -> None:
    found = []
    for n, (value, name) in enumerate(sample.present.items()):
        part = progress.part(n / len(sample.present), (n + 1) / len(sample.present))
        found.append(measure_connection(sample.labels, value, name, sample.cells, part))
        sample.quantities += connection_quantities(found[-1])
    sample.tables["microstructure_connections"] = connection_table(found)
    sample.notes += note_connections(found, sample.cells.dimension)


def _measure_tortuosity(sample: _Sample, progress: Progress) -> None:
    if not sample.settings.tortuosity:
        return
    if not can_solve():
        sample.notes.append(ABSENT)
        return
    value = sample.pore()
    if value is None:
        return
    name = sample.classes[value]
    found = measure_tortuosity(sample.labels, value, name, sample.cells, sample.settings, progress)
    sample.quantities += tortuosity_quantities(found)
    lost = [axis for axis, factor in found.along.items() if np.isnan(factor.value)]
    if lost:
        sample.notes.append(f"The solver found no end for the tortuosity of {name} along {', '.join(lost)}.")
    dead = [axis for axis, factor in found.along.items() if np.isinf(factor.value)]
    if dead:
        sample.notes.append(f"{name} does not percolate along {', '.join(dead)}: no tortuosity factor there.")
