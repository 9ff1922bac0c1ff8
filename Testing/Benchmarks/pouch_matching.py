"""Match a measured stack of sheets with its truth, whatever way up each of them counts its layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from batterycell.measured import Stage
from batterycell.overhang import NEGATIVE_FLAGS, READABLE_FLAGS
from batterycell.phantom import Phantom
from batterycell.phantom.pouch_stack import PouchStack, Sheets
from batterycell.pouch import Pouch
from batterycell.tables import Table
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EDGES = ("x-", "x+", "y-", "y+")


@dataclass(frozen=True)
class PouchMatches:
    """Measured rows beside their truth, in µm; n rows of the measured table.

    Args:
        true: The true overhang at each measured place, shape (n,); NaN where there is none to be read.
        measured: What was measured, NaN where it was not read, shape (n,).
        uncertainty: Stated half widths, shape (n,).
        read: Whether the place was read, shape (n,).
        flagged: Whether it was flagged as negative where the anode lies beside the cathode, shape (n,).
        tab: Whether a tab hides the anode's end there, shape (n,).
        expected: Whether the cathode's end lies well inside the volume there, and the anode beside it, shape (n,).
    """

    true: Floats
    measured: Floats
    uncertainty: Floats
    read: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    tab: NDArray[np.bool_]
    expected: NDArray[np.bool_]


def ends(table: Table, part: str) -> Floats:
    """RAS mm of one kind's ends, shape (n, 3)."""
    return np.column_stack([table[f"{part}_{axis}_mm"] for axis in "ras"])


def match_pouch(phantom: Phantom, stack: PouchStack, pouch: Pouch, stage: Stage) -> PouchMatches:
    """Look up the truth of every measured row: same side and face, the cathode at the same height."""
    rows, truth, frame = stage.tables["overhang"], phantom.truth, phantom.frame
    turned = (pouch.frame.basis.T @ frame.basis).round()
    place = (ends(rows, "cathode") - frame.origin) @ frame.basis
    edge, face, layer = _names(rows, turned, len(pouch.cathode_mm))
    true, (tab, corner) = np.full(len(rows), np.nan), np.zeros((2, len(rows)), bool)
    start = (ends(truth, "cathode") - frame.origin) @ frame.basis
    for key in set(zip(edge, face, layer, strict=True)):
        mine = (edge == key[0]) & (face == key[1]) & (layer == key[2])
        other = (truth["edge"] == key[0]) & (truth["face"] == key[1]) & (truth["layer"] == key[2])
        along = 1 - EDGES.index(key[0]) // 2
        line = np.polyfit(start[other, along], truth["overhang_um"][other], 1)
        true[mine] = np.polyval(line, place[mine, along])
        tab[mine] = _under_tab(phantom, key[0], place[mine, along])
        corner[mine] = _beside(stack.anodes, key[2] - 1 + (key[1] == "upper"), place[mine], along)
    expected = np.isfinite(place).all(axis=1) & (rows["flag"] != "outside-volume") & ~corner
    flag = rows["flag"]
    return PouchMatches(true, rows["overhang_um"], rows["uncertainty_um"], np.isin(flag, READABLE_FLAGS),
                        np.isin(flag, NEGATIVE_FLAGS) & ~corner, tab, expected)  # fmt: skip


def _names(rows: Table, turned: Floats, count: int) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.int64]]:
    """Edge, face and layer of the measured rows as the truth counts them."""
    signs = np.diag(turned)
    flip = {name: name if sign > 0 else name[0] + "+-"["+-".index(name[1]) - 1]
            for name, sign in zip(EDGES, np.repeat(signs[:2], 2), strict=True)}  # fmt: skip
    edge = np.array([flip[name] for name in rows["edge"]])
    if signs[2] > 0:
        return edge, rows["face"], rows["layer"]
    return edge, np.where(rows["face"] == "lower", "upper", "lower"), count + 1 - rows["layer"]


def _beside(anodes: Sheets, number: int, place: Floats, along: int) -> NDArray[np.bool_]:
    """Whether places lie beyond, or near, the corners of a slipped anode, where cathodes are bare."""
    index = np.full(len(place), number)
    own = anodes.local(index, place[:, 0], place[:, 1])[along]
    return np.asarray(np.abs(own) > anodes.half[along] - 0.25)


def _under_tab(phantom: Phantom, edge: str, along: Floats) -> NDArray[np.bool_]:
    """Whether an anode's tab leaves at, or touches, places along an edge in mm."""
    slack = 0.2 + 3 * float(phantom.volume.spacing_mm.max())
    found = np.zeros(len(along), bool)
    for tab in phantom.spec.tabs:
        if tab.sheet == "anode" and tab.edge == edge:
            found |= np.abs(along - tab.position_mm) < tab.width_mm / 2 + slack
    return found
