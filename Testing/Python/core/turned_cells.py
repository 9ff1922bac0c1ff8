"""A measured cell in a scene with all kinds of nodes attached, and where they are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell import mrml
from batterycell.mrml.places import to_world
from batterycell.mrml.volumes import matrix_of
from batterycell.result import CellResult


def measured_cell(made: CellResult) -> Any:
    """A measured volume in a scene of its own, with points, a box, a line and a model attached to it."""
    scene = mrml.new_scene()
    volume = mrml.add_volume(scene, made.volume, "tiny, “of” ä&b")
    mrml.add_result(volume, made)
    for kind, role in (("MarkupsFiducial", "defects"), ("MarkupsLine", "rulers")):
        add(volume, kind, role).AddControlPoint(1.0, 2.0, 3.0)
    roi = add(volume, "MarkupsROI", "roi")
    roi.SetCenter(1.0, 0.0, -1.0)
    roi.SetSize(2.0, 3.0, 4.0)
    add_model(volume)
    return volume


def add(volume: Any, kind: str, role: str) -> Any:
    node = volume.GetScene().AddNewNodeByClass(f"vtkMRML{kind}Node", role)
    mrml.attach(volume, node, role)
    return node


def add_model(volume: Any) -> Any:
    from vtkmodules.vtkFiltersSources import vtkCubeSource

    source, model = vtkCubeSource(), add(volume, "Model", "model")
    source.Update()
    model.SetAndObservePolyData(source.GetOutput())
    return model


def corners(volume: Any) -> np.ndarray:
    """Where the views show the volume's corners, its points and its model."""
    last = np.array(volume.GetImageData().GetDimensions()) - 1
    own = [(matrix_of(volume) @ [*(last * corner), 1])[:3] for corner in np.ndindex(2, 2, 2)]
    marks = [
        node.GetNthControlPointPositionWorld(0)
        for role in ("defects", "rulers", "anode-ends")
        for node in mrml.attached(volume, role)
    ]
    return np.vstack([to_world(volume, own), *marks, model_point(volume)])


def box(volume: Any) -> np.ndarray:
    """Where the views show the middle and the size of the box."""
    (roi,) = mrml.attached(volume, "roi")
    return np.array([list(roi.GetCenterWorld()), roi.GetSize()])


def model_point(volume: Any) -> list[float]:
    world = [0.0, 0.0, 0.0]
    for model in mrml.attached(volume, "model"):
        model.TransformPointToWorld(model.GetPolyData().GetPoint(0), world)
    return world


def anodes(volume: Any) -> np.ndarray:
    """Where the table says that anodes end, as the views show it."""
    overhang = mrml.result_of(volume).overhang  # type: ignore[union-attr]
    rows = np.column_stack([overhang[f"anode_{axis}_mm"] for axis in "ras"])
    return to_world(volume, rows[np.isfinite(rows).all(axis=1)])


def spots(volume: Any) -> np.ndarray:
    """Where the views show the points at the anodes' ends."""
    (node,) = mrml.attached(volume, "anode-ends")
    return np.array([node.GetNthControlPointPositionWorld(i) for i in range(node.GetNumberOfControlPoints())])


def all_is_in_its_place(volume: Any) -> bool:
    """Whether every point of the table has its spot."""
    distance = np.linalg.norm(anodes(volume)[:, None] - spots(volume)[None], axis=2)
    return bool(distance.min(axis=1).max() < 1e-6)


def parents(volume: Any) -> set[Any]:
    return {volume.GetTransformNodeID(), *(n.GetTransformNodeID() for n in mrml.attached(volume, "defects"))}


def volumes(scene: Any) -> list[Any]:
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    return [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
