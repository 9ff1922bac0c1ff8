"""Project folders: images/, labels/, and optionally classes.json, frames.json and project.json."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from batterycell.errors import InputError
from batterycell.file_names import untaken
from batterycell.io import LoadOptions
from batterycell.progress import Progress
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image
from batterycell.volume import Volume

from .class_files import CLASSES_FILE, read_classes
from .contents import Project
from .dataset import make_dataset
from .folders import LABELS_FOLDER, find_images, find_labels
from .frame_files import FRAMES_FILE, frames_of_labels, read_frames
from .images import read_channels
from .label_files import LabelFile, place_labels, read_label_file
from .label_values import find_key
from .project_file import PROJECT_FILE, Size, Stated, read_stated
from .saving import write_project

__all__ = ["Project", "make_dataset", "read_project", "write_project"]

_NO_PROGRESS = Progress()
_READ = 0.8

# The first file of an image, for messages, and the image.
_Read = tuple[Path, Image]


def read_project(
    folder: Path, full: bool = False, voxel_size_um: Size | None = None, progress: Progress = _NO_PROGRESS
) -> Project:
    """Read a project folder.

    ``images/`` holds files, or a folder of files a channel; ``labels/`` holds labels of the same names: segmentations
    (.seg.nrrd), label volumes or pictures, 0 for unknown. ``classes.json`` names the classes; without it, the segments'
    names or the values do. ``frames.json`` says what counts; without it, each run of labelled slices is a mixed frame.
    ``project.json`` may state ``voxel_size_um``, for all images or by name.

    Args:
        folder: The project's folder.
        full: Whether everything in the frames is labelled: where nothing is painted, it is background.
        voxel_size_um: Size (z, y, x) of all images' voxels; None for what the files say.
        progress: Told after every image.

    Raises:
        InputError: if something is missing, damaged, or does not fit together.
    """
    images = _read_images(folder, voxel_size_um, progress.part(0.0, _READ))
    files = _read_labels(folder, images, progress.part(_READ, 1.0))
    stated = folder / CLASSES_FILE
    key = find_key(list(files.values()), read_classes(stated) if stated.exists() else None, full)
    labels, painted = {}, {}
    for stem, file in files.items():
        path, image = images[stem]
        placed = place_labels(file, image.grid, path)
        labels[image.name] = replace(placed, array=key.table(file)[placed.array])
        painted[image.name] = placed
    every = {image.name: image for _, image in images.values()}
    frames = _read_frames(folder / FRAMES_FILE, every, painted, full)
    return Project(key.classes, tuple(every.values()), labels, frames)


def _read_images(folder: Path, size: Size | None, progress: Progress) -> dict[str, _Read]:
    """The images by the names of their files."""
    stated = read_stated(folder / PROJECT_FILE)
    channel_names, files = find_images(folder)
    images = {}
    for n, (stem, paths) in enumerate(files.items()):
        progress.report(n / len(files), f"reading image {stem}")
        images[stem] = paths[0], _read_image(stem, paths, channel_names, size, stated)
    return images


def _read_image(
    stem: str, paths: tuple[Path, ...], channel_names: tuple[str, ...], size: Size | None, stated: Stated
) -> Image:
    options = LoadOptions(size or stated.size_of(stem))
    return read_channels(stated.names.get(stem, stem), paths, channel_names, options)


def _read_labels(folder: Path, images: dict[str, _Read], progress: Progress) -> dict[str, LabelFile]:
    paths = find_labels(folder, images)
    if not paths:
        hint = "Put label files there, called like their images."
        raise InputError("labels-missing", f"There are no labels in {folder / LABELS_FOLDER}.", hint)
    files = {}
    for n, (stem, path) in enumerate(paths.items()):
        progress.report(n / len(paths), f"reading labels {stem}")
        files[stem] = read_label_file(path)
    return files


def _read_frames(path: Path, images: dict[str, Image], painted: dict[str, Volume], full: bool) -> tuple[Frame, ...]:
    if path.exists():
        frames = read_frames(path, images)
    else:
        frames = _unique(frame for name in painted for frame in _frames_of(images[name], painted[name], full))
    if not frames:
        raise InputError("labels-empty", f"Nothing is painted in {path.parent / LABELS_FOLDER}.", "Paint some pixels.")
    return tuple(replace(frame, full=True) for frame in frames) if full else frames


def _unique(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    """The frames with names of their own: slice 3 of "cell" and the picture "cell 3" would share one."""
    found: dict[str, Frame] = {}
    for frame in frames:
        name = untaken(frame.name, found)
        found[name.lower()] = replace(frame, name=name)
    return tuple(found.values())


def _frames_of(image: Image, painted: Volume, full: bool) -> tuple[Frame, ...]:
    slices = [bool(labels.any()) for labels in painted.array]
    # A picture that is labelled to its last pixel may hold nothing but background.
    return frames_of_labels(image, [True] if full and len(slices) == 1 else slices)
