"""Read result folders of label volumes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.file_names import untaken
from batterycell.measured import QUANTITY_COLUMNS, Quantity, Stage, quantities_from_table
from batterycell.microstructure import pores_table, sizes_table
from batterycell.tables import Table, read_csv

from .objects import RECIPE_FILE
from .stages import SUMMARY_FILE

_WORDS: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "description"), str)
QUANTITIES_FILE = "quantities.csv"
# Voxels whose sizes differ by less are alike.
_ALIKE = 1.2
_DISTRIBUTIONS = {"microstructure_sizes": sizes_table.COLUMNS, "microstructure_pores": pores_table.COLUMNS}


@dataclass(frozen=True)
class SampleResult:
    """What was measured of one sample.

    Args:
        name: Of the sample; no two of a comparison are alike.
        folder: Its result folder.
        quantities: Its numbers.
        tables: Its distributions.
        dimension: 2 for sections, 3 for bodies; 0 where nobody says it.
        voxel_um: Edge of the cube of a voxel's size, in 2D of the square of a pixel's; 0 where nobody says it.
    """

    name: str
    folder: Path
    quantities: tuple[Quantity, ...]
    tables: dict[str, Table] = field(default_factory=dict)
    dimension: int = 0
    voxel_um: float = 0.0

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of it as one stage, to be compared."""
        return (Stage("sample", self.name, self.quantities, self.tables),)


def read_samples(folders: Sequence[Path]) -> tuple[SampleResult, ...]:
    """Read some result folders.

    Raises:
        InputError: if one is no result folder.
    """
    taken: set[str] = set()
    found = []
    counts = Counter(folder.resolve().name for folder in folders)
    for folder in folders:
        place = folder.resolve()
        # Folders of one name are told apart by those above them.
        name = untaken(place.name if counts[place.name] == 1 else f"{place.parent.name}_{place.name}", taken)
        taken.add(name.lower())
        found.append(SampleResult(name, folder, read_quantities(folder), _read_distributions(folder), *_grid(folder)))
    return tuple(found)


def unlike_notes(samples: Sequence[SampleResult]) -> Iterator[str]:
    """Why numbers of samples may differ though the material is the same: what they were measured on."""
    if len({one.dimension for one in samples}) > 1:
        kinds = ", ".join(f"{one.name} in {'sections' if one.dimension == 2 else 'space'}" for one in samples)
        yield f"Measured were {kinds}: sizes, cracks and counts of sections are not those of bodies."
    sizes = [one.voxel_um for one in samples]
    if max(sizes) > _ALIKE * min(sizes):
        told = ", ".join(f"{one.name} {one.voxel_um:.3g} µm" for one in samples)
        yield f"Voxels differ in size ({told}): surfaces, chords, cracks and small objects depend on it."


def _grid(folder: Path) -> tuple[int, float]:
    """Dimension and voxel size of a result; 0 where older ones do not say it."""
    recipe, summary = folder / RECIPE_FILE, json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    if "shape_kji" not in summary or not recipe.is_file():
        return 0, 0.0
    asked = json.loads(recipe.read_text(encoding="utf-8")).get("dimension", 0)
    dimension = asked or (2 if summary["shape_kji"][0] == 1 else 3)
    return dimension, float(np.prod(summary["voxel_size_zyx_um"][3 - dimension :]) ** (1 / dimension))


def read_quantities(folder: Path) -> tuple[Quantity, ...]:
    """The numbers of a result folder.

    Raises:
        InputError: if it is none.
    """
    hint = "Give folders that batterycell instances or microstructure wrote."
    try:
        json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        table = read_csv(folder / QUANTITIES_FILE, QUANTITY_COLUMNS, _WORDS)
    except (OSError, ValueError) as error:
        raise InputError("no-result", f"{folder} is no result folder.", hint) from error
    if not len(table):
        raise InputError("no-quantities", f"{folder} holds no quantities.", hint)
    return quantities_from_table(table)


def _read_distributions(folder: Path) -> dict[str, Table]:
    paths = {name: folder / f"{name}.csv" for name in _DISTRIBUTIONS}
    return {
        name: read_csv(path, _DISTRIBUTIONS[name], {"class": str}) for name, path in paths.items() if path.is_file()
    }
