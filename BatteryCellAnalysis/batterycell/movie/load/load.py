"""From a path to a movie: which reader, and what people say beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from batterycell.errors import InputError
from batterycell.io.load import permitted
from batterycell.io.tiff_file import TIFF_SUFFIXES
from batterycell.movie.movie import Movie
from batterycell.progress import Progress

from .hdf5 import HDF5_SUFFIXES, read_hdf5
from .nrrd import NRRD_SUFFIXES, read_nrrd
from .options import MovieOptions
from .said import said_index
from .tiff import read_series, read_tiff
from .xim import read_xim

Reader = Callable[[Path, MovieOptions, Progress], Movie]
_NO_OPTIONS, _NO_PROGRESS = MovieOptions(), Progress()
_SMALLEST = 8


def load_movie(path: Path, options: MovieOptions = _NO_OPTIONS, progress: Progress = _NO_PROGRESS) -> Movie:
    """Load a movie or spectral stack.

    TIFF with several pages, folders of TIFF or PNG frames, NRRD and Slicer's ``.seq.nrrd``, HDF5 and NeXus, and STXM
    stacks (``.hdr`` with its ``.xim`` files). Frames stay in the file where its format allows.

    Args:
        path: File or folder; of an STXM stack its ``.hdr`` or the folder that holds one.
        options: What the user says.
        progress: Told while it reads.

    Raises:
        InputError: if it is no movie, its frames differ, or times and energies do not fit it.
    """
    if not path.exists():
        raise InputError("not-found", f"There is no file or folder {path}.", "Check the path.")
    with permitted(path):
        movie = _reader(path)(path, options, progress)
    if min(movie.shape) < _SMALLEST:
        message = f"{path} is too small: {movie.shape[0]} × {movie.shape[1]} pixels."
        raise InputError("too-small", message, f"It needs {_SMALLEST} along each side.")
    said = said_index(path, movie.count, options)
    pixel, source = (options.pixel_um, "--pixel-size") if options.pixel_um else (movie.pixel_um, movie.pixel_source)
    return replace(movie, index=said.or_else(movie.index), pixel_um=pixel, pixel_source=source)


def _reader(path: Path) -> Reader:
    if path.is_dir():
        return read_xim if any(path.glob("*.hdr")) else read_series
    readers: dict[tuple[str, ...], Reader] = {
        TIFF_SUFFIXES: read_tiff,
        NRRD_SUFFIXES: read_nrrd,
        HDF5_SUFFIXES: read_hdf5,
        (".hdr", ".xim"): read_xim,
    }
    name = path.name.lower()
    return next((reader for suffixes, reader in readers.items() if name.endswith(suffixes)), _refuse)


def _refuse(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    hint = "Known are TIFF, NRRD, .seq.nrrd, HDF5/NeXus, STXM stacks (.hdr with .xim), and folders of frames."
    raise InputError("unknown-format", f"{path} is no movie of a known format.", hint)
