"""Loading in the worker, and volumes that are handed to and fro as files that are mapped."""

from __future__ import annotations

import gc
import json
import os
import tracemalloc
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import worker
from batterycell.errors import Cancelled, InputError, OutputError
from batterycell.io import LoadOptions, RawShape, load_volume
from batterycell.io.exchange import (
    VOXELS_FILE,
    failed,
    open_volume_json,
    report_failure,
    write_volume_json,
    write_voxels,
)
from batterycell.mrml import add_volume, close_scene, input_path, new_scene, volume_of
from batterycell.mrml.loaded import add_loaded, load_options_of, preview_step_of, set_voxel_size
from batterycell.mrml.mapped import keep_voxels, remove_orphans, voxels_of
from batterycell.output import host
from batterycell.progress import Progress
from batterycell.volume import Volume
from batterycell.worker.load import LoadSettings, read_choice
from io_samples import grey, write_nrrd, write_slices

SHAPE = (33, 35, 38)
SPACINGS = "spacings: 0.0125 0.01 0.02"


@pytest.fixture
def scene() -> Iterator[Any]:
    scene = new_scene()
    yield scene
    close_scene(scene)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return write_nrrd(tmp_path / "cell.nrrd", grey("uint16", SHAPE), SPACINGS)


def run(folder: Path, settings: LoadSettings) -> int:
    folder.mkdir(exist_ok=True)
    worker.write_job(folder, "load", None, asdict(settings))
    return worker.run(folder)


def loaded(scene: Any, folder: Path, settings: LoadSettings) -> Any:
    assert run(folder, settings) == 0
    return add_loaded(scene, folder / worker.RESULT_FOLDER, folder)


def error_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1])["error"])


def test_the_node_is_what_the_loader_reads(scene: Any, image: Path, tmp_path: Path) -> None:
    node, volume = loaded(scene, tmp_path / "job", LoadSettings(path=str(image))), load_volume(image)
    np.testing.assert_array_equal(volume_of(node).array, volume.array)
    np.testing.assert_allclose(volume_of(node).ijk_to_ras, volume.ijk_to_ras)
    assert volume_of(node).voxel_size_source == "header"
    assert node.GetName() == "cell"
    assert input_path(node) == image


def test_any_name_of_a_file_will_do(scene: Any, tmp_path: Path) -> None:
    image = write_nrrd(tmp_path / 'Zelle "7", größer; 电池.nrrd', grey("uint16", SHAPE), SPACINGS)
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    assert (node.GetName(), input_path(node)) == (image.stem, image)


def test_the_window_is_that_of_the_volume(scene: Any, image: Path, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    other = add_volume(scene, load_volume(image), "same")
    shown, wanted = node.GetDisplayNode(), other.GetDisplayNode()
    assert shown.GetWindow() == pytest.approx(wanted.GetWindow())
    assert shown.GetLevel() == pytest.approx(wanted.GetLevel())


def test_a_volume_without_voxel_size_is_loaded_and_says_so(scene: Any, tmp_path: Path) -> None:
    write_slices(tmp_path / "slices", grey("uint8", SHAPE))
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(tmp_path / "slices")))
    assert node.GetSpacing() == (1.0, 1.0, 1.0)
    assert volume_of(node).voxel_size_source.startswith("not stated")


def test_options_go_with_the_job_and_stay_with_the_node(scene: Any, tmp_path: Path) -> None:
    path = tmp_path / "cell.vol"
    path.write_bytes(b"1" + grey("uint8", SHAPE).tobytes())
    options = LoadOptions((20.0, 10.0, 10.0), RawShape(SHAPE, "uint8", 1), 2, needs_voxel_size=False)
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(path), options=options))
    assert load_options_of(node) == options
    assert preview_step_of(node) == 2
    assert node.GetName() == "cell preview 1:2"


def test_of_a_large_image_only_the_choice_comes_back(image: Path, tmp_path: Path) -> None:
    size = load_volume(image).array.nbytes
    assert run(tmp_path / "job", LoadSettings(path=str(image), limit=size - 1)) == 0
    choice = read_choice(tmp_path / "job")
    assert choice is not None
    assert (choice.path, choice.step, choice.estimate.bytes) == (image, 2, size)
    assert not (tmp_path / "job" / "result" / VOXELS_FILE).exists()


