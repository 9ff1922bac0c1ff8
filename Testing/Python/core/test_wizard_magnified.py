"""Images of fine voxels, which Slicer's slice views can follow only when they are shown larger."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from batterycell.mrml.cell import volume_of
from batterycell.mrml.volumes import add_volume
from batterycell.mrml.wizard.classes import ensure_labels, use_preset
from batterycell.mrml.wizard.frames import add_slice_frame, frame_of
from batterycell.mrml.wizard.magnified import FACTOR, is_magnified, magnify
from batterycell.volume import Volume


def add_image(scene: Any, voxel_mm: float) -> Any:
    array = np.random.default_rng(1).integers(0, 255, (8, 40, 50), np.uint8)
    volume = Volume(array, np.diag([voxel_mm, voxel_mm, voxel_mm, 1.0]), "header", "micrograph")
    return add_volume(scene, volume, "micrograph")


def add_view(scene: Any, middle: tuple[float, float, float], size: float) -> Any:
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    view.SetSliceToRASByNTP(0, 0, 1, -1, 0, 0, *middle, 0)
    view.SetFieldOfView(size, size, size)
    return view


@pytest.mark.parametrize(("voxel_mm", "shown"), [(1e-5, True), (5e-4, True), (0.03, False), (1.0, False)])
def test_fine_voxels_alone_are_magnified(scene: Any, voxel_mm: float, shown: bool) -> None:
    image = add_image(scene, voxel_mm)
    assert magnify(image) is shown
    assert is_magnified(image) is shown
    assert volume_of(image).spacing_mm == pytest.approx([voxel_mm] * 3)


def test_labels_follow_and_an_image_under_a_transform_stays_where_it_is(scene: Any) -> None:
    use_preset(scene, "cell overhang")
    image, other = add_image(scene, 1e-5), add_image(scene, 1e-5)
    labels = ensure_labels(image)
    turned = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    other.SetAndObserveTransformNodeID(turned.GetID())
    assert magnify(image)
    assert labels.GetParentTransformNode() is image.GetParentTransformNode()
    assert not magnify(other)
    assert other.GetParentTransformNode() is turned


def test_a_view_of_a_magnified_image_gives_the_same_frame(scene: Any) -> None:
    image = add_image(scene, 1e-5)
    middle, size = np.array([25e-5, 20e-5, 4e-5]), 20e-5
    plain = frame_of(add_slice_frame(image, add_view(scene, tuple(middle), size)))
    magnify(image)
    large = frame_of(add_slice_frame(image, add_view(scene, tuple(middle * FACTOR), size * FACTOR)))
    np.testing.assert_allclose(large.centre_mm, plain.centre_mm, atol=1e-12)
    np.testing.assert_allclose(large.size_mm, plain.size_mm, atol=1e-12)
    assert plain.size_mm[0] < 25e-5
