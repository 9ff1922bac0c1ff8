"""Foreign particles and voids in the jelly roll of a cell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Quantity, Stage
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice.sampling import kept_in_threads
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume
from batterycell.winding import Windings, trace_windings

from .background import MARGIN_MM
from .blur import find_blur
from .candidates import THRESHOLD, Candidate, Findings, search
from .grid import RollGrid
from .places import Found, inclusion_table
from .size import Greys, fit_sphere, no_sphere, sphere_profile

Floats = NDArray[np.float64]
_MOST = 400


def find_inclusions(
    volume: Volume,
    cell: Cell,
    windings: Windings | None = None,
    progress: Progress | None = None,
    overhang: Table | None = None,
) -> Stage:
    """Find what is brighter (foreign particles, metal above all) or darker (voids) than its surroundings.

    The roll is unrolled turn by turn. Each place is held against the running medians beside it in the same sheet,
    along the sheet and along the axis; what stands out of both by more than six standard deviations of what is usual
    there is a candidate. Its diameter is that of the blurred sphere that fits best.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its windings; traced where they are not given.
        progress: Told how far it is.
        overhang: Every overhang: where the electrodes end; else the roll's mean ends are taken.

    Returns:
        The stage "inclusions", with the table ``inclusions``.

    Raises:
        InputError: if there is no jelly roll.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    if windings is None:
        windings, progress = trace_windings(volume, cell, progress.part(0.0, 0.2)), progress.part(0.2, 1.0)
    grid = RollGrid(volume, cell, windings, progress)
    pieces = _search(grid, progress.part(0.0, 0.85))
    strongest = sorted((one for piece in pieces for one in piece.candidates), key=lambda one: -one.sigmas)
    greys = _greys(volume, cell)
    found = _fit(grid, strongest[:_MOST], greys, progress.part(0.85, 1.0))
    table = inclusion_table(grid, found, greys, overhang)
    usual = float(np.nanmedian([piece.usual for piece in pieces]))
    progress.report(1.0, "looked for inclusions")
    return Stage("inclusions", "Foreign particles and voids", _quantities(table, _detectable_um(grid, greys, usual)),
                 {"inclusions": table}, notes=_notes(table, len(strongest)))  # fmt: skip


def inclusion_pieces(
    volume: Volume, cell: Cell, windings: Windings, progress: Progress
) -> dict[str, Callable[[], Findings]]:
    """What `find_inclusions` looks through piece by piece, by the names under which the findings are kept.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its windings.
        progress: Keeps what all pieces need.

    Raises:
        InputError: if there is no jelly roll.
    """
    return _pieces(RollGrid(volume, cell, windings, progress))


def _search(grid: RollGrid, progress: Progress) -> list[Findings]:
    grid.prepare()
    return kept_in_threads(_pieces(grid), progress, "looking for inclusions", grid.threads(MARGIN_MM))


def _pieces(grid: RollGrid) -> dict[str, Callable[[], Findings]]:
    return {f"inclusions-{n}": partial(search, grid, part) for n, part in enumerate(grid.parts(MARGIN_MM))}


def _fit(grid: RollGrid, candidates: list[Candidate], greys: Greys, progress: Progress) -> list[Found]:
    """Spheres of all candidates; of several that meet, the strongest."""
    found: list[Found] = []
    for n, one in enumerate(candidates):
        progress.report(n / len(candidates), "sizing inclusions")
        ras = grid.place(one.turns, one.depth, one.height_mm)
        if any(other.holds(ras, greys.blur_mm) for other in found):
            continue
        known = no_sphere(ras) if one.is_flat else fit_sphere(grid, ras, max(one.extent_mm), greys, one.contrast > 0)
        found.append(Found(one, known))
    return found


def _greys(volume: Volume, cell: Cell) -> Greys:
    """The scan's blur and its extreme grey values."""
    some = volume.array[:: max(1, len(volume.array) // 64), ::4, ::4]
    air, metal = np.percentile(some, [1, 99.8])
    return Greys(find_blur(volume, cell), float(air), float(metal), float(np.prod(volume.spacing_mm) ** (1 / 3)))


def _detectable_um(grid: RollGrid, greys: Greys, usual: float) -> float:
    """Diameter of the metal sphere whose peak, blurred, just reaches the threshold amid usual surroundings."""
    sizes = np.geomspace(0.2, 20, 200) * greys.blur_mm
    peaks = np.array([sphere_profile(np.zeros(1), size / 2, greys.blur_mm)[0] for size in sizes])
    parts = grid.parts(MARGIN_MM)
    amid = float(np.nanmedian(grid.sample(grid.piece(parts[len(parts) // 2], 0.0))[:, ::4, ::4]))
    seen = sizes[(greys.metal - amid) * peaks >= THRESHOLD * usual]
    return UM_PER_MM * float(seen[0]) if len(seen) else float("nan")


def _quantities(table: Table, detectable_um: float) -> tuple[Quantity, ...]:
    limit = Quantity("inclusion_detectable_um", "Smallest particle that is found", detectable_um, float("nan"), "µm",
                     "Diameter of a metal sphere that just stands out of usual surroundings in this scan; smaller "
                     "ones stay unseen.")  # fmt: skip
    particles = _of_kind(table, "particle", ("inclusion", "foreign particles"), detectable_um)
    return (*particles, *_of_kind(table, "void", ("void", "voids"), float("nan")), limit)


def _of_kind(table: Table, kind: str, names: tuple[str, str], unseen_um: float) -> tuple[Quantity, Quantity]:
    """Number, and largest diameter, of one kind; up to ``unseen_um`` one may be there that was not found."""
    name, words = names
    rows = table.where((table["kind"] == kind) & (table["flag"] == "ok"))
    # A candidate within two deviations of the threshold might as well lie under it.
    near = int((np.abs(rows["contrast_sd"]) < THRESHOLD + K95).sum())
    count = Quantity(f"{name}_count", f"Number of {words}", float(len(rows)), float(near), "",
                     f"How many {words} stand out of their surroundings by more than {THRESHOLD:g} standard "
                     "deviations; uncertain by those that just do.")  # fmt: skip
    sizes = rows["diameter_um"]
    largest = int(np.nanargmax(sizes)) if np.isfinite(sizes).any() else None
    value, half = (0.0, unseen_um) if len(rows) == 0 else (float("nan"), float("nan"))
    if largest is not None:
        # One to which no sphere could be fitted may be larger.
        half = float(rows["uncertainty_um"][largest]) if np.isfinite(sizes).all() else float("nan")
        value = float(sizes[largest])
    size = Quantity(f"{name}_largest_um", f"Largest of the {words}", value, half, "µm",
                    f"Equivalent diameter of the largest of the {words}; 0 where none was found, and then the "
                    "uncertainty is the smallest that would be (of voids it is not known).")  # fmt: skip
    return count, size


def _notes(table: Table, candidates: int) -> tuple[str, ...]:
    notes = []
    count = int(((table["kind"] == "particle") & (table["flag"] == "ok")).sum())
    if count:
        notes.append(f"{count} foreign particle{'s' if count > 1 else ''} stand{'s' if count == 1 else ''} out of "
                     "the windings: look at their places in the table of inclusions.")  # fmt: skip
    if candidates > _MOST:
        notes.append(f"{candidates} places stand out of the windings: only the {_MOST} strongest were measured; the "
                     "scan may be too noisy, or the windings traced wrongly.")  # fmt: skip
    return tuple(notes)
