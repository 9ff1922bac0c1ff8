"""One door for every kind of image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .checks import check_exists, check_volume
from .medical import read_oriented
from .options import LoadOptions
from .slices import list_slices, read_slices

Reader = Callable[[Path, LoadOptions, Progress], Volume]
_NO_OPTIONS = LoadOptions()
_NO_PROGRESS = Progress()
# Reading is slow, checking is fast.
_READ = 0.9

_READERS: dict[str, Reader] = {
    **dict.fromkeys((".nrrd", ".nhdr", ".nii", ".gz", ".mha", ".mhd"), read_oriented),
}


def load_volume(path: Path, options: LoadOptions = _NO_OPTIONS, progress: Progress = _NO_PROGRESS) -> Volume:
    """Load a volume from a file or a folder.

    Folders of TIFF, PNG, BMP or JPEG slices, TIFF stacks (OME, ImageJ, BigTIFF), raw files with a described shape,
    NRRD, NIfTI, MetaImage and folders of DICOM slices. Stacks without orientation become `Volume.from_stack`.

    Args:
        path: File or folder.
        options: What the user says about the image.
        progress: Told after every slice.

    Returns:
        The volume, in the type of the file and the machine's byte order, with a voxel size that somebody stated.

    Raises:
        InputError: if there is no measurable volume, or nobody says how large its voxels are.
    """
    check_exists(path)
    try:
        volume = _reader(path, options)(path, options, progress.part(0.0, _READ))
    except PermissionError as error:
        raise InputError("no-permission", f"{path} may not be read.", "Ask for permission to read it.") from error
    check_volume(volume, path, progress.part(_READ, 1.0))
    return volume


def _reader(path: Path, options: LoadOptions) -> Reader:
    if path.is_dir():
        return _folder_reader(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(_READERS))
        raise InputError("unknown-format", f"{path} is of no known format.", f"Known are folders of slices, {known}.")
    return reader


def _folder_reader(path: Path) -> Reader:
    if list_slices(path):
        return read_slices
    raise InputError("no-images", f"There are no images in {path}.", "Give the folder that holds the slices.")
