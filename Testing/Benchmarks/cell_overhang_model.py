"""How good the shipped model cell-overhang is: on a real cell that it never met, and on generated ones unlike its own.

    python Testing/Benchmarks/cell_overhang_model.py [--model DIR] [--specimens 18] [--cells 6] [--figures FILE]

The real cell lies in ../shared/data/cell_top_ucl, or in the folder that BATTERYCELL_DATA names; without it that table
is left out. The peer there is the classical measurement of the same run. Held-out families are drawn as the model's
training was, from ranges that lie outside of the training's (batterycell/pretrain/cells/ranges.py); whole generated
cells come from the cell factory, one family of trouble each. ``--figures`` keeps the tables for the model's card:
``python -m batterycell.pretrain card DIR FILE``.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.orient import find_cell
from batterycell.overhang import measure_overhang
from batterycell.phantom import make_cell, random_hard_cell
from batterycell.pretrain import PRETRAININGS
from batterycell.pretrain.judging.predictions import judge
from batterycell.pretrain.judging.tables import held_out_table
from batterycell.progress import Progress
from batterycell.segment.apply.overhang import segment_overhang
from batterycell.segment.model import LoadedModel, load_model
from batterycell.segment.model.figures import Figure, markdown_table, write_figures
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from matching import match
from numpy.typing import NDArray
from real_cell import DATA, ROOT, VOXEL_SIZE_UM

SHIPPED = ROOT / "BatterySegmentationWizard" / "Resources" / "Models" / "cell-overhang"
ANGLES = 72
# Far from the seeds of other benchmarks and of the tests.
FIRST_CELL = 7000
SLICE_UM = VOXEL_SIZE_UM[0]


@dataclass(frozen=True)
class Lengths:
    """The model's overhangs against others of the same places.

    Args:
        difference: Model minus other in µm, where both have one, shape (n,).
        expected: Half widths of the 95 % intervals stated for that difference, µm, shape (n,).
        missed: Overhangs of the other that the model did not find.
        elsewhere: Overhangs of the model where the other has none.
        voxel_um: The larger edge of a voxel.
    """

    difference: NDArray[np.float64]
    expected: NDArray[np.float64]
    missed: int
    elsewhere: int
    voxel_um: float

    @property
    def total(self) -> int:
        """Overhangs of the other."""
        return len(self.difference) + self.missed

    def within(self, most_um: float) -> float:
        """Percentage of all, missed ones included, that differ by no more."""
        return 100 * float(np.sum(np.abs(self.difference) <= most_um)) / max(1, self.total)


def compare(ours: Table, other: Table, voxel_um: float) -> Lengths:
    """The model's lengths against others."""
    found = match(ours, other)
    measured, true = found.measured[found.found], found.true[found.found]
    difference = ours["overhang_um"][measured] - other["overhang_um"][true]
    expected = np.hypot(ours["uncertainty_um"][measured], other["uncertainty_um"][true])
    return Lengths(difference, expected, int((~found.found).sum()), len(found.false), voxel_um)


def real_cell(model: LoadedModel) -> Figure:
    """The table of the real cell."""
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    cell = find_cell(volume)
    classical = measure_overhang(volume, cell, ANGLES)
    began = time.perf_counter()
    ours = segment_overhang(volume, cell, model, ANGLES)
    seconds = time.perf_counter() - began
    top = [table.where(table["end"] == "top") for table in (ours, classical)]
    found = compare(top[0], top[1], SLICE_UM)
    rows = (
        (f"windings and sides read classically at {ANGLES} angles", f"{found.total}"),
        ("overhang found", f"{100 * len(found.difference) / found.total:.1f} %"),
        ("length within 1 slice (67.94 µm), missed ones included", f"{found.within(SLICE_UM):.1f} %"),
        ("length within half a slice", f"{found.within(SLICE_UM / 2):.1f} %"),
        ("bias", f"{found.difference.mean():+.1f} µm"),
        ("standard deviation", f"{found.difference.std():.1f} µm"),
        ("within what both state as their 95 %", _covered(found)),
        ("found where the classical measurement read none", f"{found.elsewhere}"),
        (f"{ANGLES} half-planes segmented and measured", f"{seconds:.0f} s"),
    )
    note = (
        "cell_top_ucl, a real 21700 cell, against the classical measurement; no weights were tuned on it, but three "
        "ranges of the generator, and how half-planes are sampled, were chosen after looking at it."
    )
    return Figure("Real cell, zero-shot", ("figure", "value"), rows, _dated(note))


