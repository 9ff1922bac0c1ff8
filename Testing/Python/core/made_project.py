"""Project folders as people fill them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from batterycell.segment import Frame, Image, SegmentClass
from batterycell.segment.data import Project, read_project
from batterycell.volume import Volume
from numpy.typing import NDArray
from PIL import Image as Picture

SIZE = (0.1, 0.02, 0.02)
CLASSES = (SegmentClass("background", "#3C5A78"), SegmentClass("cathode", "#E69F00"))


def save_picture(path: Path, pixels: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(pixels).save(path)


def save_json(path: Path, values: Any) -> None:
    path.write_text(json.dumps(values), encoding="utf-8")


def grey(seed: int = 0, shape: tuple[int, ...] = (48, 64)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 255, shape).astype(np.uint8)


def painted(*values: int, shape: tuple[int, ...] = (48, 64)) -> NDArray[np.uint8]:
    return np.random.default_rng(9).choice(np.array(values, np.uint8), shape)


def make_folder(folder: Path) -> Path:
    """Two pictures with labels 0, 1 and 2."""
    for name in ("a", "b"):
        save_picture(folder / "images" / f"{name}.png", grey())
        save_picture(folder / "labels" / f"{name}.png", painted(0, 1, 2))
    return folder


def read(folder: Path, **more: Any) -> Project:
    """The project of a folder of pictures."""
    return read_project(folder, voxel_size_um=SIZE, **more)


def two_sizes(coarse: float) -> Project:
    """Two painted images, of which the coarse one has pixels of another size in µm."""
    volumes = [
        Volume.from_stack(grey(shape=(3, 40, 40)), (60.0, size, size), "made", name)
        for name, size in (("fine", 30.0), ("coarse", coarse))
    ]
    images = tuple(Image(volume.name, (volume,)) for volume in volumes)
    labels = {one.name: replace(one, array=painted(1, 2, shape=(3, 40, 40))) for one in volumes}
    frames = tuple(Frame.of_slice(one.name, one.name, one, 1) for one in volumes)
    return Project(CLASSES, images, labels, frames)
