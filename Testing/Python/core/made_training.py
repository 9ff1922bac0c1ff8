"""A dataset that a tiny network learns in a second, and settings for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.segment import Dataset, Levels, Role, Sample, SegmentClass, TrainSettings
from batterycell.segment.train import read_history
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

CLASSES = (
    SegmentClass("pore", "#1B1B3A"),
    SegmentClass("active material", "#E69F00"),
    SegmentClass("binder", "#009E73"),
)
GREY = (40.0, 160.0, 100.0)
LEVELS = (Levels(0.0, 200.0),)
ROLES: tuple[Role, ...] = ("training", "validation", "monitoring")


def made_labels(seed: int, shape: tuple[int, int, int] = (1, 48, 48)) -> NDArray[np.uint8]:
    """Blobs of three classes, 1 to 3."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=shape), (1, 4, 4), mode="wrap")
    field = (field - field.mean()) / field.std()
    return np.digitize(field, (-0.4, 0.5)).astype(np.uint8) + 1


def made_sample(seed: int = 0, role: Role = "training", noise: float = 8.0, **more: Any) -> Sample:
    """A fully labelled frame; grey values tell its classes apart."""
    labels = made_labels(seed, more.pop("shape", (1, 48, 48)))
    grey = np.array(GREY)[labels - 1] + np.random.default_rng(seed + 99).normal(0.0, noise, labels.shape)
    margin = int(more.pop("margin", 0))
    image = np.pad(grey, ((margin, margin), (0, 0), (0, 0)), mode="edge")[None].astype(np.float32)
    return Sample(f"frame {role} {seed}", f"image {seed}", image, labels, LEVELS, (1.0, 0.5, 0.5), role, margin)


def made_dataset(roles: Sequence[Role] = ROLES, **more: Any) -> Dataset:
    """One frame a role, each of an image of its own."""
    return Dataset(CLASSES, tuple(made_sample(seed, role, **more) for seed, role in enumerate(roles)))


def tiny(**more: Any) -> TrainSettings:
    """Settings of a training that takes a second."""
    values: dict[str, Any] = {
        **{"epochs": 2, "steps": 4, "batch": 4, "patch": 32, "width": 4, "depth": 2, "learning_rate": 0.02},
        **{"device": "cpu", "augmentation": "light", "mixed_precision": False},
    }
    return TrainSettings(**{**values, **more})


def weights_of(run: Path) -> dict[str, Any]:
    """The weights of the model that a training left."""
    from safetensors.torch import load_file

    return dict(load_file(run / "model" / "models" / "model.safetensors"))


def assert_same(run: Path, other: Path) -> None:
    """Check that two trainings ended alike, to the bit."""
    import torch

    ours, theirs = weights_of(run), weights_of(other)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    mine, its = (read_history(one / "training.csv", CLASSES) for one in (run, other))
    for name in ("epoch", "loss", "learning_rate", "mean_dice"):
        np.testing.assert_array_equal(mine[name], its[name])


class Breaks:
    """Says "cancel" at some of the times it is asked."""

    def __init__(self, *times: int) -> None:
        self.times, self.count = times, 0

    def __call__(self) -> bool:
        self.count += 1
        return self.count in self.times
