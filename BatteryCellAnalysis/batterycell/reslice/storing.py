"""What a cut or unrolled volume is stored in."""

from __future__ import annotations

import os
from math import prod

from batterycell.errors import InputError
from batterycell.volume import Volume

_SHARE = 0.5  # of the memory that one result may take
_UNKNOWN_MEMORY = 16e9


def outside_value(volume: Volume) -> float:
    """What stands where the volume does not reach: 0, or its least value where there are negative ones."""
    return 0.0 if volume.array.dtype.kind in "bu" else float(min(volume.array.min(), 0))


def refuse_too_large(shape: tuple[int, ...], volume: Volume) -> None:
    """Refuse a result that would not fit into the memory.

    Args:
        shape: The result's.
        volume: What it is made from, of the same type.

    Raises:
        InputError: if it takes more than half of the machine's memory.
    """
    needed, memory = prod(shape) * volume.array.itemsize, _memory_bytes()
    if needed > _SHARE * memory:
        raise InputError(
            "unroll-memory",
            f"The result would take {needed / 1e9:.1f} GB of {memory / 1e9:.0f} GB memory.",
            "Choose fewer windings or angles, less depth or larger steps.",
        )


def _memory_bytes() -> float:
    if not hasattr(os, "sysconf"):
        return _UNKNOWN_MEMORY
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
