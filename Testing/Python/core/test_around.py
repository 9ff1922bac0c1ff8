"""Whole cylindrical cells in half-planes around their axis: every voxel as the nearest half-plane shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.orient import find_cell
from batterycell.progress import Progress
from batterycell.segment import Image, Levels, SegmentClass
from batterycell.segment.apply import ApplySettings, segment_image
from batterycell.segment.apply.around import segment as around_segment
from batterycell.segment.apply.around.fan import Fan
from batterycell.segment.apply.plan import make_plan
from batterycell.segment.data.grid import Grid
from batterycell.volume import Volume
from made_applied import made_loaded, made_waves

torch = pytest.importorskip("torch")
SHAPE, RADIUS = (30, 64, 60), 25.0
POSES = ("upright", "tilted", "lying")
SETTINGS = ApplySettings(levels=(Levels(-1.0, 1.0),), device="cpu")
NAMES = (SegmentClass("background", "#000000"), SegmentClass("bright", "#FFFFFF"))
SLICE_UM = {"upright": 2.0, "tilted": 1.0, "lying": 1.0}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@cache
def made_can(pose: str = "upright") -> Image:
    """A can with a filling that varies smoothly in every direction; air around it is dark."""
    tilt = np.tan(np.radians(4.0 if pose == "tilted" else 0.0))
    k, j, i = np.meshgrid(*(np.arange(n) - n / 2 for n in SHAPE), indexing="ij")
    radius = np.hypot(j + 0.4, i - 0.7 - tilt * k)
    filling = 0.5 * np.sin(k / 5) + 0.5 * np.sin(j / 6) * np.cos(i / 7) + 0.05
    grey = np.where(radius < RADIUS - 3, filling, np.where(radius < RADIUS, 3.0, -1.5)).astype(np.float32)
    array = np.moveaxis(grey, 0, 1) if pose == "lying" else grey
    return Image("can", (Volume.from_stack(np.ascontiguousarray(array), (SLICE_UM[pose], 1, 1), "made"),))


def made_seer(calls: list[int] | None = None, **changes: Any) -> Any:
    return made_loaded("2d", calls, **{"sections": "around", "classes": NAMES, **changes})


def bright(image: Image) -> Any:
    return np.where(image.grid.array > 0, 2, 1)


@pytest.mark.parametrize("pose", POSES)
def test_every_voxel_gets_the_label_of_its_own_place(pose: str) -> None:
    image = made_can(pose)
    found = segment_image(image, made_seer(), SETTINGS)
    assert any("half-planes around the cell's axis" in note for note in found.notes)
    same = found.labels.array == bright(image)
    sure = np.abs(image.grid.array) > 0.2  # nearer to 0, half a voxel decides
    wall = image.grid.array > 2.0
    assert same[sure & ~wall].mean() > 0.985 and same[wall].mean() > 0.9
    assert np.all(found.labels.array > 0)


@pytest.mark.parametrize("pose", POSES)
def test_no_voxel_of_the_can_lies_further_than_a_voxel_from_its_half_plane(pose: str) -> None:
    volume = made_can(pose).grid
    fan = Fan.of(volume, find_cell(volume), whole=False)
    for k in (15, 28):
        grid = Grid.of(volume).slice(k)
        voxels, pixels = fan.nearest(grid)
        places = np.array(np.unravel_index(pixels[::5], fan.shape))
        own = np.array([*np.unravel_index(voxels[::5], grid.shape[1:])[::-1], np.zeros(len(voxels[::5]))])
        ras = grid.ijk_to_ras[:3, :3] @ own + grid.ijk_to_ras[:3, 3:]
        seen = np.array([_ras(fan, *place) for place in places.T]).T
        off = np.linalg.norm((ras - seen) / np.linalg.norm(volume.ijk_to_ras[:3, :3], axis=0)[:, None], axis=0)
        assert off.max() < np.sqrt(1.0 + 0.5**2 + 0.5**2) + 0.1


def _ras(fan: Fan, number: int, row: int, column: int) -> Any:
    return fan.grid(number).ijk_to_ras[:3] @ np.array([column, row, 0.0, 1.0])


def test_a_class_called_background_is_what_lies_beyond_the_can_and_without_one_the_model_decides() -> None:
    image = made_can()
    own = segment_image(image, made_seer(), SETTINGS)
    named = segment_image(image, made_seer(classes=(SegmentClass("dark", "#000000"), NAMES[1])), SETTINGS)
    assert own.labels.array[5, 0, 0] == 1 and any("all is background" in note for note in own.notes)
    assert not any("beyond" in note for note in named.notes)
    assert (named.labels.array == bright(image)).mean() > 0.95


def test_a_region_is_a_corner_of_the_whole_and_sees_only_its_half_planes() -> None:
    calls: list[int] = []
    whole = segment_image(made_can(), made_seer(calls), SETTINGS).labels.array
    every = sum(calls)
    calls.clear()
    part = segment_image(made_can(), made_seer(calls), replace(SETTINGS, region=((3, 10, 35), (9, 20, 50))))
    np.testing.assert_array_equal(part.labels.array, whole[3:9, 10:20, 35:50])
    assert sum(calls) < every / 4


def test_work_that_was_cancelled_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(around_segment, "_BLOCK", 10_000)
    settings = replace(SETTINGS, work=tmp_path / "work", uncertainty=True)
    calls: list[int] = []
    whole = segment_image(made_can(), made_seer(calls), replace(settings, work=None))
    every = sum(calls)
    with pytest.raises(Cancelled):
        segment_image(made_can(), made_seer(), settings, Progress(is_cancelled=_after_blocks(tmp_path / "work", 3)))
    calls.clear()
    found = segment_image(made_can(), made_seer(calls), settings)
    assert 0 < sum(calls) < every and any("kept" in note for note in found.notes)
    np.testing.assert_array_equal(found.labels.array, whole.labels.array)
    assert found.uncertainty is not None and whole.uncertainty is not None
    np.testing.assert_array_equal(found.uncertainty.array, whole.uncertainty.array)


def _after_blocks(work: Path, count: int) -> Any:
    path = work / "planes" / "finished.txt"
    return lambda: path.exists() and path.read_text().count("\n") >= count


def test_an_image_without_a_cell_is_segmented_in_slices_and_says_so() -> None:
    image = made_waves()
    found = segment_image(image, made_seer(), SETTINGS)
    assert any("No cylindrical cell" in note for note in found.notes) and any("axis j" in note for note in found.notes)
    np.testing.assert_array_equal(found.labels.array, bright(image))


def test_half_planes_that_were_asked_for_need_a_cell_and_a_network_of_two_dimensions() -> None:
    with pytest.raises(InputError):
        segment_image(made_waves(), made_seer(), replace(SETTINGS, along="around"))
    with pytest.raises(InputError, match="2d"):
        segment_image(made_can(), made_loaded("3d"), replace(SETTINGS, along="around"))


def test_slices_can_be_had_of_a_cell_too_and_half_planes_of_any_model() -> None:
    slices = segment_image(made_can(), made_seer(), replace(SETTINGS, along="k"))
    np.testing.assert_array_equal(slices.labels.array, bright(made_can()))
    planes = segment_image(made_can(), made_loaded(classes=NAMES), replace(SETTINGS, along="around"))
    assert any("half-planes" in note for note in planes.notes)


def test_pixels_outside_the_models_range_are_resampled_on_half_planes_too() -> None:
    model = made_seer(pixel_range_um=(1.5, 4.0))
    found = segment_image(made_can("tilted"), model, SETTINGS)
    sure = (np.abs(made_can("tilted").grid.array) > 0.3) & (made_can("tilted").grid.array < 2.0)
    assert (found.labels.array == bright(made_can("tilted")))[sure].mean() > 0.92


@pytest.mark.parametrize(
    ("size", "seen"),
    [
        ((9.0, 20.0, 40.0), (9.0, 20.0, 40.0)),
        ((9.0, 5.0, 5.0), (9.0, 10.0, 10.0)),
        ((9.0, 9.7, 300.0), (9.0, 9.7, 80.0)),
    ],
)
def test_pixels_within_a_models_range_are_taken_as_they_are_and_others_at_its_nearer_end(size: Any, seen: Any) -> None:
    info = made_loaded(pixel_range_um=(10.0, 80.0)).info
    plan = make_plan(made_waves((4, 40, 34), size), info, "k")
    np.testing.assert_allclose(plan.network.voxel_size_um, seen)


@pytest.mark.parametrize(
    ("size_um", "axis"), [((60, 40, 40), 1), ((100, 40, 40), 1), ((611, 60, 40), 0), ((20, 20, 20), 1)]
)
def test_a_stack_of_half_planes_is_seen_plane_by_plane(size_um: Any, axis: int) -> None:
    volume = Volume.from_stack(np.zeros((9, 20, 20), np.uint8), size_um, "stated", "stack")
    model = made_seer(sections="around", voxel_size_um=(40.0, 40.0, 40.0), pixel_range_um=(20.0, 80.0))
    assert make_plan(Image("stack", (volume,)), model.info, "auto").axis == axis
