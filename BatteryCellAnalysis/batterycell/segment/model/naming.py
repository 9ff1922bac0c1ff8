"""Names of models: as folders, and in the order of their versions."""

from __future__ import annotations

import hashlib
import re

from batterycell.file_names import file_stem

from .info import ModelInfo


def folder_name(info: ModelInfo) -> str:
    """The name of a model's folder in the library; no two names share one, also where file systems know few letters."""
    stem, spelled = file_stem(info.name), info.name.replace(" ", "-")
    if stem != spelled or "-" in info.name:
        stem = f"{stem}-{hashlib.sha256(info.name.casefold().encode()).hexdigest()[:6]}"
    return f"{stem}-{file_stem(info.version)}"


def version_order(version: str) -> tuple[list[int], bool]:
    """Sorts versions; 1.0.0-rc1 stands before 1.0.0."""
    numbers, rest = re.match(r"[\d.]*", version), re.sub(r"^[\d.]*", "", version)
    return [int(number) for number in (numbers[0] if numbers else "").split(".") if number], not rest.startswith("-")
