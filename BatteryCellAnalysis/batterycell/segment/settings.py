"""Settings of a training, saved with the model and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Dimension = Literal["2d", "2.5d", "3d"]
Loss = Literal["dice+ce", "dice", "ce", "focal"]
Augmentation = Literal["none", "light", "strong"]
Effort = Literal["quick", "standard", "thorough"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True)
class TrainSettings:
    """Settings of a training; None is sized to the data and the machine.

    Args:
        dimension: "2d", "2.5d" (neighbouring slices as channels) or "3d".
        patch: Edge of a patch in pixels.
        batch: Patches a step.
        epochs: At most so many; None for as many as the effort's time allows.
        steps: Steps an epoch.
        learning_rate: The highest one.
        loss: What is minimised; unknown pixels never count.
        augmentation: How far training images are varied: "light" for images that are all taken alike, "strong" also
            turns and mirrors them.
        width: Features of the first level of the network.
        depth: Levels of the network.
        widest: Most features of a level; from level to level they double up to that. The last levels hold most of the
            weights, and narrower ones tell as much.
        patience: Epochs without a better validation Dice after which training ends; None for never.
        validation_part: Part of a mixed frame that validates.
        minutes: Training ends after so many; None for no limit.
        device: "auto", "cpu", "cuda" or "cuda:N".
        mixed_precision: Whether to compute in 16 bits where the device is faster so; None asks the device.
        seed: Everything random follows from it.
        name: Of the model; made of the classes' names where empty.
    """

    dimension: Dimension = "2d"
    patch: int | None = None
    batch: int | None = None
    epochs: int | None = 50
    steps: int | None = None
    learning_rate: float | None = None
    loss: Loss = "dice+ce"
    augmentation: Augmentation = "light"
    width: int | None = None
    depth: int | None = None
    widest: int = 2048
    patience: int | None = None
    validation_part: float = 0.25
    minutes: float | None = None
    device: str = "auto"
    mixed_precision: bool | None = None
    seed: int = 0
    name: str = ""
