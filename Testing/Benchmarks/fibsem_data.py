"""The real FIB-SEM slices of a cathode that the segmentation benchmarks learn from."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BATTERYCELL_DATA", ROOT.parent / "shared" / "data")) / "fibsem_lco"
TRAINING, VALIDATION, TEST = range(12), range(12, 15), range(15, 18)


def read_slices(folder: str) -> NDArray[np.uint8]:
    """The slices of "se", "bse" or "mask" in order of the number in their names, shape (18, 750, 600)."""
    from PIL import Image

    files = sorted((DATA / folder).glob("*.png"), key=lambda path: int(re.findall(r"\d+", path.stem)[-1]))
    return np.stack([np.asarray(Image.open(file)) for file in files])
