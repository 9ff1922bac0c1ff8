"""From three painted half-planes of a real cell to an overhang model: how long, and how far it agrees.

    python Testing/Benchmarks/overhang_model.py [--minutes 1.75] [--threads 2]

The cell lies in ../shared/data/cell_top_ucl, or in the folder that BATTERYCELL_DATA names. The planes are painted from
the classical measurement (see overhang_painting.py), which is also what the model is held against, at other angles.
Training is the product's own, with what "quick" takes; its time counts from the start of the process that trains.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from batterycell.io import LoadOptions, load_volume
from batterycell.orient import Cell, find_cell
from batterycell.overhang import READABLE_FLAGS, measure_labelled_overhang, measure_overhang
from batterycell.progress import Progress
from batterycell.reslice import cut_half_plane
from batterycell.segment import PRESETS, Dataset, Frame, Image, Role, TrainSettings
from batterycell.segment.data.files import read_dataset, write_dataset
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.data.sampling import Sampling, sample_frame
from batterycell.tables import Table
from batterycell.volume import Volume
from numpy.typing import NDArray
from overhang_painting import CATHODE, OVERHANG, paint_plane
from real_cell import DATA, VOXEL_SIZE_UM

ANGLES = 72
PAINTED = (0.0, 120.0, 240.0)
UNSEEN = tuple(np.arange(5.0, 360.0, 15.0).tolist())
REACH_MM = 0.15
SLICE_UM = VOXEL_SIZE_UM[0]


@dataclass(frozen=True)
class Agreement:
    """The model's overhangs against the classical ones.

    Args:
        difference: Model minus classical, µm, where both have one, shape (n,).
        missed: Classical overhangs that the model did not find.
        false: Overhangs of the model where the classical measurement has a cathode's end but no anode.
        elsewhere: Overhangs of the model where the classical measurement could not read.
    """

    difference: NDArray[np.float64]
    missed: int
    false: int
    elsewhere: int


def paint(volume: Volume, cell: Cell, table: Table) -> Dataset:
    """The dataset of the three painted frames; two train, one validates."""
    image = Image("cell", (volume,))
    levels, samples = (measure_levels(volume),), []
    for number, angle in enumerate(PAINTED):
        plane = cut_half_plane(volume, cell, angle)
        labels = paint_plane(plane, table.where(table["angle_deg"] == angle))
        role: Role = "validation" if number == 2 else "training"
        frame = Frame.of_slice(f"plane {angle:g}", "cell", plane, 0).with_role(role)
        samples.append(sample_frame(image, labels, frame, levels, Sampling()))
    return Dataset(PRESETS["cell overhang"], tuple(samples))


def train_model(folder: Path, settings: TrainSettings, threads: int = 2) -> Path:
    """Train on the dataset in a folder, in a process of its own as the worker does."""
    import torch
    from batterycell.segment.train.loop import train

    torch.set_num_threads(threads)
    return train(read_dataset(folder / "dataset"), settings, folder / "run", Progress())


def segment_plane(volume: Volume, plane: Volume, model: Path) -> tuple[Volume, NDArray[np.uint8]]:
    """Labels and uncertainty of a half-plane."""
    from batterycell.segment.apply.frame import segment_frame
    from batterycell.segment.apply.settings import ApplySettings
    from batterycell.segment.model.bundle import load_model

    frame = Frame.of_slice("plane", "cell", plane, 0)
    settings = ApplySettings(uncertainty=True, levels=(measure_levels(volume),))
    found = segment_frame(Image("cell", (volume,)), frame, load_model(model, "cpu"), settings)
    assert found.uncertainty is not None
    return found.labels, found.uncertainty.array


def compare(ours: Table, classical: Table) -> Agreement:
    """Match overhangs of one plane by side and by where their cathodes end."""
    read = np.isin(classical["flag"], READABLE_FLAGS)
    used = np.zeros(len(ours), bool)
    difference, missed, false, elsewhere = [], 0, 0, 0
    for row in range(len(classical)):
        other = _nearest(ours, classical, row)
        value = np.nan if other is None else ours["overhang_um"][other]
        if other is not None:
            used[other] = True
        if read[row] and np.isfinite(value):
            difference.append(value - classical["overhang_um"][row])
        missed += int(read[row] and not np.isfinite(value))
        false += int(classical["flag"][row] == "no-anode" and np.isfinite(value))
        elsewhere += int(not read[row] and classical["flag"][row] != "no-anode" and np.isfinite(value))
    elsewhere += int((~used & np.isfinite(ours["overhang_um"])).sum())
    return Agreement(np.array(difference), missed, false, elsewhere)


def _nearest(ours: Table, classical: Table, row: int) -> int | None:
    if not len(ours):
        return None
    place = np.array([classical[f"cathode_{axis}_mm"][row] for axis in "ras"])
    distance = np.linalg.norm(np.column_stack([ours[f"cathode_{axis}_mm"] for axis in "ras"]) - place, axis=1)
    distance = np.where((ours["side"] == classical["side"][row]) & np.isfinite(distance), distance, np.inf)
    return int(distance.argmin()) if distance.min() < REACH_MM else None


def judge(volume: Volume, cell: Cell, table: Table, model: Path) -> Agreement:
    """The agreement at all angles that were not painted."""
    parts = []
    for angle in UNSEEN:
        plane = cut_half_plane(volume, cell, angle)
        labels, uncertainty = segment_plane(volume, plane, model)
        ours = measure_labelled_overhang(labels, CATHODE, OVERHANG, uncertainty)
        parts.append(compare(ours, table.where(np.isclose(table["angle_deg"], angle))))
    counts = (sum(getattr(part, name) for part in parts) for name in ("missed", "false", "elsewhere"))
    return Agreement(np.concatenate([part.difference for part in parts]), *counts)


def report(found: Agreement, seconds: tuple[float, float]) -> str:
    """The table; seconds on the clock and of computing."""
    total = len(found.difference) + found.missed
    close = int((np.abs(found.difference) <= SLICE_UM).sum())
    rows = [
        ("training, from the start of its process", f"{seconds[0]:.0f} s ({seconds[1]:.0f} s of computing)"),
        (f"windings and sides at {len(UNSEEN)} unseen angles", f"{total}"),
        ("within 1 slice (67.94 µm), of all, missed ones included", f"{100 * close / total:.1f} %"),
        ("within half a slice", f"{100 * np.sum(np.abs(found.difference) <= SLICE_UM / 2) / total:.1f} %"),
        ("bias", f"{found.difference.mean():+.1f} µm"),
        ("standard deviation", f"{found.difference.std():.1f} µm"),
        ("missed", f"{found.missed}"),
        ("false (the classical measurement says: no anode)", f"{found.false}"),
        ("found where the classical measurement could not read", f"{found.elsewhere}"),
    ]
    lines = [f"\n{date.today()}, cell_top_ucl, planes painted at {', '.join(f'{a:g}°' for a in PAINTED)}\n"]
    return "\n".join([*lines, "| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def train_timed(folder: Path, settings: TrainSettings, threads: int) -> tuple[Path, tuple[float, float]]:
    """The model of a new process, and its seconds on the clock and of computing (a busy machine tells them apart)."""
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        model = pool.submit(train_model, folder, settings, threads).result()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return model, (time.perf_counter() - began, now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime)


def main() -> None:
    from batterycell.segment.train.sizing import settings_for

    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, default=None, help="new folder that keeps the training")
    words.add_argument("--minutes", type=float, default=settings_for("quick").minutes, help="limit of the training")
    words.add_argument("--threads", type=int, default=2)
    chosen = words.parse_args()
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    folder = chosen.out or Path(tempfile.mkdtemp(prefix="overhang-model-"))
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    cell = find_cell(volume)
    table = measure_overhang(volume, cell, ANGLES)
    table = table.where(table["end"] == "top")
    write_dataset(paint(volume, cell, table), folder / "dataset")
    settings = replace(settings_for("quick"), minutes=chosen.minutes)
    model, seconds = train_timed(folder, settings, chosen.threads)
    print(report(judge(volume, cell, table, model), seconds))


if __name__ == "__main__":
    main()
