"""A model for people, in two lines and as its card."""

from typing import Any

from batterycell.segment.model.library import Model
from BatteryCellAnalysisLib.I18n import _


def aboutModel(model: Model) -> str:
    """What a model tells apart, and on what pixels it learned."""
    info = model.info
    names = ", ".join(one.name for one in info.classes)
    channels = (
        "" if len(info.channel_names) == 1 else _(" Channels: {names}.").format(names=", ".join(info.channel_names))
    )
    words = _("Tells apart {names}; {pixels}.").format(names=names, pixels=_pixelWords(info))
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


def _pixelWords(info: Any) -> str:
    """The pixels a model knows: those of its training, or the range that it takes as they are."""
    if info.pixel_range_um is not None:
        low, high = info.pixel_range_um
        return _("takes pixels of {low:.4g} to {high:.4g} µm, others are resampled").format(low=low, high=high)
    size = " × ".join(f"{edge:.4g}" for edge in info.voxel_size_um)
    return _("learned on voxels of {size} µm (z, y, x)").format(size=size)


def _diceWords(dice: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {value:.3f}" for name, value in dice.items() if value == value)
    return _(" Validation Dice: {parts}.").format(parts=parts) if parts else ""
