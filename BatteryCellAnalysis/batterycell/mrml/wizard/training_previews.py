"""What a training sees in the monitored frames, in the views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.segment.train.validate import PREVIEW_FOLDER, preview_names

from .classes import classes_of
from .fill import frame_volume, spread
from .frames import frame_nodes, frame_of, role_of_frame
from .region import region_of
from .results import show_preview

# Voxels around a frame in which pixels of an oblique one may lie.
_MARGIN = 1


def show_training_previews(scene: Any, run: Path) -> int:
    """Show the predictions of monitored frames that a training wrote last.

    Args:
        scene: The scene.
        run: Folder of the training.

    Returns:
        How many frames there are predictions of.
    """
    rois = [roi for roi in frame_nodes(scene) if role_of_frame(roi) == "monitoring"]
    names = preview_names([frame_of(roi).name for roi in rois])
    found = [(roi, run / PREVIEW_FOLDER / name) for roi, name in zip(rois, names, strict=True)]
    return sum(_show(roi, path) for roi, path in found if path.is_file())


def _show(roi: Any, path: Path) -> bool:
    frame, volume_node = frame_of(roi), volume_node_of(roi)
    image = volume_of(volume_node)
    region = region_of(frame, image, _MARGIN)
    if region is None:
        return False
    labels = frame_volume(volume_node, frame, np.load(path, allow_pickle=False))
    codes = spread(labels, region.crop(image))
    show_preview(volume_node, classes_of(volume_node.GetScene()), codes, region)
    return True
