"""File names that tell what a picture shows and that every file system takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_LONGEST = 80
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "µ": "u", "μ": "u", "°": "deg"}
)
# Names of devices on Windows, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(1, 10))}


def file_stem(*parts: str) -> str:
    """A file name without its ending, e.g. ``ruler_tab-gap_684um``: plain letters, digits and ``+-_.`` only.

    Args:
        parts: Words for people, in any script; joined by ``_``. What has no plain letters is left out.
    """
    stem = "_".join(plain for plain in map(_plain, parts) if plain)[:_LONGEST].rstrip("-_.")
    if not stem or stem.split(".")[0].lower() in _DEVICES:
        return f"picture_{stem}".rstrip("_")
    return stem


def untaken(stem: str, taken: Container[str]) -> str:
    """A name, numbered where it is taken; ``taken`` holds names in small letters."""
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_SPELLED)).encode("ascii", "ignore").decode()
    return re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9+.\-]+", "-", letters)).strip("-.")
