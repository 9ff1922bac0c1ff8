"""Write a generated cell as a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.tables import write_csv
from batterycell.volume import Volume

from .factory import Phantom
from .labels import CellLabel
from .settings import CylindricalCell


def write_phantom(phantom: Phantom, folder: Path, write_volume: Callable[[Volume, Path], None], seed: int) -> None:
    """Write grey.nrrd, labels.nrrd, truth.csv and phantom.json into an existing folder.

    Args:
        phantom: The cell.
        folder: Where to.
        write_volume: Writes one volume to one file; handed in because formats belong to a later stage.
        seed: The seed it was generated from.
    """
    write_volume(phantom.volume, folder / "grey.nrrd")
    write_volume(phantom.labels, folder / "labels.nrrd")
    write_csv(phantom.truth, folder / "truth.csv")
    if isinstance(phantom.spec, CylindricalCell):
        write_csv(phantom.inclusion_truth, folder / "inclusions.csv")
        write_csv(phantom.gap_truth, folder / "gaps.csv")
    text = json.dumps(describe_phantom(phantom, seed), indent=2, ensure_ascii=False)
    (folder / "phantom.json").write_text(text + "\n", encoding="utf-8")


def describe_phantom(phantom: Phantom, seed: int) -> dict[str, Any]:
    """Everything that a generated cell was made from, ready for JSON."""
    return {
        "seed": seed,
        "kind": type(phantom.spec).__name__,
        "cell": asdict(phantom.spec),
        "scan": asdict(phantom.scan),
        "voxel_size_um": list(phantom.volume.voxel_size_um),
        "shape": list(phantom.volume.array.shape),
        "frame": {name: value.tolist() for name, value in asdict(phantom.frame).items()},
        "can_truth": phantom.can_truth,
        "winding_truth": phantom.winding_truth.describe() if isinstance(phantom.spec, CylindricalCell) else {},
        "labels": {label.name.lower(): int(label) for label in CellLabel},
        "truth_columns": [asdict(column) for column in phantom.truth.columns],
    }
