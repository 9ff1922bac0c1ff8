"""The cell cut open, as Slicer's volume rendering shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.volumes import add_volume, to_vtk_matrix, window_range
from batterycell.volume import Volume

from .slicer_views import view_3d
from .subject import Subject

_PREVIEW_VOXELS = 6_000_000
# Position in the grey-value window, and opacity or colour there: air clear, sheets warm, steel bright.
_OPACITY = ((0.0, 0.0), (0.1, 0.0), (0.2, 0.7), (0.5, 0.9), (1.0, 1.0))
_COLORS = (
    (0.0, (0.20, 0.20, 0.22)),
    (0.12, (0.50, 0.48, 0.46)),
    (0.3, (0.72, 0.64, 0.55)),
    (0.5, (0.88, 0.80, 0.68)),
    (0.75, (0.86, 0.90, 0.95)),
    (1.0, (1.0, 1.0, 1.0)),
)


def cut_open_picture(scene: Any, subject: Subject) -> NDArray[np.uint8]:
    """The half of the cell behind the plane 0°-180°, seen from the front and above, shape (570, 800, 3)."""
    view, camera = view_3d(scene)
    node = add_volume(scene, preview(subject.volume), "Preview")
    display = scene.AddNewNodeByClass("vtkMRMLGPURayCastVolumeRenderingDisplayNode")
    display.SetAndObserveVolumePropertyNodeID(
        _add_look(scene, window_range(subject.volume.array), subject.radius).GetID()
    )
    display.SetAndObserveROINodeID(_add_back_half(scene, subject).GetID())
    display.SetCroppingEnabled(True)
    node.AddAndObserveDisplayNodeID(display.GetID())
    _aim(camera, subject)
    view.renderer.ResetCameraClippingRange()
    return view.picture()


def preview(volume: Volume) -> Volume:
    """Every n-th voxel of each axis, so that spacings come close to each other and the whole draws fast."""
    size = volume.spacing_mm
    target = max(float(np.cbrt(np.prod(size) * volume.array.size / _PREVIEW_VOXELS)), float(size.max()))
    # Three tenths over is let pass: the next whole step would lose more than it saves.
    steps = np.maximum(1, np.ceil(target / size - 0.3)).astype(int)
    i, j, k = steps.tolist()
    return Volume(volume.array[::k, ::j, ::i], volume.ijk_to_ras @ np.diag([i, j, k, 1.0]), "", volume.name)


def _add_look(scene: Any, window: tuple[float, float], radius: float) -> Any:
    from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction
    from vtkmodules.vtkRenderingCore import vtkColorTransferFunction

    low, high = window
    opacity, colors = vtkPiecewiseFunction(), vtkColorTransferFunction()
    for position, value in _OPACITY:
        opacity.AddPoint(low + position * (high - low), value)
    for position, color in _COLORS:
        colors.AddRGBPoint(low + position * (high - low), *color)
    node = scene.AddNewNodeByClass("vtkMRMLVolumePropertyNode")
    node.SetScalarOpacity(opacity)
    node.SetColor(colors)
    _light(node.GetVolumeProperty(), radius)
    return node


def _light(look: Any, radius: float) -> None:
    look.SetShade(True)
    look.SetAmbient(0.45)
    look.SetDiffuse(0.8)
    look.SetSpecular(0.2)
    look.SetInterpolationTypeToLinear()
    look.SetScalarOpacityUnitDistance(radius / 100)


def _add_back_half(scene: Any, subject: Subject) -> Any:
    frame, radius = subject.frame, subject.radius
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([frame.toward_i, -frame.toward_j, frame.up])
    # A little behind the plane of the points, which would else be half buried.
    matrix[:3, 3] = subject.center - 0.51 * radius * frame.toward_j
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    node.SetSize(2 * radius, radius, subject.height)
    node.SetAndObserveObjectToNodeMatrix(to_vtk_matrix(matrix))
    node.SetDisplayVisibility(False)
    return node


def _aim(camera: Any, subject: Subject) -> None:
    frame, radius, height = subject.frame, subject.radius, subject.height
    # Out of the screen: mostly along the cut's normal, a little to the side and from above.
    toward_eye = frame.toward_j + 0.35 * frame.toward_i + 0.6 * frame.up
    toward_eye = toward_eye / np.linalg.norm(toward_eye)
    focus = subject.center - 0.3 * radius * frame.toward_j
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(focus + 6 * (radius + height) * toward_eye))
    camera.SetViewUp(*frame.up)
    camera.SetParallelProjection(True)
    camera.SetParallelScale(max(0.47 * height + 0.35 * radius, 0.78 * radius))
