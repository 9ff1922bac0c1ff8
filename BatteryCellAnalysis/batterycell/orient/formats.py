"""Known cell formats, and what must be told about a cell that fits none."""

from __future__ import annotations

from dataclasses import dataclass

from .upright import Cell


@dataclass(frozen=True)
class CellFormat:
    """A round cell's format.

    Args:
        name: Its name, with other names.
        least_mm: Least outer diameter, without a sleeve.
        most_mm: Greatest outer diameter, with one.
    """

    name: str
    least_mm: float
    most_mm: float


# Greatest diameters: IEC 60086-2 (primary cells: AAAA = LR8D425, AAA = LR03, AA = LR6, C = LR14, D = LR20) and the code
# of IEC 61960-3 (18650: at most 18.x mm), widened to bare cans at one end and data sheets' tolerances at the other.
FORMATS = (
    CellFormat("AAAA", 7.6, 8.4),
    CellFormat("10440 (AAA)", 9.5, 10.6),
    CellFormat("13400", 12.8, 13.3),
    CellFormat("14500 (AA)", 13.4, 14.6),
    CellFormat("16340 (CR123A)", 15.5, 17.1),
    CellFormat("18650 (18350, 18500)", 17.9, 18.7),
    CellFormat("20700", 20.0, 20.7),
    CellFormat("21700", 20.9, 21.8),
    CellFormat("22430 (Sub-C)", 22.0, 23.1),
    CellFormat("C", 24.9, 26.05),
    CellFormat("26650", 26.05, 26.8),
    CellFormat("32700 (D, 33600)", 31.8, 34.3),
    CellFormat("38120", 37.7, 38.6),
    CellFormat("40135", 39.5, 40.6),
    CellFormat("46800 (4680, 46950)", 45.5, 46.7),
)


def cell_format(diameter_mm: float) -> CellFormat | None:
    """The format that an outer diameter in mm fits; None where it fits none."""
    return next((known for known in FORMATS if known.least_mm <= diameter_mm <= known.most_mm), None)


def nearest_format(diameter_mm: float) -> CellFormat:
    """The format nearest to an outer diameter in mm."""
    return min(FORMATS, key=lambda known: max(known.least_mm - diameter_mm, diameter_mm - known.most_mm))


def cell_notes(cell: Cell) -> tuple[str, ...]:
    """What must be told about a cell: no can around it, or a can of no known format."""
    if not cell.has_can:
        return ("No can that is brighter than the windings was seen: the outer boundary of the jelly roll stands for "
                "it, and nothing was measured of a wall.",)  # fmt: skip
    diameter = cell.can.outer_diameter_mm
    if cell_format(diameter) is not None:
        return ()
    near = nearest_format(diameter)
    fits = f"{diameter:.2f} mm fits no known cell format"
    return (f"{fits} (nearest {near.name}: {near.least_mm:g}–{near.most_mm:g} mm); check the voxel size.",)
