"""From files to a volume node, through the headless loader."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.mrml import add_volume
from batterycell.mrml.cell import INPUT, VOXEL_SIZE_SOURCE
from batterycell.volume import Volume

from .Requirements import TO_READ_PICTURES, TO_READ_TIFF, ensure

_UNKNOWN = "voxel-size-unknown"
_PLACEHOLDER_UM = (1000.0, 1000.0, 1000.0)


def loadVolume(scene: Any, path: Path) -> Any:
    """Load a folder of slices or a file as a new volume node.

    A volume whose files state no voxel size gets 1 mm, which the panel asks to correct before anything is measured.

    Raises:
        BatteryCellError: if it cannot be loaded.
    """
    ensure(packagesFor(path))
    volume = _load(path)
    node = add_volume(scene, volume, volume.name)
    node.SetAttribute(VOXEL_SIZE_SOURCE, volume.voxel_size_source)
    node.SetAttribute(INPUT, str(path.absolute()))
    return node


def packagesFor(path: Path) -> Iterable[str]:
    """The packages that reading a path needs."""
    suffixes = {file.suffix.lower() for file in (path.iterdir() if path.is_dir() else [path])}
    if suffixes & {".tif", ".tiff"}:
        return TO_READ_TIFF
    return TO_READ_PICTURES if suffixes & {".png", ".bmp", ".jpg", ".jpeg"} else ()


def _load(path: Path) -> Volume:
    try:
        return load_volume(path)
    except InputError as error:
        if error.code != _UNKNOWN:
            raise
        return load_volume(path, LoadOptions(voxel_size_um=_PLACEHOLDER_UM))
