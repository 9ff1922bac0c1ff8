"""Autosave: what a desktop that is gone leaves behind is reopened as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError, OutputError
from batterycell.mrml.cell import INPUT
from batterycell.mrml.files import write_volume
from batterycell.mrml.transforms import turn_cell
from batterycell.mrml.wizard.autosave import Autosave, discard, left_behind, read_snapshot
from batterycell.mrml.wizard.classes import class_ids, classes_of, labels_of, rename_class
from batterycell.mrml.wizard.frames import add_box_frame, frames_of
from batterycell.mrml.wizard.images import channel_nodes, set_channels
from batterycell.mrml.wizard.labels import overlaps_in, read_labels, write_codes
from batterycell.mrml.wizard.layers import count_voxels
from batterycell.mrml.wizard.reopen import missing_files, reopen
from batterycell.mrml.wizard.rounds import Round, add_round, rounds_of
from batterycell.mrml.wizard.stored_layers import put_layers, store_layers
from batterycell.volume import Volume
from wizard_scenes import SHAPE, STACK, add_image, block, brush, turned


@contextmanager
def another_scene() -> Iterator[Any]:
    scene = mrml.new_scene()
    try:
        yield scene
    finally:
        mrml.close_scene(scene)


def paint(image: Any, k: int = 4) -> None:
    codes = np.random.default_rng(k).integers(0, 4, (1, *SHAPE[1:])).astype(np.uint8)
    write_codes(labels_of(image), codes, block((k, 0, 0), codes.shape))


@pytest.fixture
def image(scene: Any) -> Any:
    """An image with paint, a frame and a round."""
    node = add_image(scene, matrix=turned())
    paint(node)
    add_box_frame(node, role="mixed", name="rim & gap")
    rename_class(scene, "background", "Gas & Luft")
    add_round(scene, Round(1, 2, 3.0, {"cathode": 0.9}, "m"))
    return node


@pytest.fixture
def saver(tmp_path: Path) -> Autosave:
    return Autosave(tmp_path / "autosave")


def test_a_project_is_reopened_as_it_was(scene: Any, image: Any, saver: Autosave) -> None:
    assert saver.save(scene)
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(saver.folder))
        assert (read_labels(labels_of(node)).array == read_labels(labels_of(image)).array).all()
        assert (mrml.volume_of(node).array == mrml.volume_of(image).array).all()
        assert np.array_equal(mrml.volume_of(node).ijk_to_ras, mrml.volume_of(image).ijk_to_ras)
        assert frames_of(other) == frames_of(scene)
        assert classes_of(other) == classes_of(scene)
        assert class_ids(other) == class_ids(scene)
        assert rounds_of(other) == rounds_of(scene)


def test_nothing_is_written_while_nothing_changes(scene: Any, image: Any, saver: Autosave) -> None:
    assert [saver.save(scene) for _ in range(2)] == [True, False]
    changes = [
        lambda: paint(image, 7),
        lambda: add_box_frame(image),
        lambda: labels_of(image).GetSegmentation().GetSegment(class_ids(scene)[0]).SetName("gas"),
        lambda: turn_cell(image, "R", 5.0),
    ]
    for change in changes:
        change()
        assert [saver.save(scene) for _ in range(2)] == [True, False]


def test_a_scene_without_images_is_not_saved(scene: Any, saver: Autosave) -> None:
    assert not saver.save(scene)
    assert not saver.folder.exists()


def test_images_are_read_from_their_files_again(scene: Any, saver: Autosave, tmp_path: Path) -> None:
    image = add_image(scene, matrix=turned())
    path = tmp_path / "cell.nrrd"
    write_volume(mrml.volume_of(image), path)
    image.SetAttribute(INPUT, str(path))
    paint(image)
    saver.save(scene)
    assert list(saver.folder.glob("*.npy")) == []
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(saver.folder))
        assert (mrml.volume_of(node).array == mrml.volume_of(image).array).all()
        assert mrml.input_path(node) == path


def test_an_image_that_became_another_is_refused_and_nothing_is_added(
    scene: Any, saver: Autosave, tmp_path: Path
) -> None:
    image = add_image(scene)
    path = tmp_path / "cell.nrrd"
    write_volume(mrml.volume_of(image), path)
    image.SetAttribute(INPUT, str(path))
    saver.save(scene)
    write_volume(Volume(np.zeros((3, 4, 5), np.uint8), STACK, "made"), path)
    with another_scene() as other:
        count = other.GetNumberOfNodes()
        with pytest.raises(InputError, match="no longer the image"):
            reopen(other, read_snapshot(saver.folder))
        assert other.GetNumberOfNodes() == count
    path.unlink()
    assert missing_files(read_snapshot(saver.folder)) == [path]


def test_a_turned_cell_is_reopened_turned(scene: Any, image: Any, saver: Autosave) -> None:
    turn_cell(image, "S", 40.0)
    saver.save(scene)
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(saver.folder))
        assert np.allclose(mrml.shown_matrix(node), mrml.shown_matrix(image))
        assert mrml.orientation_of(node) is not None
        assert labels_of(node).GetParentTransformNode() is node.GetParentTransformNode()
        mrml.put_back(node)
        assert np.allclose(mrml.shown_matrix(node), np.eye(4))


def test_channels_and_several_images_are_reopened(scene: Any, image: Any, saver: Autosave) -> None:
    second = mrml.add_volume(scene, Volume(np.ones(SHAPE, np.uint8), turned(), "made", "BSE"), "BSE")
    set_channels(image, [second])
    other_image = add_image(scene, "other")
    paint(other_image, 9)
    saver.save(scene)
    with another_scene() as other:
        nodes = reopen(other, read_snapshot(saver.folder))
        assert [node.GetName() for node in nodes] == ["cell", "other"]
        assert [node.GetName() for node in channel_nodes(nodes[0])] == ["cell", "BSE"]
        assert (read_labels(labels_of(nodes[1])).array == read_labels(labels_of(other_image)).array).all()


def test_overlapping_segments_are_reopened_with_their_overlap(scene: Any, saver: Autosave) -> None:
    labels = labels_of(add_image(scene))
    brush(labels, class_ids(scene)[0], block((2, 2, 2), (1, 4, 4)))
    brush(labels, class_ids(scene)[1], block((2, 4, 2), (1, 4, 4)), overwrite=False)
    saver.save(scene)
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(saver.folder))
        assert overlaps_in(labels_of(node)) == {("background", "cathode"): 8}
        brush(labels_of(node), class_ids(other)[2], block((2, 2, 2), (1, 6, 4)))
        assert count_voxels(labels_of(node), class_ids(other)[0]) == 0


@pytest.mark.parametrize("share", [0.0, 0.01, 0.9])
def test_paint_is_put_back_exactly_however_much_there_is(scene: Any, share: float) -> None:
    image = add_image(scene, shape=(3, 7, 5))
    random = np.random.default_rng(0)
    codes = (random.integers(1, 4, (3, 7, 5)) * (random.random((3, 7, 5)) < share)).astype(np.uint8)
    codes[0, 0, 0] = 1
    write_codes(labels_of(image), codes, block((0, 0, 0), codes.shape))
    stored = store_layers(labels_of(image))
    write_codes(labels_of(image), np.full_like(codes, 3), block((0, 0, 0), codes.shape))
    put_layers(labels_of(image), stored)
    assert (read_labels(labels_of(image)).array == codes).all()


def test_a_snapshot_is_written_on_another_thread_while_painting_goes_on(
    scene: Any, image: Any, saver: Autosave
) -> None:
    before = read_labels(labels_of(image)).array
    snapshot = saver.snapshot(scene)
    assert snapshot is not None
    writing = threading.Thread(target=saver.write, args=(snapshot,))
    writing.start()
    paint(image, 8)
    writing.join()
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(saver.folder))
        assert (read_labels(labels_of(node)).array == before).all()
    assert saver.save(scene)


def test_a_damaged_autosave_says_so(scene: Any, image: Any, saver: Autosave) -> None:
    saver.save(scene)
    path = saver.folder / "project.npz"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError, match="cannot be read"):
        read_snapshot(saver.folder)


def test_a_disk_that_cannot_be_written_is_one_sentence_and_loses_nothing(
    scene: Any, image: Any, saver: Autosave, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver.save(scene)
    before = (saver.folder / "project.npz").read_bytes()
    paint(image, 8)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OutputError, match="No space left"):
        saver.save(scene)
    assert (saver.folder / "project.npz").read_bytes() == before
    assert [path.name for path in saver.folder.iterdir() if "partial" in path.name] == []
    monkeypatch.undo()
    assert saver.save(scene)


def test_ended_and_discarded_autosaves_are_gone(scene: Any, image: Any, saver: Autosave) -> None:
    saver.save(scene)
    root = saver.folder.parent
    assert left_behind(root, own=saver.folder) == []
    assert left_behind(root) == [saver.folder]
    saver.end()
    assert left_behind(root) == []
    assert saver.save(scene)
    discard(saver.folder)
    assert left_behind(root) == []


DESKTOP = """
import sys, time
from pathlib import Path
from batterycell import mrml
from batterycell.mrml.wizard.autosave import Autosave
from batterycell.mrml.wizard.classes import class_ids, labels_of
from wizard_scenes import add_image, block, brush
scene = mrml.new_scene()
image = add_image(scene)
saver = Autosave(Path(sys.argv[1]))
for k in range(100000):
    brush(labels_of(image), class_ids(scene)[k % 3], block((k % 12, 0, 0), (1, 20, 24)))
    saver.save(scene)
    if k == 2:
        print("painting", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a word of POSIX systems")
def test_a_killed_desktop_leaves_a_whole_project_behind(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(Path(mrml.__file__).parents[2]), str(Path(__file__).parent)])
    desktop = subprocess.Popen(
        [sys.executable, "-c", DESKTOP, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert desktop.stdout is not None
    assert desktop.stdout.readline() == b"painting\n"
    assert left_behind(tmp_path) == []
    time.sleep(0.2)
    desktop.send_signal(signal.SIGKILL)
    desktop.wait()
    desktop.stdout.close()
    (folder,) = left_behind(tmp_path)
    with another_scene() as other:
        (node,) = reopen(other, read_snapshot(folder))
        painted = read_labels(labels_of(node)).array
        assert painted.any()
        # Each stroke fills a slice: none is there by half.
        assert all(one.all() or not one.any() for one in painted)
