"""Where a result comes from: inputs with their checksums, voxel size, settings, versions."""

from __future__ import annotations

import glob
import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import batterycell

from .io.dicom import list_dicom
from .io.names import natural_key
from .io.slices import list_slices
from .io.zarr_store import is_store
from .progress import Progress
from .volume import Volume

_PACKAGES = (
    "numpy",
    "scipy",
    "slicer-core",
    "tifffile",
    "imagecodecs",
    "pydicom",
    "matplotlib",
    "pillow",
    "jinja2",
    "torch",
    "monai",
    "safetensors",
    "connected-components-3d",
    "edt",
    "taufactor",
    "pyarrow",
    "h5py",
    "zarr",
)
_HEADERS = (".nhdr", ".mhd")
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Sources:
    """What a result was made from.

    Args:
        files: Every file that was read.
        command: The command line, as it can be typed again.
        scene: The scene as a file (.mrb) or as a snapshot's folder, where there is one: it is kept as it is.
        reading: What was said about the image (`LoadOptions`), in JSON's types; None where a scene was read.
    """

    files: Sequence[Path] = ()
    command: str = ""
    scene: Path | None = None
    reading: dict[str, Any] | None = None


def describe(
    volume: Volume, recipe: dict[str, Any], sources: Sources, progress: Progress | None = None
) -> dict[str, Any]:
    """Where something that was made from a volume comes from, in JSON's types.

    Args:
        volume: The volume.
        recipe: The settings.
        sources: What was read, and how the work was called.
        progress: Told about the checksums.
    """
    return describe_files(recipe, sources, progress) | {
        "reading": sources.reading,
        "voxel_size_zyx_um": list(volume.voxel_size_um),
        "voxel_size_source": volume.voxel_size_source,
    }


def describe_files(recipe: dict[str, Any], sources: Sources, progress: Progress | None = None) -> dict[str, Any]:
    """Where something that was made from files comes from, in JSON's types.

    Args:
        recipe: The settings.
        sources: What was read, and how the work was called.
        progress: Told about the checksums.
    """
    return {
        "batterycell_version": batterycell.__version__,
        "date_utc": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": sources.command,
        "inputs": _inputs(sources.files, progress or Progress()),
        "recipe": recipe,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": _versions(),
    }


def input_files(path: Path) -> list[Path]:
    """The files of an image: the file, what lies beside a header of its name, a folder's slices, a store as a whole."""
    if is_store(path):
        return [path]
    if path.is_dir():
        return sorted(list_slices(path) or list_dicom(path), key=natural_key)
    if path.suffix.lower() in _HEADERS:
        return sorted(file for file in path.parent.glob(f"{glob.escape(path.stem)}.*") if file.is_file())
    return [path]


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits; of a store, of all its files' names and sums in their order."""
    digest = hashlib.sha256()
    if path.is_dir():
        for inside in _files_in(path):
            digest.update(f"{inside.relative_to(path).as_posix()} {sha256(inside)}\n".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _inputs(files: Sequence[Path], progress: Progress) -> list[dict[str, Any]]:
    inputs = []
    for number, path in enumerate(files):
        progress.report(number / len(files), "checksums of the input")
        inputs.append({"path": str(path), "bytes": _bytes(path), "sha256": sha256(path)})
    return inputs


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in _files_in(path)) if path.is_dir() else path.stat().st_size


def _files_in(store: Path) -> list[Path]:
    return sorted(file for file in store.rglob("*") if file.is_file())


def _versions() -> dict[str, str]:
    return {name: version for name in _PACKAGES if (version := _version(name))}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
