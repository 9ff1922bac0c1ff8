"""Objects of volumes that memory does not hold lie packed in a folder, and are the same ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.instances.edit.edits import apply_edits, compact, read_edits
from batterycell.instances.find.label import label_instances
from batterycell.instances.find.packed import PackedLabels, packed_labels
from batterycell.instances.measures.measure import measure_instances
from batterycell.instances.settings import LabelSettings
from batterycell.mrml.files import write_volume
from batterycell.slabs import SlabSource
from batterycell.volume import Volume
from numpy.typing import NDArray
from scipy import ndimage

CUBE = (1.0, 1.0, 1.0)
MEASURED = ("voxels", "axes", "feret_max", "surface")
EDITS = [{"kind": "merge", "ids": [2, 5]}, {"kind": "split", "ids": [1]}, {"kind": "remove", "ids": [3, 4]}]


def classes() -> NDArray[np.uint8]:
    """Two classes whose regions reach over many slices."""
    noise = ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(24, 40, 44)), 2)
    return np.where(noise > 0.03, 1, np.where(noise < -0.05, 2, 0)).astype(np.uint8)


@pytest.mark.parametrize("separate", ["none", "watershed"])
def test_objects_in_a_folder_are_those_in_memory(separate: Any, tmp_path: Path) -> None:
    labels, settings = classes(), LabelSettings(classes=(1,), separate=separate, min_voxels=5)
    here = label_instances(SlabSource.of_array(labels), CUBE, settings)
    room = packed_labels(tmp_path / "packed", (24, 40, 44))
    there = label_instances(SlabSource.of_array(labels), CUBE, settings, out=room, slab_voxels=5 * 40 * 44)
    assert here.count > 5
    np.testing.assert_array_equal(np.stack(list(there.labels)), here.labels)
    tables = [measure_instances(one.source, one.count, CUBE, MEASURED) for one in (here, there)]
    for name, values in tables[0].data.items():
        np.testing.assert_array_equal(tables[1][name], values, err_msg=name)
    done = [compact(apply_edits(one, read_edits(EDITS), CUBE, in_place=True)) for one in (here, there)]
    np.testing.assert_array_equal(np.stack(list(done[1].labels)), done[0].labels)
    assert done[1].voxels.tolist() == done[0].voxels.tolist()


def test_packed_labels_are_read_and_written_like_an_array(tmp_path: Path) -> None:
    rng, plain = np.random.default_rng(0), np.zeros((7, 6, 5), np.uint32)
    packed = PackedLabels(tmp_path / "packed", (7, 6, 5))
    places: list[Any] = [slice(2, 5), 3, (slice(1, 6), slice(2, 4), slice(0, 3)), -1, (slice(0, 1), slice(None))]
    for place in places:
        values = rng.integers(0, 2**32, plain[place].shape, np.uint32)
        plain[place] = packed[place] = values
        for other in places:
            np.testing.assert_array_equal(packed[other], plain[other])
    packed[slice(0, 2), slice(3, 4)] = plain[0:2, 3:4] = 7
    np.testing.assert_array_equal(np.stack(list(packed)), plain)
    assert (packed.size, len(packed)) == (plain.size, 7)
    with pytest.raises(IndexError):
        packed[7]
    with pytest.raises(ValueError, match="read-only"):
        packed[0:2][0, 0, 0] = 1


def test_a_large_volume_gives_the_files_of_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])
    path = tmp_path / "labels.nrrd"
    write_volume(Volume.from_stack(classes(), CUBE, "made"), path)
    words = ["instances", str(path), "--classes", "1=a,2=b", "--quiet", "--out"]
    assert main([*words, str(tmp_path / "small")]) == 0
    monkeypatch.setattr("batterycell.io.memory.preview_limit", lambda: 1000)
    assert main([*words, str(tmp_path / "large")]) == 0
    small, large = ({one.name for one in (tmp_path / name).iterdir()} for name in ("small", "large"))
    assert large == small, "what held the objects is gone"
    for name in ("instances.nrrd", "instances.csv", "quantities.csv"):
        assert (tmp_path / "large" / name).read_bytes() == (tmp_path / "small" / name).read_bytes()
