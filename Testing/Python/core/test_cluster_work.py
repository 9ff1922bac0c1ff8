"""Chunks of one volume on a cluster: the same labels and tables as in one process; and what a dry run says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.cli import dry_run_samples, main, replay_objects
from batterycell.cluster import Cluster, open_cluster, parse_place
from batterycell.cluster.dry_run import DryRun, describe_dry_run, duration
from batterycell.instances.find import label
from batterycell.io import LoadOptions
from batterycell.objects import Asked, measure_objects
from batterycell.objects.file import LabelFile
from batterycell.objects.spread import spread_engine
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from scipy import ndimage

pytest.importorskip("distributed", reason="dask.distributed is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster(parse_place("local:2")) as found:
        yield found


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes whose regions reach over many slices."""
    noise = ndimage.gaussian_filter(np.random.default_rng(1).normal(size=(25, 40, 48)), (3, 1.5, 1.5))
    path = tmp_path_factory.mktemp("labels") / "labels.tif"
    tifffile.imwrite(path, np.where(noise > 0.1, 1, np.where(noise < -0.1, 2, 0)).astype(np.uint8))
    return path


def measured(
    file: LabelFile, folder: Path, dimension: int, measures: tuple[str, ...], cluster: Cluster | None
) -> tuple[Any, Any]:
    """Objects' numbers and their table, on a cluster or here."""
    folder.mkdir()
    opened = file.open(Progress())
    recipe, scratch = ObjectsRecipe(dimension=dimension, measures=measures), folder / "instances"
    if cluster is None:
        found = measure_objects(opened, Asked(recipe, edits=EDITS, scratch=scratch), Progress())
    else:
        with spread_engine(cluster, file.opened(opened), folder / "kept") as engine:
            found = measure_objects(opened, Asked(recipe, edits=EDITS, scratch=scratch, engine=engine), Progress())
    assert found.instances is not None
    return np.array(found.instances.array), found.table


EDITS = [{"kind": "remove", "ids": [2, 3]}, {"kind": "split", "ids": [1]}]
# Where no measure looks at other objects, each worker measures some objects, else some measures.
STRAIGHT = ("common", "feret_max", "feret_min", "convex_hull", "surface", "sphericity", "euler")


