"""Make one generated cell, measure it by the stages of the road, and hold every number against its truth."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from batterycell.measured import Stage
from batterycell.orient import Cell, find_cell
from batterycell.overhang import NEGATIVE_FLAGS, measure_overhang
from batterycell.phantom import Delamination, EndDefect, HardCell, Phantom, make_cell, random_hard_cell
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from batterycell.winding import Windings, measure_winding, trace_windings
from matching import match
from numpy.typing import NDArray
from overhang_accuracy import ANGLES, peers

Floats = NDArray[np.float64]
T = TypeVar("T")
NEGATIVES = 2
NONE: Floats = np.empty(0)
DEEP_VOXELS = 0.5  # a negative overhang nearer to zero than this may be read as positive
REACH_MM = 0.4  # between a true and a found particle or gap


@dataclass
class CellScore:
    """How one generated cell was measured.

    Args:
        seed: It was drawn from.
        families: What made it hard, its own first.
        negatives: Places at which the anode ends before the cathode.
        voxel_um: Voxel along the cell's axis, or the larger one.
        readable: Overhangs that are there.
        error: Error of each that was read, in µm.
        true: Its true value.
        uncertainty: Its stated half width.
        unread: What guessing the median would miss those by that were not read, in µm.
        counts: Named counts.
        numbers: Errors of named numbers.
        covered: Whether the stated interval of a named number holds its truth.
        peers: Errors in µm of bounding box and ellipse.
        failures: Stage and message.
    """

    seed: int
    families: tuple[str, ...]
    negatives: int
    voxel_um: float = np.nan
    readable: int = 0
    error: Floats = field(default_factory=NONE.copy)
    true: Floats = field(default_factory=NONE.copy)
    uncertainty: Floats = field(default_factory=NONE.copy)
    unread: Floats = field(default_factory=NONE.copy)
    counts: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    covered: dict[str, bool] = field(default_factory=dict)
    peers: tuple[Floats, Floats] = (NONE, NONE)
    failures: dict[str, str] = field(default_factory=dict)

    def attempt(self, stage: str, work: Callable[[], T]) -> T | None:
        """The result of some work; a failure is kept, not raised."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a cell is a result of the benchmark
            line = traceback.extract_tb(error.__traceback__)[-1]
            where = "" if hasattr(error, "hint") else f" ({line.filename.rsplit('/', 1)[-1]}:{line.lineno})"
            self.failures[stage] = f"{type(error).__name__}: {error}{where}"
            return None


def score_cell(seed: int, negatives: int) -> CellScore:
    """Draw, make and measure the cell of a seed; with negatives only its overhang is measured."""
    hard = random_hard_cell(seed, negatives)
    score = CellScore(seed, hard.families, negatives)
    made = score.attempt("phantom", lambda: make_cell(hard.spec, hard.scan, seed, angles=ANGLES))
    if made is not None:
        _score_made(score, made, hard)
    return score


def _score_made(score: CellScore, made: Phantom, hard: HardCell) -> None:
    score.voxel_um = float(made.volume.spacing_mm.max()) * UM_PER_MM
    volume = made.volume
    cell = score.attempt("find_cell", lambda: find_cell(volume))
    if cell is not None:
        slope = abs(float(cell.frame.up @ made.frame.up))
        score.numbers["axis (deg)"] = float(np.degrees(np.arccos(min(slope, 1.0))))
    windings = cell and score.attempt("trace_windings", lambda: trace_windings(volume, cell))
    table = cell and score.attempt("overhang", lambda: measure_overhang(volume, cell, ANGLES, windings=windings))
    _score_overhang(score, made, _same_ends(table, cell, made) if table is not None and cell is not None else None)
    if score.negatives or cell is None:
        return
    score.peers = score.attempt("peers", lambda: peers(made)) or (NONE, NONE)
    if hard.spec.can.present:
        stage = score.attempt("can", lambda: _can(made, cell))
        score.attempt("can truth", lambda: _score_can(score, made, stage)) if stage else None
    if windings is None:
        return
    score.attempt("windings truth", lambda: _score_path(score, made, cell, windings))
    stage = score.attempt("winding", lambda: measure_winding(volume, cell, windings))
    score.attempt("winding truth", lambda: _score_winding(score, made, stage)) if stage else None
    stage = score.attempt("inclusions", lambda: _inclusions(made, cell, windings))
    score.attempt("inclusions truth", lambda: _score_inclusions(score, made, stage)) if stage else None


# Imported where they are used: a version without one of these stages is measured in all others.
def _can(made: Phantom, cell: Cell) -> Stage:
    from batterycell.can import measure_can

    return measure_can(made.volume, cell)


def _inclusions(made: Phantom, cell: Cell, windings: Windings) -> Stage:
    from batterycell.inclusions import find_inclusions

    return find_inclusions(made.volume, cell, windings)


