"""A model on a frame: previews of slices of any orientation, and predictions to fill frames with."""

from __future__ import annotations

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.classes import UNKNOWN
from batterycell.segment.data.grid import is_inside
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image
from batterycell.segment.model.bundle import LoadedModel
from batterycell.volume import Volume

from .blocks import Seen, judge_block
from .engine import prepared
from .foreign import fit_channels
from .plan import plan_frame
from .predict import Windows
from .settings import ApplySettings, Segmented

_DEFAULT = ApplySettings()
_SILENT = Progress()


def segment_frame(
    image: Image,
    frame: Frame,
    model: LoadedModel,
    settings: ApplySettings = _DEFAULT,
    progress: Progress = _SILENT,
) -> Segmented:
    """The labels of a frame, on the pixels that it has for training.

    Args:
        image: The image it lies in.
        frame: A rectangle or box at any orientation.
        model: The model; its network is moved to the device.
        settings: How; region, axis and work folder do not matter here. With levels nothing outside the frame is read.
        progress: Told how far it is; asked whether to stop.

    Returns:
        Labels, and uncertainty where asked for, each a volume whose axes are the frame's; 0 beyond the image.

    Raises:
        InputError: if the frame lies outside the image, or the model needs other channels.
    """
    seen = see_frame(image, frame, model, settings)
    model, device = prepared(model, settings.device)
    mixed = device.mixed_precision if settings.mixed_precision is None else settings.mixed_precision
    run = (device.name, Windows(flips=settings.flips, mixed_precision=mixed))
    names = ("labels", "uncertainty") if settings.uncertainty else ("labels",)
    found = judge_block(seen, model, run, progress, names)
    grid, source = seen.plan.image, image.grid.voxel_size_source
    inside = is_inside(image.grid, grid)
    made = {
        name: Volume(np.where(inside, array, UNKNOWN).astype(np.uint8), grid.ijk_to_ras, source, frame.name)
        for name, array in found.items()
    }
    return Segmented(made["labels"], made.get("uncertainty"))


def see_frame(image: Image, frame: Frame, model: LoadedModel, settings: ApplySettings) -> Seen:
    """A frame as a block of its own grid.

    Raises:
        InputError: if the frame lies outside the image, or the model needs other channels.
    """
    image, settings = fit_channels(image, model.info, settings)
    grid = frame_grid(frame, image.grid, Sampling())
    if not is_inside(image.grid, grid).any():
        message = f"The frame {frame.name} lies outside the image {image.name}."
        raise InputError("frame-outside", message, "Move it into the image.")
    levels = settings.levels or tuple(measure_levels(channel) for channel in image.channels)
    return Seen(image, levels, plan_frame(grid, model.info), ((0, 0, 0), grid.shape))
