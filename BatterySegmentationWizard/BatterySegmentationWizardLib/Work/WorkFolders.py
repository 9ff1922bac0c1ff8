"""Where a segmentation that was broken off is kept, so that it goes on there, also in another session."""

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

from batterycell.mrml.cell import volume_of
from batterycell.mrml.wizard.images import image_name
from batterycell.segment.model.places import library_folder

_ROOT = "segmentations"
_KEPT_S = 30 * 86400.0


def workFolder(image: Any, modelHash: str, settings: dict[str, Any]) -> Path:
    """The folder of one image, model and way to apply it; the worker looks whether the voxels are still the same."""
    volume = volume_of(image)
    parts = [settings.get(name) for name in ("region", "uncertainty", "flips")]
    place = [round(float(value), 6) for value in volume.ijk_to_ras.ravel()]
    text = json.dumps([image_name(image), volume.array.shape, place, modelHash, parts])
    return library_folder() / _ROOT / hashlib.sha256(text.encode()).hexdigest()[:16]


def isBrokenOff(folder: Path) -> bool:
    """Whether work was broken off in a folder."""
    return folder.is_dir()


def forgetWork(folder: Path) -> None:
    """Remove a folder of work that was broken off."""
    shutil.rmtree(folder, ignore_errors=True)


def forgetOldWork() -> None:
    """Remove what nobody went on with for a month."""
    root = library_folder() / _ROOT
    for folder in root.iterdir() if root.is_dir() else ():
        if time.time() - folder.stat().st_mtime > _KEPT_S:
            forgetWork(folder)
