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

from .network import is_last_layer

_SAME_SIZE = 0.05


@dataclass(frozen=True)
class Parent:
    """The model that a training goes on from.

    Args:
        info: What it says of itself.
        weights: Its tensors by name.
        hash: Of its folder.
        is_same: Whether its classes are those of the training; else its last layer is learnt anew.
    """

    info: ModelInfo
    weights: dict[str, Any]
    hash: str
    is_same: bool

    @property
    def note(self) -> str:
        """What people should know of it."""
        anew = "" if self.is_same else "; its classes differ, so that its last layer is learnt anew"
        return f"Goes on from {self.info.name} {self.info.version}{anew}."


def read_parent(folder: Path, dataset: Dataset, settings: TrainSettings) -> Parent:
    """Read the model to go on from.

    Raises:
        InputError: if it takes other channels, another dimension, or other neighbouring slices.
    """
    from batterycell.segment.model.bundle import load_model

    model = load_model(folder, "cpu")
    _check_fit(model.info, dataset, settings)
    same = [one.name for one in model.info.classes] == [one.name for one in dataset.classes]
    return Parent(model.info, dict(model.network.state_dict()), model.hash, same)


def _check_fit(info: ModelInfo, dataset: Dataset, settings: TrainSettings) -> None:
    spec, channels = info.network, len(dataset.channel_names)
    if spec.channels != channels:
        message = f"{info.name} takes {spec.channels} channels, these images have {channels}."
        raise InputError("parent-channels", message, "Train from scratch, or choose a model of the same channels.")
    known, own = info.channel_names, dataset.channel_names
    if known != own and sorted(known) == sorted(own):
        message = f"{info.name} takes the channels {', '.join(known)}, in these images they are {', '.join(own)}."
        raise InputError("parent-channels", message, "Give the channels in the model's order, or train from scratch.")
    if spec.dimension != settings.dimension:
        message = f"{info.name} is a {spec.dimension} network, not a {settings.dimension} one."
        raise InputError("parent-dimension", message, f"Choose {spec.dimension}, or train from scratch.")
    if min((sample.margin for sample in dataset.samples), default=0) < spec.margin:
        message = f"{info.name} sees {spec.margin} slices before and behind, the samples hold fewer."
        raise InputError("parent-margin", message, "Sample the frames again, or train from scratch.")


def fitting_weights(parent: Parent, network: Any) -> dict[str, Any]:
    """The network's weights with all that the parent knows: all layers, or all but the last for other classes."""
    own: dict[str, Any] = network.state_dict()
    return {name: value if _stays(name, value, parent) else parent.weights[name] for name, value in own.items()}


def size_warning(info: ModelInfo, dataset: Dataset) -> str:
    """What to know where pixels are of another size than those the parent learnt from; empty where they are not."""
    own = np.median([sample.voxel_size_um[1:] for sample in dataset.of_role("training")], axis=0)
    if np.allclose(own, info.voxel_size_um[1:], rtol=_SAME_SIZE):
        return ""
    before, now = (" × ".join(f"{size:.4g}" for size in sizes) for sizes in (info.voxel_size_um[1:], own))
    return f"{info.name} learnt from pixels of {before} µm, these are of {now} µm: it has to learn sizes anew."


def _stays(name: str, value: Any, parent: Parent) -> bool:
    known = parent.weights.get(name)
    return known is None or known.shape != value.shape or (not parent.is_same and is_last_layer(name))