def _same_ends(table: Table, cell: Cell, made: Phantom) -> Table:
    """The ends named as in the truth, where nothing in the scan tells the top from the bottom."""
    if cell.top_from != "unknown" or cell.frame.up @ made.frame.up > 0:
        return table
    names = {"top": "bottom", "bottom": "top"}
    return Table(table.columns, table.data | {"end": np.array([names[str(end)] for end in table["end"]])})


def _score_overhang(score: CellScore, made: Phantom, table: Table | None) -> None:
    truth = made.truth
    there = np.isin(truth["flag"], ("ok", "negative"))
    score.readable = int(there.sum())
    if table is None:
        score.unread = np.abs(truth["overhang_um"][there])
        return
    found = match(table, truth)
    score.true = truth["overhang_um"][found.true[found.found]]
    read = found.measured[found.found]
    score.error = table["overhang_um"][read] - score.true
    score.uncertainty = table["uncertainty_um"][read]
    guess = np.median(table["overhang_um"][read]) if len(read) else 0.0
    score.unread = np.abs(truth["overhang_um"][found.true[~found.found]] - guess)
    flagged = np.isin(found.flags, NEGATIVE_FLAGS)
    true = truth["overhang_um"][found.true]
    deep = true < -DEEP_VOXELS * score.voxel_um
    score.counts |= {
        "negative": int((true < 0).sum()), "negative found": int(((true < 0) & flagged).sum()),
        "deep": int(deep.sum()), "deep found": int((deep & flagged).sum()),
        "false negative": int(((true >= 0) & flagged).sum()), "false read": len(found.false),
    }  # fmt: skip
    places = [_place(made, defect, found.true) for defect in _negative_places(made)]
    score.counts |= {
        "places": sum(bool(rows.any()) for rows in places),
        "places found": sum(bool((rows & flagged).any()) for rows in places),
    }


def _negative_places(made: Phantom) -> list[EndDefect]:
    return [d for d in made.spec.defects if isinstance(d, EndDefect) and d.overhang_um is not None]


