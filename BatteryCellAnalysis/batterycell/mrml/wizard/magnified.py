"""Images of fine voxels are shown a thousand times larger: a millimetre of the views is a micrometre then.

Slicer's slice views hold two places for one where they differ by less than a micrometre, the tolerance with which
``vtkMRMLSliceNode`` compares matrices: of an electron micrograph, neither slices nor zoom would follow the mouse.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell.mrml.cell import put_under
from batterycell.mrml.volumes import to_vtk_matrix

from .images import channel_nodes
from .project_tables import mark, project_node_of

FACTOR = 1000.0
_KIND = "magnified"
_NAME = "µm as mm"
# Voxels from this size on, in mm, are followed with room to spare.
FOLLOWED_MM = 4e-3


def magnify(volume_node: Any) -> bool:
    """Show an image, with all that belongs to it, a thousand times larger if its voxels are too fine for the views.

    Nothing changes in its own RAS, in which everything is measured and saved.

    Args:
        volume_node: The image; one that stands under a transform already is left where it is.

    Returns:
        Whether it is shown so.
    """
    fine = [node for node in channel_nodes(volume_node) if _is_fine(node)]
    for node in fine:
        if node.GetParentTransformNode() is None:
            put_under(node, ensure_transform(volume_node.GetScene()))
    return bool(fine) and is_magnified(volume_node)


def is_magnified(volume_node: Any) -> bool:
    """Whether an image is shown a thousand times larger."""
    transform = volume_node.GetParentTransformNode()
    return transform is not None and transform is project_node_of(volume_node.GetScene(), _KIND)


def _is_fine(volume_node: Any) -> bool:
    return bool(min(volume_node.GetSpacing()) < FOLLOWED_MM)


def ensure_transform(scene: Any) -> Any:
    """The scene's one transform to micrometres, made where it is missing."""
    node = project_node_of(scene, _KIND)
    if node is None:
        node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", _NAME)
        node.SetMatrixTransformToParent(to_vtk_matrix(np.diag([FACTOR, FACTOR, FACTOR, 1.0])))
        mark(node, _KIND)
    return node
