"""The road with every stage: what one cannot measure becomes a note, and the folder holds all that was found."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell import cylindrical, end_sources, pipeline
from batterycell.cli import main
from batterycell.cylindrical import Found, Step, measure_stages
from batterycell.errors import InputError
from batterycell.export import export_scene, make_scene, write_stage_folder
from batterycell.export.settings import ExportSettings
from batterycell.io import LoadOptions, load_volume
from batterycell.measured import map_from_table, map_table, quantities_from_table, quantity_table
from batterycell.mrml.files import write_volume
from batterycell.pictures import map_picture, save_figure, save_rgb
from batterycell.pouch import kind
from batterycell.progress import Progress
from batterycell.provenance import Sources
from batterycell.recipe import STAGES, AnalyzeRecipe, load_recipe
from batterycell.result import CellResult, PouchResult, judge_cell, no_overhang
from batterycell.told import rounded
from batterycell.tolerance import Limit, Tolerances
from made_result import made_result
from made_stages import QUANTITIES, assert_same_stages, found_in, made_map, made_stages

TOLERANCES = Tolerances(
    (Limit("can_outer_diameter_mm", 6.9, 7.1, 7.0, "critical"), Limit("can_wall_mean_um", 200.0, 300.0)), "drawing 7"
)
NOTHING = ExportSettings(views=False, layout=False, rulers=False)


@pytest.fixture
def measured(made: CellResult) -> CellResult:
    """A measured cell with stages and tolerances."""
    return replace(made, stages=made_stages(made.cell.frame), tolerances=TOLERANCES)


def refuse(found: Found, progress: Progress) -> Any:
    raise InputError("cannot", "It cannot be measured.", "Look again.")


def steps(made: CellResult, can: Callable[[Found, Progress], Any] | None = None) -> tuple[Step, ...]:
    """A can that is measured, and a winding that is not."""
    return (Step("can", "Can", can or (lambda found, progress: made_stages(made.cell.frame)[0])),
            Step("winding", "Winding", refuse))  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Measuring


def test_a_stage_that_cannot_measure_becomes_a_note_and_the_others_go_on(
    made: CellResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cylindrical, "STEPS", steps(made))
    can, winding = measure_stages(found_in(made.volume, made), AnalyzeRecipe(), Progress())
    assert len(can.quantities) == 4
    assert winding.notes == ("Not measured. It cannot be measured. (Look again.)",) and not winding.quantities


def test_where_no_stage_can_measure_the_first_error_is_told(made: CellResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cylindrical, "STEPS", steps(made, refuse))
    with pytest.raises(InputError, match="cannot be measured"):
        measure_stages(found_in(made.volume, made), AnalyzeRecipe(), Progress())


def test_only_the_stages_of_the_recipe_are_measured(made: CellResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cylindrical, "STEPS", steps(made))
    found = measure_stages(found_in(made.volume, made), AnalyzeRecipe(stages=("can",)), Progress())
    assert [stage.name for stage in found] == ["can"]


def test_every_stage_of_a_recipe_has_its_step() -> None:
    assert tuple(step.name for step in cylindrical.STEPS) == STAGES


def test_a_can_alone_traces_no_windings_and_measures_no_overhang(
    made: CellResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cylindrical, "trace_windings", lambda *call: 1 / 0)
    found = cylindrical.find_sheets(made.volume, made.cell, AnalyzeRecipe(stages=("can",)), Progress())
    assert isinstance(found.windings, InputError) and len(found.table) == 0


def test_an_older_recipe_measures_every_stage_with_its_own_angles(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"angles": 72, "pictures": 4}')
    recipe = load_recipe(tmp_path / "recipe.json")
    assert recipe == AnalyzeRecipe(angles=72) and recipe.stages == STAGES
    recipe.save(tmp_path / "again.json")
    assert load_recipe(tmp_path / "again.json") == recipe


@pytest.mark.parametrize("stages", ['"can"', "3", '["cover"]', "[[]]"])
def test_a_recipe_of_unknown_stages_is_refused(tmp_path: Path, stages: str) -> None:
    (tmp_path / "recipe.json").write_text(f'{{"stages": {stages}}}')
    with pytest.raises(InputError, match="recipe"):
        load_recipe(tmp_path / "recipe.json")


# Tables


def test_quantities_and_maps_come_back_from_their_tables(made: CellResult) -> None:
    stages = made_stages(made.cell.frame)
    assert repr(quantities_from_table(quantity_table(stages))) == repr(QUANTITIES)
    found = stages[0].maps[0]
    again = replace(stages[0], maps=(map_from_table(map_table(found), len(found.rows.values)),))
    assert_same_stages((again,), stages[:1])


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [(1.0, 1.0, "1 ± 1"),
     (516.146, 4.74, "516.1 ± 4.7"), (1236.5, 130.0, "1,240 ± 130"), (-0.5068, float("nan"), "−0.5068"),
     (23441.2, 10210.3, "23,000 ± 10,000"), (34.0, 0.0, "34"), (None, None, "–"),
     (0.0, 47.7, "0 ± 48"), (0.2231, 0.0161, "0.223 ± 0.016")],
)  # fmt: skip
def test_a_value_is_rounded_to_the_second_digit_of_its_uncertainty(
    value: float | None, uncertainty: float | None, text: str
) -> None:
    assert rounded(value, uncertainty) == text


# Folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a measured cell."""
    from batterycell import mrml

    out, made = tmp_path_factory.mktemp("cell"), made_result()
    result = replace(made, stages=made_stages(made.cell.frame), tolerances=TOLERANCES)
    scene = mrml.new_scene()
    try:
        export_scene(scene, make_scene(scene, result), out, NOTHING, Sources((), "test"), Progress())
    finally:
        mrml.close_scene(scene)
    return out


