"""Label files, as other programs write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.io.segments import Segment, write_segments
from batterycell.segment.classes import PRESETS, SegmentClass
from batterycell.volume import Volume
from numpy.typing import NDArray

CLASSES = PRESETS["cathode microstructure"][:3]
NAMES = [one.name for one in CLASSES]


def random_labels(seed: int, shape: tuple[int, ...] = (3, 17, 23), classes: int = 3) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, classes + 1, shape).astype(np.uint8)


def brute_force(truth: Any, prediction: Any, n: int) -> dict[str, float]:
    """One class by sets of places, without matrices; formulas of scikit-learn's documentation."""
    known = [place for place in np.ndindex(truth.shape) if truth[place] != 0]
    real = {place for place in known if truth[place] == n + 1}
    found = {place for place in known if prediction[place] == n + 1}
    both = len(real & found)
    return {
        "dice": 2 * both / (len(real) + len(found)),
        "iou": both / len(real | found),
        "precision": both / len(found),
        "recall": both / len(real),
    }


def save_picture(labels: NDArray[Any], path: Path) -> Path:
    """Write labels, shape (rows, columns), as a picture."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(labels.astype(np.uint8)).save(path)
    return path


def save_segments(labels: NDArray[Any], classes: Sequence[SegmentClass], path: Path, size_um: float = 10.0) -> Path:
    """Write labels, shape (slices, rows, columns), as a segmentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    volume = Volume.from_stack(labels.astype(np.uint8), (size_um,) * 3, "made", path.name)
    write_segments(volume, [Segment(one.name, one.color, n + 1) for n, one in enumerate(classes)], path)
    return path
