"""Objects that are known: blocks of two classes, numbered, measured."""

from __future__ import annotations

import numpy as np
from batterycell.instances.measures.context import Companions
from batterycell.instances.measures.measure import measure_instances
from batterycell.io.labels import LabelClass, label_volume
from batterycell.measured import Quantity, Stage
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

MATRIX = np.diag([-0.002, -0.003, 0.005, 1.0])
MATRIX[:3, 3] = 1.0, 2.0, 3.0
CLASSES = (LabelClass(1, "pore", "#1B1B3A", 1), LabelClass(2, "NMC", "#E69F00", 2))
SHAPE = (8, 20, 24)


def made_labels() -> Volume:
    """Labels: two blocks of NMC, an L of it, and a pore."""
    array = np.zeros(SHAPE, np.uint8)
    array[1:4, 2:8, 2:8] = 2
    array[4:7, 12:18, 2:6] = 2
    array[1:7, 10:12, 10:22] = 2
    array[1:7, 10:19, 20:22] = 2
    array[0:2, 0:3, 15:20] = 1
    return Volume(array, MATRIX, "made", "electrode")


def made_objects(volume: Volume | None = None) -> ObjectsResult:
    """The objects of the NMC, measured, and a stage of the microstructure."""
    from scipy.ndimage import label

    volume = volume or made_labels()
    array, count = label(volume.array == 2)
    table = measure_instances(
        SlabSource.of_array(array.astype(np.uint32)),
        count,
        volume.voxel_size_um,
        companions=Companions(ijk_to_ras=volume.ijk_to_ras),
    )
    found = Quantity("microstructure_fraction_pore_percent", "Pore", 12.5, 0.5, "%", "Share of the voxels.")
    stages = (
        Stage("instances", "Objects", (), {"instances": table}),
        Stage("microstructure", "Microstructure", (found,), {}, (), ("A note.",)),
    )
    objects = Volume(array.astype(np.uint32), volume.ijk_to_ras, volume.voxel_size_source, volume.name)
    recipe = ObjectsRecipe(of=("NMC",), min_size_um=0.5)
    return ObjectsResult(label_volume(volume, CLASSES), objects, recipe, stages, ("1 and 2 were merged.",))
