"""What is to be segmented: files, folders of slices, folders of images, images of several channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from batterycell.errors import InputError
from batterycell.file_names import untaken
from batterycell.io import LoadOptions
from batterycell.io.binning import as_preview
from batterycell.io.dicom import list_dicom
from batterycell.io.estimate import estimate
from batterycell.io.memory import preview_limit
from batterycell.io.names import natural_key
from batterycell.io.slices import list_slices
from batterycell.io.zarr_store import is_store
from batterycell.progress import Progress
from batterycell.segment.data.folders import IMAGES_FOLDER, LABELS_FOLDER, find_files, find_images, image_name
from batterycell.segment.data.images import is_flat, read_any
from batterycell.segment.image import Image

_JOIN = "+"


@dataclass(frozen=True)
class ImageFiles:
    """An image that was not read yet.

    Args:
        name: Its name, for the files of the result.
        files: One file, or folder of slices, a channel.
        channel_names: Likewise.
    """

    name: str
    files: tuple[Path, ...]
    channel_names: tuple[str, ...]

    def read(self, options: LoadOptions, scratch: Path, progress: Progress) -> Image:
        """Read the image; what is large goes into files of a folder, and is mapped from there.

        Args:
            options: What is known of it.
            scratch: The folder, made where it is needed.
            progress: Told how far it is.

        Raises:
            InputError: if it cannot be read, or its channels differ.
        """
        channels = []
        for number, path in enumerate(self.files):
            part = progress.part(number / len(self.files), (number + 1) / len(self.files))
            volume = read_any(path, _scratched(path, options, scratch / f"channel_{number}.npy"), part)
            channels.append(replace(as_preview(volume, options.step), name=self.name))
        return Image(self.name, tuple(channels), self.channel_names)


def find_inputs(sources: Sequence[str], channel_names: tuple[str, ...]) -> list[ImageFiles]:
    """The images that words name.

    A word is a file, or files of one image joined by ``+``, or a folder: of the slices of one volume; of volumes; of a
    folder a channel, called as the model's channels are, with files of the same names; or of such folders. In a project
    (``images/`` beside ``labels/``), each picture is an image.

    Args:
        sources: The words.
        channel_names: The model's.

    Returns:
        The images, channels in the model's order. Each has a name of its own: where names meet, the folder's comes
        first.

    Raises:
        InputError: if there is nothing at a path, or no image.
    """
    images = [one for source in sources for one in _expand(source, channel_names)]
    counts = Counter(one.name.lower() for one in images)
    found: list[ImageFiles] = []
    for one in images:
        above = one.files[0].resolve().parent.name
        name = f"{above}_{one.name}" if counts[one.name.lower()] > 1 else one.name
        found.append(replace(one, name=untaken(name, {other.name.lower() for other in found})))
    return found


def _expand(source: str, names: tuple[str, ...]) -> Iterator[ImageFiles]:
    path = Path(source)
    if path.exists():
        yield from _in_path(path, names)
        return
    parts = [Path(part) for part in source.split(_JOIN)]
    for part in parts:
        if not part.exists():
            raise InputError("not-found", f"There is no file or folder {part}.", "Check the path.")
    ordered = _ordered(parts, names)
    yield ImageFiles(_name(ordered[0]), tuple(ordered), names if len(ordered) == len(names) else _numbered(ordered))


def _in_path(path: Path, names: tuple[str, ...]) -> Iterator[ImageFiles]:
    is_folder = path.is_dir() and not is_store(path)
    yield from _in_folder(path, names) if is_folder else [_alone(path, names)]


def _in_folder(folder: Path, names: tuple[str, ...]) -> Iterator[ImageFiles]:
    project = _project_of(folder)
    if project is not None:
        yield from _in_project(project, names)
    elif all((folder / name).is_dir() for name in names):
        yield from _paired([folder / name for name in names], names)
    elif list_slices(folder):
        yield from _slices_or_stacks(folder, names)
    elif files := find_files(folder):
        yield from (_alone(path, names) for path in files.values())
    elif list_dicom(folder):
        yield _alone(folder, names)
    elif children := _folders(folder):
        for child in children:
            yield from _in_path(child, names)
    else:
        raise InputError("no-images", f"There are no images in {folder}.", "Give a file, or a folder with images.")


def _project_of(folder: Path) -> Path | None:
    """The project whose folder, or whose folder of images, it is; there, each picture is an image."""
    if (folder / IMAGES_FOLDER).is_dir():
        return folder
    above = folder.resolve().parent
    return above if folder.resolve().name == IMAGES_FOLDER and (above / LABELS_FOLDER).is_dir() else None


def _in_project(project: Path, names: tuple[str, ...]) -> Iterator[ImageFiles]:
    channels, found = find_images(project)
    for name, files in found.items():
        if sorted(channels) == sorted(names):
            yield ImageFiles(name, tuple(files[channels.index(one)] for one in names), names)
        else:
            yield ImageFiles(name, files, names if len(files) == len(names) else channels)


def _slices_or_stacks(folder: Path, names: tuple[str, ...]) -> Iterator[ImageFiles]:
    """A folder of pictures is one volume; of stacks, each file is one."""
    files = sorted(list_slices(folder), key=natural_key)
    yield from [_alone(folder, names)] if is_flat(files[0]) else (_alone(path, names) for path in files)


def _paired(folders: list[Path], names: tuple[str, ...]) -> Iterator[ImageFiles]:
    """Files of the same name in a folder a channel."""
    found = [find_files(folder) for folder in folders]
    for name in found[0]:
        lonely = next((folder for folder, files in zip(folders, found, strict=True) if name not in files), None)
        if lonely is not None:
            message = f"{found[0][name]} has no partner in {lonely}."
            raise InputError("partner-missing", message, "Each channel needs one file of each image.")
        yield ImageFiles(name, tuple(files[name] for files in found), names)


def _alone(path: Path, names: tuple[str, ...]) -> ImageFiles:
    return ImageFiles(_name(path), (path,), names if len(names) == 1 else ("grey",))


def _ordered(files: list[Path], names: tuple[str, ...]) -> list[Path]:
    """The files in the order of the channels where folders or files are called like them, else as given."""
    for called in ([path.resolve().parent.name for path in files], [_name(path) for path in files]):
        if sorted(called) == sorted(names):
            return [files[called.index(name)] for name in names]
    return files


def _numbered(files: Sequence[Path]) -> tuple[str, ...]:
    return tuple(f"channel {number + 1}" for number in range(len(files)))


def _name(path: Path) -> str:
    return (path.is_file() and image_name(path)) or path.resolve().name.split(".")[0] or "image"


def _folders(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."), key=natural_key)


def _scratched(path: Path, options: LoadOptions, scratch: Path) -> LoadOptions:
    """The options with a file for the voxels of an image that is large for this machine."""
    if (path.is_file() and is_flat(path)) or estimate(path, options).bytes < preview_limit():
        return options
    scratch.parent.mkdir(parents=True, exist_ok=True)
    return replace(options, scratch=scratch)
