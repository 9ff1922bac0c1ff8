"""What rulers and angles measure, how uncertain they say it is, and their CSV, which loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.annotate.ruler_columns import RULER_COLUMNS
from batterycell.annotate.rulers import Ruler, angle_deg, angle_gradient, by_hand, caption, make_table
from batterycell.annotate.rulers_csv import read_rulers, write_rulers
from batterycell.errors import InputError, OutputError

VOXELS = np.diag([-0.03, -0.03, 0.06])
ODD = 'Spalt, "innen"; Überlappung & <b> 裂纹'


def ruler(points: Any, snapped: Any = None, name: str = "gap") -> Ruler:
    world = np.array(points, float)
    ijk = world @ np.linalg.inv(VOXELS).T
    return Ruler(name, ijk, world, VOXELS, snapped or (None,) * len(world), "Red")


def test_a_ruler_placed_by_hand_is_uncertain_by_a_voxel_along_it_at_each_end() -> None:
    along_i, along_k = ruler([[0, 0, 0], [0.3, 0, 0]]), ruler([[0, 0, 0], [0, 0, 0.3]])
    assert along_i.value == pytest.approx(300)
    assert along_i.uncertainty == pytest.approx(30 * np.sqrt(2))
    assert along_k.uncertainty == pytest.approx(60 * np.sqrt(2))


def test_a_snapped_end_counts_with_the_uncertainty_of_its_edge() -> None:
    one = ruler([[0, 0, 0], [0.3, 0, 0]], (3.0, None))
    assert one.uncertainty == pytest.approx(np.hypot(3, 30))
    assert ruler([[0, 0, 0], [0.3, 0, 0]], (3.0, 4.0)).uncertainty == pytest.approx(5)


@pytest.mark.parametrize(
    ("points", "degrees"),
    [
        ([[1, 0, 0], [0, 0, 0], [0, 1, 0]], 90),
        ([[1, 0, 0], [0, 0, 0], [1, 1, 0]], 45),
        ([[1, 0, 0], [0, 0, 0], [-2, 0, 0]], 180),
        ([[1, 0, 0], [0, 0, 0], [3, 0, 0]], 0),
    ],
)
def test_an_angle_is_measured_at_its_second_point(points: Any, degrees: float) -> None:
    assert angle_deg(points) == pytest.approx(degrees, abs=1e-9)


def test_the_gradient_of_an_angle_says_how_it_changes_when_a_point_moves() -> None:
    points = np.array([[1.0, 0.2, 0], [0, 0, 0.1], [0.3, 0.9, 0.4]])
    gradient = angle_gradient(points)
    for index in np.ndindex(3, 3):
        moved = points.copy()
        moved[index] += 1e-6
        assert (angle_deg(moved) - angle_deg(points)) / 1e-6 == pytest.approx(gradient[index], abs=1e-3)


def test_the_uncertainty_of_an_angle_is_that_of_points_a_voxel_off() -> None:
    points = np.array([[1.0, 0, 0], [0, 0, 0], [0, 1.5, 0.3]])
    # A half width of one voxel in every direction: standard deviation voxel / 1.96.
    random = np.random.default_rng(0).normal(0, 1 / 1.96, (20000, 3, 3)) @ VOXELS.T
    angles = [angle_deg(points + shift) for shift in random]
    assert ruler(points).uncertainty == pytest.approx(1.96 * np.std(angles), rel=0.03)


def test_a_straight_or_a_folded_angle_has_an_uncertainty_too() -> None:
    for end in ([-2, 0, 0], [3, 0, 0]):
        assert 0 < ruler([[1, 0, 0], [0, 0, 0], end]).uncertainty < 10


@pytest.mark.parametrize("end", [[-2, 0, 0], [3, 0, 0]])
def test_the_uncertainty_of_an_angle_does_not_jump_where_it_becomes_straight_or_folded(end: list[float]) -> None:
    straight, nearly = ruler([[1, 0, 0], [0, 0, 0], end]), ruler([[1, 0, 0], [0, 0, 0], [end[0], 1e-5, 0]])
    across_j = np.linalg.norm(angle_gradient(straight.world)), np.linalg.norm(angle_gradient(nearly.world))
    assert across_j[0] == pytest.approx(across_j[1], rel=1e-4)


def test_arms_without_length_have_no_angle() -> None:
    one = ruler([[0, 0, 0], [0, 0, 0], [1, 0, 0]])
    assert np.isnan(one.value) and one.caption == "?"


def test_by_hand_is_exact_along_the_axes_of_tilted_voxels() -> None:
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0] @ np.diag([0.03, 0.04, 0.06])
    units = (turned / np.linalg.norm(turned, axis=0)).T
    np.testing.assert_allclose(by_hand(units, turned), [0.03, 0.04, 0.06])


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (684.2, 12.3, "684 ± 12 µm"),
        (68.42, 1.23, "68.4 ± 1.2 µm"),
        (12345.6, 130, "12346 ± 130 µm"),
        (5, np.nan, "5.0 µm"),
    ],
)
def test_a_caption_says_no_more_digits_than_are_sure(value: float, uncertainty: float, text: str) -> None:
    assert caption(value, uncertainty, " µm") == text


def some() -> Any:
    angle = ruler([[1, 0, 0], [0, 0, 0], [0, 1 / 3, 0]], name="bend")
    return make_table([ruler([[0, 0, 0], [0.3, 0, 1 / 7]], (3.25, None), ODD), angle])


def test_csv_comes_back_as_it_went_out(tmp_path: Path) -> None:
    table = some()
    write_rulers(table, tmp_path / "rulers.csv")
    back, notes = read_rulers(tmp_path / "rulers.csv")
    assert notes == []
    for column in RULER_COLUMNS:
        np.testing.assert_array_equal(back[column.name], table[column.name], column.name)


HEAD = (
    "name,kind,start_i,start_j,start_k,end_i,end_j,end_k,vertex_i,vertex_j,vertex_k,"
    "start_snapped,start_uncertainty_um\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,start_i,start_j,start_k,end_i,end_j\na,1,2,3,4,5\n", r"no column end_k"),
        ("name,length_mm\na,1\n", r"length_mm: a foreign unit.*length_um"),
        ("start_x_um,start_y_um,start_z_um\n1,2,3\n", r"start_x_um.*start_x_mm"),
        ("start_x,start_y,start_z\n1,2,3\n", r"start_x: a foreign unit or none"),
        ("name\n", r"no column start_i"),
        (HEAD, r"holds no rulers"),
        (HEAD + "a,length,1,2,3,4,5,6,,,,,\nb,length,1,2,,4,5,6,,,,,\n", r"line 3: the place of the start is missing"),
        (HEAD + "a,length,1,2,3,4,5,six,,,,,\n", r"line 2: .six. in column end_k is no number"),
        (HEAD + "a,angle,1,2,3,4,5,6,,,,,\n", r"line 2: the place of the vertex is missing"),
        (HEAD + "a,area,1,2,3,4,5,6,,,,,\n", r"line 2: .area. is no kind"),
        (HEAD + "a,length,1,2,3,4,5,6,,,,maybe,\n", r"line 2: .maybe. in column start_snapped"),
        (HEAD + "a,length,1,2,3,4,5,6,,,,yes,-3\n", r"line 2: start_uncertainty_um is not above zero"),
        (HEAD + "a, b,length,1,2,3,4,5,6,,,,yes,3\n", r"line 2: 14 cells"),
        ("", r"is empty"),
    ],
)
def test_a_csv_that_cannot_be_understood_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rulers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_rulers(path)


def test_a_csv_made_by_hand_may_be_short(tmp_path: Path) -> None:
    path = tmp_path / "by hand.csv"
    path.write_text(
        "start_x_mm;start_y_mm;start_z_mm;end_x_mm;end_y_mm;end_z_mm;colour\n0;0;0;0,5;0;1\n", encoding="utf-8-sig"
    )
    table, notes = read_rulers(path)
    assert (table["kind"][0], table["end_x_mm"][0], table["name"][0]) == ("length", 0.5, "")
    assert notes == ["Columns left out: colour."]


def test_a_csv_that_cannot_be_written_whole_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(table: Any, path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    path = tmp_path / "rulers.csv"
    path.write_text("older")
    monkeypatch.setattr("batterycell.annotate.rulers_csv.write_csv", stop)
    with pytest.raises(OutputError, match="No space"):
        write_rulers(some(), path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("rulers.csv", "older")]


def test_an_unwritable_csv_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_rulers(some(), tmp_path / "absent" / "rulers.csv")
