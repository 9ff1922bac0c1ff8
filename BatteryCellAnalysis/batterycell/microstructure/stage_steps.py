"""The measurements of a microstructure, one after another."""

from __future__ import annotations

from math import isinf, isnan

from batterycell.progress import Progress

from .connectivity import measure_connection
from .connectivity_table import connection_quantities, connection_table
from .fractions import fraction_quantities, measure_fractions, ratio_quantities
from .fractions_table import fraction_table
from .pores import measure_pores, pore_quantities
from .pores_table import pore_table
from .sizes import SIZE, objects_of, size_quantities
from .sizes_table import size_table
from .stage_notes import note_connections, note_fractions, note_given, note_sizes
from .stage_sample import Given, Sample
from .surface_area import Interfaces
from .surface_area_quantities import surface_quantities
from .tortuosity import ABSENT, can_solve, measure_tortuosity, tortuosity_quantities


def add_fractions(sample: Sample, given: Given, progress: Progress) -> None:
    """Fractions and ratios, and the notes on them."""
    progress.report(0.0, "fractions and their intervals")
    found = measure_fractions(sample.counts, sample.classes, sample.labels, given.uncertainty)
    sample.quantities += fraction_quantities(found, sample.cells.dimension)
    sample.quantities += ratio_quantities(found, sample.counts)
    sample.tables["microstructure_fractions"] = fraction_table(found, sample.cells)
    sample.notes += note_given(sample.labels.voxels, found, given.uncertainty is not None)
    sample.notes += note_fractions(found, sample.cells)


def add_surfaces(sample: Sample, progress: Progress) -> None:
    """Surfaces, interfaces and chords, where something borders on something."""
    if len(sample.present) < 2 and sample.is_all_labelled:
        return
    found = Interfaces(sample.labels, tuple(sample.present), sample.cells, sample.cells.dimension)
    found.measure(progress)
    sample.quantities += surface_quantities(found, sample.counts, sample.present, sample.cells)


def add_sizes(sample: Sample, given: Given) -> None:
    """Size distributions of the classes whose objects are given."""
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
    sample.notes += note_sizes(objects, min(sample.cells.voxel_um[3 - sample.cells.dimension :]))


def add_pores(sample: Sample, progress: Progress) -> None:
    """Sizes of the pores."""
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


def add_connections(sample: Sample, progress: Progress) -> None:
    """What of each class is connected to what."""
    found = []
    for n, (value, name) in enumerate(sample.present.items()):
        part = progress.part(n / len(sample.present), (n + 1) / len(sample.present))
        found.append(measure_connection(sample.labels, value, name, sample.cells, part))
        sample.quantities += connection_quantities(found[-1])
    sample.tables["microstructure_connections"] = connection_table(found)
    sample.notes += note_connections(found, sample.cells.dimension)


def add_tortuosity(sample: Sample, progress: Progress) -> None:
    """Tortuosity factors of the pores, where the library is there."""
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
    lost = [axis for axis, factor in found.along.items() if isnan(factor.value)]
    if lost:
        sample.notes.append(f"The solver found no end for the tortuosity of {name} along {', '.join(lost)}.")
    dead = [axis for axis, factor in found.along.items() if isinf(factor.value)]
    if dead:
        sample.notes.append(f"{name} does not percolate along {', '.join(dead)}: no tortuosity factor there.")
