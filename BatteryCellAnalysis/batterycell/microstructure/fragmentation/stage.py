"""The numbers of fragmentation with their intervals, and what must be told of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from batterycell.measured import Quantity, Stage
from batterycell.microstructure.intervals import Estimate
from batterycell.tables import Table

from .intervals import Sample
from .settings import FragmentationSettings

_FEW = 30
# The diameter of a sphere over the mean diameter of its sections.
_SPHERE = 4 / np.pi


def fragmentation_stage(
    table: Table,
    settings: FragmentationSettings,
    voxel_um: tuple[float, float, float],
    shape: tuple[int, int, int],
    log: tuple[str, ...] = (),
) -> Stage:
    """What was found in numbers.

    Args:
        table: One row a particle.
        settings: What counted as a crack; nothing left open.
        voxel_um: Voxel size (z, y, x) in µm.
        shape: (k, j, i).
        log: What must be told of the separation.
    """
    repeats = _repeats(table, settings, voxel_um, shape)
    sample = Sample(table["weight"], repeats, settings.bootstrap, settings.seed)
    quantities = (*_counts(table), *_shares(table, sample), *_ratios(table, sample, settings))
    notes = (*log, *_notes(table, settings, repeats))
    return Stage("fragmentation", "Fragmentation", quantities, {"fragments": table}, notes=notes)


def _repeats(
    table: Table, settings: FragmentationSettings, voxel_um: tuple[float, float, float], shape: tuple[int, int, int]
) -> float:
    """In how many slices the same particle is seen, on average."""
    if settings.dimension == 3 or shape[0] == 1:
        return 1.0
    across = _SPHERE * float(np.mean(table["equivalent_diameter_um"]))
    return float(np.clip(across / voxel_um[0], 1, shape[0]))


def _counts(table: Table) -> Iterator[Quantity]:
    told = "Particles in the table, broken ones counted once; those that the border may cut included."
    yield Quantity("microstructure_particle_count", "Particles looked at", float(len(table)), 0.0, "", told)


def _shares(table: Table, sample: Sample) -> Iterator[Quantity]:
    by = "by number, those off the border weighted for those on it (Miles 1974); interval: Jeffreys'"
    told = f"Share of particles in two or more pieces of at least the stated part (2 %), {by}."
    yield _percent("broken", "Broken particles", sample.share(table["broken"] > 0), told)
    told = f"Share of particles with a crack longer than the stated length, {by}."
    yield _percent("cracked", "Cracked particles", sample.share(table["cracked"] > 0), told)


def _ratios(table: Table, sample: Sample, settings: FragmentationSettings) -> Iterator[Quantity]:
    two = settings.dimension == 2
    power, what = ("um2", "area") if two else ("um3", "volume")
    solid, crack, void = (table[f"{name}_{power}"] for name in ("solid", "crack", "void"))
    by = "interval: particles drawn again (bootstrap)"
    told = f"Cracks as a share of the particles' {what}, cracks and voids included; {by}."
    yield _percent("crack_fraction", f"Crack {what} fraction", sample.ratio(crack, solid + crack + void), told)
    found = sample.ratio(table["fragments"].astype(float), np.ones(len(table)), 1.0)
    told = f"Mean number of fragments of a particle, 1 for whole ones; {by}."
    yield _quantity("fragments_per_particle", "Fragments per particle", found, "", told)
    broken = (table["broken"] > 0).astype(float)
    found = sample.ratio(table["fragments"] * broken, broken, 1.0)
    told = f"Mean number of fragments of a broken particle; {by}."
    yield _quantity("fragments_per_broken_particle", "Fragments per broken particle", found, "", told)
    with np.errstate(invalid="ignore", divide="ignore"):
        walls = np.nan_to_num(2 * crack / table["crack_width_um"])
    told = f"Mean width of cracks: twice their {what} over their surface; {by}."
    yield _quantity("crack_width_um", "Crack width", sample.ratio(2 * crack, walls), "µm", told)


def _percent(name: str, title: str, found: Estimate, told: str) -> Quantity:
    return _quantity(f"{name}_percent", title, found.times(100), "%", told)


def _quantity(name: str, title: str, found: Estimate, units: str, told: str) -> Quantity:
    return Quantity(f"microstructure_{name}", title, found.value, found.half, units, told)


def _notes(table: Table, settings: FragmentationSettings, repeats: float) -> Iterator[str]:
    yield (
        f"Pores up to {settings.crack_um:.3g} µm wide inside a particle count as cracks, wider ones as gaps between "
        "particles: set the width of your widest cracks if it is another."
    )
    inside = int((table["weight"] > 0).sum())
    if inside < _FEW:
        yield f"Only {inside} particles lie off the border: shares and fractions are rough."
    if repeats > 1:
        yield f"The same particle is seen in about {repeats:.0f} slices: intervals are wider by that."