@pytest.mark.parametrize("limit", [None, 0, 10**9])
def test_what_is_not_large_is_loaded_at_once(image: Path, tmp_path: Path, limit: int | None) -> None:
    assert run(tmp_path / "job", LoadSettings(path=str(image), limit=limit)) == 0
    assert read_choice(tmp_path / "job") is None


def test_a_preview_is_loaded_however_large_the_whole_is(image: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "job", LoadSettings(path=str(image), limit=1, options=LoadOptions(step=2))) == 0
    assert read_choice(tmp_path / "job") is None


def test_the_worker_holds_no_copy_of_what_it_loads(tmp_path: Path) -> None:
    array = np.zeros((128, 1024, 512), np.uint8)
    array[::2] = 7
    (tmp_path / "cell.raw").write_bytes(array.tobytes())
    options = LoadOptions((20.0, 10.0, 10.0), RawShape(array.shape, "uint8"))
    settings = LoadSettings(path=str(tmp_path / "cell.raw"), options=options, limit=0)
    run(tmp_path / "first", settings)  # imports
    tracemalloc.start()
    run(tmp_path / "job", settings)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < array.nbytes
    np.testing.assert_array_equal(np.load(tmp_path / "job" / "result" / VOXELS_FILE), array)


def test_an_unreadable_image_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.nrrd").write_text("not a volume")
    assert run(tmp_path / "job", LoadSettings(path=str(tmp_path / "wrong.nrrd"))) == 3
    assert "wrong.nrrd" in error_of(capsys)["message"]
    assert not (tmp_path / "job" / "result").exists()


@pytest.mark.slow
def test_a_cell_is_generated(scene: Any, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(preset="small"))
    assert volume_of(node).voxel_size_um == pytest.approx((60.0, 40.0, 40.0))
    assert input_path(node) is None


