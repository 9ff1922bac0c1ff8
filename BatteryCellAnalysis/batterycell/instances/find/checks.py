"""What is refused, and what must be told, where labels become objects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from batterycell.errors import InputError
from batterycell.instances.settings import LabelSettings
from batterycell.slabs import SlabSource

from .join import Tally
from .source import present_values

# One object that holds more than this part of all is hardly what was meant by objects.
_GIANT = 0.5
_FEW = 0.01


def check_shape(shape: tuple[int, int, int]) -> None:
    """Refuse a volume without a voxel."""
    if not all(shape):
        raise InputError("labels-empty", "The labels are empty: they have no voxel.", "Give a label volume.")


def flatten(settings: LabelSettings, shape: tuple[int, int, int], notes: list[str]) -> LabelSettings:
    """The settings in 2D where there is a single slice, which has no third dimension; says so."""
    if shape[0] != 1 or settings.dimension == 2:
        return settings
    notes.append("There is one slice only: objects and their measures are in 2D.")
    connectivity = {0: 0, 6: 4, 18: 8, 26: 8}[settings.connectivity]
    return replace(settings, dimension=2, connectivity=connectivity)


def note_separation(settings: LabelSettings, voxel_um: tuple[float, float, float], notes: list[str]) -> None:
    """Tell by what rule objects were separated, in the units of the sample."""
    if settings.separate == "watershed":
        crack = settings.widest_crack(voxel_um)
        gaps = f"; gaps up to {crack:.3g} µm wide divide nothing" if crack else ""
        rule = f"narrower than the smaller one by {100 * settings.neck:g} %"
        notes.append(f"Touching objects are separated at necks that are {rule}{gaps}.")


def check_classes(labels: SlabSource, settings: LabelSettings, objects: Tally) -> None:
    """Refuse labels that are all 0, or that lack a class that was asked for."""
    absent = sorted(set(settings.classes) - set(objects.classes.tolist()))
    if len(objects.voxels) and not absent:
        return
    present = present_values(labels)
    if not present:
        raise InputError("labels-empty", "The labels are empty: every voxel is 0.", "Segment something first.")
    name = ", ".join(map(str, absent))
    listed = ", ".join(map(str, present[:20])) + (" …" if len(present) > 20 else "")
    raise InputError("class-absent", f"No voxel has the label {name}.", f"Labels are {listed}.")


def warn_giant(found: Tally, shape: tuple[int, int, int], settings: LabelSettings) -> list[str]:
    """What is to be told of an object that holds most of all objects' voxels."""
    voxels = found.voxels
    if settings.separate != "none" or not len(voxels) or voxels.max() < _FEW * np.prod(shape, dtype=float):
        return []
    share = voxels.max() / voxels.sum()
    if share <= _GIANT:
        return []
    n = int(voxels.argmax()) + 1
    return [
        f"Object {n} holds {100 * share:.0f} % of all objects' voxels: what touches is one object. Separate touching "
        "objects by watershed, or choose faces only as connectivity."
    ]
