"""A model on an image or a region of it: in slices, in blocks, or in half-planes around a cell's axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.data.grid import Grid
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.image import Image
from batterycell.segment.model.bundle import LoadedModel
from batterycell.volume import Volume

from .around import find_round_cell, segment_around
from .engine import prepared
from .familiar import allow_foreign
from .foreign import find_foreign, fit_channels
from .job import Job
from .plan import make_plan, part
from .settings import ApplySettings, Box, Segmented
from .slices import segment_slices

_FOUND = 0.08
_DEFAULT = ApplySettings()
_SILENT = Progress()


def segment_image(
    image: Image, model: LoadedModel, settings: ApplySettings = _DEFAULT, progress: Progress = _SILENT
) -> Segmented:
    """The labels of an image or of a region of it.

    Args:
        image: The image; its voxels may be a mapped file.
        model: The model; its network is moved to the device.
        settings: What to segment, and how. With a work folder, what is finished there is kept, and labels and
            uncertainty are files of it, mapped.
        progress: Told after every block; asked whether to stop.

    Raises:
        InputError: if the model needs other channels, the region is no part of the image, the image looks like nothing
            the model was trained on, or it shows no cylindrical cell around whose axis half-planes were asked for.
        Cancelled: if the user asked to stop; what is finished stays in the work folder.
    """
    image, settings = fit_channels(image, model.info, settings)
    region = _region(image, settings.region)
    progress.report(0.0, "measuring grey levels")
    levels = with_levels(image, settings).levels or ()
    foreign = allow_foreign(image, levels, model, settings)
    model, device = prepared(model, settings.device)
    job = Job(image, model, settings, levels, device, region)
    arrays, notes = _segment(job, progress)
    notes = [*foreign, *find_foreign(image, model.info, levels), f"Computed on {device.why}.", *notes]
    return _segmented(job, arrays, notes)


def with_levels(image: Image, settings: ApplySettings) -> ApplySettings:
    """The settings with an image's levels, measured where they are not known."""
    return replace(settings, levels=settings.levels or tuple(measure_levels(channel) for channel in image.channels))


def _segment(job: Job, progress: Progress) -> tuple[dict[str, NDArray[np.uint8]], list[str]]:
    cell, why = find_round_cell(job.image, job.model.info, job.settings.along, progress.part(0.0, _FOUND))
    if cell is not None:
        return segment_around(job, cell, progress.part(_FOUND, 1.0))
    plan = make_plan(job.image, job.model.info, job.settings.along)
    arrays, notes = segment_slices(job, plan, progress)
    return arrays, [*why, *notes]


def _region(image: Image, region: Box | None) -> Box:
    slices, rows, columns = shape = image.grid.array.shape
    if region is None:
        return (0, 0, 0), (slices, rows, columns)
    if not all(0 <= a < b <= n for a, b, n in zip(*region, shape, strict=True)):
        message = f"The region {region[0]} to {region[1]} is no part of {image.name}, which has {shape} voxels."
        raise InputError("region-outside", message, "Name its first voxel and one past its last, slices first.")
    return region


def _segmented(job: Job, arrays: dict[str, NDArray[np.uint8]], notes: list[str]) -> Segmented:
    grid, image = part(Grid.of(job.image.grid), job.region), job.image
    source = image.grid.voxel_size_source
    volumes = {name: Volume(array, grid.ijk_to_ras, source, f"{image.name} {name}") for name, array in arrays.items()}
    return Segmented(volumes["labels"], volumes.get("uncertainty"), notes)
