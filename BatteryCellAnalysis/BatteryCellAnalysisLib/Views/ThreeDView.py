"""The 3D view's camera, and what one sees in it."""

from typing import Any

import slicer
from batterycell.mrml.picking import seen_place

Place = tuple[float, float, float]


def firstCamera() -> Any:
    """The ``vtkMRMLCameraNode`` of the layout's first 3D view; None where it shows none."""
    layout = slicer.app.layoutManager()
    return cameraOf(layout.threeDWidget(0).threeDView()) if layout.threeDViewCount else None


def cameraOf(view: Any) -> Any:
    """The ``vtkMRMLCameraNode`` of a 3D view."""
    return slicer.modules.cameras.logic().GetViewActiveCameraNode(view.mrmlViewNode())


def seenPlace(view: Any, picked: Place) -> Place | None:
    """What one sees at a picked place, RAS mm, behind what cuts took out of volume renderings; None for nothing."""
    eye, place = cameraOf(view).GetPosition(), picked
    for volume in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        seen = seen_place(volume, eye, place)
        if seen is None:
            return None
        place = tuple(seen.tolist())
    return place