def held_out(model: LoadedModel, specimens: int) -> Figure:
    """The table of the held-out families."""
    plan = PRETRAININGS["cell-overhang"]()
    samples = [sample for seed in range(specimens) for sample in plan.draw(seed, "held-out")]
    return held_out_table(judge(model, samples, Progress()), plan, date.today().isoformat())


def generated_cells(model: LoadedModel, cells: int) -> Figure:
    """The table of lengths on whole generated cells."""
    heads = ("family of the cell", "overhangs", "found", "bias", "standard deviation", "within 1 voxel", "in 95 %")
    parts = [(name, found) for name, found in (_generated(model, FIRST_CELL + n) for n in range(cells))]
    rows = [_row(name, found) for name, found in parts]
    known = [found for _, found in parts if found]
    if known:
        rows.append(_row("all", _together(known)))
    note = "Whole cells of the cell factory, each with one family of trouble, measured by the model against the truth."
    return Figure("Lengths on generated cells", heads, tuple(rows), _dated(note))


def _generated(model: LoadedModel, seed: int) -> tuple[str, Lengths | None]:
    hard = random_hard_cell(seed)
    phantom = make_cell(hard.spec, hard.scan, seed, angles=ANGLES // 3)
    voxel_um = float(phantom.volume.spacing_mm.max()) * UM_PER_MM
    try:
        ours = segment_overhang(phantom.volume, find_cell(phantom.volume), model, ANGLES // 3)
    except InputError:
        return hard.families[0], None
    return hard.families[0], compare(ours, phantom.truth, voxel_um)


def _together(parts: list[Lengths]) -> Lengths:
    """All as one, in voxels of each."""
    voxel_um = float(np.mean([part.voxel_um for part in parts]))
    scaled = [(part.difference / part.voxel_um * voxel_um, part.expected / part.voxel_um * voxel_um) for part in parts]
    difference, expected = (np.concatenate(column) for column in zip(*scaled, strict=True))
    return Lengths(difference, expected, sum(p.missed for p in parts), sum(p.elsewhere for p in parts), voxel_um)


def _row(name: str, found: Lengths | None) -> tuple[str, ...]:
    if found is None or not len(found.difference):
        return name, "–", "not read", "–", "–", "–", "–"
    found_percent = 100 * len(found.difference) / found.total
    return (name, f"{found.total}", f"{found_percent:.1f} %", f"{found.difference.mean():+.1f} µm",
            f"{found.difference.std():.1f} µm", f"{found.within(found.voxel_um):.1f} %", _covered(found))  # fmt: skip


def _covered(found: Lengths) -> str:
    return f"{100 * np.mean(np.abs(found.difference) <= found.expected):.1f} %"


def _dated(note: str) -> str:
    return f"{note} Measured {date.today()} by Testing/Benchmarks/cell_overhang_model.py."


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--model", type=Path, default=SHIPPED, help="a model's folder")
    words.add_argument("--specimens", type=int, default=18, help="held-out specimens, 8 sections each")
    words.add_argument("--cells", type=int, default=6, help="whole generated cells")
    words.add_argument("--figures", type=Path, default=None, help="file that keeps the tables for the model's card")
    chosen = words.parse_args()
    model = load_model(chosen.model)
    figures = []
    if DATA.exists():
        figures.append(real_cell(model))
    else:
        print(f"left out: no real data in {DATA}", file=sys.stderr)
    figures += [held_out(model, chosen.specimens)] if chosen.specimens else []
    figures += [generated_cells(model, chosen.cells)] if chosen.cells else []
    for figure in figures:
        print(f"\n{figure.title}\n\n{markdown_table(figure)}\n\n{figure.note}")
    if chosen.figures:
        write_figures(figures, chosen.figures)


if __name__ == "__main__":
    main()
