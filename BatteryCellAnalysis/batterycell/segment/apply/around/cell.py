"""Whether an image is to be seen on half-planes around a cell's axis."""

from __future__ import annotations

from batterycell.errors import InputError
from batterycell.orient import Cell, find_cell
from batterycell.progress import Progress
from batterycell.segment.apply.settings import Along
from batterycell.segment.image import Image
from batterycell.segment.model.info import ModelInfo


def find_round_cell(image: Image, info: ModelInfo, along: Along, progress: Progress) -> tuple[Cell | None, list[str]]:
    """The cell around whose axis a model is to see half-planes; None where it is to see slices.

    Args:
        image: The image, whole.
        info: The model's.
        along: What was asked for; "auto" leaves it to the model.
        progress: Told how far it is.

    Returns:
        The cell, or None and for people why, where the model would have liked it otherwise.

    Raises:
        InputError: if half-planes were asked for, and the model is not of two dimensions or there is no such cell.
    """
    is_wished = along == "auto" and info.sections == "around" and 1 not in image.grid.array.shape
    if along != "around" and not (is_wished and info.network.dimension == "2d"):
        return None, []
    if info.network.dimension != "2d":
        message = f"{info.name} is a {info.network.dimension} network; half-planes around a cell need a 2d one."
        raise InputError("around-2d", message, "Choose slices along k, j or i.")
    try:
        return find_cell(image.grid, progress), []
    except InputError as error:
        if along == "around":
            raise
        return None, [f"No cylindrical cell was found ({error.message.rstrip('.')}): it was segmented in slices."]
