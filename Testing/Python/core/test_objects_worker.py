"""Objects as a job of the desktop: the same numbers as the command line's, mapped rather than copied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.io.exchange import open_volume_json, write_volume_json
from batterycell.io.label_classes import LabelClass
from batterycell.io.labels import label_volume
from batterycell.measured import Quantity, Stage, quantity_table
from batterycell.objects import Asked, measure_objects
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from batterycell.tables import write_csv
from batterycell.volume import Volume
from batterycell.worker import CANCEL_FILE, run, write_job
from batterycell.worker.instances import read_objects
from batterycell.worker.stage_files import read_stages
from made_labels import BALLS, SIZE_UM, balls

CLASSES = tuple(LabelClass(n, name, "#AA5500", n) for n, name in enumerate(("pore", "NMC", "binder"), 1))


def job(folder: Path, verb: str = "instances", **settings: Any) -> Path:
    """A job on the balls; its folder."""
    volume = Volume.from_stack(balls(), SIZE_UM, "made")
    np.save(folder / "voxels.npy", volume.array)
    write_volume_json(volume, folder / "voxels.npy", folder / "labels.json")
    classes = [{"value": one.value, "name": one.name, "color": one.color} for one in CLASSES]
    (folder / "job").mkdir()
    write_job(folder / "job", verb, folder / "labels.json", {"classes": classes, **settings})
    return folder / "job"


def labels_of(folder: Path) -> Any:
    return label_volume(open_volume_json(folder / "labels.json"), CLASSES)


def test_a_job_gives_what_the_road_gives(tmp_path: Path) -> None:
    folder = job(tmp_path, recipe={"of": ["NMC"]})
    assert run(folder) == 0
    found = read_objects(folder, labels_of(tmp_path))
    direct = measure_objects(labels_of(tmp_path), Asked(ObjectsRecipe(of=("NMC",))), Progress())
    assert found.table is not None and direct.table is not None and found.instances is not None
    assert len(found.table) == len(BALLS) and direct.instances is not None
    np.testing.assert_array_equal(found.instances.array, direct.instances.array)
    for name in direct.table.data:
        np.testing.assert_array_equal(found.table[name], direct.table[name])
    assert isinstance(found.instances.array.base, np.memmap)


def test_grey_values_and_edits_reach_the_job(tmp_path: Path) -> None:
    np.save(tmp_path / "grey.npy", balls().astype(np.float32))
    write_volume_json(Volume.from_stack(balls(), SIZE_UM, "made"), tmp_path / "grey.npy", tmp_path / "grey.json")
    edits = [{"kind": "remove", "ids": [2]}]
    recipe = {"of": ["NMC"], "measures": ["common", "intensity"]}
    folder = job(tmp_path, recipe=recipe, images={"ct": str(tmp_path / "grey.json")}, edits=edits)
    assert run(folder) == 0
    found = read_objects(folder, labels_of(tmp_path))
    assert found.table is not None and found.log
    assert found.table["voxels"][1] == 0 and np.nanmin(found.table["ct_mean"]) == 2.0


def test_a_job_that_is_cancelled_leaves_no_result(tmp_path: Path, capsys: Any) -> None:
    folder = job(tmp_path)
    (folder / CANCEL_FILE).touch()
    assert run(folder) == 130 and not (folder / "result").exists()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["code"] == "cancelled"


def test_a_job_that_cannot_be_done_says_why(tmp_path: Path, capsys: Any) -> None:
    assert run(job(tmp_path, recipe={"of": ["graphite"]})) == 3
    assert "graphite" in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["message"]


@pytest.mark.parametrize("field", ["dimension", "border", "separate", "min_size_um"])
def test_a_recipe_that_cannot_be_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        ObjectsRecipe(**{field: -7})  # type: ignore[arg-type]


def compare_job(folder: Path, *values: float) -> Path:
    """A job that compares results of one number each; its folder."""
    results = [folder / f"result{n}" for n in range(len(values))]
    for result, value in zip(results, values, strict=True):
        result.mkdir()
        one = Quantity("share_percent", "Share", value, 1.0, "%", "Made.")
        write_csv(quantity_table([Stage("made", "Made", (one,))]), result / "quantities.csv")
        (result / "summary.json").write_text("{}", encoding="utf-8")
    (folder / "job").mkdir()
    settings = {"results": [str(one) for one in results], "out": str(folder / "out"), "command": "made"}
    write_job(folder / "job", "compare", None, settings)
    return folder / "job"


def test_results_are_compared_in_a_job(tmp_path: Path) -> None:
    folder = compare_job(tmp_path, 40, 52, 40.5)
    assert run(folder) == 0 and (tmp_path / "out" / "report.html").is_file()
    (stage,) = read_stages(folder / "result")
    assert stage.tables["comparison"]["differs"].tolist() == ["", "yes", "no"]


def test_one_result_is_no_comparison_and_writes_nothing(tmp_path: Path, capsys: Any) -> None:
    assert run(compare_job(tmp_path, 40)) != 0 and not (tmp_path / "out").exists()
    assert "two result folders" in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["hint"]


def test_doubt_reaches_the_job(tmp_path: Path) -> None:
    unsure = np.where(balls() == 2, 150, 0).astype(np.uint8)
    np.save(tmp_path / "doubt.npy", unsure)
    write_volume_json(Volume.from_stack(unsure, SIZE_UM, "made"), tmp_path / "doubt.npy", tmp_path / "doubt.json")
    recipe = {"of": ["NMC"], "tortuosity": False}
    folder = job(tmp_path, "microstructure", recipe=recipe, uncertainty=str(tmp_path / "doubt.json"))
    assert run(folder) == 0
    name = "microstructure_fraction_nmc_percent"
    found = {one.name: one for stage in read_stages(folder / "result") for one in stage.quantities}[name]
    asked = Asked(ObjectsRecipe(verb="microstructure", of=("NMC",), tortuosity=False))
    direct = measure_objects(labels_of(tmp_path), asked, Progress())
    sure = {one.name: one for stage in direct.stages for one in stage.quantities}[name]
    assert found.value == sure.value and found.uncertainty > sure.uncertainty
