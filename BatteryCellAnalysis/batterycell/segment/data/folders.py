"""The files of a project folder: which belong together."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from batterycell.errors import InputError
from batterycell.io.images import PICTURE_SUFFIXES
from batterycell.io.medical import ORIENTED_SUFFIXES
from batterycell.io.names import natural_key
from batterycell.io.tiff_file import TIFF_SUFFIXES

IMAGES_FOLDER, LABELS_FOLDER = "images", "labels"
GREY_CHANNEL = "grey"
# What stands before a suffix without being part of the name.
_KINDS = (".seg", ".ome", ".label")
_SUFFIXES = (*PICTURE_SUFFIXES, *TIFF_SUFFIXES, *ORIENTED_SUFFIXES)


def find_images(project: Path) -> tuple[tuple[str, ...], dict[str, tuple[Path, ...]]]:
    """The images of a project.

    Args:
        project: Its folder; ``images/`` in it holds files, a folder of files for each channel, or folders of slices
            that have labels of their name.

    Returns:
        Names of the channels, and by name of the image, in natural order, one file a channel.

    Raises:
        InputError: if there are none, or a channel lacks an image.
    """
    folder = project / IMAGES_FOLDER
    _check_folder(folder, project)
    channels = sorted((path for path in _visible(folder) if path.is_dir()), key=natural_key)
    files = find_files(folder)
    if {channel.name for channel in channels} & set(_all_labels(project)):
        return (GREY_CHANNEL,), {name: (path,) for name, path in find_files(folder, stacks=True).items()}
    if not channels:
        return (GREY_CHANNEL,), {name: (path,) for name, path in _some(files, folder).items()}
    if files:
        message = f"{folder} holds images and folders."
        raise InputError("images-mixed", message, "Keep one folder a channel, or no folders at all.")
    return _find_channels(channels)


def _find_channels(channels: list[Path]) -> tuple[tuple[str, ...], dict[str, tuple[Path, ...]]]:
    found = [_some(find_files(channel), channel) for channel in channels]
    _check_partners(channels, found)
    names = tuple(channel.name for channel in channels)
    return names, {name: tuple(one[name] for one in found) for name in found[0]}


def find_labels(project: Path, images: Iterable[str]) -> dict[str, Path]:
    """The label file of each image that has one.

    Raises:
        InputError: if some belong to no image.
    """
    found = _all_labels(project)
    lonely = [path for name, path in found.items() if name not in set(images)]
    if lonely:
        message = f"{lonely[0]} belongs to no image: {project / IMAGES_FOLDER} has none of that name."
        raise InputError("labels-lonely", message, "Give labels the name of their image.")
    return found


def find_files(folder: Path, stacks: bool = False) -> dict[str, Path]:
    """The images in a folder by name, in natural order; with ``stacks``, folders of slices too.

    Raises:
        InputError: if two have one name.
    """
    found: dict[str, Path] = {}
    for path in sorted(_visible(folder), key=natural_key):
        name = image_name(path) if path.is_file() else path.name
        if name is None or not (path.is_file() or stacks):
            continue
        if name in found:
            message = f"{found[name]} and {path.name} are both called {name}."
            raise InputError("name-twice", message, "Give every image a name of its own.")
        found[name] = path
    return found


def image_name(path: Path) -> str | None:
    """A file's name without its suffixes; None for what is no image."""
    lower = path.name.lower()
    suffix = max((one for one in _SUFFIXES if lower.endswith(one)), key=len, default=None)
    if suffix is None:
        return None
    name = path.name[: -len(suffix)]
    kind = next((one for one in _KINDS if name.lower().endswith(one)), "")
    return name[: len(name) - len(kind)] or None


def _all_labels(project: Path) -> dict[str, Path]:
    folder = project / LABELS_FOLDER
    return find_files(folder, stacks=True) if folder.is_dir() else {}


def _visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def _check_folder(folder: Path, project: Path) -> None:
    if not project.is_dir():
        raise InputError("project-missing", f"There is no project folder {project}.", "Check the path.")
    if not folder.is_dir():
        hint = "A project has images in images/ and labels of the same names in labels/."
        raise InputError("images-missing", f"{project} has no folder {folder.name}.", hint)


def _some(files: dict[str, Path], folder: Path) -> dict[str, Path]:
    if not files:
        hint = f"Put images into it: {', '.join(_SUFFIXES)}."
        raise InputError("no-images", f"There are no images in {folder}.", hint)
    return files


def _check_partners(channels: list[Path], found: list[dict[str, Path]]) -> None:
    for channel, files in zip(channels, found, strict=True):
        for other in found:
            missing = [path for name, path in other.items() if name not in files]
            if missing:
                message = f"{missing[0]} has no partner in {channel}."
                raise InputError("partner-missing", message, "Each channel needs one file of each image.")
