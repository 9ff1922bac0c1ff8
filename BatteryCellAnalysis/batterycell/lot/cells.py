"""The cells of a lot: their names, and what is kept of an earlier run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import batterycell
from batterycell.errors import InputError
from batterycell.file_names import untaken
from batterycell.io.medical import ORIENTED_SUFFIXES
from batterycell.io.options import LoadOptions
from batterycell.io.zarr_store import is_store
from batterycell.provenance import input_files, sha256
from batterycell.recipe import AnalyzeRecipe, ObjectsRecipe


@dataclass(frozen=True)
class LotCell:
    """One cell of a lot.

    Args:
        source: The image, or the result folder of an earlier run.
        name: Unique name in the lot.
    """

    source: Path
    name: str

    @property
    def is_result(self) -> bool:
        """Whether the source is a result folder, which is read and not measured again."""
        return (self.source / "summary.json").is_file()


def name_cells(sources: Sequence[Path]) -> list[LotCell]:
    """Name every cell after its file or folder; where names meet, the folder above comes before, then a number.

    A folder that holds nothing but folders and files of whole volumes (NRRD, MetaImage, NIfTI) is a folder of cells.

    Raises:
        InputError: if a source does not exist.
    """
    paths = [cell for source in sources for cell in _cells_in(source)]
    names = [_stem(path) for path in paths]
    counts = Counter(names)
    longer = [
        f"{path.resolve().parent.name}_{name}" if counts[name] > 1 else name
        for path, name in zip(paths, names, strict=True)
    ]
    cells: list[LotCell] = []
    for path, name in zip(paths, longer, strict=True):
        cells.append(LotCell(path, untaken(name, {cell.name.lower() for cell in cells})))
    return cells


def kept_summary(
    source: Path, folder: Path, recipe: AnalyzeRecipe | ObjectsRecipe, options: LoadOptions
) -> dict[str, Any] | None:
    """The summary of a result folder if it was made from the same files, with the same settings and program.

    Args:
        source: The image.
        folder: The result folder that may stand there.
        recipe: The settings of this run.
        options: How the image is read in this run.
    """
    try:
        provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        same = (
            provenance["batterycell_version"] == batterycell.__version__
            and provenance["recipe"] == json.loads(json.dumps(asdict(recipe)))
            and provenance["reading"] == json.loads(json.dumps(options.to_json()))
            and [entry["sha256"] for entry in provenance["inputs"]] == [sha256(path) for path in input_files(source)]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return summary if same else None


def _cells_in(source: Path) -> list[Path]:
    if not source.exists():
        raise InputError("not-found", f"{source} does not exist.", "Check the path.")
    is_folder = source.is_dir() and not is_store(source)
    children = sorted(child for child in source.iterdir() if child.name[0] != ".") if is_folder else []
    return children if children and all(map(_is_whole, children)) else [source]


def _is_whole(path: Path) -> bool:
    """Whether a folder or file is a volume by itself, not a slice of one or what lies beside one."""
    return path.is_dir() or path.name.lower().endswith(ORIENTED_SUFFIXES)


def _stem(path: Path) -> str:
    name = path.name if path.name not in ("", "..") else path.resolve().name
    return (name if path.is_dir() and not is_store(path) else name.split(".")[0]) or "cell"
