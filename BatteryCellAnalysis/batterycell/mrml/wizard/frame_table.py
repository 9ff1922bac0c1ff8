"""The frames of a project as a table: where each lies, how much of it is painted, and as what."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.segment import Frame
from batterycell.segment.data.sampling import Sampling, frame_grid
from batterycell.tables import Column, Table
from batterycell.volume import Volume

from .classes import classes_of
from .fill import frame_codes
from .frame_places import is_rectangle, voxel_axes
from .frames import frame_nodes, frame_of
from .region import region_of

FRAME_COLUMNS = (
    Column("frame", "Frame", "", "The frame's name."),
    Column("image", "Image", "", "The image it lies in."),
    Column("slice", "Slice", "", "The slice of a rectangle, as axis and number; the shape (z, y, x) of a box."),
    Column("role", "Role", "", "Training, validation, mixed (part of it validates) or monitoring (only looked at)."),
    Column("full", "Fully labelled", "", "Whether unpainted pixels count as background."),
    Column("painted_percent", "Painted", "%", "Share of its pixels that are painted."),
    Column("classes", "Classes", "", "The classes painted in it."),
)
_AXES = "xyz"


def frame_table(scene: Any) -> Table:
    """All frames of the project, in the order of the scene: `FRAME_COLUMNS`. Overlapping paint counts once."""
    rows = [_row(roi) for roi in frame_nodes(scene)]
    data = {column.name: np.array([row[n] for row in rows]) for n, column in enumerate(FRAME_COLUMNS)}
    data["painted_percent"] = data["painted_percent"].astype(float)
    return Table(FRAME_COLUMNS, {name: values if len(rows) else _none(name) for name, values in data.items()})


def painted_in(volume_node: Any, frame: Frame) -> NDArray[np.int64]:
    """How many pixels of a frame are unpainted (first) and of each class of the project, in order."""
    codes = frame_codes(volume_node, frame)
    return np.bincount(codes.ravel(), minlength=len(classes_of(volume_node.GetScene())) + 1)


def slice_words(frame: Frame, volume: Volume) -> str:
    """Where a frame lies, in few words: ``z 25``, ``oblique`` or ``box 16 × 64 × 64``."""
    region = region_of(frame, volume)
    if not is_rectangle(frame, volume):
        return "box " + " × ".join(str(count) for count in frame_grid(frame, volume, Sampling()).shape)
    axes = voxel_axes(volume, np.array(frame.axes))
    if axes is None or region is None:
        return "oblique"
    return f"{_AXES[axes[2]]} {region.start[2 - axes[2]]}"


def _row(roi: Any) -> tuple[Any, ...]:
    frame, volume_node = frame_of(roi), volume_node_of(roi)
    counts = painted_in(volume_node, frame)
    present = [one.name for one, count in zip(classes_of(roi.GetScene()), counts[1:], strict=False) if count]
    share = 100.0 * counts[1:].sum() / max(1, counts.sum())
    where = slice_words(frame, volume_of(volume_node))
    return frame.name, frame.image, where, frame.role, "yes" if frame.full else "no", share, ", ".join(present)


def _none(name: str) -> NDArray[Any]:
    return np.zeros(0, float if name == "painted_percent" else str)
