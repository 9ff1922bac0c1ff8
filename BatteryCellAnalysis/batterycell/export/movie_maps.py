"""Maps of a movie as files: TIFF for every program, NRRD for Slicer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.save_tiff import write_tiff
from batterycell.movie.prepare import Prepared
from batterycell.mrml.files import write_volume
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.progress import Progress
from batterycell.volume import Volume


def write_maps(maps: dict[str, NDArray[Any]], prepared: Prepared, folder: Path, progress: Progress) -> None:
    """Write every map as ``<name>.tif`` and ``<name>.seq.nrrd`` (of one point ``<name>.nrrd``), and the particles.

    Args:
        maps: Shape (n, rows, columns) each, n frames or points in time; NaN where there is no value.
        prepared: Pixel size, times, particles.
        folder: Where to.
        progress: Told after every map.
    """
    _write_one("particles", prepared.labels[None].astype(np.uint16), prepared, folder)
    for number, (name, values) in enumerate(maps.items(), 1):
        _write_one(name, values.astype(np.float32), prepared, folder)
        progress.report(number / len(maps), "writing maps")


def _write_one(name: str, values: NDArray[Any], prepared: Prepared, folder: Path) -> None:
    volume = _as_volume(name, values, prepared)
    index, unit, places = _index(len(values), prepared)
    write_tiff(volume, folder / f"{name}.tif", [f"{index} {place:g} {unit}".rstrip() for place in places])
    if len(values) == 1:
        write_volume(volume, folder / f"{name}.nrrd")
    else:
        write_sequence(values, prepared.pixel_um, places, (index, unit), folder / f"{name}.seq.nrrd")


def _as_volume(name: str, values: NDArray[Any], prepared: Prepared) -> Volume:
    height, width = prepared.pixel_um
    return Volume.from_stack(values, (min(height, width), height, width), prepared.movie.pixel_source, name)


def _index(count: int, prepared: Prepared) -> tuple[str, str, NDArray[np.float64]]:
    """What changes from image to image: time where it is known, of a single scan's frames the energy, else numbers."""
    times, index = prepared.points.times_s, prepared.movie.index
    if count == len(times) and np.isfinite(times).all():
        return "time", "s", times
    if count == prepared.movie.count:
        if index.energies_ev is not None and len(prepared.points.frames) == 1:
            return "energy", "eV", index.energies_ev
        if index.times_s is not None:
            return "time", "s", index.times_s
    return "number", "", np.arange(1.0, count + 1)