def test_every_table_and_map_of_a_stage_is_in_the_folder(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names >= {"quantities.csv", "can_grooves.csv", "can_nothing.csv", "can_dent_um.csv", "can_dent_um.png",
                     "verdict.csv", "verdict_overhang.csv", "tolerances.json"}  # fmt: skip
    assert len(rows_of(folder / "can_dent_um.csv")) == 12 * 36
    quantities = {row["quantity"]: row for row in rows_of(folder / "quantities.csv")}
    assert float(quantities["can_outer_diameter_mm"]["uncertainty"]) == 0.012
    assert quantities["can_dent_depth_um"]["value"] == ""


def test_the_summary_holds_quantities_verdict_and_notes(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["quantities"]["can_outer_diameter_mm"] == {"value": 7.004, "uncertainty": 0.012, "units": "mm"}
    assert summary["quantities"]["can_dent_depth_um"]["value"] is None
    assert summary["verdict"]["outcome"] == "fail" and summary["verdict"]["tolerances"]["title"] == "drawing 7"
    assert summary["notes"][-1] == "Winding: Not measured. There is no jelly roll."


def test_the_checksum_that_is_signed_stands_for_every_table(folder: Path) -> None:
    provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    sealed = {one["file"]: one["sha256"] for one in provenance["results"]}
    written = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".json")} - {"provenance.json"}
    assert set(sealed) == written
    for name, checksum in sealed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    own = hashlib.sha256((folder / "provenance.json").read_bytes()).hexdigest()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert own in page and "Released by" in page and provenance["tolerances"]["title"] == "drawing 7"


