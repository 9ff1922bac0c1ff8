"""Every overhang region as one object, followed around the cell."""

from __future__ import annotations

import numpy as np

from batterycell.measured import Quantity, Stage
from batterycell.orient import Cell
from batterycell.overhang.labelled import LabelledCell
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.volume import Volume

from .columns import OBJECT_COLUMNS, OBJECT_PLANE_COLUMNS
from .drawing import Drawn, draw_between_ends, draw_segmented
from .regions import Regions, regions_of
from .tables import EndObjects, object_columns, plane_columns, table_of_parts

_ENDS = ("top", "bottom")
_NOTHING = "No overhang stands out anywhere: there are no objects."


def measure_objects(
    volume: Volume,
    cell: Cell,
    table: Table,
    progress: Progress | None = None,
    segmented: LabelledCell | None = None,
) -> Stage:
    """Measure every overhang region as one object.

    On each half-plane a region is drawn between the measured ends, as thick as the sheets show, or taken as it was
    segmented. Regions of one winding are one object as long as it runs on from half-plane to half-plane.

    Args:
        volume: The cell.
        cell: Where it stands.
        table: Its overhangs, of any source, at angles all around it.
        progress: Told how far it is.
        segmented: The segmentation from which the table was read: its regions are measured as they were segmented.

    Returns:
        The stage "objects" with the tables ``objects`` (`OBJECT_COLUMNS`) and ``object_planes``
        (`OBJECT_PLANE_COLUMNS`).

    Raises:
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    source = str(table["source"][0]) if len(table) else "edges"
    found: list[EndObjects] = []
    for n, end in enumerate(_ENDS):
        part = progress.part(n / len(_ENDS), (n + 1) / len(_ENDS))
        part.report(0.0, f"following overhang regions, {end}")
        drawn = _drawn(volume, cell, regions_of(table, cell, end), segmented, part)
        if drawn is not None:
            found.append(EndObjects.of(drawn, cell, sum(one.count for one in found)))
    progress.report(1.0, "measured the overhang regions")
    return _stage(found, source)


def _drawn(
    volume: Volume, cell: Cell, regions: Regions, segmented: LabelledCell | None, progress: Progress
) -> Drawn | None:
    """The regions of one end as far as they show; None where none does."""
    if not len(regions):
        return None
    drawn = (draw_between_ends(volume, cell, regions) if segmented is None
             else draw_segmented(cell, segmented, regions, progress))  # fmt: skip
    return drawn.seen if drawn.ids.any() else None


def _stage(found: list[EndObjects], source: str) -> Stage:
    planes = [plane_columns(one) for one in found]
    objects = [object_columns(one, columns) for one, columns in zip(found, planes, strict=True)]
    tables = {
        "objects": table_of_parts(OBJECT_COLUMNS, objects, source),
        "object_planes": table_of_parts(OBJECT_PLANE_COLUMNS, planes, source),
    }
    return Stage("objects", "Overhang regions", _quantities(tables["objects"]), tables,
                 notes=() if found else (_NOTHING,))  # fmt: skip


def _quantities(objects: Table) -> tuple[Quantity, ...]:
    counts = [
        Quantity(f"objects_{end}_count", f"Overhang regions, {end}", float((objects["end"] == end).sum()), 0.0, "",
                 "Number of overhang regions, each followed around the cell along one winding.")
        for end in _ENDS
    ]  # fmt: skip
    if not len(objects):
        return tuple(counts)
    planes = objects["planes"] / objects["planes"].sum()
    arc, u = (float(np.sum(planes * objects[name])) for name in ("arc_mean_um", "u_arc_mean_um"))
    axis = float(np.nansum(planes * objects["major_axis_mean_um"]))
    area = float(objects["sheet_area_mm2"].sum())
    return (
        *counts,
        Quantity("objects_arc_mean_um", "Mean length along the sheet", arc, u, "µm",
                 "Mean length along the sheet over all regions and half-planes; each is the mean of an anode's two "
                 "faces."),
        Quantity("objects_major_axis_mean_um", "Mean 2D major axis", axis, float("nan"), "µm",
                 "Mean over all regions and half-planes of the major axis of the ellipse with the same second moments, "
                 "for comparison with other programs: on a straight strip 15.5 % more than its length."),
        Quantity("objects_sheet_area_mm2", "Area of overhang", area, area * u / arc, "mm²",
                 "Area of one face of all overhanging anode: length along the sheet × length along the winding."),
    )  # fmt: skip
