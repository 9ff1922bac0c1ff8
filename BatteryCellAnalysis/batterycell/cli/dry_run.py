"""``--dry-run``: what the work would take, said before it starts, of the verbs for many or large volumes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from batterycell.errors import InputError

if TYPE_CHECKING:
    from batterycell.cluster.dry_run import DryRun
    from batterycell.io import LoadOptions
    from batterycell.lot import LotCell

# docs/figures.md, "A whole cell": 728 × 728 × 1500 voxels of one byte took 115 s and 1.70 GB on two cores, half as
# many slices 77 s; 100 slices of the same took up to 0.3 GB.
_CELL_S, _CELL_S_A_VOXEL = 39.0, 38.0 / (728 * 728 * 750)
_CELL_GB, _CELL_GB_A_GB = 0.3, 1.8
_CELL_KNOWN = (
    "docs/figures.md: a cell of 728 × 728 × 1500 voxels in 115 s on two cores of the machine there; not measured here"
)
_SCENE_COPIES, _PICTURES_BYTES = 2, 20e6


def add_dry_run_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--dry-run``."""
    parser.add_argument(
        "--dry-run", action="store_true", help="say how many pieces, how much memory and time it takes, and leave"
    )


def workers_of(args: argparse.Namespace) -> int:
    """How many workers there would be."""
    place = args.cluster
    if place is None:
        return 1
    if place.kind == "slurm":
        from batterycell.cluster.slurm import read_slurm

        return read_slurm(place.file).workers
    if place.kind == "local":
        return int(place.workers)
    from batterycell.cluster import open_cluster

    with open_cluster(place) as cluster:
        return cluster.workers


def lot_dry_run(cells: Sequence[LotCell], out: Path, options: LoadOptions, workers: int) -> DryRun:
    """What it would take to measure a lot.

    Args:
        cells: The cells.
        out: The lot's folder.
        options: How the images are read.
        workers: How many workers there would be.
    """
    from batterycell.cluster.dry_run import DryRun

    open_ones = [cell for cell in cells if not cell.is_result]
    sizes, notes = _sizes([cell.source for cell in open_ones], options)
    largest = max((bytes_ for _, bytes_ in sizes), default=0)
    return DryRun(
        len(sizes),
        "cells",
        sum(voxels for voxels, _ in sizes),
        _CELL_GB * 1e9 + _CELL_GB_A_GB * largest,
        sum(_SCENE_COPIES * bytes_ + _PICTURES_BYTES for _, bytes_ in sizes),
        [_CELL_S + _CELL_S_A_VOXEL * voxels for voxels, _ in sizes],
        workers,
        _CELL_KNOWN,
        [*notes, *_kept(cells, out)],
    )


def _kept(cells: Sequence[LotCell], out: Path) -> list[str]:
    """What need not be measured, for people."""
    results = sum(cell.is_result for cell in cells)
    before = sum((out / cell.name / "summary.json").is_file() for cell in cells if not cell.is_result)
    told = (
        (before, f"{before} of them have a result, which is kept where files and settings are the same."),
        (results, f"{results} result folders are read, not measured."),
    )
    return [sentence for count, sentence in told if count]


def _sizes(sources: Sequence[Path], options: LoadOptions) -> tuple[list[tuple[int, int]], list[str]]:
    """Voxels and bytes of images from their headers, and what cannot be read."""
    from math import prod

    from batterycell.io.estimate import estimate

    sizes, notes = [], []
    for source in sources:
        try:
            found = estimate(source, options)
            sizes.append((prod(found.shape) // options.step**3, found.bytes_at(options.step)))
        except InputError as error:
            notes.append(error.message)
    return sizes, notes