def test_the_folder_of_a_volume_goes_with_its_image(scene: Any, image: Path, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    assert voxels_of(node) == tmp_path / "job" / "result" / VOXELS_FILE
    scene.RemoveNode(node)
    remove_orphans(scene)
    del node
    gc.collect()
    assert not (tmp_path / "job").exists()


def test_a_changed_image_is_no_longer_the_file(scene: Any, image: Path, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    array = volume_of(node).array
    array[3, 4, 5] = 9999
    node.GetImageData().GetPointData().GetScalars().Modified()
    assert voxels_of(node) is None
    on_disk = np.load(tmp_path / "job" / "result" / VOXELS_FILE)
    assert on_disk[3, 4, 5] != 9999, "what is changed in the scene stays there"
    assert volume_of(node).array[3, 4, 5] == 9999


def test_display_nodes_of_others_stay(scene: Any, image: Path, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    gone = add_volume(scene, volume(), "someone else's")
    scene.RemoveNode(gone)
    remove_orphans(scene)
    assert node.GetDisplayNode().GetScene() is scene
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeDisplayNode") == 2


def test_a_voxel_size_given_to_a_preview_leaves_it_where_the_whole_is(scene: Any, tmp_path: Path) -> None:
    path = tmp_path / "slices"
    write_slices(path, grey("uint8", SHAPE))
    unknown = LoadOptions(needs_voxel_size=False)
    whole = loaded(scene, tmp_path / "job", LoadSettings(path=str(path), options=unknown))
    preview = loaded(scene, tmp_path / "job2", LoadSettings(path=str(path), options=replace(unknown, step=2)))
    set_voxel_size(whole, (60.0, 30.0, 20.0), "typed")
    set_voxel_size(preview, (120.0, 60.0, 40.0), "typed")
    corner = volume_of(whole).to_ras([2.5, 4.5, 6.5])
    np.testing.assert_allclose(volume_of(preview).to_ras([1, 2, 3]), corner, atol=1e-12)
    assert volume_of(preview).voxel_size_um == pytest.approx((120.0, 60.0, 40.0))
    assert volume_of(preview).voxel_size_source == "typed; preview, means of 2 × 2 × 2 voxels"


def test_a_corrected_voxel_size_does_not_change_the_file(scene: Any, image: Path, tmp_path: Path) -> None:
    node = loaded(scene, tmp_path / "job", LoadSettings(path=str(image)))
    node.SetSpacing(0.03, 0.03, 0.06)
    assert voxels_of(node) is not None


def test_folders_of_programs_that_are_gone_are_removed(image: Path, tmp_path: Path) -> None:
    gone = tmp_path / f"batterycell-job.{host()}.999999999.abc"
    alive = tmp_path / f"batterycell-job.{host()}.{os.getppid()}.abc"
    gone.mkdir()
    alive.mkdir()
    run(tmp_path / "job", LoadSettings(path=str(image)))
    assert not gone.exists()
    assert alive.exists()


def volume() -> Volume:
    return Volume.from_stack(grey("uint16", SHAPE), (20.0, 10.0, 10.0), "typed", 'a "name", with ü')


def test_a_volume_comes_through_a_file_as_it_is(tmp_path: Path) -> None:
    deque(write_voxels(volume().array, tmp_path / "there.npy"), maxlen=0)
    (tmp_path / "job").mkdir()
    write_volume_json(volume(), tmp_path / "there.npy", tmp_path / "job" / "volume.json")
    back = open_volume_json(tmp_path / "job" / "volume.json")
    np.testing.assert_array_equal(back.array, volume().array)
    np.testing.assert_array_equal(back.ijk_to_ras, volume().ijk_to_ras)
    assert (back.name, back.voxel_size_source) == (volume().name, "typed")


def test_voxels_are_written_in_small_steps(tmp_path: Path) -> None:
    array = np.zeros((50, 1000, 1000), np.uint8)
    steps = write_voxels(array, tmp_path / "v.npy")
    assert 0 < next(steps) < 0.5
    assert not (tmp_path / "v.npy").exists(), "a file under its name is complete"
    assert list(steps)[-1] == 1.0
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), array)


def test_who_waits_for_voxels_can_be_cancelled(tmp_path: Path) -> None:
    write_volume_json(volume(), tmp_path / "v.npy", tmp_path / "volume.json")
    with pytest.raises(Cancelled):
        open_volume_json(tmp_path / "volume.json", Progress(is_cancelled=lambda: True))


def test_who_waits_for_voxels_that_do_not_come_learns_why(tmp_path: Path) -> None:
    write_volume_json(volume(), tmp_path / "v.npy", tmp_path / "volume.json")
    report_failure(tmp_path / "v.npy", OSError(28, "No space left on device"))
    assert failed(tmp_path / "v.npy")
    with pytest.raises(OutputError, match="No space left"):
        open_volume_json(tmp_path / "volume.json")


def test_voxels_that_could_not_be_written_are_not_offered_again(scene: Any, tmp_path: Path) -> None:
    node = add_volume(scene, volume(), "x")
    (tmp_path / "own").mkdir()
    keep_voxels(node, tmp_path / "own" / "v.npy", tmp_path / "own")
    assert voxels_of(node) is not None
    report_failure(tmp_path / "own" / "v.npy", OSError(28, "No space left on device"))
    assert voxels_of(node) is None


def test_a_job_refuses_a_volume_in_which_nothing_can_be_measured(tmp_path: Path) -> None:
    empty = replace(volume(), array=np.zeros(SHAPE, np.uint8))
    deque(write_voxels(empty.array, tmp_path / "v.npy"), maxlen=0)
    write_volume_json(empty, tmp_path / "v.npy", tmp_path / "volume.json")
    with pytest.raises(InputError, match="Every voxel"):
        worker.jobs.read_job_volume({"volume": str(tmp_path / "volume.json")}, Progress())


def test_a_volume_with_sheared_axes_is_refused(scene: Any) -> None:
    node = add_volume(scene, volume(), "sheared")
    node.SetIJKToRASDirections(1, 0.3, 0, 0, 0.95, 0, 0, 0, 1)
    with pytest.raises(InputError, match="right angles"):
        volume_of(node)
