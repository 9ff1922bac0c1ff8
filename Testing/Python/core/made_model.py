"""A tiny model that nobody trained."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from batterycell.segment.classes import PRESETS
from batterycell.segment.model import ModelInfo, NetworkSpec, make_network, write_bundle
from batterycell.segment.model.contents import write_manifest

SPEC = NetworkSpec("2d", 1, 0, 3, (4, 8), (2,), 1)
INFO = ModelInfo(
    name="Cell top",
    version="1.0.0",
    classes=PRESETS["cell overhang"],
    channel_names=("grey",),
    network=SPEC,
    voxel_size_um=(67.94, 33.97, 33.97),
    levels=((12.0, 201.5),),
    quantiles=((-0.9, -0.5, 0.0, 0.5, 0.9),),
    dice={"background": 0.99, "cathode": 0.97, "anode overhang": 0.91},
    frames=("cell_7/frame 1", "cell_7/frame 2"),
    training={"epochs": 12, "minutes": 1.5, "device": "cpu"},
    description="For the tops of 21700 cells.",
    licence="CC-BY-4.0",
    created="2026-01-01T12:00:00+00:00",
)


def made_weights(spec: NetworkSpec = SPEC, seed: int = 0) -> dict[str, Any]:
    """Random weights."""
    import torch

    torch.manual_seed(seed)
    return dict(make_network(spec).state_dict())


def made_model(folder: Path, info: ModelInfo = INFO, seed: int = 0, **changes: Any) -> Path:
    """Write the model into a folder, with changes to what it says."""
    info = replace(info, **changes)
    write_bundle(folder, info, made_weights(info.network, seed))
    return folder


def change_json(folder: Path, name: str, change: Any) -> None:
    """Change a JSON file of a model, and its checksum with it, as somebody would who means harm."""
    values = json.loads((folder / name).read_text(encoding="utf-8"))
    change(values)
    (folder / name).write_text(json.dumps(values), encoding="utf-8")
    write_manifest(folder)


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
