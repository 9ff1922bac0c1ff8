"""Size distributions of objects by number and by volume, with intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.tables import Table

from .settings import MicrostructureSettings, slug
from .sizes_tails import tail_halves

Floats = NDArray[np.float64]
SIZE, WEIGHT = "equivalent_diameter_um", "weight"
# With fewer objects than this, an interval says nothing.
FEWEST = 5
PERCENTS = (10, 50, 90)
# From here on statistics hang on the largest objects: D90 by volume, Sauter's mean, span.
_TAIL = 5
# Draws are worked out in lots of so many numbers, to hold little.
_LOT = 2_000_000


@dataclass(frozen=True)
class Objects:
    """The objects of one class that enter a distribution.

    Args:
        name: The class.
        sizes: Equivalent diameters in µm, rising, shape (n,).
        weights: How many objects each stands for, shape (n,).
        dimension: 3 for bodies, 2 for their sections.
        left_out: Objects of the class on the border, for which the others stand.
    """

    name: str
    sizes: Floats
    weights: Floats
    dimension: int
    left_out: int

    @property
    def amounts(self) -> Floats:
        """Weights times volume (2D: area), up to a factor."""
        return np.asarray(self.weights * self.sizes**self.dimension)


def objects_of(table: Table, name: str, dimension: int) -> Objects:
    """The objects of a class in a table with ``class``, ``equivalent_diameter_um`` and ``weight``."""
    own = table.where(np.asarray(table["class"].astype(str) == name))
    sizes = own[SIZE]
    weights = own[WEIGHT] if WEIGHT in own.data else np.ones(len(own))
    used = np.isfinite(sizes) & (weights > 0)
    order = np.argsort(sizes[used], kind="stable")
    return Objects(name, sizes[used][order], weights[used][order], dimension, int((weights == 0).sum()))


def size_quantities(objects: Objects, settings: MicrostructureSettings) -> Iterator[Quantity]:
    """D10, D50 and D90 by number and by volume, Sauter's mean, and the span of the volume distribution."""
    values, halves = measure_sizes(objects, settings)
    body = (
        "sphere of equal volume"
        if objects.dimension == 3
        else "circle of the section's area, which is not that of the particle"
    )
    for n, (kind, title, told) in enumerate(_meanings(objects.dimension)):
        name = f"microstructure_{slug(objects.name)}_{kind}"
        told = (
            f"{told} Diameters are those of the {body}; objects are weighted for those the border cuts (Miles 1974); "
            "interval by drawing the objects again (bootstrap; Efron 1979), by volume at least that of lognormal sizes."
        )
        units = "" if kind == "span" else "µm"
        yield Quantity(name, f"{objects.name}: {title}", float(values[n]), float(halves[n]), units, told)


def _meanings(dimension: int) -> Iterator[tuple[str, str, str]]:
    volume = "volume" if dimension == 3 else "area"
    for percent in PERCENTS:
        yield f"d{percent}_number_um", f"D{percent} by number", f"{percent} % of the objects are not larger."
    for percent in PERCENTS:
        told = f"Objects that are not larger hold {percent} % of their {volume}."
        yield f"d{percent}_volume_um", f"D{percent} by {volume}", told
    yield "d32_um", "Sauter mean diameter", "D[3,2] = Σ d³ / Σ d² (ISO 9276-2)."
    yield "span", f"span by {volume}", f"(D90 - D10) / D50 by {volume}."


def measure_sizes(objects: Objects, settings: MicrostructureSettings) -> tuple[Floats, Floats]:
    """Values in the order of `size_quantities`, and half widths of their intervals; NaN where there are too few."""
    if not len(objects.sizes):
        return np.full(8, np.nan), np.full(8, np.nan)
    values = _statistics(objects, np.ones((1, len(objects.sizes))))[0]
    if len(objects.sizes) < FEWEST:
        return values, np.full(8, np.nan)
    drawn = np.concatenate([_statistics(objects, times) for times in _draws(len(objects.sizes), settings)])
    low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    # Draws of n from n scatter a little too little.
    wider = np.sqrt(len(objects.sizes) / (len(objects.sizes) - 1))
    halves = wider * np.maximum(high - values, values - low)
    tails = tail_halves(objects.sizes, objects.weights, values, objects.dimension)
    # Both for what hangs on the largest objects, the wider for the rest: calibrated on lognormal samples.
    return values, np.where(np.arange(8) >= _TAIL, np.hypot(halves, tails), np.maximum(halves, tails))


def _draws(count: int, settings: MicrostructureSettings) -> Iterator[NDArray[np.float64]]:
    """How often each object was drawn, shape (draws, count), in lots."""
    rng = np.random.default_rng(settings.seed)
    left = settings.bootstrap
    while left:
        lot = min(left, max(1, _LOT // count))
        # For many objects, drawing n of n is as good as a Poisson number of each, and faster.
        yield rng.poisson(1.0, (lot, count)).astype(float)
        left -= lot


def _statistics(objects: Objects, times: Floats) -> Floats:
    """The statistics of draws, shape (draws, 8); ``times`` is how often each object was drawn, (draws, n)."""
    numbers, amounts = times * objects.weights, times * objects.amounts
    quantiles = [_quantile(objects.sizes, mass, percent / 100) for mass in (numbers, amounts) for percent in PERCENTS]
    with np.errstate(invalid="ignore", divide="ignore"):
        sauter = numbers @ objects.sizes**3 / (numbers @ objects.sizes**2)
        span = (quantiles[5] - quantiles[3]) / quantiles[4]
    return np.stack([*quantiles, sauter, span], axis=1)


def _quantile(sizes: Floats, masses: Floats, share: float) -> Floats:
    """Size below which a share of the mass lies, each object's mass spread around its size; shape (draws,)."""
    below = np.cumsum(masses, axis=1)
    total = below[:, -1:]
    middles = below - masses / 2
    above = np.minimum((middles < share * total).sum(axis=1), len(sizes) - 1)
    under = np.maximum(above - 1, 0)
    rows = np.arange(len(masses))
    gap = middles[rows, above] - middles[rows, under]
    part = np.divide(share * total[:, 0] - middles[rows, under], gap, out=np.zeros(len(rows)), where=gap > 0)
    return np.asarray(sizes[under] + np.clip(part, 0, 1) * (sizes[above] - sizes[under]))
