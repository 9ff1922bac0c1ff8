"""Overhang of a generated cell from a segmentation of it: exact, blurred, cropped, and as a model sees it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.orient import Cell, find_cell
from batterycell.overhang import (
    NEGATIVE_FLAGS,
    OVERHANG_COLUMNS,
    LabelClasses,
    LabelledCell,
    measure_overhang_labels,
)
from batterycell.overhang.uncertainty import shared_by
from batterycell.phantom import CellLabel, EndDefect, Phantom, make_cell, preset
from batterycell.progress import Progress
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM, Volume
from batterycell.winding import Windings, trace_windings
from matching import Matches, match
from scipy import ndimage

ANGLES = 24
NEGATIVE = EndDefect(winding=3, side="outer", angle_deg=120, width_deg=70, overhang_um=-250)
TWO = LabelClasses((CellLabel.CATHODE,), (CellLabel.OVERHANG,))
THREE = replace(TWO, anode=(CellLabel.ANODE,))


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    cell, scan = preset("small")
    return make_cell(
        replace(cell, defects=(NEGATIVE,)), replace(scan, tilt_deg=2.0, upside_down=True), 3, angles=ANGLES
    )


@pytest.fixture(scope="module")
def cell(phantom: Phantom) -> Cell:
    return find_cell(phantom.volume)


@pytest.fixture(scope="module")
def windings(phantom: Phantom, cell: Cell) -> Windings:
    return trace_windings(phantom.volume, cell)


def voxel_um(phantom: Phantom) -> float:
    return float(phantom.volume.spacing_mm.max()) * UM_PER_MM


def errors(table: Table, phantom: Phantom, found: Matches) -> np.ndarray:
    """In voxels."""
    measured, true = found.measured[found.found], found.true[found.found]
    return np.asarray(table["overhang_um"][measured] - phantom.truth["overhang_um"][true]) / voxel_um(phantom)


def blurred(labels: Volume, sigma: float) -> LabelledCell:
    """What a model in doubt would say: classes blurred by so many voxels, and by how much the likeliest leads."""
    masks = [np.isin(labels.array, values).astype(np.float32) for values in (TWO.cathode, TWO.overhang)]
    found = [ndimage.gaussian_filter(mask, sigma) for mask in (1 - masks[0] - masks[1], *masks)]
    first, second = np.sort(found, axis=0)[:-3:-1]
    likeliest = (np.argmax(found, axis=0) + 1).astype(np.uint8)
    doubt = np.rint(100 * (1 - first + second)).astype(np.uint8)
    return LabelledCell(replace(labels, array=likeliest), LabelClasses(), replace(labels, array=doubt))


@pytest.mark.parametrize("classes", [TWO, THREE], ids=["without anode", "with anode"])
def test_every_overhang_is_measured_at_both_ends_to_the_voxel(phantom: Phantom, cell: Cell, classes: Any) -> None:
    table = measure_overhang_labels(LabelledCell(phantom.labels, classes), cell, ANGLES)
    assert tuple(column.name for column in table.columns) == tuple(column.name for column in OVERHANG_COLUMNS)
    assert set(table["end"]) == {"top", "bottom"}
    assert set(table["source"]) == {"labels"}
    found = match(table, phantom.truth)
    error = errors(table, phantom, found)
    assert found.found[phantom.truth["overhang_um"][found.true] > 3 * voxel_um(phantom)].mean() > 0.98
    assert abs(error.mean()) < 0.1
    assert np.abs(error).mean() < 0.5
    assert np.abs(error).max() < 2


def test_stated_intervals_hold_what_they_promise(phantom: Phantom, cell: Cell) -> None:
    table = measure_overhang_labels(LabelledCell(phantom.labels, THREE), cell, ANGLES)
    found = match(table, phantom.truth)
    u = table["uncertainty_um"][found.measured[found.found]] / voxel_um(phantom)
    assert 0.92 < np.mean(np.abs(errors(table, phantom, found)) <= u) <= 1
    assert u.mean() < 1.1


def test_an_anode_that_ends_too_early_is_never_missed_nor_seen_where_there_is_none(
    phantom: Phantom, cell: Cell
) -> None:
    for classes in (TWO, THREE):
        table = measure_overhang_labels(LabelledCell(phantom.labels, classes), cell, ANGLES)
        found = match(table, phantom.truth)
        true, flagged = phantom.truth["overhang_um"][found.true], np.isin(found.flags, NEGATIVE_FLAGS)
        assert (true < 0).sum() >= 4
        assert flagged[true < 0].all()
        assert not flagged[true > voxel_um(phantom)].any()


def test_windings_number_the_turns(phantom: Phantom, cell: Cell, windings: Windings) -> None:
    table = measure_overhang_labels(LabelledCell(phantom.labels, THREE), cell, ANGLES, None, windings)
    found = match(table, phantom.truth)
    measured, true = found.measured[found.found], found.true[found.found]
    assert (table["winding"][measured] == phantom.truth["winding"][true]).all()
    assert table["turn"][measured] == pytest.approx(phantom.truth["turn"][true], abs=0.02)


def test_a_cathode_that_is_not_labelled_keeps_its_number_and_says_so(
    phantom: Phantom, cell: Cell, windings: Windings
) -> None:
    whole = measure_overhang_labels(LabelledCell(phantom.labels, TWO), cell, 6, None, windings)
    kji = np.argwhere(phantom.labels.array == CellLabel.CATHODE)
    angle, radius, _ = cell.frame.to_cylindrical(phantom.labels.to_ras(kji[:, ::-1]))
    lost = (np.abs(angle - 60) < 15) & (np.abs(radius - windings.radius(2, 60.0, 0.0)) < windings.pitch_mm / 2)
    labels = replace(phantom.labels, array=phantom.labels.array.copy())
    labels.array[tuple(kji[lost].T)] = CellLabel.SEPARATOR
    table = measure_overhang_labels(LabelledCell(labels, TWO), cell, 6, None, windings)
    assert table["winding"].tolist() == whole["winding"].tolist()
    here = (table["angle_deg"] == 60) & (table["winding"] == 2)
    assert set(table["flag"][here]) == {"cathode-unclear"}
    assert (table["flag"] == "ok").sum() > 0.8 * (whole["flag"] == "ok").sum()


def test_doubt_widens_the_intervals_and_moves_no_end(phantom: Phantom, cell: Cell) -> None:
    sure = measure_overhang_labels(LabelledCell(phantom.labels, TWO), cell, ANGLES)
    unsure = measure_overhang_labels(blurred(phantom.labels, 1.0), cell, ANGLES)
    found = match(unsure, phantom.truth)
    error = errors(unsure, phantom, found)
    assert abs(error.mean()) < 0.25
    assert np.abs(error).mean() < 0.6
    u = unsure["uncertainty_um"][found.measured[found.found]] / voxel_um(phantom)
    assert np.mean(np.abs(error) <= u) > 0.93
    assert np.nanmean(unsure["uncertainty_um"]) > 1.2 * np.nanmean(sure["uncertainty_um"])


def test_an_end_that_was_cropped_off_lies_outside(phantom: Phantom, cell: Cell) -> None:
    half = phantom.labels.array.shape[0] // 2
    matrix = phantom.labels.ijk_to_ras.copy()
    matrix[:3, 3] = phantom.labels.to_ras([0, 0, half])
    part = replace(phantom.labels, array=phantom.labels.array[half:], ijk_to_ras=matrix)
    table = measure_overhang_labels(LabelledCell(part, TWO), cell, 6)
    flags = {end: set(table["flag"][table["end"] == end]) for end in ("top", "bottom")}
    assert sorted(flags.values(), key=len)[0] == {"outside-volume"}
    assert "ok" in flags["top"] | flags["bottom"]


def test_an_end_that_is_not_labelled_does_not_stop_the_other(phantom: Phantom, cell: Cell) -> None:
    labels = phantom.labels.array.copy()
    kji = np.argwhere(labels == CellLabel.CATHODE)
    height = cell.frame.to_cylindrical(phantom.labels.to_ras(kji[:, ::-1]))[2]
    loose = (height < np.percentile(height, 60)) & (kji.sum(axis=1) % 3 > 0)  # too few to be a sheet
    labels[tuple(kji[loose].T)] = CellLabel.SEPARATOR
    table = measure_overhang_labels(LabelledCell(replace(phantom.labels, array=labels), TWO), cell, 6)
    assert "ok" in table["flag"][table["end"] == "top"]
    assert "ok" not in table["flag"][table["end"] == "bottom"]


def test_an_end_at_which_nobody_labelled_an_overhang_is_unclear_not_negative(phantom: Phantom, cell: Cell) -> None:
    labels = phantom.labels.array.copy()
    labels[labels == CellLabel.OVERHANG] = CellLabel.SEPARATOR
    table = measure_overhang_labels(LabelledCell(replace(phantom.labels, array=labels), TWO), cell, 6)
    assert set(table["flag"]) == {"anode-unclear"}


def test_classes_are_known_by_their_names() -> None:
    wizard = {"background": 1, "Cathode": 2, "Anode overhang": 3}
    assert LabelClasses.of_names(wizard) == LabelClasses()
    assert LabelClasses.of_names(wizard | {"anode": 4}).anode == (4,)


@pytest.mark.parametrize("names", [{}, {"cathode": 1}, {"overhang": 1, "pore": 2}], ids=str)
def test_classes_that_no_name_tells_are_asked_for(names: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"is the (cathode|overhang)") as told:
        LabelClasses.of_names(names)
    assert told.value.code == "labels-classes"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_labels_of_any_type_mean_the_same(phantom: Phantom, dtype: type) -> None:
    part = (slice(60, 62), slice(90, 100), slice(None))
    code = LabelledCell(phantom.labels, THREE).coded(part)
    assert set(np.unique(code)) == {0, 1, 3}
    other = LabelledCell(replace(phantom.labels, array=phantom.labels.array.astype(dtype)), THREE)
    assert (other.coded(part) == code).all()


def test_labels_without_a_cathode_are_refused(phantom: Phantom, cell: Cell) -> None:
    with pytest.raises(InputError, match="No cathode"):
        measure_overhang_labels(LabelledCell(phantom.labels, LabelClasses((99,), (98,))), cell, 6)


def test_it_stops_when_asked_to(phantom: Phantom, cell: Cell) -> None:
    with pytest.raises(Cancelled):
        measure_overhang_labels(LabelledCell(phantom.labels, TWO), cell, 6, Progress(is_cancelled=lambda: True))


def test_a_model_measures_what_it_sees_on_half_planes(phantom: Phantom, cell: Cell, windings: Windings) -> None:
    pytest.importorskip("torch")
    from batterycell.segment import PRESETS
    from batterycell.segment.apply.overhang import segment_overhang
    from made_applied import SPECS, made_loaded

    grey = np.full(phantom.labels.array.shape, 100, np.uint8)
    grey[phantom.labels.array == CellLabel.CATHODE] = 200
    grey[phantom.labels.array == CellLabel.OVERHANG] = 0
    grey[:, [0, 1, 2, -3, -2, -1]] = 0  # enough of it that the grey levels begin there
    model = replace(
        made_loaded(classes=PRESETS["cell overhang"], network=replace(SPECS["2d"], classes=3), voxel_size_um=(0, 0, 0)),
        network=class_by_grey(),
    )
    table = segment_overhang(replace(phantom.volume, array=grey), cell, model, 8, None, windings)
    truth = phantom.truth.where(phantom.truth["angle_deg"] % 45 == 0)
    found = match(table, truth)
    error = table["overhang_um"][found.measured[found.found]] - truth["overhang_um"][found.true[found.found]]
    assert set(table["source"]) == {"model"}
    assert found.found.mean() > 0.9
    assert np.abs(error).mean() < voxel_um(phantom)
    assert {"top", "bottom"} <= set(table["end"][table["flag"] == "ok"])


def class_by_grey() -> Any:
    """A network that tells background (grey), cathode (bright) and overhang (dark) by the grey value."""
    import torch

    class ByGrey(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return torch.cat([-20 * (x - level).abs() for level in (0.0, 1.0, -1.0)], 1)

    return ByGrey()


@pytest.mark.parametrize("source", ["labels", "model"])
def test_a_border_that_was_drawn_is_known_less_well_than_an_edge(source: str) -> None:
    column = (Column("source", "Source", "", "What the ends were read from."),)
    edges, drawn = (Table(column, {"source": np.array([word])}) for word in ("edges", source))
    assert shared_by(drawn, 0.05) > 3 * shared_by(edges, 0.05)
