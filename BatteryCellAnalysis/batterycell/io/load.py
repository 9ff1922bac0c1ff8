"""One door for every kind of image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .binning import as_preview, check_step
from .checks import check_exists, check_volume, single_image
from .dicom import DICOM_SUFFIXES, list_dicom, read_dicom
from .images import PICTURE_SUFFIXES
from .mapped import letting_go
from .medical import ORIENTED_SUFFIXES, read_oriented
from .options import LoadOptions
from .raw import RAW_SUFFIXES, read_raw
from .region import load_region
from .slices import list_slices, read_slice, read_slices
from .stacks import read_stack
from .tiff_file import TIFF_SUFFIXES
from .zarr_store import is_store
from .zarr_store.read import read_zarr

Reader = Callable[[Path, LoadOptions, Progress], Volume]
_NO_OPTIONS = LoadOptions()
_NO_PROGRESS = Progress()
# Reading is slow, checking is fast.
_READ = 0.9


def load_volume(path: Path, options: LoadOptions = _NO_OPTIONS, progress: Progress = _NO_PROGRESS) -> Volume:
    """Load a volume from a file or a folder.

    Folders of TIFF, PNG, BMP or JPEG slices, TIFF stacks (OME, ImageJ, BigTIFF), raw files with a described shape,
    NRRD, NIfTI, MetaImage, folders of DICOM slices and OME-Zarr stores. Stacks without orientation become
    `Volume.from_stack`.

    Args:
        path: File or folder.
        options: What the user says about the image, and whether a preview of it is enough.
        progress: Told after every slice.

    Returns:
        The volume, in the type of the file and the machine's byte order, with a voxel size that somebody stated.

    Raises:
        InputError: if there is no measurable volume, or nobody says how large its voxels are.
    """
    check_exists(path)
    check_step(options.step)
    with permitted(path):
        read = load_region if options.region else reader_of(path, options)
        volume = read(path, options, progress.part(0.0, _READ))
    with letting_go(volume.array):
        check_volume(volume, path, progress.part(_READ, 1.0), options.single)
    return as_preview(volume, options.step)


@contextmanager
def permitted(path: Path) -> Iterator[None]:
    """Turn what the system refuses to let us read into one sentence.

    Raises:
        InputError: if it does.
    """
    try:
        yield
    except PermissionError as error:
        raise InputError("no-permission", f"{path} may not be read.", "Ask for permission to read it.") from error


def reader_of(path: Path, options: LoadOptions) -> Reader:
    """What reads a file or folder; where nothing does, something that says why not."""
    if is_store(path):
        return read_zarr
    if path.is_dir():
        return _folder_reader(path)
    if options.raw is not None:
        return read_raw
    readers = {
        **dict.fromkeys(TIFF_SUFFIXES, read_stack),
        **dict.fromkeys(ORIENTED_SUFFIXES, read_oriented),
        **dict.fromkeys(RAW_SUFFIXES, read_raw),
        **dict.fromkeys((*PICTURE_SUFFIXES, *DICOM_SUFFIXES), _refuse_single),
        **dict.fromkeys(PICTURE_SUFFIXES if options.single else (), read_slice),
    }
    name = path.name.lower()
    return next((reader for suffix, reader in readers.items() if name.endswith(suffix)), _refuse_unknown)


def _folder_reader(path: Path) -> Reader:
    if list_slices(path):
        return read_slices
    return read_dicom if list_dicom(path) else _refuse_empty


def _refuse_single(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    raise single_image(path)


def _refuse_unknown(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    raise InputError(
        "unknown-format",
        f"{path} is of no known format.",
        "Known are TIFF, NRRD, NIfTI, MetaImage, OME-Zarr, raw files with --raw-shape, folders of slices or DICOM.",
    )


def _refuse_empty(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    raise no_images(path)


def no_images(path: Path) -> InputError:
    """The error for a folder without slices."""
    inside = sorted(file.name for file in path.iterdir() if file.name.lower().endswith(ORIENTED_SUFFIXES))
    hint = f"Give the file itself: {path / inside[0]}." if inside else "Give the folder that holds the slices."
    return InputError("no-images", f"There are no images in {path}.", hint)
