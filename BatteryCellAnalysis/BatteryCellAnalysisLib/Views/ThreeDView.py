"""The 3D view's camera."""

from typing import Any

import slicer


def firstCamera() -> Any:
    """The ``vtkMRMLCameraNode`` of the layout's first 3D view; None where it shows none."""
    layout = slicer.app.layoutManager()
    if not layout.threeDViewCount:
        return None
    viewNode = layout.threeDWidget(0).mrmlViewNode()
    return slicer.modules.cameras.logic().GetViewActiveCameraNode(viewNode)
