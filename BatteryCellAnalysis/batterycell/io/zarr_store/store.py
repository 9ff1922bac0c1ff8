"""What an OME-Zarr store says of its volume: levels, voxel size, place (ngff.openmicroscopy.org/0.4 and 0.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

from .arrays import ArrayMeta, read_array
from .documents import attributes_of, damaged, is_array
from .levels import Numbers, check_levels, spatial, transformed

# Our own part of the attributes: what OME-Zarr does not know of a volume.
OWN = "batterycell"
_SERIES = "bioformats2raw.layout"


@dataclass(frozen=True)
class Level:
    """One resolution of a volume.

    Args:
        meta: Its array, of which the last three axes are z, y, x and all others have one entry.
        scale: Voxel size (z, y, x) in the axes' units; None where nobody states it.
        offset: Where the first voxel's centre lies (z, y, x), likewise.
    """

    meta: ArrayMeta
    scale: Numbers | None
    offset: Numbers

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        slices, rows, columns = self.meta.shape[-3:]
        return slices, rows, columns


@dataclass(frozen=True)
class Store:
    """A volume in a Zarr store.

    Args:
        path: The store, or the group in it.
        levels: Its resolutions, finest first.
        units: Names of the units of z, y and x; empty where they are not stated.
        own: What this project wrote about it, of which nothing is trusted unseen.
        label: The attributes ``image-label`` of labels.
    """

    path: Path
    levels: tuple[Level, ...]
    units: tuple[str, str, str]
    own: dict[str, Any] = field(default_factory=dict)
    label: dict[str, Any] = field(default_factory=dict)


def open_store(path: Path) -> Store:
    """Read the metadata of a store; no voxel is read.

    Args:
        path: The store's folder, or that of a group or an array in it.

    Raises:
        InputError: if it is no store of one volume, or damaged.
    """
    if is_array(path):
        meta = _volume_array(path, path)
        return Store(path, (Level(meta, None, (0.0, 0.0, 0.0)),), ("", "", ""))
    attributes = attributes_of(path)
    if _SERIES in attributes and "multiscales" not in attributes:
        return open_store(_only_child(path))
    try:
        return _multiscale(path, attributes)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise damaged(path, f"its multiscales lack or misstate {error}") from error


def _multiscale(path: Path, attributes: dict[str, Any]) -> Store:
    found = attributes.get("multiscales") or []
    if len(found) != 1:
        raise _no_volume(path, len(found))
    axes = spatial(found[0].get("axes") or [], path)
    levels = tuple(_level(path, entry, found[0], axes.start) for entry in found[0]["datasets"])
    if not levels:
        raise damaged(path, "it lists no resolution")
    check_levels([(level.shape, level.scale, level.meta) for level in levels], path)
    own, label = attributes.get(OWN), attributes.get("image-label")
    return Store(
        path, levels, axes.units, own if isinstance(own, dict) else {}, label if isinstance(label, dict) else {}
    )


def _level(path: Path, entry: dict[str, Any], whole: dict[str, Any], start: int | None) -> Level:
    meta = _volume_array(inside(path, entry["path"]), path)
    scale, offset = transformed([entry, whole], len(meta.shape), path)
    if start is not None and start != len(meta.shape) - 3:
        raise damaged(path, f"it names {start + 3} axes for {len(meta.shape)}")
    return Level(meta, scale, offset)


def inside(store: Path, name: str) -> Path:
    """The folder of an array in a store.

    Raises:
        InputError: if it lies outside the store.
    """
    folder = (store / name).resolve()
    if not name or not folder.is_relative_to(store.resolve()) or folder == store.resolve():
        message = f"{store} points to {name[:80]!r}, outside itself."
        raise InputError("store-escapes", message, "It is damaged, or was made to do harm; do not use it.")
    return folder


def _volume_array(folder: Path, store: Path) -> ArrayMeta:
    if not folder.is_dir():
        raise damaged(store, f"its array {folder.name} is missing")
    meta = read_array(folder)
    if len(meta.shape) < 3:
        raise InputError("single-image", f"{store} holds a single 2D image.", "Give a volume.")
    if max(meta.shape[:-3], default=1) > 1:
        sides = " × ".join(map(str, meta.shape[:-3]))
        raise InputError("several-volumes", f"{store} holds {sides} volumes.", "Export one grey volume.")
    return meta


def _only_child(path: Path) -> Path:
    children = _children(path)
    if len(children) != 1:
        raise _no_volume(path, len(children))
    return children[0]


def _children(path: Path) -> list[Path]:
    names = sorted(child for child in path.iterdir() if child.is_dir() and child.name not in ("OME", "labels"))
    return [child for child in names if (child / ".zattrs").is_file() or (child / "zarr.json").is_file()]


def _no_volume(path: Path, count: int) -> InputError:
    inside = [str(child) for child in _children(path)]
    hint = f"Give one of them: {', '.join(inside[:5])}." if inside else "Write it as OME-Zarr (multiscales)."
    found = f"{count} multiscale volumes, not one" if count else "no multiscale volume"
    return InputError("store-no-volume", f"{path} holds {found}.", hint)