def test_the_report_has_a_section_a_stage_and_the_verdict_on_top(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.index('class="badge alarm">fail') < page.index("<h2>The cell") < page.index('<h2 class="stage">Can')
    assert "7.004 ± 0.012" in page and "6.9 to 7.1" in page and "The can&#39;s wall is thin: 2 voxels." in page
    assert "cannot tell" in page and "crimp, &#34;rolled&#34;" in page
    assert page.count("data:image/") >= 5


def test_an_exported_scene_writes_the_same_files_again(folder: Path, tmp_path: Path) -> None:
    assert (
        main(["export", str(folder / "scene.mrb"), "--out", str(tmp_path / "again"), "--width", "300", "--quiet"]) == 0
    )
    for path in folder.glob("*.csv"):
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
    again, before = (json.loads((one / "summary.json").read_text()) for one in (tmp_path / "again", folder))
    assert again["quantities"] == before["quantities"] and again["verdict"] == before["verdict"]


def test_a_pouch_cell_is_judged_by_its_own_overhangs(made: CellResult, tmp_path: Path) -> None:
    overhang = made.overhang
    stage = replace(made_stages(made.cell.frame)[0], name="pouch", tables={"overhang": overhang})
    result = PouchResult(made.volume, made.recipe, (stage,), TOLERANCES)
    summary = write_stage_folder(result, tmp_path, Sources((), "test"), Progress())
    assert summary["verdict"]["outcome"] == "fail" and "overhang" not in summary
    assert len(rows_of(tmp_path / "overhang.csv")) == len(overhang)


def test_without_tolerances_only_the_hard_rule_is_judged(made: CellResult) -> None:
    assert judge_cell((), made.overhang, None).outcome == "fail"
    positive = made.overhang.where(made.overhang["flag"] == "ok")
    assert judge_cell((), positive, None).outcome == "not judged"


def test_a_map_without_any_value_is_drawn_all_the_same(made: CellResult, tmp_path: Path) -> None:
    empty = made_map(made.cell.frame, 3, 4)
    save_figure(map_picture(replace(empty, values=np.full((3, 4), np.nan))), tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 5000


# Words


@pytest.fixture
def cell(tmp_path: Path, made: CellResult, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cell in a file, of which measuring finds the made result at once."""
    monkeypatch.setattr(pipeline, "find_cell", lambda volume, progress: made.cell)
    found = replace(found_in(made.volume, made), overhang=no_overhang())
    monkeypatch.setattr(pipeline, "find_sheets", lambda *call: found)
    monkeypatch.setattr(cylindrical, "STEPS", steps(made))
    write_volume(made.volume, tmp_path / "cell.nrrd")
    return tmp_path / "cell.nrrd"


def test_one_stage_writes_its_folder_and_prints_its_quantities(cell: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["can", str(cell), "--out", str(cell.parent / "can"), "--quiet"]) == 0
    out = capfd.readouterr().out
    assert "can_outer_diameter_mm" in out and "7.004 ± 0.012" in out and out.splitlines()[-1].endswith("can")
    names = {path.name for path in (cell.parent / "can").iterdir()}
    assert names >= {"quantities.csv", "summary.json", "provenance.json", "recipe.json", "can_dent_um.png"}
    assert not names & {"scene.mrb", "report.html"}
    assert json.loads((cell.parent / "can" / "recipe.json").read_text())["stages"] == ["can"]


@pytest.mark.parametrize(("upper", "code"), [("7.1", 0), ("6.9", 4), ("7.005", 0)])
def test_a_failed_verdict_is_exit_code_4_and_a_doubtful_one_is_not(
    cell: Path, upper: str, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    (cell.parent / "limits.toml").write_text(f"[can_outer_diameter_mm]\nupper = {upper}\n[gap_max_um]\nupper = 1\n")
    words = ["can", str(cell), "--tolerances", str(cell.parent / "limits.toml"), "--out", str(cell.parent / "can")]
    assert main([*words, "--json"]) == code
    verdict = json.loads(capfd.readouterr().out)["verdict"]
    asked = [row["quantity"] for row in verdict["quantities"]]
    assert "can_outer_diameter_mm" in asked and "gap_max_um" not in asked
    assert verdict["outcome"] == {"7.1": "pass", "6.9": "fail", "7.005": "cannot tell"}[upper]


def test_bad_tolerances_are_told_before_anything_is_measured(cell: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (cell.parent / "limits.toml").write_text("[can_outer_diametre_mm]\nupper = 7\n")
    words = ["analyze", str(cell), "--tolerances", str(cell.parent / "limits.toml"), "--out", str(cell.parent / "out")]
    assert main(words) == 3
    assert "line 1" in capfd.readouterr().err and not (cell.parent / "out").exists()


def test_a_stack_of_sheets_has_no_can(cell: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setattr(kind, "find_kind", lambda volume: "pouch")
    assert main(["can", str(cell), "--out", str(cell.parent / "can")]) == 3
    assert "stack of sheets" in capfd.readouterr().err


def test_labels_are_measured_and_stand_in_the_provenance(
    cell: Path, made: CellResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = cell.parent / "labels.nrrd"
    write_volume(made.volume, labels)
    asked: list[object] = []
    monkeypatch.setattr(end_sources, "ends_from_labels", lambda path: path)
    monkeypatch.setattr(pipeline, "find_sheets", lambda *call: asked.append(call[-1]) or found_in(made.volume, made))
    monkeypatch.setattr(pipeline, "measure_stages", lambda *call: made_stages(made.cell.frame))
    assert main(["overhang", str(cell), "--labels", str(labels), "--out", str(cell.parent / "out"), "--quiet"]) == 0
    provenance = json.loads((cell.parent / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert [Path(one["path"]).name for one in provenance["inputs"]] == ["cell.nrrd", "labels.nrrd"]
    assert asked == [labels] and (cell.parent / "out" / "overhang_map.png").is_file()


def test_labels_and_a_model_together_are_wrong_words(cell: Path) -> None:
    assert main(["overhang", str(cell), "--labels", "a.nrrd", "--model", "b"]) == 2


@pytest.mark.parametrize("suffix", [".tif", ".png", ".nrrd"])
def test_one_slice_is_enough_for_can_and_winding_but_not_for_the_whole_road(
    tmp_path: Path, made: CellResult, suffix: str
) -> None:
    path = tmp_path / f"slice{suffix}"
    _write_slice(made, path)
    options = LoadOptions(voxel_size_um=(100.0, 100.0, 100.0), single=True)
    assert load_volume(path, options).array.shape == (1, 80, 80)
    with pytest.raises(InputError, match="single 2D image"):
        load_volume(path, replace(options, single=False))


def _write_slice(made: CellResult, path: Path) -> None:
    image = made.volume.array[10]
    if path.suffix == ".nrrd":
        write_volume(replace(made.volume, array=image[None]), path)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, image)
    else:
        save_rgb(np.repeat(image[..., None], 3, axis=-1), path)
