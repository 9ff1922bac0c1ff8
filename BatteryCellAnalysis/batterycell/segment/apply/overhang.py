"""Overhang of every winding from what a model sees on longitudinal half-planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.overhang import LabelClasses
from batterycell.overhang.labelled import REACH_MM, LabelPlanes, labelled_table, measure_ends
from batterycell.progress import Progress
from batterycell.reslice import voxel_sizes
from batterycell.segment.data.grid import Grid, is_inside
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.image import Image
from batterycell.segment.model.bundle import LoadedModel
from batterycell.tables import Table
from batterycell.volume import Volume
from batterycell.winding import EndPlanes, RollEnd, Windings, find_roll_ends

from .blocks import Seen, predict_block
from .engine import prepared
from .familiar import allow_foreign
from .foreign import fit_channels
from .plan import plan_frame
from .predict import Windows
from .settings import ApplySettings

Floats = NDArray[np.float64]
Image3D = NDArray[np.float32]


def segment_overhang(
    volume: Volume,
    cell: Cell,
    model: LoadedModel,
    angles: int = 72,
    progress: Progress | None = None,
    windings: Windings | None = None,
) -> Table:
    """Measure the overhang with a model that tells cathode and anode overhang on longitudinal half-planes.

    Every half-plane is segmented with the sheets' ends up, as `reslice.cut_half_plane` shows the top. A sheet ends at
    the mean of the fall of its class' probability; how wide it falls enters the uncertainty.

    Args:
        volume: The cell.
        cell: Where it stands.
        model: A model with a class cathode and a class anode overhang; its network is moved to the fastest device.
        angles: Number of half-planes, evenly spaced from 0°.
        progress: Told how far it is.
        windings: The cell's traced windings: they number the turns. None counts those that the model sees.

    Returns:
        A table with `OVERHANG_COLUMNS`, source "model".

    Raises:
        InputError: if the model has other classes or needs other channels, was trained on nothing like the volume, or
            the cell shows no end of its roll.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    seer = _Seer.of(volume, model)
    ends = find_roll_ends(volume, cell)

    def cut(end: RollEnd, degrees: Floats, part: Progress) -> LabelPlanes:
        return _segment_planes(seer, cell, end, degrees, part)

    rows = measure_ends(ends, (volume, cell, windings), np.arange(angles) * 360.0 / angles, cut, progress)
    progress.report(1.0, "measured the overhang")
    return labelled_table(volume, cell, rows, windings, "model")


@dataclass(frozen=True)
class _Seer:
    """A model that looks at one image.

    Args:
        image: The image.
        model: The model, its network on the device.
        settings: With the image's grey levels.
        device: The device's name, and how images are cut for it.
        classes: Which of the model's classes mean what: their numbers, from 0.
    """

    image: Image
    model: LoadedModel
    settings: ApplySettings
    device: tuple[str, Windows]
    classes: LabelClasses

    @classmethod
    def of(cls, volume: Volume, model: LoadedModel) -> _Seer:
        classes = LabelClasses.of_names({one.name: n for n, one in enumerate(model.info.classes)})
        settings = ApplySettings(levels=(measure_levels(volume),))
        image, settings = fit_channels(Image(volume.name or "cell", (volume,)), model.info, settings)
        allow_foreign(image, settings.levels or (), model)
        model, device = prepared(model, settings.device)
        # Mirrored, too: a network's own preference for a side would move every end the same way.
        how = Windows(flips=True, mixed_precision=device.mixed_precision)
        return cls(image, model, settings, (device.name, how), classes)

    def probabilities(self, grid: Grid, progress: Progress) -> Image3D:
        """Of every class in every voxel of a grid, shape (classes, slices, rows, columns)."""
        plan = plan_frame(grid, self.model.info)
        seen = Seen(self.image, self.settings.levels or (), plan, ((0, 0, 0), grid.shape))
        return predict_block(seen, self.model, self.device, progress)


def _segment_planes(seer: _Seer, cell: Cell, end: RollEnd, degrees: Floats, progress: Progress) -> LabelPlanes:
    """Probabilities on the half-planes of one end, rows no coarser than columns, which are a voxel wide."""
    planes = _planes(seer.image.grid, cell, end, degrees)
    overhang = np.zeros_like(planes.grey)
    for n in range(len(degrees)):
        progress.report(n / len(degrees), f"segmenting half-planes, {end.name}")
        grid = _place(planes, cell, n)
        found = seer.probabilities(grid, Progress(is_cancelled=progress.is_cancelled))[:, 0, ::-1]
        planes.known[n] = is_inside(seer.image.grid, grid)[0, ::-1]
        planes.grey[n] = found[list(seer.classes.cathode)].sum(axis=0) * planes.known[n]
        overhang[n] = found[list(seer.classes.overhang)].sum(axis=0) * planes.known[n]
    return LabelPlanes(planes, overhang, None)


def _planes(volume: Volume, cell: Cell, end: RollEnd, degrees: Floats) -> EndPlanes:
    axial, across = voxel_sizes(volume, cell.frame)
    # Flat voxels are seen in finer rows: pixels of equal sides are what networks meet most.
    step = min(axial, across)
    lowest, highest = sorted(end.sign * np.asarray(cell.heights_mm))
    heights = np.arange(max(lowest, end.level_mm - REACH_MM[0]), min(highest, end.level_mm + REACH_MM[1]), step)
    radii: Floats = np.asarray((np.arange(round(1.02 * cell.can.outer_radius_mm / across)) + 0.5) * across, np.float64)
    shape = len(degrees), len(heights), len(radii)
    return EndPlanes(end, degrees, heights, radii, np.zeros(shape, np.float32), np.ones(shape, bool), axial, across)


def _place(planes: EndPlanes, cell: Cell, n: int) -> Grid:
    """The voxels of one half-plane: outward to the right, the sheets' ends up."""
    angle, top = float(planes.angles[n]), planes.end.sign * float(planes.heights[-1])
    corner, right = (cell.frame.from_cylindrical(angle, radius, top) for radius in planes.radii[:2])
    below = corner - planes.end.sign * planes.height_step * cell.frame.up
    return Grid.flat(corner, right, below, (len(planes.heights), len(planes.radii)))
