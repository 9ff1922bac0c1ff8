"""A generated pouch cell and its truth table say the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import UsageError
from batterycell.orient import CellFrame
from batterycell.phantom import (
    POUCH_COLUMNS,
    CellLabel,
    Greys,
    MisplacedLayer,
    PouchCell,
    Scan,
    add_negatives,
    make_cell,
    preset,
)
from batterycell.phantom.pouch import pouch_truth
from batterycell.phantom.pouch_settings import PouchTab
from batterycell.phantom.pouch_stack import make_stack
from batterycell.phantom.random_pouches import random_pouch
from batterycell.reslice.half_plane import interpolate
from batterycell.volume import Volume

VOXEL_MM = 0.05
NOTHING = Greys(
    air=0, gas=0, can=0, cathode=0, anode=0, foil=0, separator=0, electrolyte=0, cap=0, plastic=0, tab=0, insulator=0
)  # fmt: skip
PERFECT = Scan(voxel_size_um=(50, 50, 50), blur_um=0, noise=0, rings=0, cupping=0, streaks=0, dtype="uint16")
SMALL = PouchCell(cathodes=3, cathode_mm=(4.0, 3.0), turn_sd_deg=0.5)


@pytest.mark.parametrize("tilt_deg", [0.0, 3.0])
@pytest.mark.parametrize("part", ["cathode", "anode"])
def test_edges_lie_where_the_truth_says(part: str, tilt_deg: float) -> None:
    greys = replace(NOTHING, **{part: 200.0, "foil": 200.0 if part == "anode" else 0.0})
    phantom = make_cell(replace(SMALL, greys=greys), replace(PERFECT, tilt_deg=tilt_deg, tilt_toward_deg=30), 4)
    table, step = phantom.truth, VOXEL_MM / 8
    ends = {name: np.array([table[f"{name}_{axis}_mm"] for axis in "ras"]).T for name in ("cathode", "anode")}
    outward = ends["anode"] - ends["cathode"]
    outward -= np.outer(outward @ phantom.frame.up, phantom.frame.up)
    outward /= np.linalg.norm(outward, axis=1)[:, None]
    distance = step * (np.arange(-40, 40) + 0.5)
    line = ends[part][:, None, :] + distance[None, :, None] * outward[:, None, :]
    filled = np.nansum(interpolate(phantom.volume, phantom.volume.to_ijk(line)), axis=1) / (200 * 256) * step
    assert np.abs(filled - 40 * step).max() < 0.05 * VOXEL_MM


def test_overhang_is_the_distance_of_the_two_edges_across_the_stack() -> None:
    phantom = make_cell(SMALL, PERFECT, 4)
    table, up = phantom.truth, phantom.frame.up
    ends = {name: np.array([table[f"{name}_{axis}_mm"] for axis in "ras"]).T for name in ("cathode", "anode")}
    apart = ends["anode"] - ends["cathode"]
    across = np.linalg.norm(apart - np.outer(apart @ up, up), axis=1)
    assert across * 1000 == pytest.approx(np.abs(table["overhang_um"]), abs=1e-6)
    faces = np.where(table["face"] == "upper", 1, -1)
    assert apart @ up * 1000 == pytest.approx(faces * SMALL.pitch_um / 2, abs=1e-6)
    assert [column.name for column in POUCH_COLUMNS] == list(table.data)


def test_the_overhang_label_fills_what_the_truth_predicts() -> None:
    spec = replace(SMALL, shift_sd_um=0, turn_sd_deg=0)
    tilted = replace(PERFECT, tilt_deg=4, tilt_toward_deg=40)
    counts = np.bincount(make_cell(spec, tilted, 4).labels.array.ravel(), minlength=len(CellLabel))
    frame_mm2 = 5.0 * 4.0 - 4.0 * 3.0
    expected = (spec.cathodes + 1) * frame_mm2 * spec.anode_um / 1000
    assert counts[CellLabel.OVERHANG] * VOXEL_MM**3 == pytest.approx(expected, rel=0.02)


def test_a_slipped_anode_is_negative_on_one_edge_only() -> None:
    slipped = replace(SMALL, shift_sd_um=0, turn_sd_deg=0, misplaced=(MisplacedLayer(2, shift_x_um=-800),))
    table = make_cell(slipped, PERFECT, 1).truth
    negative = table["overhang_um"] < 0
    assert set(table["edge"][negative]) == {"x+"}
    assert set(zip(table["layer"][negative], table["face"][negative], strict=True)) == {(1, "upper"), (2, "lower")}
    assert table["overhang_um"][negative] == pytest.approx(-300)
    assert np.array_equal(table["flag"] == "negative", negative)


def test_negative_places_can_be_asked_for() -> None:
    assert "negative" in make_cell(add_negatives(SMALL, 1, 3), PERFECT, 1).truth["flag"]


def test_the_same_seed_gives_the_same_pouch() -> None:
    first, again = (make_cell(*preset("pouch"), 3) for _ in range(2))
    assert np.array_equal(first.volume.array, again.volume.array)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: PouchCell(cathodes=0),
        lambda: PouchCell(anode_um=0),
        lambda: PouchCell(case="box"),
        lambda: PouchTab(edge="z+"),
        lambda: PouchCell(misplaced=(MisplacedLayer(anode=99),)),
    ],
)
def test_settings_that_no_pouch_can_have_are_refused_with_a_hint(wrong: object) -> None:
    with pytest.raises(UsageError) as caught:
        wrong()
    assert caught.value.hint


def test_bent_sheets_have_the_length_of_their_curve() -> None:
    bent = replace(SMALL, shift_sd_um=0, turn_sd_deg=0, curl_um=150)
    table = make_cell(bent, PERFECT, 1).truth
    slope = 2 * 150 / 500
    curve = 500 * (np.hypot(1, slope) + np.arcsinh(slope) / slope) / 2
    assert table["overhang_um"] == pytest.approx(curve, rel=1e-3)


def test_a_hard_case_has_no_rim_and_leaves_the_stack_alone() -> None:
    hard = make_cell(replace(SMALL, case="prismatic", laminate_um=300), PERFECT, 4)
    soft = make_cell(SMALL, PERFECT, 4)
    assert hard.truth["overhang_um"] == pytest.approx(soft.truth["overhang_um"])
    assert hard.volume.array.shape[2] < soft.volume.array.shape[2]
    assert np.isin(CellLabel.CAN, hard.labels.array)


def test_an_anode_tab_hides_the_ends_beneath_it() -> None:
    tabbed = replace(SMALL, tabs=(PouchTab("anode", "y+", 0.0, 1.0),))
    table = make_cell(tabbed, PERFECT, 4).truth
    assert set(table["edge"][table["flag"] == "tab"]) == {"y+"}
    assert np.abs(table["position_mm"][table["flag"] == "tab"]).max() < 0.6


def test_a_turned_cell_says_which_way_its_edges_run() -> None:
    frame = make_cell(replace(SMALL, turn_deg=10), PERFECT, 4).frame
    straight = make_cell(SMALL, PERFECT, 4).frame
    assert np.degrees(np.arccos(frame.toward_i @ straight.toward_i)) == pytest.approx(10)
    assert frame.up == pytest.approx(straight.up)


@pytest.mark.parametrize("seed", range(20))
def test_random_stacks_are_as_clean_as_asked(seed: int) -> None:
    for negatives in (0, 2):
        spec, scan = random_pouch(seed, negatives)
        truth = pouch_truth(make_stack(spec, np.random.default_rng([seed, 0])), *empty_scene(scan))
        assert (truth["overhang_um"] < 0).any() == bool(negatives)


def empty_scene(scan: Scan) -> tuple[Volume, CellFrame]:
    volume = Volume.from_stack(np.zeros((2, 2, 2), np.uint8), scan.voxel_size_um, "test")
    return volume, CellFrame.from_axis((0, 0, 0), (0, 0, 1), volume.ijk_to_ras)
