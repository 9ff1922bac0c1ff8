"""Maps of a movie as files: TIFF for every program, NRRD for Slicer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.save_tiff import write_tiff
from batterycell.mrml.files import write_volume
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.progress import Progress
from batterycell.volume import Volume

if TYPE_CHECKING:
    from batterycell.movie.lithium import LithiumMovie
    from batterycell.movie.prepare import Prepared

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """What maps of one movie share.

    Args:
        labels: Number of the particle of each pixel, shape (rows, columns).
        pixel_um: Height and width of a pixel in µm.
        pixel_source: Where the size came from.
        name: The movie's.
        times_s: Of the points in time; NaN where nobody says them.
        frames: Of maps of frames: what changes from one to the next, its unit, its values; None where it is unknown.
    """

    labels: NDArray[np.int32]
    pixel_um: tuple[float, float]
    pixel_source: str
    name: str
    times_s: Floats
    frames: tuple[str, str, Floats] | None = None

    @classmethod
    def of_prepared(cls, found: Prepared) -> Grid:
        """Of a movie's frames."""
        times, index = found.points.times_s, found.movie.index
        frames = None
        if index.energies_ev is not None and len(times) == 1:
            frames = ("energy", "eV", index.energies_ev)
        elif index.times_s is not None:
            frames = ("time", "s", index.times_s)
        return cls(found.labels, found.pixel_um, found.movie.pixel_source, found.movie.name, times, frames)

    @classmethod
    def of_lithium(cls, movie: LithiumMovie) -> Grid:
        """Of lithium over time."""
        return cls(movie.labels, movie.pixel_um, "the lithium fractions", movie.name, movie.times_s)

    def index(self, count: int) -> tuple[str, str, Floats]:
        """What changes from image to image: time where it is known, else numbers; and its unit and values."""
        if count == len(self.times_s) and np.isfinite(self.times_s).all():
            return "time", "s", self.times_s
        if self.frames is not None and count == len(self.frames[2]):
            return self.frames
        return "number", "", np.arange(1.0, count + 1)


def write_maps(maps: dict[str, NDArray[Any]], grid: Grid, folder: Path, progress: Progress) -> None:
    """Write every map as ``<name>.tif`` and ``<name>.seq.nrrd`` (of one point ``<name>.nrrd``), and the particles.

    Args:
        maps: Shape (n, rows, columns) each, n frames or points in time; NaN where there is no value.
        grid: Pixel size, times, particles.
        folder: Where to.
        progress: Told after every map.
    """
    write_map("particles", grid.labels[None].astype(np.uint16), grid, folder)
    for number, (name, values) in enumerate(maps.items(), 1):
        write_map(name, values.astype(np.float32, copy=False), grid, folder)
        progress.report(number / len(maps), "writing maps")


def write_map(name: str, values: NDArray[Any], grid: Grid, folder: Path) -> None:
    """Write one map, shape (n, rows, columns)."""
    volume = _as_volume(name, values, grid)
    index, unit, places = grid.index(len(values))
    write_tiff(volume, folder / f"{name}.tif", [f"{index} {place:g} {unit}".rstrip() for place in places])
    if len(values) == 1:
        write_volume(volume, folder / f"{name}.nrrd")
    else:
        write_sequence(values, grid.pixel_um, places, (index, unit), folder / f"{name}.seq.nrrd")


def _as_volume(name: str, values: NDArray[Any], grid: Grid) -> Volume:
    height, width = grid.pixel_um
    return Volume.from_stack(values, (min(height, width), height, width), grid.pixel_source, name)
