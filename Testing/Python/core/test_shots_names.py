"""Names of pictures and words for planes."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.file_names import file_stem, untaken
from batterycell.pictures import planes


@pytest.mark.parametrize(
    ("parts", "stem"),
    [
        (("ruler", "tab gap", "684um"), "ruler_tab-gap_684um"),
        (("ruler", 'Lübeck, "ä/ö" & <gap>:*?', "684um"), "ruler_Luebeck-ae-oe-gap_684um"),
        (("axial", "S+12.3mm"), "axial_S+12.3mm"),
        (("ruler", "測定", "684um"), "ruler_684um"),
        (("測定",), "picture"),
        (("con",), "picture_con"),
        (("a\tb\nc\\d",), "a-b-c-d"),
        (("..",), "picture"),
        (("x" * 300,), "x" * 80),
    ],
)
def test_file_names_are_plain_on_every_file_system(parts: tuple[str, ...], stem: str) -> None:
    assert file_stem(*parts) == stem


def test_names_that_differ_in_capitals_only_are_the_same_file() -> None:
    assert untaken("Ruler", {"ruler", "ruler_2"}) == "Ruler_3"
    assert untaken("ruler", set()) == "ruler"


def turned(degrees: float) -> np.ndarray:
    """The axial plane at S 12.34, turned about R."""
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[:3, :3] = [[-1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    matrix[:3, 3] = 1.0, -2.0, 12.34
    return matrix


def test_planes_are_told_by_name_and_place() -> None:
    assert (planes.orientation(turned(0)), planes.place(turned(0))) == ("axial", "S+12.3mm")
    assert planes.words(turned(0)) == "axial, S +12.3 mm"
    assert planes.words(turned(3)) == "axial, S +12.3 mm, tilted 3.0°"
    assert planes.place(turned(45)) == "R+1.0A-2.0S+12.3mm"
    assert planes.words(turned(45)) == "oblique, R +1.0 A −2.0 S +12.3 mm"


def test_nothing_is_minus_zero() -> None:
    matrix = np.eye(4)
    matrix[2, 3] = -0.01
    assert planes.place(matrix) == "S+0.0mm"


@pytest.mark.parametrize("name", planes.PRESETS)
def test_the_presets_are_planes_of_their_name(name: str) -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = planes.PRESETS[name]
    assert planes.orientation(matrix) == name
    np.testing.assert_allclose(planes.PRESETS[name].T @ planes.PRESETS[name], np.eye(3))


def test_all_of_a_box_fits_into_its_view() -> None:
    matrix, (width, height) = planes.fitted(planes.PRESETS["coronal"], [-3, 5, -1, 1, 0, 4])
    np.testing.assert_allclose(matrix[:3, 3], [1, 0, 2])
    assert (width, height) == (8, 4)


@pytest.mark.parametrize("seed", range(20))
def test_the_plane_of_a_ruler_holds_it_and_turns_least(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(size=(2 + seed % 2, 3))
    candidates = list(planes.PRESETS.values())
    matrix = planes.through(points, candidates)
    np.testing.assert_allclose((points - matrix[:3, 3]) @ matrix[:3, 2], 0, atol=1e-9)
    np.testing.assert_allclose(matrix[:3, :3].T @ matrix[:3, :3], np.eye(3), atol=1e-9)
    if len(points) == 2:
        along = (points[1] - points[0]) / np.linalg.norm(points[1] - points[0])
        turned = min(np.arcsin(abs(along @ axes[:, 2])) for axes in candidates)
        assert np.arccos(min(1, max(abs(matrix[:3, 2] @ axes[:, 2]) for axes in candidates))) <= turned + 1e-6


def test_a_ruler_across_its_view_still_gets_a_plane() -> None:
    matrix = planes.through(np.array([[0.0, 0, 0], [0, 0, 1]]), [planes.PRESETS["axial"]])
    assert abs(matrix[2, 2]) < 1e-9
    np.testing.assert_allclose(matrix[:3, :3].T @ matrix[:3, :3], np.eye(3), atol=1e-9)


def test_a_ruler_without_length_is_shown_in_the_first_view() -> None:
    matrix = planes.through(np.zeros((2, 3)), [planes.PRESETS["sagittal"], planes.PRESETS["axial"]])
    np.testing.assert_allclose(matrix[:3, :3], planes.PRESETS["sagittal"])
