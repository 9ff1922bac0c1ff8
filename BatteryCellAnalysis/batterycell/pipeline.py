"""The road on one screen: from a volume to a measured cell, from that to tables, pictures and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .orient import find_cell
from .overhang import measure_overhang
from .progress import Progress
from .provenance import Sources
from .recipe import AnalyzeRecipe
from .result import CellResult
from .volume import Volume


def analyze(volume: Volume, recipe: AnalyzeRecipe, progress: Progress) -> CellResult:
    """Find the cell, set it upright, and measure every overhang.

    Args:
        volume: A cylindrical cell with its whole circumference.
        recipe: The settings.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The measured cell.

    Raises:
        InputError: if there is no cell in the volume, or nothing of it can be measured.
        Cancelled: if the user asked to stop.
    """
    cell = find_cell(volume, progress.part(0.0, 0.1))
    overhang = measure_overhang(volume, cell, recipe.angles, progress.part(0.1, 1.0))
    return CellResult(volume, cell, overhang, recipe)


def write_results(result: CellResult, folder: Path, sources: Sources, progress: Progress) -> dict[str, Any]:
    """Write tables, pictures, scene and report into an existing folder: a scene is made, and exported.

    Args:
        result: The measured cell.
        folder: Where to write.
        sources: What the result was made from, for its provenance.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``; its ``notes`` tell what went other than usual.
    """
    from . import mrml
    from .export import ExportSettings, export_scene

    scene = mrml.new_scene()
    try:
        node = make_scene(scene, result)
        recipe = result.recipe
        settings = ExportSettings(recipe.width, recipe.views, recipe.layout, rulers=False)
        return export_scene(scene, node, folder, settings, sources, progress)
    finally:
        mrml.close_scene(scene)


def make_scene(scene: Any, result: CellResult) -> Any:
    """Put a measured cell into an empty scene that opens where the windings end, as the overview does.

    Returns:
        The ``vtkMRMLScalarVolumeNode``; everything else is attached to it.
    """
    from . import mrml
    from .export import picture_angles
    from .mrml.cell import VOXEL_SIZE_SOURCE
    from .pictures.subject import Subject

    frame, volume = result.cell.frame, result.volume
    node = mrml.add_volume(scene, volume, volume.name)
    node.SetAttribute(VOXEL_SIZE_SOURCE, volume.voxel_size_source)
    shown = Subject(volume, frame, result.overhang, result.cell.can.outer_radius_mm)
    mrml.show_upright(scene, node, frame, shown.plane("axial")[:3, 3], 2 * shown.radius)
    mrml.add_result(node, result)
    alarms = mrml.add_alarms(scene, result.overhang)
    rulers = mrml.add_rulers(scene, result.overhang, frame, picture_angles(result))
    for marks, role in (([alarms] if alarms else [], "alarms"), (rulers, "overhang-rulers")):
        for mark in marks:
            mrml.attach(node, mark, role)
    mrml.add_upright_transform(scene, frame)
    return node
