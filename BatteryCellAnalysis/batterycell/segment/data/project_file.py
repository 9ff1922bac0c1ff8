"""project.json: what image files do not say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .json_files import damaged, numbers, read_json, write_json

PROJECT_FILE = "project.json"
Size = tuple[float, float, float]


@dataclass(frozen=True)
class Stated:
    """What project.json says.

    Args:
        voxel_size_um: Size (z, y, x) of the voxels of all images of which it does not say it by name.
        sizes_um: The size by file name without suffixes.
        names: Names of images, likewise.
    """

    voxel_size_um: Size | None = None
    sizes_um: Mapping[str, Size] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def size_of(self, stem: str) -> Size | None:
        """The voxel size that is stated for an image."""
        return self.sizes_um.get(stem, self.voxel_size_um)


def read_stated(path: Path) -> Stated:
    """Read project.json: ``{"voxel_size_um": [z, y, x], "images": {stem: {"voxel_size_um", "name"}}}``, all optional.

    Raises:
        InputError: if it is there and cannot be used.
    """
    if not path.exists():
        return Stated()
    values = read_json(path)
    images = values.get("images", {}) if isinstance(values, dict) else None
    if not isinstance(images, dict) or not all(isinstance(one, dict) for one in images.values()):
        raise damaged(path, "it does not describe images by name")
    common = _size(values["voxel_size_um"], path) if "voxel_size_um" in values else None
    sizes = {stem: _size(one["voxel_size_um"], path) for stem, one in images.items() if "voxel_size_um" in one}
    names = {stem: _name(one["name"], path) for stem, one in images.items() if "name" in one}
    if len(set(names.values())) < len(names):
        raise damaged(path, "two images have the same name")
    return Stated(common, sizes, names)


def write_stated(path: Path, stated: Stated) -> None:
    """Write project.json."""
    images = {stem: {"name": name, "voxel_size_um": stated.size_of(stem)} for stem, name in stated.names.items()}
    write_json(path, {"images": images})


def _size(value: Any, path: Path) -> Size:
    z, y, x = numbers(value, 3, path, "a voxel_size_um")
    return z, y, x


def _name(value: Any, path: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise damaged(path, "the name of an image is no text")
    return value
