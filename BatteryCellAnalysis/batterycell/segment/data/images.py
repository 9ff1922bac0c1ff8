"""Images of a project folder, flat pictures included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.io import LoadOptions
from batterycell.io.images import PICTURE_SUFFIXES, read_image
from batterycell.io.load import permitted, reader_of
from batterycell.io.pixels import plain_type
from batterycell.io.sizes import StatedSize, decide_voxel_size
from batterycell.io.tiff_file import TIFF_SUFFIXES, open_tiff
from batterycell.io.tiff_sizes import stated_size
from batterycell.progress import Progress
from batterycell.segment.image import Image
from batterycell.volume import Volume


def read_channels(name: str, files: Sequence[Path], channel_names: tuple[str, ...], options: LoadOptions) -> Image:
    """Read an image of one file a channel.

    Args:
        name: The image's name.
        files: One a channel.
        channel_names: Likewise.
        options: What the user says about the voxel size.

    Raises:
        InputError: if a file cannot be read, the channels differ in size, or nobody says the voxel size.
    """
    volumes = [read_any(path, options) for path in files]
    for path, volume in zip(files, volumes, strict=True):
        if volume.array.shape != volumes[0].array.shape:
            raise sizes_differ(files[0], volumes[0], path, volume)
    named = [name] if len(files) == 1 else [f"{name} ({channel})" for channel in channel_names]
    channels = tuple(replace(volume, name=each) for volume, each in zip(volumes, named, strict=True))
    return Image(name, channels, channel_names)


def read_any(path: Path, options: LoadOptions, progress: Progress | None = None) -> Volume:
    """Read a volume, or a flat picture as a volume of one slice.

    Raises:
        InputError: if it cannot be read, or nobody says the voxel size.
    """
    with permitted(path):
        if is_flat(path):
            return _read_flat(path, options)
        return reader_of(path, options)(path, options, progress or Progress())


def is_flat(path: Path) -> bool:
    """Whether a file is a single picture."""
    suffix = path.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        with open_tiff(path) as tiff:
            return len(tiff.pages) == 1
    return suffix in PICTURE_SUFFIXES


def sizes_differ(first_path: Path, first: Volume, other_path: Path, other: Volume) -> InputError:
    """The error for two files that must have one size."""
    size, other_size = (" × ".join(map(str, volume.array.shape)) for volume in (first, other))
    message = f"{first_path} has {size} voxels (z, y, x), {other_path} has {other_size}."
    return InputError("sizes-differ", message, "Files of one image need one size; export them alike.")


def _read_flat(path: Path, options: LoadOptions) -> Volume:
    pixels = read_image(path)
    size, source = decide_voxel_size(_stated(path), options, path)
    array = pixels.astype(plain_type(pixels.dtype, path), copy=False)
    return Volume.from_stack(np.ascontiguousarray(array)[None], size, source, path.stem)


def _stated(path: Path) -> StatedSize:
    """What a picture says of its pixels; it has no slices, so one is taken to be as thick as a pixel."""
    if path.suffix.lower() not in TIFF_SUFFIXES:
        return StatedSize()
    with open_tiff(path) as tiff:
        stated = stated_size(tiff)
    z, y, x = stated.zyx_um
    return replace(stated, zyx_um=(y if z is None else z, y, x))
