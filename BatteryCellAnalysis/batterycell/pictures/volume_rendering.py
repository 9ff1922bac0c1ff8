"""The cell cut open, as Slicer's volume rendering shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.clip import Box, Cut
from batterycell.mrml.clipping import cut_open
from batterycell.mrml.rendering import preview, show_rendering
from batterycell.mrml.volumes import add_volume

from .slicer_views import view_3d
from .subject import Subject


def cut_open_picture(scene: Any, subject: Subject) -> NDArray[np.uint8]:
    """The half of the cell behind the plane 0°-180°, seen from the front and above, shape (570, 800, 3)."""
    view, camera = view_3d(scene)
    node = add_volume(scene, preview(subject.volume), "Preview")
    # The colours of the parts would hide the points in them.
    show_rendering(node, "natural", full=True)
    cut_open(node, _back_half(subject))
    _aim(camera, subject)
    view.renderer.ResetCameraClippingRange()
    return view.picture()


def _back_half(subject: Subject) -> Cut:
    frame, radius = subject.frame, subject.radius
    # A little behind the plane of the points, which would else be half buried.
    center = subject.center - 0.51 * radius * frame.toward_j
    axes = np.column_stack([frame.toward_i, np.cross(frame.up, frame.toward_i), frame.up])
    return Cut("half", Box(center, axes, np.array([2 * radius, radius, subject.height])))


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
