"""Where a training is, in plain numbers: what its checkpoint holds beside tensors."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from batterycell.segment.model.info import NetworkSpec
from batterycell.segment.samples import Dataset
from batterycell.segment.settings import TrainSettings

CHECKPOINT_FILE = "checkpoint.safetensors"
BEST_FILE = "best.safetensors"
# What may differ between the parts of one training.
_FREE = ("device", "minutes", "mixed_precision", "name")


@dataclass
class State:
    """How far a training is.

    Args:
        step: Steps done.
        epoch: Epochs done.
        epochs: Epochs to do; the learning rate's curve ends there.
        seconds: Time spent, without pauses.
        loss_sum: Sum of the losses of the epoch under way.
        loss_count: How many these are.
        best: Best mean validation Dice.
        best_epoch: Its epoch.
        best_dice: The Dice of each class then, None where it was not painted.
        rate_factor: What the learning rate was multiplied by after it proved too high.
        rows: The table's rows.
        notes: What people should know of this training.
        done: Whether it ended.
    """

    step: int = 0
    epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    loss_count: int = 0
    best: float = -1.0
    best_epoch: int = 0
    best_dice: list[float | None] = field(default_factory=list)
    rate_factor: float = 1.0
    rows: list[list[float | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def waited(self) -> int:
        """Validations since the best one."""
        return sum(row[4] is not None and row[0] is not None and row[0] > self.best_epoch for row in self.rows)

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)


def to_values(state: State, settings: TrainSettings, spec: NetworkSpec, origin: str) -> dict[str, Any]:
    """All of it in JSON's types; ``origin`` tells what the training was begun with."""
    return {"state": asdict(state), "settings": asdict(settings), "spec": asdict(spec), "origin": origin}


def from_values(values: dict[str, Any]) -> tuple[State, TrainSettings, NetworkSpec]:
    """What `to_values` told."""
    spec = {name: tuple(value) if isinstance(value, list) else value for name, value in values["spec"].items()}
    known = {one.name for one in fields(TrainSettings)}
    settings = {name: value for name, value in values["settings"].items() if name in known}
    return State(**values["state"]), TrainSettings(**settings), NetworkSpec(**spec)  # type: ignore[arg-type]


def origin_of(dataset: Dataset, settings: TrainSettings, parent: str) -> str:
    """A fingerprint of what a training is begun with: an interrupted one goes on with the same only.

    Args:
        dataset: What is learnt from.
        settings: As chosen.
        parent: Hash of the model that it goes on from; empty from scratch.
    """
    chosen = {name: value for name, value in asdict(settings).items() if name not in _FREE}
    words = [chosen, [asdict(one) for one in dataset.classes], dataset.channel_names, parent]
    total = hashlib.blake2b(json.dumps(words).encode(), digest_size=16)
    for sample in dataset.samples:
        total.update(repr((sample.name, sample.role, sample.margin, sample.levels, sample.image.shape)).encode())
        for array in (sample.image, sample.labels):
            total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