@pytest.mark.parametrize("measures", [STRAIGHT, ("common", "arc", "contact", "distance")], ids=["objects", "measures"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_slabs_on_workers_give_the_objects_of_one_process(
    dimension: int,
    measures: tuple[str, ...],
    cluster: Cluster,
    labels: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = LabelFile(labels, LoadOptions((2.0, 1.0, 1.0)), "1=a,2=b")
    numbers, table = measured(file, tmp_path / "here", dimension, measures, None)
    monkeypatch.setattr(label, "SLAB_VOXELS", 1)
    monkeypatch.setattr(label, "_LEAST_SLICES", 4)
    others, other = measured(file, tmp_path / "there", dimension, measures, cluster)
    assert numbers.max() > 30
    np.testing.assert_array_equal(others, numbers)
    assert other.columns == table.columns
    for name, values in table.data.items():
        np.testing.assert_array_equal(other[name], values, err_msg=name)


def written(folder: Path) -> dict[str, bytes]:
    """Every table and volume of replayed label volumes."""
    paths = [path for path in folder.rglob("*") if path.suffix in (".csv", ".nrrd", ".ctbl")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("names", [("one", "broken"), ("one",)], ids=["volumes side by side", "slabs of one"])
def test_a_recipe_of_labels_on_a_cluster_gives_the_files_of_one_process(
    names: tuple[str, ...], cluster: Cluster, labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("batterycell.export.objects.draw_objects", lambda *_: [])
    for name in names:
        (tmp_path / f"{name}.tif").write_bytes(b"no image" if name == "broken" else labels.read_bytes())
    ObjectsRecipe(classes="1=a,2=b", of=("a",)).save(tmp_path / "recipe.json")
    paths = [str(tmp_path / f"{name}.tif") for name in names]
    words = ["replay", str(tmp_path / "recipe.json"), *paths, "--voxel-size", "2,1,1", "--quiet", "--out"]
    code = 3 if "broken" in names else 0
    assert main([*words, str(tmp_path / "here")]) == code
    monkeypatch.setattr(replay_objects, "chosen_cluster", lambda _: nullcontext(cluster))
    assert main([*words, str(tmp_path / "there")]) == code
    here, there = (written(tmp_path / one) for one in ("here", "there"))
    assert here == there
    capsys.readouterr()
    assert main([*words, str(tmp_path / "there"), "--json"]) == code
    assert {row["status"] for row in json.loads(capsys.readouterr().out)["rows"]} <= {"kept", "failed"}


@pytest.mark.slow
@pytest.mark.parametrize("along", ["k", "around"])
def test_blocks_on_workers_give_the_labels_of_one_process(
    along: Any, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    from batterycell.segment.apply import ApplySettings, segment_image
    from batterycell.segment.apply.around import segment as around
    from batterycell.segment.model import load_model
    from batterycell.segment_lot.pieces import spread_over
    from made_model import made_model
    from test_around import made_can

    torch.set_num_threads(1)
    monkeypatch.setattr(around, "_BLOCK", 20_000)
    model = load_model(made_model(tmp_path / "model", voxel_size_um=(2.0, 1.0, 1.0), levels=((-1.5, 3.0),)))
    settings = ApplySettings(uncertainty=True, along=along, device="cpu", memory=150_000, foreign=True)
    here = segment_image(made_can(), model, settings)
    told: list[str] = []
    progress = Progress(lambda _, message: told.append(message))
    spread = replace(settings, work=tmp_path / "work", spread=spread_over(cluster, tmp_path / "shared"))
    there = segment_image(made_can(), model, spread, progress)
    assert told and not any(" of 1 done" in one for one in told), "there was one block only"
    np.testing.assert_array_equal(there.labels.array, here.labels.array)
    assert here.uncertainty is not None and there.uncertainty is not None
    np.testing.assert_array_equal(there.uncertainty.array, here.uncertainty.array)
    assert len(np.unique(here.labels.array)) > 1
    assert list((tmp_path / "shared").iterdir()) == [], "what workers shared was left behind"


@pytest.mark.slow
def test_images_on_workers_give_the_files_of_one_process_and_are_kept(cluster: Cluster, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from batterycell.segment.apply import ApplySettings
    from batterycell.segment.apply.inputs import find_inputs
    from batterycell.segment.model import load_model
    from batterycell.segment_lot import SegmentLot, segment_lot, segment_one
    from batterycell.segment_lot.images import segment_lot_on
    from made_model import made_model

    grey = np.random.default_rng(2).integers(0, 200, (3, 40, 48)).astype(np.uint8)
    for number, one in enumerate(grey):
        tifffile.imwrite(tmp_path / f"{number}.tif", one)
    (tmp_path / "broken.tif").write_text("no image")
    model = load_model(made_model(tmp_path / "model"))
    images = find_inputs([str(path) for path in sorted(tmp_path.glob("*.tif"))], ("grey",))
    apply, reading = ApplySettings(device="cpu", foreign=True), LoadOptions((67.94, 33.97, 33.97))
    here, there = (SegmentLot(tmp_path / name, apply, reading) for name in ("here", "there"))
    own = segment_lot(images, model, here, Progress())
    rows = segment_lot_on(cluster, images, model, there, Progress())
    assert [row["status"] for row in rows] == ["segmented"] * 3 + ["failed"] == [row["status"] for row in own]
    assert [row["message"] for row in rows] == [row["message"] for row in own]
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "there").iterdir())
    for name in names[:3]:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    again = segment_lot_on(cluster, images, model, there, Progress())
    assert [row["status"] for row in again] == ["kept"] * 3 + ["failed"]
    late = replace(here, out=tmp_path / "late")
    assert segment_one(images[0], model, late, Progress())[0]["status"] == "segmented"
    assert segment_lot(images[:1], model, late, Progress())[0]["status"] == "segmented", "killed before it was noted"
    assert segment_lot(images[:1], model, late, Progress())[0]["status"] == "kept"


def test_a_dry_run_of_objects_counts_slabs_and_writes_nothing(
    labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["instances", str(labels), "--voxel-size", "2,1,1", "--dry-run", "--cluster", "local:3", "--quiet"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["dry_run"]
    assert (told["pieces"], told["voxels"], told["workers"]) == (1, 25 * 40 * 48, 3)
    assert told["seconds"] > 0 and told["disk_bytes"] >= 25 * 40 * 48
    assert main(words) == 0
    assert "measured just now" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_counts_no_object_twice_that_its_sample_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dry_run_samples, "_SAMPLE_VOXELS", 16 * 32 * 32)
    z, y, x = np.mgrid[:64, :32, :32] % 16 - 8
    tifffile.imwrite(tmp_path / "balls.tif", (z**2 + y**2 + x**2 < 30).astype(np.uint8))  # 16 of them
    words = ["instances", str(tmp_path / "balls.tif"), "--voxel-size", "1,1,1", "--dry-run", "--quiet"]
    assert main(words) == 0
    assert "About 16 objects" in capsys.readouterr().out


def test_a_dry_run_of_a_lot_takes_an_even_share_or_the_longest_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        tifffile.imwrite(f"{number}.tif", np.zeros((6, 30, 40), np.uint8))
    Path("broken.tif").write_text("no image")
    words = ["lot", *sorted(path.name for path in tmp_path.iterdir()), "--voxel-size", "9,9,9", "--dry-run", "--quiet"]
    assert main([*words, "--json", "--cluster", "local:3"]) == 0
    three = json.loads(capsys.readouterr().out)["dry_run"]
    assert (three["pieces"], three["voxels"]) == (3, 3 * 6 * 30 * 40)
    assert "broken.tif" in three["notes"][0]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dry_run"]["seconds"] == pytest.approx(3 * three["seconds"], rel=0.01)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_time_is_told_in_the_unit_that_suits_it() -> None:
    told = [duration(seconds) for seconds in (0.123, 7.1, 119, 121, 3 * 3600, 5 * 86400)]
    assert told == ["0.12 s", "7.1 s", "120 s", "2 min", "3 h", "5 d"]


def test_what_a_dry_run_tells_is_for_people_and_for_programs() -> None:
    found = DryRun(4, "cells", 10**9, 2e9, 1e9, [10.0, 50.0, 10.0, 10.0], 2, "a guess")
    assert found.wall_seconds == 50
    assert json.loads(json.dumps(found.to_json()))["memory_bytes"] == 2_000_000_000
    assert "about 2 GB a worker" in describe_dry_run(found.to_json())
