"""Sections of generated cells, as samples to learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom import CellLabel
from batterycell.pretrain.plan import Split, random_of
from batterycell.segment.data.levels import QUANTILES
from batterycell.segment.image import Levels
from batterycell.segment.samples import Sample

from .cell import Cell, Kind
from .cylinders import random_cylinder
from .factory import longitudinal_slices, random_whole_cell
from .planes import Plane, lay_plane
from .ranges import HELD_OUT, TRAINING, Ranges
from .scanner import Look, random_look, scan
from .stacks import random_stack

Array = NDArray[Any]
BACKGROUND, CATHODE, OVERHANG, CAN = 1, 2, 3, 4
_CLASS_OF = {CellLabel.CATHODE: CATHODE, CellLabel.OVERHANG: OVERHANG, CellLabel.CAN: CAN}
_SCANS, _SECTIONS = 2, 4
_WHOLE = 0.2  # of the specimens are scans of whole cells, slow to make and true in three dimensions
_ROUND = 0.7  # of the cells are cylindrical
_KINDS: dict[Kind, float] = {"half": 0.56, "whole": 0.17, "offset": 0.14, "oblique": 0.08, "across": 0.05}
_QUARTERS = (0.4, 0.15, 0.3, 0.15)  # upright, lying, upside down, lying
_AIR = 0.3  # of a scan lies outside of a cylinder of the can's size: its corners, and a little margin
_CUT, _PERCENTILES = 0.1, (1.0, 99.0)


def draw_cell(seed: int, split: Split) -> list[Sample]:
    """Sections of one generated cell in several scans; see `Pretraining.draw`."""
    rng = random_of(seed, split)
    family, ranges = _family(seed) if split == "held-out" else ("varied", TRAINING)
    if split != "held-out" and rng.random() < _WHOLE:
        return _draw_whole(rng, f"{family}/{seed}")
    cell: Cell = random_cylinder(rng, ranges) if rng.random() < _ROUND else random_stack(rng, ranges)
    samples: list[Sample] = []
    for number in range(_SCANS):
        look = random_look(rng, ranges, cell.pitch_um)
        samples += scan_cell(rng, cell, look, f"{family}/{seed}-{number}")
    return samples


def _draw_whole(rng: np.random.Generator, source: str) -> list[Sample]:
    phantom = random_whole_cell(rng)
    classes = _classes(np.arange(max(CellLabel) + 1), has_can=True)
    return [_turned(rng, sample) for sample in longitudinal_slices(rng, phantom, classes, source)]


def scan_cell(rng: np.random.Generator, cell: Cell, look: Look, source: str, sections: int = _SECTIONS) -> list[Sample]:
    """Sections of one scan; the first is longitudinal, and tells the grey range of the scan."""
    kinds: list[Kind] = ["half", *_random_kinds(rng, cell, sections - 1)]
    voxel = cell.voxel_um(look.across_um, look.along_um)
    planes = [lay_plane(rng, cell, kind, voxel) for kind in kinds]
    scans = [scan(rng, cell, plane, look) for plane in planes]
    levels, quantiles = _grey_range(scans[0][0], cell, planes[0])
    samples: list[Sample] = []
    for kind, plane, (grey, label) in zip(kinds, planes, scans, strict=True):
        labels = _classes(label, cell.has_can)
        _cut_off(rng, grey, labels)
        name = f"{kind} {len(samples)}"
        sample = Sample(name, source, grey[None, None], labels[None], (levels,), plane.voxel_size_um,
                        quantiles=(quantiles,))  # fmt: skip
        samples.append(_turned(rng, sample))
    return samples


def _random_kinds(rng: np.random.Generator, cell: Cell, count: int) -> list[Kind]:
    """Planes in the sheets of a stack show one sheet of which nothing tells what it is: only wound cells have them."""
    kinds = {name: part for name, part in _KINDS.items() if cell.is_round or name != "across"}
    total = sum(kinds.values())
    return [str(one) for one in rng.choice(list(kinds), count, p=[part / total for part in kinds.values()])]  # type: ignore[misc]


def _turned(rng: np.random.Generator, sample: Sample) -> Sample:
    """A sample with its cell upright, upside down or lying: as scans are stored."""
    quarters, mirrored = int(rng.choice(4, p=_QUARTERS)), 1 if rng.random() < 0.5 else -1
    image, labels = (np.rot90(one, quarters, (-2, -1))[..., ::mirrored] for one in (sample.image, sample.labels))
    z, y, x = sample.voxel_size_um
    size = (z, y, x) if quarters % 2 == 0 else (z, x, y)
    return replace(sample, image=np.ascontiguousarray(image), labels=np.ascontiguousarray(labels), voxel_size_um=size)


def _family(seed: int) -> tuple[str, Ranges]:
    return list(HELD_OUT.items())[seed % len(HELD_OUT)]


def _classes(label: Array, has_can: bool) -> NDArray[np.uint8]:
    """Values of the classes; a pouch is background, as it is no can."""
    classes = np.full(max(CellLabel) + 1, BACKGROUND, np.uint8)
    for name, value in _CLASS_OF.items():
        classes[name] = value if value != CAN or has_can else BACKGROUND
    return classes[label]


def _grey_range(grey: Array, cell: Cell, plane: Plane) -> tuple[Levels, tuple[float, ...]]:
    """Levels and quantiles of the whole scan that a longitudinal section belongs to.

    In a cylinder a pixel stands for all around the axis, and some of the scan is air beside it.
    """
    radius = cell.radius(plane.points).ravel()
    values, weights = grey.ravel().astype(float), np.ones(grey.size)
    if cell.is_round:
        weights = np.where(radius < 1, radius, 0.0)
        air = values[radius > 1] if (radius > 1).sum() > 100 else np.array([values.min()])
        values = np.concatenate([values, air])
        weights = np.concatenate([weights / weights.sum() * (1 - _AIR), np.full(len(air), _AIR / len(air))])
    order = np.argsort(values)
    shares = np.cumsum(weights[order]) / weights.sum()
    low, high = np.interp(np.array(_PERCENTILES) / 100, shares, values[order])
    levels = Levels(float(low), float(max(high, low + 1)))
    found = np.interp(QUANTILES, shares, levels.apply(values[order]))
    return levels, tuple(float(value) for value in found)


def _cut_off(rng: np.random.Generator, grey: Array, labels: NDArray[np.uint8]) -> None:
    """Where a tilted scan ends across a section: black, and unknown what is there."""
    if rng.random() > _CUT:
        return
    rows, columns = np.indices(grey.shape)
    edge = grey.shape[0] * rng.uniform(0.8, 0.98) + rng.uniform(-0.08, 0.08) * (columns - grey.shape[1] / 2)
    beyond = rows > edge
    grey[beyond], labels[beyond] = 0, 0
