"""The objects of a label volume or segmentation in a scene: a label volume of numbers, its colours, its tables.

Row n - 1 of the table is the object of number n. Objects are never segments: there may be a hundred thousand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from batterycell.io.label_classes import LabelClass
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult
from batterycell.tables import Table

from .batch import in_one_go
from .cell import attach, attached, role_of, volume_node_of
from .names import name_of, set_name
from .nodes import nodes_of
from .object_colors import ensure_colors
from .object_place import put_grid
from .settle import STAGE_HEAD, settle
from .stages import add_stages, remove_stages, stage_nodes
from .tables import table_from_node

ROLE = "objects"
STAGE = "instances"
_SOURCE = "BatteryCell.ObjectsSource"
_NOTE = "BatteryCell.Objects"


@dataclass(frozen=True)
class ObjectsNote:
    """How objects were made.

    Args:
        recipe: The settings.
        classes: The classes of the labels.
        edits: Merges, splits and removals since, in JSON's types.
        log: The same in sentences.
        count: How many objects there are.
    """

    recipe: ObjectsRecipe
    classes: tuple[LabelClass, ...] = ()
    edits: tuple[dict[str, Any], ...] = ()
    log: tuple[str, ...] = ()
    count: int = 0


def add_objects(
    source_node: Any, result: ObjectsResult, edits: Sequence[dict[str, Any]] = (), folder: Path | None = None
) -> Any:
    """Keep what was measured in labels, in place of older objects of the same labels.

    Stages that were not measured again stay.

    Args:
        source_node: The segmentation or label volume.
        result: What was found; its places in the source's own RAS.
        edits: The merges, splits and removals in it, in JSON's types.
        folder: Of the job that found them, whose file their voxels are; it is removed when they go.

    Returns:
        The ``vtkMRMLLabelMapVolumeNode`` of the objects, without an image where none was found.
    """
    scene = source_node.GetScene()
    node = objects_of(source_node)
    if node is not None and result.instances is None and node.GetImageData() is not None:
        # What was measured without objects says nothing about those that are there.
        add_stages(node, [stage for stage in result.stages if stage.name != STAGE])
        return node
    with in_one_go(scene):
        node = node or _add(source_node)
        count = len(result.table) if result.table is not None else 0
        put_grid(node, result, folder)
        note = ObjectsNote(result.recipe, result.labels.classes, tuple(edits), result.log, count)
        node.SetAttribute(_NOTE, json.dumps(asdict(note), ensure_ascii=False))
        ensure_colors(node, count)
    add_stages(node, result.stages)
    settle_objects(node)
    return node


def objects_of(source_node: Any) -> Any:
    """The objects of a segmentation or label volume, or itself if it holds objects; None where there are none."""
    if source_node is None or is_objects(source_node):
        return source_node
    return next((node for node in all_objects(source_node.GetScene()) if source_of(node) is source_node), None)


def all_objects(scene: Any) -> list[Any]:
    """The objects of all labels of a scene."""
    return [node for node in nodes_of(scene, "vtkMRMLLabelMapVolumeNode") if is_objects(node)]


def is_objects(node: Any) -> bool:
    """Whether a node holds objects."""
    return role_of(node) == ROLE or bool(node.GetAttribute(_NOTE))


def source_of(objects_node: Any) -> Any:
    """The labels that objects were found in; None where they were removed."""
    return objects_node.GetNodeReference(_SOURCE)


def note_of(objects_node: Any) -> ObjectsNote:
    """How objects were made."""
    values = json.loads(objects_node.GetAttribute(_NOTE) or '{"recipe": {}}')
    classes = tuple(LabelClass(**one) for one in values.get("classes", ()))
    edits, log = tuple(values.get("edits", ())), tuple(values.get("log", ()))
    return ObjectsNote(ObjectsRecipe(**values["recipe"]), classes, edits, log, values.get("count", 0))


def objects_table(objects_node: Any) -> Table | None:
    """One row an object; None where none was measured."""
    node = stage_nodes(objects_node, STAGE).get(STAGE)
    return table_from_node(node) if node is not None else None


def state_of_objects(objects_node: Any) -> tuple[Any, ...]:
    """What tells whether objects, or what was measured of them, changed."""
    image, heads = objects_node.GetImageData(), attached(objects_node, STAGE_HEAD)
    # The image's own time changes when it is drawn.
    changed = image.GetPointData().GetScalars().GetMTime() if image is not None else 0
    return objects_node.GetAttribute(_NOTE), changed, tuple(node.GetID() for node in heads)


def settle_objects(objects_node: Any) -> None:
    """Bring objects to where their labels are, with colours and tables, e.g. after a scene was loaded."""
    source = source_of(objects_node)
    if source is not None and objects_node.GetTransformNodeID() != source.GetTransformNodeID():
        objects_node.SetAndObserveTransformNodeID(source.GetTransformNodeID())
    settle(objects_node)
    ensure_colors(objects_node, note_of(objects_node).count)


def remove_objects(objects_node: Any) -> None:
    """Remove objects with all that belongs to them."""
    scene = objects_node.GetScene()
    with in_one_go(scene):
        remove_stages(objects_node)
        for node in attached(objects_node):
            scene.RemoveNode(node)
        scene.RemoveNode(objects_node)


def _add(source_node: Any) -> Any:
    node = source_node.GetScene().AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
    set_name(node, f"{name_of(source_node)} objects")
    node.CreateDefaultDisplayNodes()
    node.SetNodeReferenceID(_SOURCE, source_node.GetID())
    # What belongs to a cell turns with it.
    owner = volume_node_of(source_node) or source_node
    if owner.IsA("vtkMRMLVolumeNode"):
        attach(owner, node, ROLE)
    node.SetUndoEnabled(False)
    return node
