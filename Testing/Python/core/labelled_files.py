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
