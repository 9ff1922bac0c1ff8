"""Fragmentation: cracks inside particles, and particles that fell to pieces, from labels alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.find.label import label_instances, least_voxels
from batterycell.instances.find.source import LabelReader
from batterycell.instances.instances import Instances
from batterycell.instances.settings import LabelSettings
from batterycell.measured import Stage
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.tables import Table
from batterycell.volume import Volume

from .cracks import CrackRule
from .misfits import divide_misfits
from .parents import measure_parents
from .settings import FragmentationSettings
from .stage import fragmentation_stage
from .table import fragments_table

# A crack is up to so many voxels wide where no width is given.
CRACK_VOXELS = 5.0
VoxelSize = tuple[float, float, float]


def measure_fragmentation(
    labels: SlabSource | NDArray[Any],
    voxel_um: VoxelSize,
    active: int,
    pore: int,
    settings: FragmentationSettings | None = None,
    progress: Progress | None = None,
) -> Stage:
    """Measure cracks inside particles, and how many particles are broken.

    Particles are the objects of the active material, gaps of pore up to the widest crack filled, separated at their
    necks (`label_instances`). Each is closed on its own by a ball of the widest crack's width; thin, long pores within
    its outline, most of whose surface is its own, are its cracks, rounder ones are voids (`find_cracks`). A particle
    is broken where its material is in two or more pieces of at least 2 %, and cracked where it has a crack.

    Args:
        labels: The classes, shape (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        active: Label of the active material.
        pore: Label of the pores, 0 where they are not labelled.
        settings: What counts as a crack.
        progress: Told how far it is.

    Returns:
        The stage "fragmentation" with the table ``fragments``, one row a particle, in the RAS of a bare stack of
        slices (see `place_fragments`).

    Raises:
        InputError: if there is no active material, or no particle is large enough.
        Cancelled: if the user asked to stop.
    """
    progress, settings = progress or Progress(), settings or FragmentationSettings()
    source = LabelReader(labels if isinstance(labels, SlabSource) else SlabSource.of_array(labels)).labels
    settings = settled(settings, source.shape, voxel_um)
    parents = find_parents(source, voxel_um, (active, pore), settings, progress.part(0.0, 0.4))
    if not parents.count:
        hint = "Give a narrower crack, or min_size_um."
        raise InputError("no-particles", "No particle is large enough to be looked at.", hint)
    found = measure_parents(parents, source, pore, crack_rule(settings, voxel_um), progress.part(0.4, 1.0))
    table = fragments_table(found, parents, settings)
    progress.report(1.0, "measured fragmentation")
    stage = fragmentation_stage(table, settings, voxel_um, source.shape, parents.log)
    return place_fragments(stage, Volume.from_stack(np.empty((0, 0, 0)), voxel_um, "").ijk_to_ras)


def settled(settings: FragmentationSettings, shape: tuple[int, int, int], voxel_um: VoxelSize) -> FragmentationSettings:
    """Settings in which nothing is left open.

    Args:
        settings: As given.
        shape: (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
    """
    crack = CRACK_VOXELS * max(voxel_um[1:]) if settings.crack_um is None else settings.crack_um
    return replace(
        settings,
        dimension=2 if shape[0] == 1 else settings.dimension,
        crack_um=crack,
        crack_length_um=2 * crack if settings.crack_length_um is None else settings.crack_length_um,
        min_size_um=2 * crack if settings.min_size_um is None else settings.min_size_um,
    )


def find_parents(
    labels: SlabSource,
    voxel_um: VoxelSize,
    classes: tuple[int, int],
    settings: FragmentationSettings,
    progress: Progress | None = None,
) -> Instances:
    """The particles: broken ones are whole again, touching ones are separated.

    Args:
        labels: The classes.
        voxel_um: Voxel size (z, y, x) in µm.
        classes: Active material and pore.
        settings: What counts as a crack; nothing left open.
        progress: Told how far it is.
    """
    active, pore = classes
    chosen = LabelSettings(
        dimension=settings.dimension,
        classes=(active,),
        separate="watershed",
        neck=settings.neck,
        crack_um=settings.crack_um,
        crack_classes=(pore,),
        min_size_um=settings.min_size_um or 0.0,
    )
    found = label_instances(labels, voxel_um, chosen, progress)
    rule = crack_rule(settings, voxel_um)
    return divide_misfits(found, rule, least_voxels(chosen, voxel_um))


def crack_rule(settings: FragmentationSettings, voxel_um: VoxelSize) -> CrackRule:
    """What is a crack; nothing in the settings left open."""
    size = voxel_um[3 - settings.dimension :]
    return CrackRule(size, settings.crack_um or 0.0, settings.enclosed, settings.elongation, settings.least_fragment)


def place_fragments(stage: Stage, ijk_to_ras: NDArray[np.float64]) -> Stage:
    """The same stage, its particles where a volume lies in the world.

    Args:
        stage: The stage "fragmentation".
        ijk_to_ras: Shape (4, 4), mm.
    """
    table = stage.tables["fragments"]
    places = np.column_stack([table[axis] for axis in "ijk"])
    ras = Volume(np.empty((0, 0, 0)), ijk_to_ras, "").to_ras(places)
    placed = Table(table.columns, {**table.data, **{f"{axis}_mm": ras[:, n] for n, axis in enumerate("ras")}})
    return replace(stage, tables={**stage.tables, "fragments": placed})
