"""A model for people, in two lines and as its card."""

from typing import Any

from batterycell.segment.model.library import Model
from BatteryCellAnalysisLib.I18n import _


def aboutModel(model: Model) -> str:
    """What a model tells apart, and on what pixels it learned."""
    info = model.info
    names = ", ".join(one.name for one in info.classes)
    size = " × ".join(f"{edge:.4g}" for edge in info.voxel_size_um)
    channels = (
        "" if len(info.channel_names) == 1 else _(" Channels: {names}.").format(names=", ".join(info.channel_names))
    )
    words = _("Tells apart {names}; learned on voxels of {size} µm (z, y, x).").format(names=names, size=size)
    return words + channels + _diceWords(info.dice)


def modelWords(model: Model) -> str:
    """A model in few words."""
    kind = "" if model.kind == "own" else f" ({kindWords(model.kind)})"
    return f"{model.info.name} {model.info.version}{kind}"


def kindWords(kind: str) -> str:
    """What kind of model it is, for people."""
    return {"draft": _("draft"), "own": _("library"), "shipped": _("shipped"), "elsewhere": _("opened")}[kind]


def meanDice(info: Any) -> float | None:
    """The mean validation Dice of a model; None where nothing validated it."""
    values = [value for value in info.dice.values() if value == value]
    return sum(values) / len(values) if values else None


def _diceWords(dice: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {value:.3f}" for name, value in dice.items() if value == value)
    return _(" Validation Dice: {parts}.").format(parts=parts) if parts else ""
