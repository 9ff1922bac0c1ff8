"""A lot: the main job on many cells, one folder a cell and one row a cell in ``lot.csv``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import batterycell

from .errors import Cancelled, InputError, explain
from .file_names import untaken
from .io.options import LoadOptions
from .output import replace_file
from .progress import Progress
from .provenance import input_files, sha256
from .recipe import AnalyzeRecipe
from .tables import Column, Table, write_csv
from .volume import UM_PER_MM

LOT_FILE = "lot.csv"
# What became of a cell.
STATES = {
    "measured": "measured in this run",
    "kept": "measured before, from the same files with the same settings",
    "failed": "could not be measured: see message",
}
_WORDS = ("cell", "status", "top_from", "folder", "input", "message")
LOT_COLUMNS = (
    Column("cell", "Cell", "", "Name of the cell's folder in the lot."),
    Column("status", "Status", "", "; ".join(f"{name}: {meaning}" for name, meaning in STATES.items()) + "."),
    Column("values", "Values", "", "Number of overhangs that could be read."),
    Column("negatives", "Negative", "", "Number of negative overhangs."),
    Column("overhang_mean_um", "Mean overhang", "µm", "Mean of the readable overhangs."),
    Column("overhang_mean_uncertainty_um", "± mean", "µm", "Half width of the mean's 95 % interval."),
    Column("overhang_sd_um", "Standard deviation", "µm", "Standard deviation of the single overhangs."),
    Column("overhang_min_um", "Least", "µm", "Least overhang."),
    Column("overhang_median_um", "Median", "µm", "Median overhang."),
    Column("overhang_max_um", "Greatest", "µm", "Greatest overhang."),
    Column("windings", "Windings", "", "Greatest number of cathode turns met at one angle."),
    Column("can_diameter_um", "Can diameter", "µm", "Outer diameter of the can."),
    Column("can_diameter_uncertainty_um", "± diameter", "µm", "Half width of the diameter's 95 % interval."),
    Column("tilt_deg", "Tilt", "deg", "Angle between the cell's axis and the nearest axis of the scan."),
    Column("top_from", "Top told by", "", "What told the top from the bottom: groove, crimp or unknown."),
    Column("voxel_z_um", "Voxel z", "µm", "Voxel size from slice to slice."),
    Column("voxel_y_um", "Voxel y", "µm", "Voxel size from row to row."),
    Column("voxel_x_um", "Voxel x", "µm", "Voxel size from column to column."),
    Column("folder", "Folder", "", "The cell's result folder, beside the lot's table."),
    Column("input", "Input", "", "The image that was measured."),
    Column("message", "Message", "", "Why a cell could not be measured, else empty."),
)

Measure = Callable[[Path, Path, Progress], dict[str, Any]]


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

    A folder that holds nothing but folders is a folder of cells.

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


def run_lot(cells: Sequence[LotCell], out: Path, measure: Measure, progress: Progress) -> Table:
    """Measure cell after cell; the table in ``out`` is complete after every cell, also where a run is killed.

    A cell that cannot be measured becomes a row that says why; the others go on.

    Args:
        cells: The cells.
        out: The lot's folder; made where it is not there.
        measure: ``measure(source, folder, progress)`` writes a result folder and returns its summary.
        progress: Told how far it is; asked whether to stop.

    Returns:
        One row a cell, `LOT_COLUMNS`.
    """
    rows: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        part = progress.part(number / len(cells), (number + 1) / len(cells))
        rows.append(_row(cell, out, measure, _named(part, f"{cell.name} ({number + 1} of {len(cells)})")))
        write_lot(_table(rows), out)
    return _table(rows)


def write_lot(table: Table, out: Path) -> None:
    """Write the lot's table in one step."""
    out.mkdir(parents=True, exist_ok=True)
    replace_file(out / LOT_FILE, lambda path: write_csv(table, path))


def kept_summary(source: Path, folder: Path, recipe: AnalyzeRecipe, options: LoadOptions) -> dict[str, Any] | None:
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
    children = sorted(child for child in source.iterdir() if child.name[0] != ".") if source.is_dir() else []
    return children if children and all(child.is_dir() for child in children) else [source]


def _stem(path: Path) -> str:
    name = path.resolve().name
    return (name if path.is_dir() else name.split(".")[0]) or "cell"


def _named(progress: Progress, name: str) -> Progress:
    """A progress whose messages begin with the cell's name."""
    return Progress(lambda fraction, message: progress.report(fraction, f"{name}: {message}"), progress.is_cancelled)


def _row(cell: LotCell, out: Path, measure: Measure, progress: Progress) -> dict[str, Any]:
    place = {"cell": cell.name, "input": str(cell.source)}
    try:
        if cell.is_result:
            summary = json.loads((cell.source / "summary.json").read_text(encoding="utf-8"))
            return {**place, **_numbers(summary), "status": "kept", "folder": str(cell.source)}
        summary = measure(cell.source, out / cell.name, progress)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - one cell must not stop a night's work
        return {**place, "status": "failed", "message": str(explain(error))}
    return {**place, **_numbers(summary), "status": summary.get("status", "measured"), "folder": cell.name}


def _numbers(summary: dict[str, Any]) -> dict[str, Any]:
    overhang, can = summary["overhang"]["all"], summary["can"]
    z, y, x = summary["voxel_size_zyx_um"]
    return {
        "values": overhang["n_readable"],
        "negatives": overhang["n_negative"],
        "overhang_mean_um": overhang["mean_um"],
        "overhang_mean_uncertainty_um": overhang["u_mean_um"],
        "overhang_sd_um": overhang["sd_um"],
        "overhang_min_um": overhang["min_um"],
        "overhang_median_um": overhang["median_um"],
        "overhang_max_um": overhang["max_um"],
        "windings": summary["windings"],
        "can_diameter_um": can["outer_diameter_mm"] * UM_PER_MM,
        "can_diameter_uncertainty_um": can["u_outer_diameter_mm"] * UM_PER_MM,
        "tilt_deg": summary["orientation"]["tilt_deg"],
        "top_from": summary["orientation"]["top_from"],
        "voxel_z_um": z,
        "voxel_y_um": y,
        "voxel_x_um": x,
    }


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    return Table(LOT_COLUMNS, {column.name: _column(rows, column.name) for column in LOT_COLUMNS})


def _column(rows: Sequence[dict[str, Any]], name: str) -> Any:
    if name in _WORDS:
        return np.array([row.get(name, "") for row in rows], str)
    values = [row.get(name) for row in rows]
    return np.array([np.nan if value is None else value for value in values], float)
