"""From three painted half-planes of a real cell to an overhang model: how long, and how far it agrees.

    python Testing/Benchmarks/overhang_model.py [--minutes 1.75] [--threads 2] [--model DIR]

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
from batterycell.overhang import NEGATIVE_FLAGS, READABLE_FLAGS, measure_overhang
from batterycell.progress import Progress
from batterycell.reslice import cut_half_plane
from batterycell.segment import PRESETS, Dataset, Frame, Image, Role, TrainSettings
from batterycell.segment.data.files import read_dataset, write_dataset
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.data.sampling import Sampling, sample_frame
from batterycell.tables import Table
from batterycell.volume import Volume
from matching import match
from numpy.typing import NDArray
from overhang_painting import paint_plane
from real_cell import DATA, VOXEL_SIZE_UM

ANGLES = 72
PAINTED = (0.0, 120.0, 240.0)
SLICE_UM = VOXEL_SIZE_UM[0]


@dataclass(frozen=True)
class Agreement:
    """The model's overhangs against the classical ones, at the angles that were not painted.

    Args:
        difference: Model minus classical, µm, where both have one, shape (n,).
        expected: Half widths of the 95 % intervals that both state for that difference, µm, shape (n,).
        missed: Classical overhangs that the model did not find.
        elsewhere: Overhangs of the model where the classical measurement has none, or could not read it.
        negative: Faces of which the model says that the anode is short, and of which both do.
    """

    difference: NDArray[np.float64]
    expected: NDArray[np.float64]
    missed: int
    elsewhere: int
    negative: tuple[int, int]


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


def judge(ours: Table, classical: Table) -> Agreement:
    """The agreement at all angles that were not painted."""
    ours, classical = (table.where(~np.isin(table["angle_deg"], PAINTED)) for table in (ours, classical))
    found = match(ours, classical)
    measured, true = found.measured[found.found], found.true[found.found]
    difference = ours["overhang_um"][measured] - classical["overhang_um"][true]
    expected = np.hypot(ours["uncertainty_um"][measured], classical["uncertainty_um"][true])
    read = int(np.isin(ours["flag"], READABLE_FLAGS).sum())
    short = [int(np.isin(table["flag"], NEGATIVE_FLAGS).sum()) for table in (ours, classical)]
    return Agreement(difference, expected, int((~found.found).sum()), read - len(measured), (short[0], short[1]))


def report(found: Agreement, seconds: tuple[float, float, float]) -> str:
    """The table; seconds of training on the clock and of computing, and of segmenting."""
    total = len(found.difference) + found.missed
    close = int((np.abs(found.difference) <= SLICE_UM).sum())
    rows = [
        ("training, from the start of its process", _training(seconds)),
        (f"half-planes segmented and measured, {ANGLES}", f"{seconds[2]:.0f} s"),
        (f"windings and sides at {ANGLES - len(PAINTED)} unseen angles", f"{total}"),
        ("within 1 slice (67.94 µm), of all, missed ones included", f"{100 * close / total:.1f} %"),
        ("within half a slice", f"{100 * np.sum(np.abs(found.difference) <= SLICE_UM / 2) / total:.1f} %"),
        ("bias", f"{found.difference.mean():+.1f} µm"),
        ("standard deviation", f"{found.difference.std():.1f} µm"),
        ("within what both state as their 95 %", f"{100 * np.mean(np.abs(found.difference) <= found.expected):.1f} %"),
        ("missed", f"{found.missed}"),
        ("found where the classical measurement has none or could not read", f"{found.elsewhere}"),
        ("short anodes: of the model, of the classical measurement", f"{found.negative[0]}, {found.negative[1]}"),
    ]
    lines = [f"\n{date.today()}, cell_top_ucl, planes painted at {', '.join(f'{a:g}°' for a in PAINTED)}\n"]
    return "\n".join([*lines, "| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _training(seconds: tuple[float, float, float]) -> str:
    return "none" if np.isnan(seconds[0]) else f"{seconds[0]:.0f} s ({seconds[1]:.0f} s of computing)"


def train_timed(folder: Path, settings: TrainSettings, threads: int) -> tuple[Path, tuple[float, float]]:
    """The model of a new process, and its seconds on the clock and of computing (a busy machine tells them apart)."""
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        model = pool.submit(train_model, folder, settings, threads).result()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return model, (time.perf_counter() - began, now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime)


def main() -> None:
    from batterycell.segment.apply.overhang import segment_overhang
    from batterycell.segment.model import load_model
    from batterycell.segment.train.sizing import settings_for

    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--out", type=Path, default=None, help="new folder that keeps the training")
    words.add_argument("--minutes", type=float, default=settings_for("quick").minutes, help="limit of the training")
    words.add_argument("--threads", type=int, default=2)
    words.add_argument("--model", type=Path, default=None, help="a model's folder: it is judged, and none is trained")
    chosen = words.parse_args()
    if not DATA.exists():
        sys.exit(f"skipped: no real data in {DATA}")
    folder = chosen.out or Path(tempfile.mkdtemp(prefix="overhang-model-"))
    volume = load_volume(DATA, LoadOptions(voxel_size_um=VOXEL_SIZE_UM))
    cell = find_cell(volume)
    table = measure_overhang(volume, cell, ANGLES)
    table = table.where(table["end"] == "top")
    model, seconds = chosen.model, (float("nan"), float("nan"))
    if model is None:
        write_dataset(paint(volume, cell, table), folder / "dataset")
        settings = replace(settings_for("quick"), minutes=chosen.minutes)
        model, seconds = train_timed(folder, settings, chosen.threads)
    began = time.perf_counter()
    ours = segment_overhang(volume, cell, load_model(model), ANGLES)
    ours = ours.where(ours["end"] == "top")
    print(report(judge(ours, table), (*seconds, time.perf_counter() - began)))


if __name__ == "__main__":
    main()
