"""What is chosen on the wizard's page "Train", as settings of a training."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from batterycell.segment import EFFORTS, TrainSettings
from batterycell.segment.train.sizing import settings_for


def choices() -> Any:
    """The module; untyped, as the desktop ring is."""
    return importlib.import_module("BatterySegmentationWizardLib.TrainChoices")


def parameters(**chosen: Any) -> SimpleNamespace:
    """The page as it is when nobody touched it, but for what is chosen."""
    given = TrainSettings()
    values = {
        "trainEffort": "quick",
        "trainDimension": given.dimension,
        "trainPatch": 0,
        "trainBatch": 0,
        "trainEpochs": 0,
        "trainSteps": 0,
        "trainRate": 0.0,
        "trainLoss": given.loss,
        "trainAugmentation": choices().BY_EFFORT,
        "trainWidth": 0,
        "trainDepth": 0,
        "trainPatience": 0,
        "trainMinutes": 0.0,
        "trainValidation": given.validation_part,
        "trainDevice": "auto",
        "trainPrecision": "auto",
        "trainSeed": 0,
    }
    return SimpleNamespace(**{**values, **chosen})


@pytest.mark.parametrize("effort", EFFORTS)
def test_untouched_settings_are_those_of_the_effort(effort: str) -> None:
    assert choices().chosenSettings(parameters(trainEffort=effort)) == settings_for(effort)  # type: ignore[arg-type]


def test_what_an_expert_states_counts() -> None:
    chosen = choices().chosenSettings(
        parameters(
            trainPatch=128,
            trainEpochs=50,
            trainRate=0.01,
            trainPrecision="off",
            trainMinutes=5.0,
            trainSeed=7,
            trainAugmentation="none",
        )
    )
    assert (chosen.patch, chosen.epochs, chosen.learning_rate, chosen.seed) == (128, 50, 0.01, 7)
    assert chosen.mixed_precision is False
    assert chosen.minutes == 5.0
    assert chosen.batch is None
    assert chosen.augmentation == "none"


def test_the_minutes_that_are_shown_are_those_that_count() -> None:
    assert choices().effortMinutes(parameters()) == settings_for("quick").minutes
    assert choices().effortMinutes(parameters(trainMinutes=7.5)) == 7.5
