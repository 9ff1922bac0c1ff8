"""The rounds of a project: each training, with what it learned from and how good it became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from batterycell.segment import SegmentClass
from batterycell.segment.model.info import ModelInfo
from batterycell.tables import Column, Table

from .curves import dice_columns
from .project_node import get_note, set_note
from .project_tables import put_table

ROUNDS = "rounds"
ROUND_COLUMNS = (
    Column("round", "Round", "", "Number of the training, from 1."),
    Column("frames", "Frames", "", "Frames it learned from and validated on."),
    Column("painted", "Painted", "", "Labelled pixels in these frames."),
    Column("minutes", "Minutes", "min", "How long the training ran, without pauses."),
    Column("mean_dice", "Mean Dice", "", "Best mean validation Dice; empty where nothing validated."),
    Column("model", "Model", "", "Name of the model that came out."),
    Column("parent", "From", "", "Name of the model that it went on from; empty from scratch."),
)
_NOTE = "Rounds"


@dataclass(frozen=True)
class Round:
    """One training.

    Args:
        frames: Frames it learned from and validated on.
        painted: Labelled pixels in them.
        minutes: How long it ran.
        dice: Best validation Dice of each class, by name.
        model: The model that came out.
        parent: The model it went on from.
    """

    frames: int
    painted: int
    minutes: float
    dice: dict[str, float] = field(default_factory=dict)
    model: str = ""
    parent: str = ""


def add_round(scene: Any, one: Round) -> Any:
    """Note a round, and show it in the table of rounds.

    Returns:
        The ``vtkMRMLTableNode`` of the rounds.
    """
    set_note(scene, _NOTE, [*(asdict(old) for old in rounds_of(scene)), asdict(one)])
    return show_rounds(scene)


def round_of(info: ModelInfo) -> Round:
    """The round from which a model came, as the model says."""
    last = (info.training.get("rounds") or [{}])[-1]
    frames, minutes = len(last.get("frames", ())), float(last.get("minutes", 0.0))
    return Round(frames, int(last.get("painted_pixels", 0)), minutes, dict(info.dice), info.name, info.parent)


def rounds_of(scene: Any) -> list[Round]:
    """The rounds so far."""
    return [Round(**one) for one in get_note(scene, _NOTE) or []]


def show_rounds(scene: Any) -> Any:
    """Show the table of rounds; refreshed in place. Returns its ``vtkMRMLTableNode``."""
    return put_table(scene, ROUNDS, rounds_table(rounds_of(scene)), "Rounds")


def rounds_table(rounds: Sequence[Round]) -> Table:
    """The table of rounds, with a column for the Dice of each class that any of them knew."""
    names = list(dict.fromkeys(name for one in rounds for name in one.dice))
    columns = dice_columns([SegmentClass(name, "") for name in names])
    dice = np.array([[one.dice.get(name, np.nan) for name in names] for one in rounds]).reshape(len(rounds), len(names))
    data = {
        "round": np.arange(1, len(rounds) + 1),
        "frames": np.array([one.frames for one in rounds], np.int64),
        "painted": np.array([one.painted for one in rounds], np.int64),
        "minutes": np.array([one.minutes for one in rounds], float),
        "mean_dice": np.array([np.mean([*one.dice.values()] or [np.nan]) for one in rounds], float),
        "model": np.array([one.model for one in rounds], str),
        "parent": np.array([one.parent for one in rounds], str),
    }
    return Table((*ROUND_COLUMNS, *columns), data | {one.name: dice[:, n] for n, one in enumerate(columns)})
