"""What is chosen on the page "Train", as settings of a training."""

from dataclasses import replace
from typing import Any

from batterycell.segment import TrainSettings
from batterycell.segment.train.sizing import settings_for

PRECISIONS = {"auto": None, "on": True, "off": False}
BY_EFFORT = "by effort"
# 0 in a field leaves it open.
_OPEN = {
    "patch": "trainPatch",
    "batch": "trainBatch",
    "epochs": "trainEpochs",
    "steps": "trainSteps",
    "learning_rate": "trainRate",
    "width": "trainWidth",
    "depth": "trainDepth",
    "minutes": "trainMinutes",
    "patience": "trainPatience",
}
_ALWAYS = {
    "dimension": "trainDimension",
    "loss": "trainLoss",
    "validation_part": "trainValidation",
    "device": "trainDevice",
    "seed": "trainSeed",
}


def chosenSettings(parameters: Any) -> TrainSettings:
    """The settings of the chosen effort, with what an expert changed."""
    stated = {name: getattr(parameters, field) for name, field in _OPEN.items()}
    chosen = {name: value for name, value in stated.items() if value}
    chosen |= {name: getattr(parameters, field) for name, field in _ALWAYS.items()}
    if parameters.trainAugmentation != BY_EFFORT:
        chosen["augmentation"] = parameters.trainAugmentation
    chosen["mixed_precision"] = PRECISIONS[parameters.trainPrecision]
    return replace(settings_for(parameters.trainEffort), **chosen)


def effortMinutes(parameters: Any) -> float:
    """The most minutes that the chosen effort takes."""
    return chosenSettings(parameters).minutes or 0.0
