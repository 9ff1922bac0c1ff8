"""Going on from a model: incremental learning, and pre-trained starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.segment.model.info import ModelInfo
from batterycell.segment.samples import Dataset
from batterycell.segment.settings import TrainSettings

from .kinship import Kinship, find_kinship
from .transfer import transfer_weights

_SAME_SIZE = 0.05


@dataclass(frozen=True)
class Parent:
    """The model that a training goes on from.

    Args:
        info: What it says of itself.
        network: Its network, on the CPU.
        hash: Of its folder.
    """

    info: ModelInfo
    network: Any
    hash: str


def read_parent(folder: Path, dataset: Dataset, settings: TrainSettings) -> Parent:
    """Read the model to go on from.

    Raises:
        InputError: if it has another dimension, or sees other neighbouring slices.
    """
    from batterycell.segment.model.bundle import load_model

    model = load_model(folder, "cpu", "torch")
    _check_fit(model.info, dataset, settings)
    return Parent(model.info, model.network, model.hash)


def _check_fit(info: ModelInfo, dataset: Dataset, settings: TrainSettings) -> None:
    spec = info.network
    if spec.dimension != settings.dimension:
        message = f"{info.name} is a {spec.dimension} network, not a {settings.dimension} one."
        raise InputError("parent-dimension", message, f"Choose {spec.dimension}, or train from scratch.")
    if min((sample.margin for sample in dataset.samples), default=0) < spec.margin:
        message = f"{info.name} sees {spec.margin} slices before and behind, the samples hold fewer."
        raise InputError("parent-margin", message, "Sample the frames again, or train from scratch.")


@dataclass(frozen=True)
class Beginning:
    """What a training begins with that goes on from a model.

    Args:
        weights: For the classes and channels of the training, tensors by name.
        knows_classes: Whether the model has a class of each name.
        notes: For people.
    """

    weights: dict[str, Any]
    knows_classes: bool
    notes: list[str]


def begin_from(parent: Parent, dataset: Dataset, seed: int) -> Beginning:
    """What to begin with, for the classes and channels of a dataset."""
    kinship = find_kinship(parent.info, parent.network, dataset)
    weights = transfer_weights(dict(parent.network.state_dict()), parent.info.network, kinship, seed)
    note = f"Goes on from {parent.info.name} {parent.info.version}{_of_classes(parent.info, dataset, kinship)}."
    warning = size_warning(parent.info, dataset)
    notes = [note, *_of_channels(parent.info, dataset), *([warning] if warning else [])]
    return Beginning(weights, all(kinship.named), notes)


def _of_classes(info: ModelInfo, dataset: Dataset, kinship: Kinship) -> str:
    """Which classes begin as classes of other names."""
    pairs = zip(dataset.classes, kinship.classes, kinship.named, strict=True)
    begins = [
        f"{one.name} as {' and '.join(info.classes[its].name for its in np.flatnonzero(row))}"
        for one, row, is_named in pairs
        if not is_named
    ]
    return f"; where classes are called otherwise, it begins with {', '.join(begins)}" if begins else ""


def _of_channels(info: ModelInfo, dataset: Dataset) -> list[str]:
    known, own = info.channel_names, dataset.channel_names
    if len(known) == len(own) or len(own) == 1:
        return []
    return [f"{info.name} takes the channels {', '.join(known)}; it begins with the mean of {', '.join(own)}."]


def size_warning(info: ModelInfo, dataset: Dataset) -> str:
    """What to know where pixels are of another size than those the parent learnt from; empty where they are not."""
    own = np.median([sample.voxel_size_um[1:] for sample in dataset.of_role("training")], axis=0)
    low, high = info.pixel_range_um or (np.inf, -np.inf)
    if np.allclose(own, info.voxel_size_um[1:], rtol=_SAME_SIZE) or (low <= own.min() and own.max() <= high):
        return ""
    before, now = (" × ".join(f"{size:.4g}" for size in sizes) for sizes in (info.voxel_size_um[1:], own))
    return f"{info.name} learnt from pixels of {before} µm, these are of {now} µm: it has to learn sizes anew."
