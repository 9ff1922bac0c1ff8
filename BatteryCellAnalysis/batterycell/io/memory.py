"""How much memory there is, and above what size an image is worth a preview."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)
_LARGE = 1_000_000_000
# Of the free memory: the volume, what is made of it while it is measured, and all else.
_SHARE = 4


def preview_limit() -> int:
    """Bytes above which a volume is large for this machine: 1 GB, or a quarter of the memory that is free."""
    free = free_bytes()
    return _LARGE if free is None else min(_LARGE, free // _SHARE)


def free_bytes() -> int | None:
    """Memory that programs may still take, in bytes; None where the system does not tell."""
    try:
        found = _AVAILABLE.search(_MEMINFO.read_text(encoding="ascii"))
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    return _half_of_all()


def _half_of_all() -> int | None:
    """A guess for systems (macOS) that tell only how much memory there is."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return None
