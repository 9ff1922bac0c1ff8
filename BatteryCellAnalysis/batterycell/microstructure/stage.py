"""All numbers of a microstructure, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.measured import Stage
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .fractions import count_classes
from .representativity_cells import Cells
from .settings import MicrostructureSettings
from .stage_sample import Given, Sample
from .stage_steps import add_connections, add_fractions, add_pores, add_sizes, add_surfaces, add_tortuosity

VoxelSize = tuple[float, float, float]


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
    add_fractions(sample, given, progress.part(0.1, 0.15))
    add_surfaces(sample, progress.part(0.15, 0.35))
    add_sizes(sample, given)
    add_pores(sample, progress.part(0.35, 0.55))
    add_connections(sample, progress.part(0.55, 0.75))
    add_tortuosity(sample, progress.part(0.75, 1.0))
    progress.report(1.0, "measured the microstructure")
    title = "Microstructure"
    return Stage("microstructure", title, tuple(sample.quantities), sample.tables, (), tuple(sample.notes))


def _open(
    labels: SlabSource, voxel_um: VoxelSize, classes: dict[int, str], settings: MicrostructureSettings,
    progress: Progress,
) -> Sample:  # fmt: skip
    dimension = 2 if labels.shape[0] == 1 else settings.dimension
    cells = Cells.of_volume(labels.shape, voxel_um, dimension)
    settings = replace(settings, dimension=dimension)
    counts = count_classes(labels, classes, cells, progress)
    if not any(one.any() for one in counts.values()):
        hint = f"Name the values that the labels have; named are {', '.join(map(str, classes)) or 'none'}."
        raise InputError("classes-absent", "No voxel of the labels has one of the classes.", hint)
    return Sample(labels, classes, cells, settings, counts)
