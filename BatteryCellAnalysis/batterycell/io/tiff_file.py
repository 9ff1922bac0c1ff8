"""TIFF files opened so that whatever is wrong with them becomes one sentence."""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

from .pixels import to_grey, unreadable

TIFF_SUFFIXES = (".tif", ".tiff", ".btf", ".tf8")
_WHITE_IS_ZERO = 0
_SIGNS_OF_LOSS = ("invalid page offset", "corrupted", "missing", "incompletely", "failed to read", "subset")
_OBJECT = re.compile(r"<.*?> ")
# What tifffile and its decoders raise on damaged files; codecs raise RuntimeError.
_DAMAGE = (OSError, ValueError, ArithmeticError, RuntimeError, LookupError, TypeError, struct.error)


@contextmanager
def open_tiff(path: Path) -> Iterator[Any]:
    """A ``tifffile.TiffFile``; damage found on opening or reading is raised at the end at the latest.

    Raises:
        InputError: if the file is damaged or no TIFF.
    """
    import tifffile

    with _complaints() as complaints:
        try:
            with tifffile.TiffFile(path) as tiff:
                yield tiff
        except InputError:
            if not complaints:  # else damage is the reason for whatever else seems wrong
                raise
        except (tifffile.TiffFileError, *_DAMAGE) as error:
            raise unreadable(path, error) from error
    if complaints:
        raise unreadable(path, ValueError(complaints[0]))


def read_single_page(path: Path) -> NDArray[Any]:
    """The only page of a file, shape (rows, columns).

    Raises:
        InputError: if it is damaged, in colour, or has several pages.
    """
    with open_tiff(path) as tiff:
        pages = len(tiff.pages)
        if pages != 1:
            raise InputError("slice-has-pages", f"{path} holds {pages} pages, not one slice.", "Give the file itself.")
        return read_page(tiff.pages[0], path)


def is_plain_grey(page: Any) -> bool:
    """Whether the stored values of a page are its grey values: no colours, no palette, bright is bright."""
    kind = page.keyframe
    return kind.axes == "YX" and kind.colormap is None and kind.photometric != _WHITE_IS_ZERO


def read_page(page: Any, path: Path) -> NDArray[Any]:
    """Grey values of one page, shape (rows, columns), as people see them: bright is bright.

    Raises:
        InputError: if it is in colour, or no picture.
    """
    pixels, kind = page.asarray(), page.keyframe
    if kind.colormap is not None:
        return to_grey(np.moveaxis(kind.colormap, 0, -1)[pixels], path)
    if kind.axes in ("YXS", "SYX"):
        return to_grey(np.moveaxis(pixels, kind.axes.index("S"), -1), path)
    if kind.axes != "YX":
        raise unreadable(path, ValueError(f"a page of it is no picture but {kind.axes}"))
    if kind.photometric == _WHITE_IS_ZERO and pixels.dtype.kind == "u":
        return np.asarray(np.iinfo(pixels.dtype).max - pixels)
    return np.asarray(pixels)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collects what tifffile would log of missing data; what else it logs does not change the voxels."""
    found: list[str] = []
    handler = _Collector(found)
    logger = logging.getLogger("tifffile")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


class _Collector(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        message = _OBJECT.sub("", record.getMessage())
        if any(word in message.lower() for word in _SIGNS_OF_LOSS):
            self._found.append(message)
