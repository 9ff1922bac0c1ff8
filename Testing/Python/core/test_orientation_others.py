"""Other modules move the volume, or the user does: what belongs to it follows, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.loaded import set_voxel_size
from batterycell.mrml.ruler_snaps import keep_snaps
from batterycell.mrml.rulers import add_ruler, read_ruler
from batterycell.mrml.volumes import matrix_of, to_vtk_matrix
from batterycell.orient import turn
from batterycell.result import CellResult
from batterycell.summary import summarize
from turned_cells import all_is_in_its_place, corners, measured_cell, parents


@pytest.fixture
def node(made: CellResult) -> Iterator[Any]:
    """A measured volume with points, a box, a line and a model attached to it."""
    volume = measured_cell(made)
    scene = volume.GetScene()
    yield volume
    mrml.close_scene(scene)


TILT = turn("A", 25, (1, 2, 3)) @ turn("R", 160, (0, 0, 0))


def test_a_cell_is_not_known_any_more_once_the_voxel_size_changed(node: Any) -> None:
    node.SetSpacing(0.2, 0.2, 0.2)
    assert mrml.cell_of(node) is None
    assert mrml.result_of(node) is None


def test_the_uncertainty_of_a_snapped_end_is_corrected_with_the_voxel_size(node: Any) -> None:
    places = matrix_of(node) @ np.column_stack([[3, 4, 5, 1], [13, 4, 5, 1]])
    mrml.settle(node)
    ruler = add_ruler(node, *places[:3].T)
    before = read_ruler(ruler)
    keep_snaps(ruler, before.ijk, [3.0, None], before.value)
    set_voxel_size(node, tuple(2 * size for size in mrml.volume_of(node).voxel_size_um), "typed")  # type: ignore[arg-type]
    mrml.settle(node)
    after = read_ruler(ruler)
    assert after.snapped_um == (pytest.approx(6.0), None)
    assert after.uncertainty / after.value == pytest.approx(np.hypot(3.0, before.ends_um[1]) / before.value)


def test_what_slicer_hardens_alone_takes_all_along(node: Any, made: CellResult) -> None:
    mrml.set_upright(node, made.cell)
    before = corners(node)
    node.HardenTransform()
    mrml.settle(node)
    assert parents(node) == {None}
    np.testing.assert_allclose(corners(node), before, atol=1e-6)
    assert all_is_in_its_place(node) and mrml.stands_upright(node)
    mrml.turn_cell(node, "R", 90)
    assert len(mrml.attached(node, "orientation")) == 1


def test_what_slicer_hardens_together_is_not_moved_twice(node: Any, made: CellResult) -> None:
    mrml.set_upright(node, made.cell)
    mrml.settle(node)
    before = corners(node)
    for item in [*mrml.attached(node), node]:
        if item.IsA("vtkMRMLTransformableNode") and not item.IsA("vtkMRMLTransformNode"):
            item.HardenTransform()
    mrml.settle(node)
    np.testing.assert_allclose(corners(node), before, atol=1e-6)
    assert all_is_in_its_place(node)


def test_a_volume_that_is_centred_takes_all_along(node: Any) -> None:
    mrml.settle(node)
    before, way = corners(node), np.array([5, -6, 7])
    node.SetOrigin(*(np.array(node.GetOrigin()) + way))
    mrml.settle(node)
    np.testing.assert_allclose(corners(node), before + way, atol=1e-6)
    assert all_is_in_its_place(node)


def test_a_foreign_transform_is_named_and_nothing_is_turned(node: Any, made: CellResult) -> None:
    foreign = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode", "theirs")
    foreign.SetMatrixTransformToParent(to_vtk_matrix(TILT))
    node.SetAndObserveTransformNodeID(foreign.GetID())
    before = geometry_text(node)
    for edit in (
        lambda: mrml.turn_cell(node, "R", 90),
        lambda: mrml.set_upright(node, made.cell),
        lambda: mrml.put_back(node),
        lambda: mrml.harden_orientation(node),
    ):
        with pytest.raises(InputError, match="theirs"):
            edit()
    assert node.GetParentTransformNode() is foreign and geometry_text(node) == before
    mrml.settle(node)
    assert parents(node) == {foreign.GetID()}, "what belongs to the cell follows it there"
    np.testing.assert_allclose(mrml.standing_of(node).shown, TILT)
    assert not mrml.stands_upright(node)


def test_a_transform_over_ours_is_foreign_too(node: Any) -> None:
    ours = mrml.turn_cell(node, "R", 90)
    foreign = node.GetScene().AddNewNodeByClass("vtkMRMLTransformNode", "warp")
    ours.SetAndObserveTransformNodeID(foreign.GetID())
    with pytest.raises(InputError, match="warp"):
        mrml.turn_cell(node, "R", 90)


def test_a_warped_volume_has_no_matrix_and_the_summary_says_so(node: Any) -> None:
    from vtkmodules.vtkCommonTransforms import vtkThinPlateSplineTransform

    warp = node.GetScene().AddNewNodeByClass("vtkMRMLTransformNode", "warp")
    warp.SetAndObserveTransformToParent(vtkThinPlateSplineTransform())
    node.SetAndObserveTransformNodeID(warp.GetID())
    assert mrml.standing_of(node).shown is None
    assert summarize(mrml.result_of(node))["orientation"]["ras_to_shown"] is None  # type: ignore[arg-type]
    assert not mrml.stands_upright(node)
