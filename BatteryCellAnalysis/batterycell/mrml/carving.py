"""Take a box out of a volume rendering.

Slicer draws what lies inside of planes at once, but to leave out what lies inside of a box it copies the volume and
blanks voxels: slow, and the blank runs into the cut faces, which then show the colours of air to steel. Here the GPU
skips the samples inside the box instead: sharp at every size of volume, and free.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .volumes import from_vtk_matrix, to_vtk_matrix

_UNIFORM = "in_batteryCellFromWorld"
_NO_UNIFORM = 0  # vtkUniforms::TupleTypeInvalid
# The mapper's own place for leaving out samples, inside the loop along a ray; the second line asks it to go on.
_HOOK = "//VTK::Cropping::Impl"
_SKIP = f"""{_HOOK}
  vec4 batteryCellPoint = {_UNIFORM} * in_volumeMatrix[0] * in_textureDatasetMatrix[0] * vec4(g_dataPos, 1.0);
  g_skip = g_skip || all(lessThan(abs(batteryCellPoint.xyz), vec3(1.0)));
"""


def can_carve(display: Any) -> bool:
    """Whether a volume rendering display is drawn by the GPU."""
    return bool(display.IsA("vtkMRMLGPURayCastVolumeRenderingDisplayNode"))


def carve(display: Any, box_to_world: NDArray[np.float64]) -> None:
    """Leave a box out of a volume rendering.

    Args:
        display: The ``vtkMRMLGPURayCastVolumeRenderingDisplayNode``.
        box_to_world: From the box's own coordinates, -1 to 1 along each axis, to the world in mm, shape (4, 4).
    """
    node, was_carved = display.GetShaderPropertyNode() or _add_shader(display), is_carved(display)
    uniforms, kept = node.GetFragmentUniforms(), to_vtk_matrix(np.zeros((4, 4)))
    # Shaders read matrices column by column.
    columns = np.linalg.inv(box_to_world).T
    if not uniforms.GetUniformMatrix(_UNIFORM, kept) or not np.allclose(from_vtk_matrix(kept), columns, atol=1e-6):
        uniforms.SetUniformMatrix(_UNIFORM, to_vtk_matrix(columns))
    # Last: views may draw at once at any change, and code that reads an unknown matrix draws nothing.
    if not was_carved:
        node.GetShaderProperty().AddFragmentShaderReplacement(_HOOK, True, _SKIP, False)


def mend(display: Any) -> None:
    """Show the whole volume rendering again."""
    if is_carved(display):
        node = display.GetShaderPropertyNode()
        node.GetShaderProperty().ClearFragmentShaderReplacement(_HOOK, True)
        node.GetFragmentUniforms().RemoveUniform(_UNIFORM)


def is_carved(display: Any) -> bool:
    """Whether a box is left out of a volume rendering display."""
    node = display.GetShaderPropertyNode() if can_carve(display) else None
    return node is not None and node.GetFragmentUniforms().GetUniformTupleType(_UNIFORM) != _NO_UNIFORM


def _add_shader(display: Any) -> Any:
    node = display.GetScene().AddNewNodeByClass("vtkMRMLShaderPropertyNode", f"{display.GetName()} shader")
    node.SetHideFromEditors(True)
    display.SetAndObserveShaderPropertyNodeID(node.GetID())
    return node
