"""The common measures of instances beside scikit-image's, every shape there is, voxels of any proportions."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from instances_made import VOXEL_UM, grey_of
from instances_values import CUBE, Row, beside_skimage, beside_skimage_2d, noise_regions

pytest.importorskip("skimage")
DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data")) / "electrode_labels"
VOXELS = pytest.mark.parametrize("voxel_um", [CUBE, VOXEL_UM], ids=["cubes", "bricks"])


def unequal(rows: list[Row]) -> list[Row]:
    assert rows
    return [row for row in rows if not row.is_equal]


@VOXELS
def test_volumes_are_measured_as_scikit_image_does(voxel_um: tuple[float, float, float]) -> None:
    labels = noise_regions((20, 30, 40))
    assert unequal(beside_skimage(labels, grey_of(labels), voxel_um)) == []


@VOXELS
def test_slices_are_measured_as_scikit_image_does(voxel_um: tuple[float, float, float]) -> None:
    labels = noise_regions((3, 50, 60), 2)
    assert unequal(beside_skimage_2d(labels, grey_of(labels), voxel_um)) == []


def test_real_numbers_far_from_nought_keep_their_standard_deviation() -> None:
    labels = noise_regions((10, 30, 40))
    grey = 1e6 + np.random.default_rng(0).normal(size=labels.shape)
    assert unequal([row for row in beside_skimage(labels, grey, CUBE) if "sd" in row.measure]) == []


@pytest.mark.real
@pytest.mark.parametrize("name", ["nmc_xct_2phase_128.tif", "cathode_sem_3phase_628x758.tif"])
def test_real_electrodes_are_measured_as_scikit_image_does(name: str) -> None:
    if not (DATA / name).is_file():
        pytest.skip(f"no real data in {DATA} (BATTERYCELL_DATA)")
    from scipy import ndimage
    from tifffile import imread

    regions, _ = ndimage.label(imread(DATA / name) == 0)
    labels = np.asarray(regions, np.uint32)
    beside = beside_skimage_2d if len(labels) == 1 else beside_skimage
    assert unequal(beside(labels, grey_of(labels), CUBE)) == []
