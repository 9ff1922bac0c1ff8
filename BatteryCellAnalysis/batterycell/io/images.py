"""Single pictures: one slice of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pixels import to_grey, unreadable
from .tiff_file import TIFF_SUFFIXES, read_single_page

PICTURE_SUFFIXES = (".png", ".bmp", ".jpg", ".jpeg")
SLICE_SUFFIXES = TIFF_SUFFIXES + PICTURE_SUFFIXES


def read_image(path: Path) -> NDArray[Any]:
    """Read one slice, shape (rows, columns).

    Raises:
        InputError: if it cannot be read, is in colour, or is not one slice.
    """
    return read_single_page(path) if path.suffix.lower() in TIFF_SUFFIXES else _read_picture(path)


def _read_picture(path: Path) -> NDArray[Any]:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB") if picture.mode in ("P", "CMYK", "YCbCr") else picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise unreadable(path, error) from error
    return pixels if pixels.ndim == 2 else to_grey(pixels, path)