def _place(made: Phantom, defect: EndDefect, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which true rows lie at a defect and are negative well beyond doubt."""
    truth = made.truth
    away = np.abs((truth["angle_deg"][rows] - defect.angle_deg + 180) % 360 - 180) < defect.width_deg / 2
    near = np.abs(truth["winding"][rows] - defect.winding) <= 1
    deep = truth["overhang_um"][rows] < -DEEP_VOXELS * float(made.volume.spacing_mm.max()) * UM_PER_MM
    return np.asarray(away & near & deep)


def _values(stage: Stage) -> dict[str, tuple[float, float]]:
    return {one.name: (one.value, one.uncertainty) for one in stage.quantities}


def _hold(score: CellScore, stage: Stage, truths: dict[str, float]) -> None:
    """Keep error and coverage of each number of a stage whose truth is known."""
    found = _values(stage)
    for name, truth in truths.items():
        value, half = found.get(name, (np.nan, np.nan))
        score.numbers[name] = value - truth
        if np.isfinite(half) and np.isfinite(value):
            score.covered[name] = bool(abs(value - truth) <= half)


def _score_can(score: CellScore, made: Phantom, stage: Stage) -> None:
    truth, can = made.can_truth, made.spec.can
    angles, heights = np.arange(0, 360, 2.0), np.arange(*made.can_shape.straight_mm, 0.05)[:, None]
    ras = made.frame.from_cylindrical(angles, made.can_shape.outer_mm(angles, heights), heights)
    ijk = made.volume.to_ijk(ras)
    seen = np.all((ijk >= 0) & (ijk <= np.array(made.volume.array.shape[::-1]) - 1), axis=-1)
    dents = np.where(seen, made.can_shape.dent_um(angles, heights), 0.0)
    walls = np.where(seen, made.can_shape.wall_um(angles, heights), np.nan)
    _hold(score, stage, {
        "can_outer_diameter_mm": truth["outer_diameter_mm"], "can_inner_diameter_mm": truth["inner_diameter_mm"],
        "can_wall_mean_um": float(np.nanmean(walls)), "can_wall_min_um": float(np.nanmin(walls)),
        "can_ovality_percent": truth["ovality_percent"], "can_dent_depth_um": float(dents.max()),
    })  # fmt: skip
    across = float(made.volume.spacing_mm.min()) * UM_PER_MM
    for part in ("outer", "inner"):
        name = f"can_{part}_diameter_mm"
        score.numbers[f"{part} diameter (%)"] = 100 * score.numbers[name] / truth[f"{part}_diameter_mm"]
    score.numbers["wall (voxel)"] = score.numbers["can_wall_mean_um"] / across
    score.numbers["least wall (voxel)"] = score.numbers["can_wall_min_um"] / across
    kind = "dent depth (voxel)" if can.dents and dents.max() > across else "dent where none is (voxel)"
    score.numbers[kind] = score.numbers["can_dent_depth_um"] / across
    _score_dent_map(score, made, stage, across)


def _score_dent_map(score: CellScore, made: Phantom, stage: Stage, across: float) -> None:
    """Errors at all places of the map of dents on the straight wall."""
    for found in stage.maps:
        if found.name == "can_dent_um":
            angle, _, height = made.frame.to_cylindrical(found.places)
            low, high = made.can_shape.straight_mm
            straight = (height > low) & (height < high) & np.isfinite(found.values)
            off = (found.values - made.can_shape.dent_um(angle, height))[straight] / across
            score.numbers["dent map, mean abs. (voxel)"] = float(np.mean(np.abs(off)))


def _score_winding(score: CellScore, made: Phantom, stage: Stage) -> None:
    _, _, seen = made.frame.to_cylindrical(stage.maps[0].places)
    truth = replace(made.winding_truth, heights_mm=(float(np.nanmin(seen)), float(np.nanmax(seen)))).describe()
    _hold(score, stage, {
        "winding_count": truth["count"], "winding_turns": truth["turns"], "winding_pitch_um": truth["pitch_um"],
        "winding_deviation_mean_um": truth["deviation_mean_um"],
        "winding_deviation_max_um": truth["deviation_max_um"], "core_buckling_um": truth["core_buckling_um"],
    })  # fmt: skip
    across = float(made.volume.spacing_mm.min()) * UM_PER_MM
    score.numbers["pitch (%)"] = 100 * score.numbers["winding_pitch_um"] / truth["pitch_um"]
    for short, name in (("mean deviation", "winding_deviation_mean_um"), ("greatest deviation",
                        "winding_deviation_max_um"), ("core buckling", "core_buckling_um")):  # fmt: skip
        score.numbers[f"{short} (voxel)"] = score.numbers[name] / across
    found = stage.tables["gaps"]
    pairs = _score_places(score, "gap", (made.gap_truth, found))
    _score_sizes(score, "gap", [found["opening_um"][b] - _opening_um(made, a, found, b) for a, b in pairs.items()])


def _score_path(score: CellScore, made: Phantom, cell: Cell, windings: Windings) -> None:
    """The traced middle of the cathode against the true one."""
    truth = made.winding_truth
    turns = np.arange(0, truth.turns, 1 / 360)
    turns = turns[truth.present(turns) & truth.present(turns + 0.02) & truth.present(np.maximum(turns - 0.02, 0))]
    height = float(made.frame.to_cylindrical(cell.frame.origin + windings.heights_mm.mean() * cell.frame.up)[2])
    place = windings.winding_at(truth.ras(turns, height))
    clear = np.abs((turns + 0.5) % 1 - 0.5) > 0.02
    score.numbers["numbered right (%)"] = 100 * float(np.mean((place.winding == np.floor(turns) + 1)[clear]))
    off = np.abs(place.distance_um[np.isfinite(place.distance_um)]) / UM_PER_MM / made.volume.spacing_mm.min()
    score.numbers["cathode's middle, mean abs. (voxel)"] = float(off.mean())


def _score_inclusions(score: CellScore, made: Phantom, stage: Stage) -> None:
    found = stage.tables["inclusions"]
    found = found.where((found["kind"] == "particle") & (found["flag"] == "ok"))
    true = made.inclusion_truth
    pairs = _score_places(score, "particle", (true, found))
    _score_sizes(score, "particle", [found["diameter_um"][b] - true["diameter_um"][a] for a, b in pairs.items()])


def _opening_um(made: Phantom, gap: int, found: Table, row: int) -> float:
    """How far a true gap is open where it was measured: its widest place may lie beyond what was traced."""
    settings = [defect for defect in made.spec.defects if isinstance(defect, Delamination)]
    place = np.array([found[f"{axis}_mm"][row] for axis in "ras"])
    angle, _, height = made.frame.to_cylindrical(place)
    return made.winding_truth.opening_um(settings[gap], float(angle), float(height))


def _score_sizes(score: CellScore, kind: str, errors: list[Any]) -> None:
    if errors:
        score.numbers[f"{kind} size, mean (µm)"] = float(np.nanmean(errors))


def _score_places(score: CellScore, kind: str, tables: tuple[Table, Table]) -> dict[int, int]:
    """Match places, the nearest first, and count the found and the false: rows of true and found that are the same."""
    true, found = (np.column_stack([table[f"{axis}_mm"] for axis in "ras"]) for table in tables)
    distance = np.linalg.norm(true[:, None] - found[None], axis=2)
    pairs: dict[int, int] = {}
    for row, column in zip(*np.unravel_index(np.argsort(distance, axis=None), distance.shape), strict=True):
        reach = REACH_MM if kind == "particle" else 3 * REACH_MM
        if distance[row, column] < reach and row not in pairs and column not in pairs.values():
            pairs[int(row)] = int(column)
    score.counts |= {f"{kind}": len(true), f"{kind} found": len(pairs), f"{kind} false": len(found) - len(pairs)}
    return pairs
