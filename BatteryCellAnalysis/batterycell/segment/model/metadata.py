"""Reading what a model says of itself from a MONAI bundle's ``metadata.json``, with every value checked."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, get_args

from batterycell.errors import InputError
from batterycell.segment.classes import MOST_CLASSES, SegmentClass, check_classes
from batterycell.segment.settings import Dimension

from .fields import Fields, damaged, is_number
from .figures import figures_of
from .info import Activation, ModelInfo, NetworkSpec, Norm, Sections

FORMAT = 1
BLOCK = "batterycell"
# Far beyond any network that segments; near enough that a hostile description costs nothing.
_MOST_CHANNELS, _MOST_MARGIN, _MOST_LEVELS, _MOST_FEATURES, _MOST_STRIDE, _MOST_UNITS = 16, 16, 8, 2048, 4, 8
_LARGEST_VOXEL_UM = 1e6
_QUANTILES = 5
_NAME = r"\S(.*\S)?"
_VERSION = r"\d{1,6}(\.\d{1,6}){0,3}([-+.][0-9A-Za-z.+-]{1,40})?"
_LICENCE = r"[A-Za-z0-9.+() -]*"


def from_metadata(values: Any, place: str) -> ModelInfo:
    """What a model says of itself.

    Args:
        values: Of a ``metadata.json``.
        place: The file, for messages.

    Raises:
        InputError: if a value is missing, of a wrong type or beyond what a model can be.
    """
    whole = Fields(values, place)
    if BLOCK not in whole.values:
        hint = "Only models that this program made, or that carry the same description, can be used."
        raise InputError("model-foreign", f"{place} is a MONAI bundle, but none of this program.", hint)
    fields = whole.object(BLOCK)
    if fields.whole("format", 0, 2**31) > FORMAT:
        raise InputError("model-newer", f"{place} was made by a newer version.", "Update BatteryCell.")
    network, classes = _network(fields.object("network")), _classes(fields)
    info = ModelInfo(
        name=fields.text("name", 100, _NAME),
        version=fields.text("version", 60, _VERSION),
        classes=classes,
        channel_names=fields.texts("channel_names", 100),
        network=network,
        voxel_size_um=_voxel_size(fields),
        levels=_levels(fields),
        quantiles=fields.rows("quantiles", _QUANTILES),
    )
    _check_counts(info, fields)
    return replace(info, **_words(fields))


def _words(fields: Fields) -> dict[str, Any]:
    return {
        "dice": _dice(fields.object("dice")),
        "frames": fields.texts("frames", 400),
        "training": _training(fields.object("training").values, fields),
        "description": fields.text("description", 20_000),
        "licence": fields.text("licence", 100, _LICENCE),
        "parent": fields.text("parent", 300),
        "created": fields.text("created", 40),
        "pixel_range_um": _pixel_range(fields),
        "sections": _sections(fields),
        "trained_on": fields.text("trained_on", 20_000) if "trained_on" in fields.values else "",
        "limits": fields.texts("limits", 1000) if "limits" in fields.values else (),
        "figures": figures_of(fields),
    }


def _network(fields: Fields) -> NetworkSpec:
    dimension = fields.text("dimension", 8)
    if dimension not in get_args(Dimension):
        raise fields.wrong("dimension", f"one of {', '.join(get_args(Dimension))}")
    spec = NetworkSpec(
        dimension=dimension,  # type: ignore[arg-type]  # just checked
        channels=fields.whole("channels", 1, _MOST_CHANNELS),
        margin=fields.whole("margin", 0, _MOST_MARGIN),
        classes=fields.whole("classes", 2, MOST_CLASSES),
        features=fields.wholes("features", 1, _MOST_FEATURES),
        strides=fields.wholes("strides", 1, _MOST_STRIDE),
        units=fields.whole("units", 0, _MOST_UNITS),
        norm=fields.text("norm", 20, "|".join(get_args(Norm))),  # type: ignore[arg-type]  # just checked
        activation=fields.text("activation", 20, "|".join(get_args(Activation))),  # type: ignore[arg-type]
    )
    if not 2 <= len(spec.features) <= _MOST_LEVELS or len(spec.strides) != len(spec.features) - 1:
        raise fields.wrong("features", f"2 to {_MOST_LEVELS} numbers, and strides one fewer")
    if spec.margin and spec.dimension != "2.5d":
        raise fields.wrong("margin", f"0 in a network of dimension {spec.dimension}")
    return spec


def _classes(fields: Fields) -> tuple[SegmentClass, ...]:
    classes = [SegmentClass(one.text("name", 100), one.text("color", 7)) for one in fields.objects("classes")]
    try:
        return check_classes(classes)
    except InputError as error:
        raise damaged(fields.place, error.message.rstrip(".")) from error


def _voxel_size(fields: Fields) -> tuple[float, float, float]:
    z, y, x = fields.numbers("voxel_size_um", 3)
    if not all(0 < size <= _LARGEST_VOXEL_UM for size in (z, y, x)):
        raise fields.wrong("voxel_size_um", f"three numbers above 0, at most {_LARGEST_VOXEL_UM:g}")
    return z, y, x


def _pixel_range(fields: Fields) -> tuple[float, float] | None:
    if fields.values.get("pixel_range_um") is None:
        return None
    low, high = fields.numbers("pixel_range_um", 2)
    if not 0 < low <= high <= _LARGEST_VOXEL_UM:
        raise fields.wrong("pixel_range_um", f"two numbers above 0, ascending, at most {_LARGEST_VOXEL_UM:g}")
    return low, high


def _sections(fields: Fields) -> Sections:
    """How sections are taken; models of before it was said are shown slices."""
    if "sections" not in fields.values:
        return "as trained"
    return fields.text("sections", 20, "|".join(get_args(Sections)))  # type: ignore[return-value]  # just checked


def _levels(fields: Fields) -> tuple[tuple[float, float], ...]:
    pairs = tuple((low, high) for low, high in fields.rows("levels", 2))
    if not all(low <= high for low, high in pairs):
        raise fields.wrong("levels", "a low and a high grey value a channel")
    return pairs


def _check_counts(info: ModelInfo, fields: Fields) -> None:
    """What is said twice must agree, else scores would get the names of other classes."""
    channels = {len(info.channel_names), len(info.levels), info.network.channels}
    if len(channels) > 1 or len(info.quantiles) not in (0, info.network.channels):
        raise damaged(fields.place, "network, channel_names, levels and quantiles are of different channels")
    if len(info.classes) != info.network.classes:
        raise damaged(
            fields.place, f"the network tells {info.network.classes} classes apart, {len(info.classes)} named"
        )
    if any(list(row) != sorted(row) for row in info.quantiles):
        raise fields.wrong("quantiles", "in ascending order")


def _dice(fields: Fields) -> dict[str, float]:
    if not all(value is None or (is_number(value) and 0 <= value <= 1) for value in fields.values.values()):
        raise damaged(fields.place, "a Dice must be a number from 0 to 1")
    return {str(name)[:100]: math.nan if value is None else float(value) for name, value in fields.values.items()}


def _training(values: dict[str, Any], fields: Fields) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in values):
        raise fields.wrong("training", "named values")
    return values
