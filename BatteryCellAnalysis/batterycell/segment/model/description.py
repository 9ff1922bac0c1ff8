"""Writing what a model says of itself: for MONAI's tools, for this program, for people."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import batterycell

from .card import write_card
from .contents import CARD, INFERENCE, LICENCE, METADATA, WEIGHTS
from .fields import check_plain
from .info import ModelInfo
from .licences import licence_text
from .metadata import BLOCK, FORMAT, from_metadata
from .network import TARGET, network_arguments

_SCHEMA = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
_PACKAGES = {"monai": "monai", "pytorch": "torch", "numpy": "numpy"}
_ANY_SIZE = "*"


def write_description(folder: Path, info: ModelInfo) -> None:
    """Write all that a bundle holds but its weights and checksums."""
    for name in (METADATA, CARD):
        (folder / name).parent.mkdir(exist_ok=True)
    metadata = to_metadata(info)
    check_plain(metadata, Path(METADATA))
    _write_json(folder / METADATA, metadata)
    _write_json(folder / INFERENCE, _inference(info))
    (folder / CARD).write_text(write_card(info), encoding="utf-8", newline="\n")
    (folder / LICENCE).write_text(licence_text(info.licence, info.name), encoding="utf-8", newline="\n")


def to_metadata(info: ModelInfo) -> dict[str, Any]:
    """The metadata of MONAI's bundle specification, with all that this program needs in a block of its own.

    Raises:
        InputError: if `from_metadata` would not read it back.
    """
    names = [one.name for one in info.classes]
    values = {
        "schema": _SCHEMA,
        "version": info.version,
        "changelog": {info.version: "published with BatteryCell"},
        **{f"{name}_version": _version(package) for name, package in _PACKAGES.items()},
        "required_packages_version": {"safetensors": _version("safetensors")},
        "name": info.name,
        "task": f"Segmentation of {', '.join(names)}",
        "description": info.description or f"Tells {', '.join(names)} apart.",
        "authors": "whoever published this model",
        "copyright": f"see LICENSE ({info.licence or 'no licence was chosen'})",
        "intended_use": "Research on battery materials and cells; not for medical use.",
        "data_type": "grey images",
        "eval_metrics": {f"dice {name}": value for name, value in info.dice.items() if math.isfinite(value)},
        "network_data_format": {"inputs": {"image": _input(info)}, "outputs": {"pred": _output(info)}},
        BLOCK: {"format": FORMAT, "program_version": batterycell.__version__, **_plain(asdict(info))}
        # A frame that was divided trained and validated.
        | {"frames": list(dict.fromkeys(info.frames))},
    }
    from_metadata(values, info.name)
    return values


def _version(package: str) -> str:
    """The version of a package; models are also published where nothing can be trained."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _inference(info: ModelInfo) -> dict[str, Any]:
    """What MONAI's ``ConfigParser`` builds the network and an inferer from, without expressions."""
    patch = [max(info.network.multiple, 64 if info.network.dimension == "3d" else 256)]
    return {
        "bundle_root": ".",
        "weights": WEIGHTS,
        "network_def": {"_target_": TARGET, **network_arguments(info.network)},
        "inferer": {
            "_target_": "monai.inferers.SlidingWindowInferer",
            "roi_size": patch * (3 if info.network.dimension == "3d" else 2),
            "overlap": 0.25,
        },
    }


def _write_json(path: Path, values: dict[str, Any]) -> None:
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _input(info: ModelInfo) -> dict[str, Any]:
    """The tensor that enters: one channel a slice in 2.5D."""
    spec = info.network
    slices = range(-spec.margin, spec.margin + 1)
    names = [f"{name}, slice {at:+d}" if spec.margin else name for name in info.channel_names for at in slices]
    meaning = {str(index): f"{name}; 1st and 99th percentile at -1 and 1" for index, name in enumerate(names)}
    return {**_tensor(info), "format": "magnitude", "num_channels": spec.inputs, "channel_def": meaning}


def _output(info: ModelInfo) -> dict[str, Any]:
    meaning = {str(index): one.name for index, one in enumerate(info.classes)}
    return {**_tensor(info), "format": "labels", "num_channels": info.network.classes, "channel_def": meaning}


def _tensor(info: ModelInfo) -> dict[str, Any]:
    size = f"{info.network.multiple}*n" if info.network.multiple > 1 else _ANY_SIZE
    return {
        "type": "image",
        "modality": "n/a",
        "spatial_shape": [size] * (3 if info.network.dimension == "3d" else 2),
        "dtype": "float32",
        "value_range": [],
        "is_patch_data": True,
    }


def _plain(value: Any) -> Any:
    """Tuples as lists, numpy's numbers as Python's, and null for what is not finite, as JSON knows neither."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value
