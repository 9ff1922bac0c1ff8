"""What goes into a scene comes out of it again, also through a file."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError, OutputError
from batterycell.mrml.points import end_points, nearest_row, overhang_lines
from batterycell.result import CellResult, negative, readable
from batterycell.tables import Table
from batterycell.volume import Volume
from made_result import made_result


@pytest.fixture(scope="module")
def result() -> CellResult:
    return made_result()


def oblique_volume(dtype: Any) -> Volume:
    turned = np.array([[-0.03, 0, 0.01, 4], [0.005, -0.034, 0, -7], [0.002, 0.001, 0.068, 11], [0, 0, 0, 1]])
    values = np.random.default_rng(3).integers(0, 2 if dtype is bool else 100, (4, 5, 6))
    return Volume(values.astype(dtype), turned, "test", "oblique")


@pytest.mark.parametrize(
    "dtype", [bool, "u1", "i1", "<u2", ">u2", "i2", "i4", "u4", "i8", "u8", "f2", "f4", ">f4", "f8"]
)
def test_a_volume_of_any_number_type_keeps_its_values_and_its_place(scene: Any, dtype: Any) -> None:
    volume = oblique_volume(np.dtype(dtype).type if dtype is bool else dtype)
    back = mrml.volume_from_node(mrml.add_volume(scene, volume, "cell"))
    np.testing.assert_array_equal(back.array, volume.array.astype(back.array.dtype))
    np.testing.assert_allclose(back.ijk_to_ras, volume.ijk_to_ras, atol=1e-12)


def test_the_first_voxel_sits_where_slicer_looks_for_it(scene: Any) -> None:
    volume = oblique_volume("u1")
    node = mrml.add_volume(scene, volume, "cell")
    ijk = (3, 1, 2)
    assert node.GetImageData().GetScalarComponentAsDouble(*ijk, 0) == volume.array[2, 1, 3]


def test_values_too_large_for_32_bits_become_floats(scene: Any) -> None:
    volume = Volume(np.full((2, 2, 2), 2**40), np.eye(4), "test")
    assert mrml.volume_from_node(mrml.add_volume(scene, volume, "big")).array[0, 0, 0] == 2.0**40


def test_a_colour_volume_is_refused_as_grey_values(scene: Any) -> None:
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions(3, 3, 3)
    image.AllocateScalars(3, 3)
    node = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "colours")
    node.SetAndObserveImageData(image)
    with pytest.raises(InputError, match="3 values a voxel"):
        mrml.volume_from_node(node)


def test_an_empty_volume_node_is_refused(scene: Any) -> None:
    with pytest.raises(InputError, match="no image"):
        mrml.volume_from_node(scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty"))


def test_words_are_no_grey_values(scene: Any) -> None:
    with pytest.raises(InputError, match="no grey values"):
        mrml.add_volume(scene, Volume(np.full((2, 2, 2), "a"), np.eye(4), "test"), "words")


def test_a_speck_of_metal_does_not_widen_the_window(scene: Any) -> None:
    array = np.random.default_rng(0).normal(100, 5, (50, 50, 50))
    array[0, 0, :20] = 60000
    low, high = mrml.window_range(array)
    assert 80 < low < 95 and 105 < high < 120


@pytest.mark.parametrize("array", [np.zeros((2, 2, 2)), np.full((2, 2, 2), np.nan), np.full((2, 2, 2), 7, np.uint8)])
def test_the_window_of_a_flat_volume_still_has_a_width(array: Any) -> None:
    low, high = mrml.window_range(array)
    assert high > low


def test_a_table_keeps_titles_units_and_descriptions(scene: Any, result: CellResult) -> None:
    node = mrml.add_table(scene, result.overhang, "Overhang")
    assert node.GetColumnTitle("overhang_um") == "Overhang"
    assert node.GetColumnUnitLabel("overhang_um") == "µm"
    assert_same_table(mrml.table_from_node(node), result.overhang, 0)


def test_each_cathode_end_becomes_one_point_though_two_rows_share_it(scene: Any, result: CellResult) -> None:
    cathodes, anodes = mrml.add_ends(scene, result.overhang)
    points = end_points(result.overhang, "cathode")
    different = np.unique(points[np.isfinite(points).all(axis=1)], axis=0)
    assert cathodes.GetNumberOfControlPoints() == len(different) < len(points)
    assert anodes.GetNumberOfControlPoints() == np.isfinite(end_points(result.overhang, "anode")).all(axis=1).sum()
    assert cathodes.GetNthControlPointLabel(0).startswith("top w1 outer 0°")


def test_a_ruler_is_captioned_with_the_tables_value(scene: Any, result: CellResult) -> None:
    rulers = mrml.add_rulers(scene, result.overhang, result.cell.frame, [0.0])
    chosen = result.overhang.where(readable(result.overhang) & (result.overhang["angle_deg"] == 0))
    assert [ruler.GetNthControlPointLabel(1) for ruler in rulers] == [f"{v:.0f} µm" for v in chosen["overhang_um"]]
    lengths = [ruler.GetLineLengthWorld() * 1000 for ruler in rulers]
    np.testing.assert_allclose(lengths, np.abs(chosen["overhang_axial_um"]), atol=0.01)


def test_rulers_beyond_the_limit_are_thinned_but_negative_ones_stay(scene: Any, result: CellResult) -> None:
    angles = np.unique(result.overhang["angle_deg"]).tolist()
    rulers = mrml.add_rulers(scene, result.overhang, result.cell.frame, angles, max_count=5)
    captions = [ruler.GetNthControlPointLabel(1) for ruler in rulers]
    assert len(captions) == 5
    assert "-50 µm" in captions


def test_every_negative_overhang_is_marked_where_its_cathode_ends(scene: Any, result: CellResult) -> None:
    alarms = mrml.add_alarms(scene, result.overhang)
    places = end_points(result.overhang.where(negative(result.overhang)), "cathode")
    found = [alarms.GetNthControlPointPositionWorld(index) for index in range(alarms.GetNumberOfControlPoints())]
    np.testing.assert_allclose(found, places, atol=1e-9)
    assert mrml.add_alarms(scene, result.overhang.where(~negative(result.overhang))) is None


def test_a_table_without_any_end_gives_empty_lists(scene: Any, result: CellResult) -> None:
    nothing = result.overhang.where(~readable(result.overhang) & (result.overhang["end"] == "bottom"))
    cathodes, anodes = mrml.add_ends(scene, nothing)
    assert cathodes.GetNumberOfControlPoints() == anodes.GetNumberOfControlPoints() == 0
    assert mrml.add_rulers(scene, nothing, result.cell.frame, [0.0]) == []


def test_overhang_lines_run_along_the_axis(result: CellResult) -> None:
    lines = overhang_lines(result.overhang, result.cell.frame)
    along = (lines[:, 1] - lines[:, 0]) @ result.cell.frame.up * 1000
    np.testing.assert_allclose(along, result.overhang["overhang_axial_um"], atol=1e-6)


def test_the_upright_transform_stands_the_cell_up(scene: Any, result: CellResult) -> None:
    frame = result.cell.frame
    node = mrml.add_upright_transform(scene, frame)
    point = [0.0, 0.0, 0.0]
    node.GetTransformToParent().TransformPoint(frame.origin + 2 * frame.up, point)
    np.testing.assert_allclose(point, [0, 0, 2], atol=1e-9)
    back = mrml.frame_from_transform(node)
    assert back is not None
    np.testing.assert_array_equal(back.basis, frame.basis)


def test_a_foreign_transform_holds_no_frame(scene: Any) -> None:
    assert mrml.frame_from_transform(scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")) is None


def test_saved_points_state_the_unit_of_their_numbers(scene: Any, result: CellResult, tmp_path: Path) -> None:
    fill(scene, result)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    with zipfile.ZipFile(tmp_path / "scene.mrb") as bundle:
        texts = [bundle.read(name).decode() for name in bundle.namelist() if name.endswith(".mrk.json")]
    assert texts
    assert all('"coordinateUnits": "mm"' in text for text in texts)


def test_everything_saved_comes_back(scene: Any, result: CellResult, tmp_path: Path) -> None:
    path = tmp_path / "scene.mrb"
    fill(scene, result)
    mrml.save_scene(scene, path)
    again = mrml.new_scene()
    mrml.load_scene(again, path)
    assert_same_volume(mrml.volume_from_node(again.GetFirstNodeByName("cell")), result.volume)
    assert_same_table(mrml.table_from_node(again.GetFirstNodeByName("Overhang")), result.overhang, 1e-5)
    assert_same_markups(scene, again)
    frame = mrml.frame_from_transform(again.GetFirstNodeByName("Upright"))
    assert frame is not None and np.allclose(frame.up, result.cell.frame.up)
    assert again.GetNodeByID("vtkMRMLSliceCompositeNodeRed").GetBackgroundVolumeID()
    mrml.close_scene(again)


def test_a_bundle_holds_one_folder_with_plain_names(scene: Any, result: CellResult, tmp_path: Path) -> None:
    fill(scene, result)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    names = zipfile.ZipFile(tmp_path / "scene.mrb").namelist()
    assert all(name.startswith("scene/") and "%" not in name for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["scene.mrb"]


def test_a_scene_of_a_real_size_is_saved_in_six_seconds(scene: Any, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 60, (100, 728, 728), np.uint8)
    mrml.add_volume(scene, Volume.from_stack(array, (68, 34, 34), "test"), "cell")
    start = time.monotonic()
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    assert time.monotonic() - start < 6


def test_the_3d_view_looks_at_the_cell_with_its_cap_up(scene: Any, result: CellResult) -> None:
    fill(scene, result)
    camera, frame = scene.GetFirstNodeByClass("vtkMRMLCameraNode"), result.cell.frame
    eye = np.array(camera.GetPosition()) - frame.origin
    np.testing.assert_allclose(camera.GetFocalPoint(), frame.origin, atol=1e-9)
    assert 20 < np.linalg.norm(eye) < 40 and eye @ frame.up > 0 and abs(eye @ frame.toward_i) < 1e-9
    assert np.cross(-eye, camera.GetViewUp()) @ frame.toward_i > 0, "angle 0° lies on the right"


def test_a_scene_is_saved_beside_where_one_works(scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mrml.save_scene(scene, Path("scene.mrb"))
    assert [path.name for path in tmp_path.iterdir()] == ["scene.mrb"]


def test_a_scene_that_cannot_be_written_is_one_error_and_no_file(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        mrml.save_scene(scene, tmp_path / "absent" / "scene.mrb")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_error_without_the_runtimes_own_words(
    scene: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    resource = pytest.importorskip("resource", reason="limits of the file size are POSIX")
    mrml.add_volume(scene, Volume.from_stack(np.zeros((50, 50, 50), np.uint8), (1, 1, 1), "test"), "cell")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            mrml.save_scene(scene, tmp_path / "scene.mrb")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert capfd.readouterr().err == "" and not list(tmp_path.iterdir())


def test_a_file_that_is_no_scene_is_refused(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "text.mrb").write_text("no zip")
    with pytest.raises(InputError, match="is no scene"):
        mrml.load_scene(scene, tmp_path / "text.mrb")


def fill(scene: Any, result: CellResult) -> None:
    node = mrml.add_volume(scene, result.volume, "cell")
    mrml.add_table(scene, result.overhang, "Overhang")
    mrml.add_ends(scene, result.overhang)
    mrml.add_rulers(scene, result.overhang, result.cell.frame, [0.0, 90.0])
    mrml.add_upright_transform(scene, result.cell.frame)
    mrml.show_upright(scene, node, result.cell.frame, result.cell.frame.origin, 10.0)


def assert_same_volume(one: Volume, other: Volume) -> None:
    np.testing.assert_array_equal(one.array, other.array)
    np.testing.assert_allclose(one.ijk_to_ras, other.ijk_to_ras, atol=1e-9)


def assert_same_table(one: Table, other: Table, relative: float) -> None:
    assert one.columns == other.columns
    for name, values in other.data.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(one[name], values, rtol=relative, atol=relative)
        else:
            np.testing.assert_array_equal(one[name], values)


def assert_same_markups(one: Any, other: Any) -> None:
    kinds = ("vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsLineNode")
    points = [[controls(scene, kind) for kind in kinds] for scene in (one, other)]
    assert points[0] == points[1]
    assert points[0][1]


def controls(scene: Any, kind: str) -> dict[str, list[Any]]:
    nodes = [scene.GetNthNodeByClass(index, kind) for index in range(scene.GetNumberOfNodesByClass(kind))]
    return {
        node.GetName(): [control(node, index) for index in range(node.GetNumberOfControlPoints())] for node in nodes
    }


def control(node: Any, index: int) -> Any:
    place, color = node.GetNthControlPointPositionWorld(index), node.GetDisplayNode().GetSelectedColor()
    return node.GetNthControlPointLabel(index), *(np.round((place, color), 3) + 0.0).tolist()


def test_the_row_of_a_place_is_that_of_the_nearest_end_within_reach(result: CellResult) -> None:
    overhang = result.overhang
    ends = end_points(overhang, "anode")
    row = int(np.flatnonzero(np.isfinite(ends).all(axis=1))[-1])
    assert nearest_row(overhang, ends[row] + 0.001, 0.1) == row
    assert nearest_row(overhang, ends[row] + 50.0, 0.1) is None
    assert nearest_row(overhang.where(np.zeros(len(overhang), bool)), ends[row], 0.1) is None
