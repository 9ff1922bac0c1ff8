"""A model on whole images and regions: blocks, axes, voxel sizes, work that goes on, what is foreign."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress
from batterycell.segment import Image, Levels
from batterycell.segment.apply import ApplySettings, find_foreign, segment_image
from batterycell.segment.data.levels import measure_levels, measure_quantiles
from batterycell.volume import Volume
from made_applied import LEVELS, bright, made_loaded, made_waves

torch = pytest.importorskip("torch")
SETTINGS = ApplySettings(levels=LEVELS, device="cpu")
FEW = 150_000  # Bytes a block: several blocks an image.
DIMENSIONS = ("2d", "2.5d", "3d")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("along", ["auto", "k", "j", "i"])
@pytest.mark.parametrize("memory", [10**9, FEW])
def test_labels_lie_on_the_images_own_voxels(dimension: str, along: Any, memory: int) -> None:
    image = made_waves()
    found = segment_image(image, made_loaded(dimension), replace(SETTINGS, along=along, memory=memory))
    assert found.labels.array.dtype == np.uint8
    np.testing.assert_array_equal(found.labels.array, bright(image))
    np.testing.assert_array_equal(found.labels.ijk_to_ras, image.grid.ijk_to_ras)
    assert found.uncertainty is None


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_region_is_a_corner_of_the_image_with_its_place(dimension: str) -> None:
    image = made_waves()
    found = segment_image(image, made_loaded(dimension), replace(SETTINGS, region=((3, 5, 7), (9, 30, 20)), along="j"))
    np.testing.assert_array_equal(found.labels.array, bright(image)[3:9, 5:30, 7:20])
    np.testing.assert_allclose(found.labels.to_ras([0, 0, 0]), image.grid.to_ras([7, 5, 3]))


def test_the_border_of_a_region_is_judged_with_what_lies_around_it() -> None:
    calls: list[int] = []
    segment_image(made_waves(), made_loaded(calls=calls), replace(SETTINGS, region=((3, 5, 7), (4, 9, 9))))
    assert calls == [40 * 34]


@pytest.mark.parametrize("region", [((0, 0, 0), (21, 4, 4)), ((5, 0, 0), (5, 4, 4)), ((-1, 0, 0), (2, 2, 2))])
def test_a_region_outside_the_image_is_refused(region: Any) -> None:
    with pytest.raises(InputError, match="no part of waves"):
        segment_image(made_waves(), made_loaded(), replace(SETTINGS, region=region))


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("trained", [(2.0, 2.0, 2.0), (0.5, 0.5, 0.5), (1.0, 2.0, 0.7)])
def test_voxels_of_another_size_are_resampled_and_labels_come_back(dimension: str, trained: Any) -> None:
    image, model = made_waves(), made_loaded(dimension, voxel_size_um=trained)
    settings = replace(SETTINGS, along="k")
    found = segment_image(image, model, settings)
    assert found.labels.array.shape == image.grid.array.shape
    assert (found.labels.array == bright(image)).mean() > 0.97
    assert any("resampled" in note for note in found.notes)
    cut = segment_image(image, model, replace(settings, memory=FEW))
    assert (cut.labels.array != found.labels.array).mean() < (0.01 if dimension == "3d" else 1e-9)


def test_voxels_of_nearly_the_same_size_are_taken_as_they_are() -> None:
    found = segment_image(made_waves(), made_loaded(voxel_size_um=(5.0, 1.03, 0.98)), SETTINGS)
    assert not any("resampled" in note for note in found.notes)


@pytest.mark.parametrize(
    ("trained", "axis"),
    [((1, 2, 1), "j"), ((1, 1, 1), ""), ((2, 1, 1), ""), ((1, 4, 2), "j"), ((1, 0.5, 0.5), ""), ((1, 1, 2), "")],
)
def test_slices_are_taken_along_the_axis_across_which_pixels_have_the_proportions_of_the_training(
    trained: Any, axis: str
) -> None:
    image = made_waves((20, 40, 34), (2.0, 1.0, 1.0))
    found = segment_image(image, made_loaded(voxel_size_um=trained), SETTINGS)
    assert [note[-2] for note in found.notes if "axis" in note] == list(axis)
    assert (found.labels.array == bright(image)).mean() > 0.95


def test_uncertainty_is_high_where_two_classes_are_equally_likely() -> None:
    ramp = np.linspace(-1, 1, 41, dtype=np.float32)
    image = Image("ramp", (Volume.from_stack(np.tile(ramp, (2, 16, 1)), (1, 1, 1), "made"),))
    found = segment_image(image, made_loaded(), replace(SETTINGS, uncertainty=True))
    assert found.uncertainty is not None and found.uncertainty.array.dtype == np.uint8
    row = found.uncertainty.array[0, 0].astype(int)
    lead = np.abs(np.tanh(4 * ramp))
    np.testing.assert_allclose(row, 100 * (1 - lead), atol=0.6)
    assert row[20] == 100 and row[0] < 1


def test_a_class_of_three_leads_over_the_next_not_over_the_rest() -> None:
    class Three(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            scores = torch.log(torch.tensor([0.2, 0.5, 0.3]))
            return scores[None, :, None, None].expand(len(x), 3, *x.shape[2:])

    model = made_loaded()
    info = replace(model.info, network=replace(model.info.network, classes=3))
    model = replace(model, info=info, network=Three())
    found = segment_image(made_waves(), model, replace(SETTINGS, uncertainty=True))
    assert found.uncertainty is not None
    assert np.all(found.labels.array == 2) and np.all(found.uncertainty.array == 80)


def test_work_that_was_cancelled_goes_on_where_it_stopped(tmp_path: Path) -> None:
    image, calls = made_waves(), list[int]()
    settings = replace(SETTINGS, memory=FEW, work=tmp_path / "work", uncertainty=True)
    whole = segment_image(image, made_loaded(calls=calls), replace(settings, work=None))
    planes = len(calls)
    asked = iter([False] * 30 + [True] * 999)
    with pytest.raises(Cancelled):
        segment_image(image, made_loaded(), settings, Progress(is_cancelled=lambda: next(asked)))
    calls.clear()
    found = segment_image(image, made_loaded(calls=calls), settings)
    assert 0 < len(calls) < planes
    assert any("kept" in note for note in found.notes)
    np.testing.assert_array_equal(found.labels.array, whole.labels.array)
    assert found.uncertainty is not None and whole.uncertainty is not None
    np.testing.assert_array_equal(found.uncertainty.array, whole.uncertainty.array)


@pytest.mark.parametrize("change", ["image", "model", "settings", "levels"])
def test_work_on_something_else_is_not_taken_up_again(tmp_path: Path, change: str) -> None:
    settings = replace(SETTINGS, memory=FEW, work=tmp_path)
    segment_image(made_waves(), made_loaded(), settings)
    calls: list[int] = []
    image, model = made_waves(), made_loaded(calls=calls)
    if change == "image":
        image.grid.array[7, 8, 9] += 1
    elif change == "model":
        model = replace(model, hash="1" * 64)
    elif change == "settings":
        settings = replace(settings, along="j")
    else:
        settings = replace(settings, levels=(Levels(-1.0, 1.5),))
    segment_image(image, model, settings)
    assert sum(calls) == image.grid.array.size


def test_a_spoiled_work_folder_is_begun_anew(tmp_path: Path) -> None:
    image, settings = made_waves(), replace(SETTINGS, memory=FEW, work=tmp_path)
    segment_image(image, made_loaded(), settings)
    (tmp_path / "signature.json").write_text("{", encoding="utf-8")
    np.testing.assert_array_equal(segment_image(image, made_loaded(), settings).labels.array, bright(image))


def test_a_line_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    image, settings, calls = made_waves(), replace(SETTINGS, memory=FEW, work=tmp_path), list[int]()
    segment_image(image, made_loaded(), settings)
    (tmp_path / "finished.txt").write_text("0\n1", encoding="ascii")
    np.lib.format.open_memmap(tmp_path / "labels.npy", "r+")[3:] = 0
    found = segment_image(image, made_loaded(calls=calls), settings)
    assert calls
    np.testing.assert_array_equal(found.labels.array, bright(image))


_KILLED = """
import sys, time
sys.path.insert(0, {core!r})
from pathlib import Path
from made_applied import made_loaded, made_waves
from test_apply_volume import FEW, SETTINGS
from batterycell.segment.apply import segment_image
from dataclasses import replace
model = made_loaded()
forward = model.network.forward
model.network.forward = lambda x: (time.sleep(0.05), forward(x))[1]
segment_image(made_waves(), model, replace(SETTINGS, memory=FEW, work=Path({work!r})))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX systems")
def test_a_killed_process_loses_only_the_block_it_was_at(tmp_path: Path) -> None:
    code = _KILLED.format(core=str(Path(__file__).parent), work=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        _wait_for_blocks(tmp_path / "finished.txt", process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    calls: list[int] = []
    found = segment_image(made_waves(), made_loaded(calls=calls), replace(SETTINGS, memory=FEW, work=tmp_path))
    assert 0 < sum(calls) < made_waves().grid.array.size
    np.testing.assert_array_equal(found.labels.array, bright(made_waves()))


def _wait_for_blocks(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while not (path.exists() and path.read_bytes().count(b"\n") >= 2):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)


def test_a_model_of_two_channels_refuses_an_image_of_one() -> None:
    with pytest.raises(InputError, match="has one channel"):
        segment_image(made_waves(), made_loaded(channel_names=("se", "bse")), SETTINGS)


def quantiles(image: Image) -> tuple[tuple[float, ...], ...]:
    return (measure_quantiles(image.grid, measure_levels(image.grid)),)


def trained_on(image: Image, **changes: Any) -> Any:
    levels = measure_levels(image.grid)
    return made_loaded(levels=((levels.low, levels.high),), quantiles=quantiles(image), **changes).info


def changed(image: Image, array: Any) -> Image:
    return replace(image, channels=(replace(image.grid, array=array),))


def test_an_image_like_those_of_the_training_is_not_foreign() -> None:
    image = made_waves()
    assert find_foreign(image, trained_on(image)) == []
    assert find_foreign(changed(image, 2 * image.grid.array + 7), trained_on(image)) == []


def test_other_materials_swapped_contrast_and_other_ranges_are_told() -> None:
    image = made_waves()
    dark = image.grid.array.copy()
    dark[dark > -1] = -2
    dark[0] = 2
    assert "distributed unlike" in find_foreign(changed(image, dark), trained_on(image))[0]
    dark[10:] = -1.5
    assert "swapped" in find_foreign(changed(image, -dark), trained_on(changed(image, dark)))[0]
    assert "span" in find_foreign(changed(image, 256 * image.grid.array), trained_on(image))[0]


def test_much_coarser_voxels_are_told() -> None:
    image = made_waves()
    assert "4 times as large" in find_foreign(image, trained_on(image, voxel_size_um=(1, 0.25, 1)))[0]
