"""Predictions of frames beside what was painted in them: compared, marked, and taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.mrml.cell import attached, volume_node_of, volume_of
from batterycell.mrml.names import name_of
from batterycell.segment import UNKNOWN, SegmentClass
from batterycell.tables import Column, Table
from batterycell.volume import Volume

from .classes import classes_of, labels_of
from .fill import fill_frames, frame_codes
from .frame_previews import show_frame_preview
from .frames import frame_nodes, frame_of
from .images import image_name
from .labels import Codes, read_codes
from .region import region_of
from .results import DISAGREEMENT, PREVIEW, remove_results, show_disagreement
from .steps import Step

REVIEW_COLUMNS = (
    Column("frame", "Frame", "", "The frame's name."),
    Column("image", "Image", "", "The image it lies in."),
    Column("painted", "Painted", "", "Its painted pixels."),
    Column("agrees_percent", "Agrees", "%", "Share of its painted pixels that are predicted as painted."),
    Column("unsure_percent", "Unsure", "%", "How unsure the model is in it, on average."),
)
# Voxels around a frame in which pixels of an oblique one may lie.
_MARGIN = 1


def show_found(roi: Any, labels: Volume, classes: Sequence[SegmentClass]) -> None:
    """Show what a model found in a frame, as classes of the project.

    Args:
        roi: The frame's ROI.
        labels: n + 1 is class n of the model.
        classes: The model's classes in order; those that the project has not are left out.

    Raises:
        InputError: if the frame lies outside its image.
    """
    volume_node, own = volume_node_of(roi), classes_of(roi.GetScene())
    names = [one.name.casefold() for one in own]
    table = [names.index(one.name.casefold()) + 1 if one.name.casefold() in names else UNKNOWN for one in classes]
    codes = np.array([UNKNOWN, *table], np.uint8)[np.asarray(labels.array)]
    show_frame_preview(volume_node, frame_of(roi), replace(labels, array=codes), own)


def predicted_in(roi: Any) -> Codes | None:
    """What is predicted in a frame, on its own pixels; None where nothing is."""
    volume_node = volume_node_of(roi)
    node = next(iter(attached(volume_node, PREVIEW)), None)
    codes = None if node is None else frame_codes(volume_node, frame_of(roi), node)
    return codes if codes is not None and codes.any() else None


def review_table(scene: Any, unsure: Mapping[str, float]) -> Table:
    """All frames, and how well what is predicted in them agrees with what is painted: `REVIEW_COLUMNS`.

    Args:
        scene: The scene.
        unsure: Mean uncertainty in percent of frames, by the ids of their ROIs.

    Returns:
        In the order of the scene; NaN where nothing is predicted or painted.
    """
    rows = [_row(roi, unsure.get(roi.GetID(), np.nan)) for roi in frame_nodes(scene)]
    kinds: tuple[Any, ...] = (str, str, np.int64, float, float)
    columns = zip(REVIEW_COLUMNS, kinds, strict=True)
    data = {column.name: np.array([row[n] for row in rows], kind) for n, (column, kind) in enumerate(columns)}
    return Table(REVIEW_COLUMNS, data)


def mark_disagreement(scene: Any) -> int:
    """Mark the painted pixels of all frames that are predicted as another class, in place of older marks.

    Returns:
        Their number.
    """
    rois = frame_nodes(scene)
    for node in dict.fromkeys(volume_node_of(roi) for roi in rois):
        remove_results(node, DISAGREEMENT)
    return sum(_mark(roi) for roi in rois)


def fill_from_prediction(rois: Sequence[Any], overwrite: bool) -> Step:
    """Fill frames with what is predicted in them, in one step that `steps.undo_step` takes back.

    Args:
        rois: The frames' ROIs.
        overwrite: Whether what is painted becomes what is predicted, too.

    Raises:
        InputError: if nothing is predicted in any of them.
    """
    found = [(roi, predicted_in(roi)) for roi in rois]
    filled = [(volume_node_of(roi), frame_of(roi), codes) for roi, codes in found if codes is not None]
    if not filled:
        raise InputError("nothing-predicted", "Nothing is predicted in these frames.", "Predict the frames first.")
    return fill_frames(rois[0].GetScene(), filled, overwrite)


def _row(roi: Any, unsure: float) -> tuple[Any, ...]:
    volume_node, frame = volume_node_of(roi), frame_of(roi)
    painted, predicted = frame_codes(volume_node, frame), predicted_in(roi)
    known = painted != UNKNOWN
    share = np.nan
    if predicted is not None and known.any():
        share = 100.0 * float(np.mean(painted[known] == predicted[known]))
    return name_of(roi), image_name(volume_node), int(known.sum()), round(share, 1), round(unsure, 1)


def _mark(roi: Any) -> int:
    volume_node = volume_node_of(roi)
    region = region_of(frame_of(roi), volume_of(volume_node), _MARGIN)
    preview = next(iter(attached(volume_node, PREVIEW)), None)
    if region is None or preview is None:
        return 0
    painted = read_codes(labels_of(volume_node), region, later_wins=True)
    return show_disagreement(volume_node, painted, read_codes(preview, region, later_wins=True), region)
