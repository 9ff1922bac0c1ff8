"""A model on an image or a region of it: block by block, in bounded memory, going on where it was broken off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.data.grid import Grid
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.device import Device
from batterycell.segment.image import Image, Levels
from batterycell.segment.model.bundle import LoadedModel
from batterycell.volume import Volume

from .blocks import Seen, judge_block
from .engine import prepared
from .foreign import find_foreign, fit_channels
from .plan import AXES, Plan, axis_first, cut_blocks, make_plan, part
from .predict import Windows
from .room import largest_edge
from .settings import ApplySettings, Box, Segmented
from .store import Store, hash_image, kept_signature

# Work that was kept in another way must not be taken up again.
_FORMAT = 1
_PREPARED = 0.03
_DEFAULT = ApplySettings()
_SILENT = Progress()


@dataclass(frozen=True)
class _Job:
    image: Image
    model: LoadedModel
    settings: ApplySettings
    levels: tuple[Levels, ...]
    plan: Plan
    device: Device
    region: Box

    def signature(self, progress: Progress) -> dict[str, Any]:
        """What decides on the result; of what depends on the free memory, what it was where work goes on."""
        work = self.settings.work
        values = {
            "format": _FORMAT,
            "image": "" if work is None else hash_image(self.image, progress),
            "model": self.model.hash,
            "settings": self.settings.to_json(),
            "levels": [[one.low, one.high] for one in self.levels],
            "device": self.device.kind,
            "memory": self.settings.memory,
            "edge": largest_edge(self.model.info.network, self.device.name),
        }
        kept = (work and kept_signature(work)) or {}
        return values | {name: kept[name] for name in ("memory", "edge") if name in kept}

    def blocks(self, memory: int) -> list[Box]:
        """The blocks, axis of the plan first."""
        first, last = (axis_first(place, self.plan.axis) for place in self.region)
        return cut_blocks((first, last), self.model.info.network, self.plan.scale, memory)

    def windows(self, edge: int) -> Windows:
        """How blocks are cut for the network."""
        mixed = self.settings.mixed_precision
        is_mixed = self.device.mixed_precision if mixed is None else mixed
        return Windows(edge, flips=self.settings.flips, mixed_precision=is_mixed)


def segment_image(
    image: Image, model: LoadedModel, settings: ApplySettings = _DEFAULT, progress: Progress = _SILENT
) -> Segmented:
    """The labels of an image or of a region of it.

    Args:
        image: The image; its voxels may be a mapped file.
        model: The model; its network is moved to the device.
        settings: What to segment, and how. With a work folder, what is finished there is kept, and labels and
            uncertainty are files of it, mapped.
        progress: Told after every block; asked whether to stop.

    Raises:
        InputError: if the model needs other channels, or the region is no part of the image.
        Cancelled: if the user asked to stop; what is finished stays in the work folder.
    """
    image, settings = fit_channels(image, model.info, settings)
    region = _region(image, settings.region)
    progress.report(0.0, "measuring grey levels")
    levels = with_levels(image, settings).levels or ()
    plan = make_plan(image, model.info, settings.along)
    model, device = prepared(model, settings.device)
    job = _Job(image, model, settings, levels, plan, device, region)
    store, kept = _run(job, progress)
    notes = [*find_foreign(image, model.info, levels), *_notes(job), *kept]
    return _segmented(job, store, notes)


def with_levels(image: Image, settings: ApplySettings) -> ApplySettings:
    """The settings with an image's levels, measured where they are not known."""
    return replace(settings, levels=settings.levels or tuple(measure_levels(channel) for channel in image.channels))


def _run(job: _Job, progress: Progress) -> tuple[Store, list[str]]:
    signature = job.signature(progress.part(0.0, _PREPARED))
    blocks, windows = job.blocks(signature["memory"]), job.windows(signature["edge"])
    shape = tuple(b - a for a, b in zip(*job.region, strict=True))
    names = ("labels", "uncertainty") if job.settings.uncertainty else ("labels",)
    store = Store(job.settings.work, signature, shape, names)
    left = [number for number in range(len(blocks)) if number not in store.finished]
    for done, number in enumerate(left):
        share = progress.part(_PREPARED, 1.0).part(done / len(left), (done + 1) / len(left))
        seen = Seen(job.image, job.levels, job.plan, blocks[number])
        told = _counted(share, number, len(blocks))
        _keep(store, job, blocks[number], judge_block(seen, job.model, (job.device.name, windows), told, names))
        store.finish(number)
    kept = len(blocks) - len(left)
    return store, [f"{kept} of {len(blocks)} blocks were kept from work that was broken off."] if kept else []


def _counted(progress: Progress, number: int, count: int) -> Progress:
    message = f"segmenting block {number + 1} of {count}"
    return Progress(lambda fraction, _: progress.report(fraction, message), progress.is_cancelled)


def _region(image: Image, region: Box | None) -> Box:
    slices, rows, columns = shape = image.grid.array.shape
    if region is None:
        return (0, 0, 0), (slices, rows, columns)
    if not all(0 <= a < b <= n for a, b, n in zip(*region, shape, strict=True)):
        message = f"The region {region[0]} to {region[1]} is no part of {image.name}, which has {shape} voxels."
        raise InputError("region-outside", message, "Name its first voxel and one past its last, slices first.")
    return region


def _keep(store: Store, job: _Job, block: Box, found: dict[str, NDArray[np.uint8]]) -> None:
    corner = axis_first(job.region[0], job.plan.axis)
    place = tuple(slice(a - first, b - first) for a, b, first in zip(*block, corner, strict=True))
    for name, array in store.arrays.items():
        np.moveaxis(array, job.plan.axis, 0)[place] = found[name]


def _notes(job: _Job) -> list[str]:
    """How the image was seen."""
    notes = [f"Computed on {job.device.why}."]
    if job.model.info.network.dimension != "3d" and job.plan.axis:
        notes.append(f"Slices were taken along the image's axis {AXES[job.plan.axis]}.")
    if job.plan.is_resampled:
        old, new = (_micrometres(grid) for grid in (job.plan.image, job.plan.network))
        notes.append(f"Voxels of {old} were resampled to {new}, those of the training; labels are on the image's own.")
    return notes


def _micrometres(grid: Grid) -> str:
    return " × ".join(f"{size:.4g}" for size in grid.voxel_size_um) + " µm"


def _segmented(job: _Job, store: Store, notes: list[str]) -> Segmented:
    grid, image = part(Grid.of(job.image.grid), job.region), job.image
    source = image.grid.voxel_size_source
    volumes = {
        name: Volume(array, grid.ijk_to_ras, source, f"{image.name} {name}") for name, array in store.arrays.items()
    }
    return Segmented(volumes["labels"], volumes.get("uncertainty"), notes)
