"""A snapshot of a scene: quick steps, nothing lost, the scene untouched; and the worker that exports it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml, worker
from batterycell.errors import OutputError
from batterycell.export import contents_of, find_volume
from batterycell.mrml.bundle import pack_snapshot, write_bundle
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.snapshot import DATA_FOLDER, SCENE_FILE, write_snapshot
from batterycell.progress import Progress
from batterycell.volume import Volume
from batterycell.worker import write_job
from made_scene import GAP, made_scene


@pytest.fixture
def made() -> Iterator[tuple[Any, Any]]:
    with made_scene(measured=True) as made:
        yield made


def snapshot(scene: Any, folder: Path) -> list[str]:
    """Take a snapshot; the names of what was left out."""
    folder.mkdir()
    steps = write_snapshot(scene, folder)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return list(end.value)


def loaded(path: Path, look: Callable[[Any], Any]) -> Any:
    """What a look at a loaded scene finds."""
    scene = mrml.new_scene()
    try:
        mrml.load_scene(scene, path)
        return look(scene)
    finally:
        mrml.close_scene(scene)


def identities(scene: Any) -> set[tuple[str, str, str]]:
    nodes = (node for node in nodes_of(scene) if node.GetSaveWithScene() and not node.IsA("vtkMRMLStorageNode"))
    return {(node.GetID(), node.GetClassName(), node.GetName()) for node in nodes}


def test_a_snapshot_holds_every_node(made: tuple[Any, Any], tmp_path: Path) -> None:
    assert snapshot(made[0], tmp_path / "shot") == []
    assert loaded(tmp_path / "shot" / SCENE_FILE, identities) >= identities(made[0])


def test_a_snapshot_loses_nothing_of_a_cell(made: tuple[Any, Any], tmp_path: Path) -> None:
    scene, node = made
    snapshot(scene, tmp_path / "shot")
    before = contents_of(node)
    after = loaded(tmp_path / "shot" / SCENE_FILE, lambda again: contents_of(find_volume(again)))
    assert (before.volume.array == after.volume.array).all()
    np.testing.assert_array_equal(before.volume.ijk_to_ras, after.volume.ijk_to_ras)
    assert before.rulers is not None and before.rulers["name"].tolist() == [GAP, "radial", "fold"]
    for column in before.result.overhang.columns:
        np.testing.assert_array_equal(before.result.overhang[column.name], after.result.overhang[column.name])
    for table in ("defects", "rulers"):
        for column in getattr(before, table).columns:
            values, same = getattr(before, table)[column.name], getattr(after, table)[column.name]
            if values.dtype.kind == "f":
                np.testing.assert_allclose(values, same, atol=1e-9)
            else:
                assert values.tolist() == same.tolist()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_voxels_of_every_type_come_back(dtype: str, tmp_path: Path) -> None:
    array = (np.random.default_rng(1).normal(size=(5, 6, 7)) * 60).astype(dtype)
    matrix = np.array([[0.0, 0.034, 0, 1], [-0.034, 0, 0, 2], [0, 0, 1 / 15, 1 / 3], [0, 0, 0, 1]])
    scene = mrml.new_scene()
    try:
        mrml.add_volume(scene, Volume(array, matrix, "test"), "v")
        snapshot(scene, tmp_path / "shot")
    finally:
        mrml.close_scene(scene)
    again = loaded(tmp_path / "shot" / SCENE_FILE, lambda scene: contents_of(find_volume(scene)).volume)
    assert again.array.dtype == dtype and (again.array == array).all()
    np.testing.assert_allclose(again.ijk_to_ras, matrix, atol=1e-15)


@pytest.mark.parametrize("name", ['A & B <c> "q"', "Zelle Nr. 7; ä:ö", "測定", "a\\b/c"])
def test_names_come_back_as_they_are(name: str, tmp_path: Path) -> None:
    scene = mrml.new_scene()
    try:
        node = mrml.add_volume(scene, Volume(np.ones((3, 3, 3), np.uint8), np.eye(4), "test"), "v")
        node.SetName(name)
        node.SetAttribute("BatteryCell.VoxelSizeSource", name)
        snapshot(scene, tmp_path / "shot")
    finally:
        mrml.close_scene(scene)

    def look(again: Any) -> tuple[str, str]:
        node = find_volume(again)
        return node.GetName(), node.GetAttribute("BatteryCell.VoxelSizeSource")

    assert loaded(tmp_path / "shot" / SCENE_FILE, look) == (name, name)


def test_segments_and_models_come_back(made: tuple[Any, Any], tmp_path: Path) -> None:
    import slicer
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    scene, node = made
    source = vtkSphereSource()
    source.Update()
    model = scene.AddNewNodeByClass("vtkMRMLModelNode", "ball")
    model.SetAndObservePolyData(source.GetOutput())
    segments = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "cathodes")
    segments.SetReferenceImageGeometryParameterFromVolumeNode(node)
    labels = slicer.vtkOrientedImageData()
    labels.SetDimensions(4, 4, 4)
    labels.AllocateScalars(3, 1)
    labels.GetPointData().GetScalars().Fill(1)
    segments.AddSegmentFromBinaryLabelmapRepresentation(labels, "can")
    assert snapshot(scene, tmp_path / "shot") == []

    def look(again: Any) -> tuple[int, int]:
        balls = again.GetNodesByClass("vtkMRMLModelNode")
        ball = next(b for b in map(balls.GetItemAsObject, range(balls.GetNumberOfItems())) if b.GetName() == "ball")
        found = again.GetFirstNodeByClass("vtkMRMLSegmentationNode").GetSegmentation()
        return ball.GetPolyData().GetNumberOfPoints(), found.GetNumberOfSegments()

    assert loaded(tmp_path / "shot" / SCENE_FILE, look) == (source.GetOutput().GetNumberOfPoints(), 1)


def test_a_snapshot_leaves_the_scene_as_it_was(made: tuple[Any, Any], tmp_path: Path) -> None:
    scene, node = made
    scene.SetURL("/somewhere/cell.mrml")

    def state() -> Any:
        kinds = ("vtkMRMLSubjectHierarchyNode", "vtkMRMLInteractionNode")
        others = (other for other in nodes_of(scene) if other.GetClassName() not in kinds)
        nodes = {other.GetID(): other.GetMTime() for other in others}
        return nodes, scene.GetURL(), scene.GetModifiedSinceRead(), scene.GetSaveToXMLString(), node.GetStorageNode()

    before = state()
    snapshot(scene, tmp_path / "shot")
    assert state() == before and scene.GetModifiedSinceRead(), "the user must still be asked to save"


def test_what_is_removed_meanwhile_is_left_out(made: tuple[Any, Any], tmp_path: Path) -> None:
    scene, node = made
    (tmp_path / "shot").mkdir()
    steps = write_snapshot(scene, tmp_path / "shot")
    next(steps)
    for ruler in mrml.rulers.rulers_of(node):
        scene.RemoveNode(ruler)
    list(steps)
    assert loaded(tmp_path / "shot" / SCENE_FILE, lambda scene: contents_of(find_volume(scene)).rulers) is None


def test_large_volumes_are_written_in_many_small_steps(tmp_path: Path) -> None:
    scene = mrml.new_scene()
    try:
        mrml.add_volume(scene, Volume(np.zeros((100, 400, 500), np.uint8), np.eye(4), "test"), "v")
        (tmp_path / "shot").mkdir()
        shares = list(write_snapshot(scene, tmp_path / "shot"))
    finally:
        mrml.close_scene(scene)
    assert max(np.diff([0.0, *shares])) < 0.25 and shares == sorted(shares) and shares[-1] == 1.0


def test_a_snapshot_that_cannot_be_written_says_so(made: tuple[Any, Any], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        list(write_snapshot(made[0], tmp_path / "absent"))


def test_a_packed_snapshot_is_a_scene(made: tuple[Any, Any], tmp_path: Path) -> None:
    snapshot(made[0], tmp_path / "shot")
    pack_snapshot(tmp_path / "shot", tmp_path / "scene.mrb", Progress())
    assert loaded(tmp_path / "scene.mrb", identities) >= identities(made[0])
    assert write_bundle(made[0], tmp_path / "other.mrb", Progress()) == []
    assert loaded(tmp_path / "other.mrb", identities) == loaded(tmp_path / "scene.mrb", identities)


# The worker


def job(made: tuple[Any, Any], folder: Path, **changes: Any) -> Path:
    """A job folder with a snapshot in it."""
    scene, node = made
    folder.mkdir()
    snapshot(scene, folder / "snapshot")
    settings = {
        "volume": node.GetID(),
        "out": str(folder.parent / "out"),
        "overwrite": False,
        "pictures": {"width": 200, "views": False, "rulers": False},
        "pictures_only": False,
        "files": [],
        "command": "test",
    }
    write_job(folder, "export", None, {**settings, **changes})
    return folder


def run(folder: Path) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "batterycell.worker", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_worker_exports_a_snapshot(made: tuple[Any, Any], tmp_path: Path) -> None:
    folder = job(made, tmp_path / "job")
    code, lines = run(folder)
    assert code == 0 and lines[-1]["fraction"] == 1.0
    fractions = [line["fraction"] for line in lines]
    assert fractions == sorted(fractions)
    assert {"overhang.csv", "rulers.csv", "report.html", "scene.mrb"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    notes = json.loads((folder / worker.RESULT_FOLDER / "export.json").read_text(encoding="utf-8"))["notes"]
    assert [note for note in notes if "OpenGL" not in note] == []
    assert loaded(tmp_path / "out" / "scene.mrb", identities) >= identities(made[0])


def test_the_worker_replaces_an_older_result_only_when_told(made: tuple[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    code, lines = run(job(made, tmp_path / "job", overwrite=True))
    assert code == 3 and "mine.txt" in lines[-1]["error"]["message"]
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_a_volume_that_was_removed_meanwhile_is_one_sentence(made: tuple[Any, Any], tmp_path: Path) -> None:
    code, lines = run(job(made, tmp_path / "job", volume="vtkMRMLScalarVolumeNode77"))
    assert code == 3 and "was removed" in lines[-1]["error"]["message"]
    assert {path.name for path in tmp_path.iterdir()} == {"job"}


def test_a_cancelled_export_leaves_nothing(made: tuple[Any, Any], tmp_path: Path) -> None:
    folder = job(made, tmp_path / "job")
    (folder / worker.CANCEL_FILE).touch()
    assert run(folder)[0] == 130
    assert {path.name for path in tmp_path.iterdir()} == {"job"}


def test_long_names_that_begin_alike_have_files_of_their_own(tmp_path: Path) -> None:
    scene = mrml.new_scene()
    try:
        for value in (1, 2):
            voxels = np.full((3, 3, 3), value, np.uint8)
            mrml.add_volume(scene, Volume(voxels, np.eye(4), "test"), "cell " * 30 + str(value))
        snapshot(scene, tmp_path / "shot")
    finally:
        mrml.close_scene(scene)

    def values(again: Any) -> list[int]:
        nodes = [node for node in nodes_of(again) if node.IsA("vtkMRMLScalarVolumeNode")]
        return [int(mrml.volume_from_node(node).array.max()) for node in nodes]

    assert loaded(tmp_path / "shot" / SCENE_FILE, values) == [1, 2]


def test_a_name_with_a_control_character_does_not_stop_a_snapshot(tmp_path: Path) -> None:
    scene = mrml.new_scene()
    try:
        mrml.add_volume(scene, Volume(np.ones((3, 3, 3), np.uint8), np.eye(4), "test"), "v").SetName("a\x01b")
        snapshot(scene, tmp_path / "shot")
    finally:
        mrml.close_scene(scene)
    assert loaded(tmp_path / "shot" / SCENE_FILE, lambda again: find_volume(again).GetName()) == "ab"


def test_a_snapshot_is_of_plain_file_names(made: tuple[Any, Any], tmp_path: Path) -> None:
    snapshot(made[0], tmp_path / "shot")
    assert all(path.name.isascii() and " " not in path.name for path in (tmp_path / "shot" / DATA_FOLDER).iterdir())
