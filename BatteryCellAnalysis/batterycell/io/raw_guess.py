"""How the voxels of a file without a header may lie, from its name and its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np

from .options import RawShape

RAW_TYPES = ("uint8", "uint16", "int16", "float32", "int8", "uint32", "int32", "float64")
_SIDES = re.compile(r"(?<!\d)(\d{2,5})\s*[x×_,-]\s*(\d{2,5})\s*[x×_,-]\s*(\d{2,5})(?!\d)", re.IGNORECASE)
_TYPE_WORDS = {
    "uint8": r"u(?:int|char)?8|uchar|8[-_ ]?bit(?!\w)|byte",
    "uint16": r"u(?:int)?16|ushort|16[-_ ]?bit(?!\w)",
    "int16": r"(?<!u)int16|(?<!u)short",
    "float32": r"float(?:32)?(?!64)|32[-_ ]?bit(?!\w)|f32",
}
# Longer headers than this are no headers.
_LONGEST_HEADER = 1 << 20


def guess_raw(path: Path) -> RawShape | None:
    """What a raw file may hold: what its name says (x × y × z) where that fits its length, else a cube.

    Returns:
        The guess, which somebody should look at; None where there is none.
    """
    length = path.stat().st_size
    guesses = (*_from_name(path.stem, length), *_cubes(path.stem, length))
    return next((RawShape(shape, dtype, offset) for shape, dtype, offset in guesses), None)


def raw_bytes(raw: RawShape) -> int:
    """Length in bytes of a file with these voxels."""
    return raw.offset + prod(raw.shape) * np.dtype(raw.dtype).itemsize


Guess = tuple[tuple[int, int, int], str, int]


def _from_name(stem: str, length: int) -> Iterator[Guess]:
    found = _SIDES.search(stem)
    if not found:
        return
    x, y, z = (int(side) for side in found.groups())
    rest = {dtype: length - x * y * z * np.dtype(dtype).itemsize for dtype in _types(stem)}
    fitting = [dtype for dtype, offset in rest.items() if 0 <= offset <= _LONGEST_HEADER]
    yield from (((z, y, x), dtype, rest[dtype]) for dtype in sorted(fitting, key=lambda dtype: rest[dtype]))


def _cubes(stem: str, length: int) -> Iterator[Guess]:
    for dtype in _types(stem):
        side = round((length / np.dtype(dtype).itemsize) ** (1 / 3))
        if side > 1 and side**3 * np.dtype(dtype).itemsize == length:
            yield (side, side, side), dtype, 0


def _types(stem: str) -> tuple[str, ...]:
    """The types to try: those that the name speaks of, else the usual ones."""
    named = tuple(dtype for dtype, words in _TYPE_WORDS.items() if re.search(words, stem, re.IGNORECASE))
    return named or RAW_TYPES[:4]
