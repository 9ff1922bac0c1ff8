"""Maps over time as Slicer's sequence of images (.seq.nrrd), to be played in its sequence browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .raw_nrrd import nrrd_header


def write_sequence(
    maps: NDArray[Any], pixel_um: tuple[float, float], values: NDArray[np.float64], index: tuple[str, str], path: Path
) -> None:
    """Write images with what changes from one to the next, as Slicer 5.12 writes and reads them.

    Args:
        maps: Shape (n, rows, columns), float32.
        pixel_um: Height and width of a pixel in µm.
        values: Of each image, shape (n,).
        index: Name and unit of these values, e.g. ("time", "s").
        path: Where to, ``.seq.nrrd``.
    """
    height, width = (size / 1000.0 for size in pixel_um)
    place = np.diag([-width, -height, min(height, width), 1.0])
    lines = nrrd_header(maps[:1], place).rstrip("\n").split("\n")
    changed = {
        "dimension": "4",
        "sizes": f"{maps.shape[2]} {maps.shape[1]} 1 {maps.shape[0]}",
        "kinds": "domain domain domain list",
    }
    named = [_with(line, changed) for line in lines]
    named += [f'labels: "" "" "" "{index[0]}"', f'units: "" "" "" "{index[1]}"']
    named += ["DataNodeClassName:=vtkMRMLScalarVolumeNode", "axis 3 index type:=numeric"]
    named.append(f"axis 3 index values:={' '.join(repr(float(value)) for value in values)}")
    with path.open("wb") as file:
        file.write(("\n".join(named) + "\n\n").encode("utf-8"))
        file.write(np.ascontiguousarray(maps).data)


def _with(line: str, changed: dict[str, str]) -> str:
    key = line.split(":")[0]
    if key == "space directions":
        return f"{line} none"
    return f"{key}: {changed[key]}" if key in changed else line
