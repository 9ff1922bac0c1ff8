"""What a training sees in the monitored frames, in the views."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.segment import SegmentClass
from batterycell.segment.data.files import JSON_FILE
from batterycell.segment.train.validate import PREVIEW_FOLDER, preview_names

from .classes import classes_of
from .fill import frame_volume
from .frames import frame_nodes, frame_of, role_of_frame
from .results import show_preview
from .spread import spread

# Where the desktop puts what a training learns from.
_DATASET = "dataset"


def show_training_previews(scene: Any, run: Path) -> int:
    """Show the predictions of monitored frames that a training wrote last.

    Args:
        scene: The scene.
        run: Folder of the training.

    Returns:
        How many frames are shown; those that were changed since the training began are not.
    """
    classes, sizes = _trained_on(scene, run)
    rois = [roi for roi in frame_nodes(scene) if role_of_frame(roi) == "monitoring"]
    names = preview_names([frame_of(roi).name for roi in rois])
    shown = 0
    for roi, name in zip(rois, names, strict=True):
        # A file that is just being replaced, or a frame that is another now, is passed over.
        with suppress(OSError, ValueError, InputError):
            codes = np.load(run / PREVIEW_FOLDER / name, allow_pickle=False)
            shown += _show(roi, codes, classes, sizes.get(frame_of(roi).name))
    return shown


def _trained_on(scene: Any, run: Path) -> tuple[tuple[SegmentClass, ...], dict[str, Any]]:
    """The classes of a training, and the size of the pixels of each frame; the project's where it does not say."""
    try:
        values = json.loads((run / _DATASET / JSON_FILE).read_text(encoding="utf-8"))
        classes = tuple(SegmentClass(**one) for one in values["classes"])
        return classes, {one["name"]: tuple(one["voxel_size_um"]) for one in values["samples"]}
    except (OSError, ValueError, LookupError, TypeError):
        return classes_of(scene), {}


def _show(roi: Any, codes: Any, classes: tuple[SegmentClass, ...], size: Any) -> bool:
    volume_node = volume_node_of(roi)
    where, found = spread(frame_volume(volume_node, frame_of(roi), codes, size), volume_of(volume_node))
    show_preview(volume_node, classes, found, where)
    return True
