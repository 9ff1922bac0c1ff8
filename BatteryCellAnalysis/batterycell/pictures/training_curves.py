"""The course of a training as pictures: the loss, and the Dice of each class in its colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell import palette
from batterycell.segment.classes import SegmentClass
from batterycell.segment.train.history import HISTORY_COLUMNS
from batterycell.tables import Table

from .save import new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOSS_FILE, DICE_FILE = "loss.png", "dice.png"
_SIZE_PX = (1280, 800)


def save_training_curves(history: Table, classes: Sequence[SegmentClass], folder: Path) -> list[Path]:
    """Draw the curves of a training into ``loss.png`` and ``dice.png``.

    Args:
        history: As of `segment.train.history`.
        classes: The classes, for names and colours.
        folder: Where to.

    Returns:
        The files.
    """
    save_figure(loss_figure(history), folder / LOSS_FILE)
    save_figure(dice_figure(history, classes), folder / DICE_FILE)
    return [folder / LOSS_FILE, folder / DICE_FILE]


def loss_figure(history: Table) -> Figure:
    """Loss and learning rate over the epochs."""
    figure, axes = _axes("Loss")
    (loss,) = axes.plot(history["epoch"], history["loss"], color=palette.INK, label="loss")
    rates = axes.twinx()
    (rate,) = rates.plot(history["epoch"], history["learning_rate"], color=palette.CAN, ls="--", label="learning rate")
    rates.set_ylabel("Learning rate")
    rates.set_ylim(bottom=0.0)
    axes.legend(handles=[loss, rate], frameon=False)
    return figure


def dice_figure(history: Table, classes: Sequence[SegmentClass]) -> Figure:
    """Validation Dice of each class, and their mean, over the epochs."""
    import numpy as np

    figure, axes = _axes("Validation Dice")
    measured = history.where(np.isfinite(history["mean_dice"]))
    columns = [column.name for column in measured.columns[len(HISTORY_COLUMNS) :]]
    for one, column in zip(classes, columns, strict=True):
        axes.plot(measured["epoch"], measured[column], color=one.color, lw=2, marker=".", label=one.name)
    axes.plot(measured["epoch"], measured["mean_dice"], color=palette.INK, lw=2, ls="--", label="mean")
    axes.set_ylim(_floor(measured, columns), 1.0)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _floor(measured: Table, columns: list[str]) -> float:
    """The lowest Dice that is shown: 0.5, or less where a class is worse."""
    import numpy as np

    values = np.concatenate([[0.5], *(measured[column] for column in columns)])
    return float(np.floor(np.nanmin(values) * 20) / 20)


def _axes(title: str) -> tuple[Figure, Any]:
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(*_SIZE_PX)
    axes = figure.subplots()
    axes.set_xlabel("Epoch")
    axes.set_ylabel(title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.set_layout_engine("tight")
    return figure, axes
