"""Many cells: names, a row each, what fails does not stop the rest, and a broken run goes on where it stood."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import batterycell
import pytest
from batterycell import lot
from batterycell.cli import main
from batterycell.errors import Cancelled, InputError
from batterycell.io.options import LoadOptions, RawShape
from batterycell.lot import run
from batterycell.mrml.files import write_volume
from batterycell.output import result_folder
from batterycell.phantom import preset
from batterycell.pictures import missing_gl
from batterycell.progress import Progress
from batterycell.provenance import sha256
from batterycell.recipe import AnalyzeRecipe
from batterycell.summary import summarize
from batterycell.tables import read_csv
from made_cells import made_cell
from made_result import made_result

WORDS = dict.fromkeys(lot.LOT_WORDS, str)


def rows_of(out: Path) -> list[dict[str, Any]]:
    table = read_csv(out / lot.LOT_FILE, lot.LOT_COLUMNS, WORDS)
    return [{name: table[name][row].item() for name in table.data} for row in range(len(table))]


def measure(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    """Stands for the main job: a broken cell is one whose name says so."""
    progress.report(0.5, "reading edges")
    if "broken" in source.name:
        raise InputError("no-cell", "There is no cell", "Look again")
    return summarize(made_result())


def images(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return [folder / name for name in names]


def test_cells_are_named_after_their_files_and_never_alike(tmp_path: Path) -> None:
    paths = images(tmp_path, "a/grey.nrrd", "b/grey.nrrd", "c/cell, no. 7.nii.gz", "d/Zelle_ü.tif")
    names = [cell.name for cell in lot.name_cells([*paths, paths[0]])]
    assert names == ["a_grey", "b_grey", "cell, no", "Zelle_ü", "a_grey_2"]
    paths = images(tmp_path, "q/s/a.tif", "r/s/a.tif", "s_a_2.tif", "S_A_2.png")
    assert [cell.name for cell in lot.name_cells(paths)] == ["s_a", "s_a_2", "s_a_2_2", "S_A_2_3"]


def test_a_folder_of_folders_is_a_folder_of_cells(tmp_path: Path) -> None:
    images(tmp_path, "scans/cell_2/im1.tif", "scans/cell_1/im1.tif")
    assert [cell.name for cell in lot.name_cells([tmp_path / "scans"])] == ["cell_1", "cell_2"]
    assert [cell.name for cell in lot.name_cells([tmp_path / "scans/cell_2"])] == ["cell_2"]


def test_a_link_to_a_cell_is_named_as_the_link_is(tmp_path: Path) -> None:
    (scan,) = images(tmp_path, "store/grey.nrrd")
    (tmp_path / "cell_7.nrrd").symlink_to(scan)
    assert [cell.name for cell in lot.name_cells([tmp_path / "cell_7.nrrd"])] == ["cell_7"]


def test_a_cell_that_is_not_there_is_an_error_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent"):
        lot.name_cells([tmp_path / "absent.nrrd"])


def test_a_broken_cell_is_a_row_and_the_others_go_on(tmp_path: Path) -> None:
    cells = lot.name_cells(images(tmp_path, "one.nrrd", "broken.nrrd", "two.nrrd"))
    lot.run_lot(cells, tmp_path / "lot", measure, Progress())
    rows = rows_of(tmp_path / "lot")
    assert [(row["cell"], row["status"]) for row in rows] == [
        ("one", "measured"), ("broken", "failed"), ("two", "measured"),
    ]  # fmt: skip
    assert rows[1]["message"] == "There is no cell (Look again)"
    summary = summarize(made_result())
    assert rows[0]["overhang_mean_um"] == summary["overhang"]["all"]["mean_um"]
    assert rows[0]["can_diameter_um"] == 1000 * summary["can"]["outer_diameter_mm"]


def test_a_stopped_lot_keeps_the_rows_of_the_finished_cells(tmp_path: Path) -> None:
    def stop_at_second(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
        if source.name == "two.nrrd":
            raise Cancelled
        return measure(source, folder, progress)

    cells = lot.name_cells(images(tmp_path, "one.nrrd", "two.nrrd"))
    with pytest.raises(Cancelled):
        lot.run_lot(cells, tmp_path / "lot", stop_at_second, Progress())
    assert [row["cell"] for row in rows_of(tmp_path / "lot")] == ["one"]


def test_a_result_folder_is_read_not_measured_again(tmp_path: Path) -> None:
    with result_folder(tmp_path / "earlier") as folder:
        (folder / "summary.json").write_text(json.dumps(summarize(made_result())))
    table = lot.run_lot(lot.name_cells([tmp_path / "earlier"]), tmp_path / "lot", lambda *_: 1 / 0, Progress())  # type: ignore[arg-type,return-value]
    assert table["status"].tolist() == ["kept"]


def test_many_kept_cells_are_tabled_once_also_where_the_lot_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        with result_folder(tmp_path / "earlier" / f"c{number}") as folder:
            (folder / "summary.json").write_text(json.dumps(summarize(made_result())))
    cells = lot.name_cells([tmp_path / "earlier", *images(tmp_path, "one.nrrd")])
    real, written = run.write_lot, []
    monkeypatch.setattr(run, "write_lot", lambda *call: written.append(len(call[0].rows)) or real(*call))

    def stopped(*_: Any) -> dict[str, Any]:
        raise Cancelled

    with pytest.raises(Cancelled):
        lot.run_lot(cells, tmp_path / "lot", stopped, Progress())
    assert written == [5]
    assert [row["status"] for row in rows_of(tmp_path / "lot")] == ["kept"] * 5


def test_a_folder_of_volumes_is_a_folder_of_cells(tmp_path: Path) -> None:
    images(
        tmp_path, "scans/a.nrrd", "scans/b.mha", "scans/c.nii.gz", "scans/d/im1.tif", "stack/im1.tif", "stack/x.nrrd"
    )
    assert [cell.name for cell in lot.name_cells([tmp_path / "scans"])] == ["a", "b", "c", "d"]
    assert [cell.name for cell in lot.name_cells([tmp_path / "stack"])] == ["stack"]


def test_the_progress_names_the_cell(tmp_path: Path) -> None:
    said: list[tuple[float, str]] = []
    cells = lot.name_cells(images(tmp_path, "one.nrrd", "two.nrrd"))
    lot.run_lot(cells, tmp_path / "lot", measure, Progress(lambda *report: said.append(report)))
    assert said == [(0.25, "one (1 of 2): reading edges"), (0.75, "two (2 of 2): reading edges")]


RAW = RawShape((2, 3, 4), "uint16", 0, False)


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        (LoadOptions(), LoadOptions(), True),
        (LoadOptions((20, 10, 10)), LoadOptions((20, 10, 10)), True),
        (LoadOptions((20, 10, 10)), LoadOptions(), False),
        (LoadOptions((40, 20, 20)), LoadOptions((20, 10, 10)), False),
        (LoadOptions(step=2), LoadOptions(step=2), True),
        (LoadOptions(step=2), LoadOptions(), False),
        (LoadOptions((20, 10, 10), RAW), LoadOptions((20, 10, 10), RAW), True),
        (LoadOptions((20, 10, 10), RAW), LoadOptions((20, 10, 10), replace(RAW, big_endian=True)), False),
    ],
)
def test_only_what_was_read_alike_is_kept(before: LoadOptions, now: LoadOptions, kept: bool, tmp_path: Path) -> None:
    (image,) = images(tmp_path, "one.nrrd")
    provenance = {
        "batterycell_version": batterycell.__version__,
        "recipe": asdict(AnalyzeRecipe()),
        "inputs": [{"sha256": sha256(image)}],
        "reading": before.to_json(),
    }
    (tmp_path / "provenance.json").write_text(json.dumps(provenance))
    (tmp_path / "summary.json").write_text("{}")
    assert (lot.kept_summary(image, tmp_path, AnalyzeRecipe(), now) is not None) == kept


def test_a_result_whose_provenance_is_damaged_is_not_kept(tmp_path: Path) -> None:
    (image,) = images(tmp_path, "one.nrrd")
    for name in ("provenance.json", "summary.json"):
        (tmp_path / name).write_text("{}")
    assert lot.kept_summary(image, tmp_path, AnalyzeRecipe(), LoadOptions()) is None


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("scans")
    spec, scan = preset("small")
    for seed in (1, 2):
        made = made_cell(spec, replace(scan, voxel_size_um=(90, 60, 60)), seed)
        write_volume(made.volume, folder / f"cell_{seed}.nrrd")
    (folder / "wrong.nrrd").write_text("not a volume")
    return sorted(folder.iterdir())


@pytest.mark.slow
@pytest.mark.usefixtures("bare_figures")
def test_replay_gives_each_cell_the_folder_of_analyze_and_goes_on_where_it_stood(
    scans: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single, out = tmp_path / "single", tmp_path / "lot"
    assert main(["analyze", str(scans[0]), "--angles", "12", "--out", str(single), "--quiet"]) == 0
    words = ["replay", str(single), *map(str, scans), "--out", str(out), "--quiet", "--json"]
    capsys.readouterr()
    assert main(words) == 3, "one cell is broken"
    told = json.loads(capsys.readouterr().out)
    assert [row["status"] for row in told["cells"]] == ["measured", "measured", "failed"]
    names = {path.name for path in single.iterdir()}
    assert {path.name for path in (out / "cell_1").iterdir()} == names
    assert (out / "cell_1" / "overhang.csv").read_bytes() == (single / "overhang.csv").read_bytes()
    assert (out / "cell_2" / "recipe.json").read_text() == (single / "recipe.json").read_text()
    assert main(words) == 3
    assert [row["status"] for row in json.loads(capsys.readouterr().out)["cells"]] == ["kept", "kept", "failed"]
    assert main(["lot", str(scans[0]), "--out", str(out), "--quiet"]) == 3, "other settings do not replace a result"
    assert "--overwrite" in capsys.readouterr().err or "exists" in rows_of(out)[0]["message"]


@pytest.mark.slow
@pytest.mark.usefixtures("bare_figures")
def test_the_recipe_of_an_export_draws_the_same_pictures_of_the_next_cell(scans: list[Path], tmp_path: Path) -> None:
    if missing_gl():
        pytest.skip(f"views cannot be drawn here: {missing_gl()}")
    recipe = tmp_path / "recipe.json"
    AnalyzeRecipe(angles=12, pictures=1, views=True, layout=True, width=400).save(recipe)
    assert main(["replay", str(recipe), str(scans[0]), "--out", str(tmp_path / "lot"), "--quiet"]) == 0
    folder = tmp_path / "lot" / "cell_1"
    assert (folder / "recipe.json").read_text() == recipe.read_text()
    kinds = {path.name.split("_")[0] for path in (folder / "pictures").iterdir()}
    assert {"axial", "coronal", "sagittal", "layout"} <= kinds
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert report.count("<img") >= 5


@pytest.mark.parametrize("text", ["[]", "{", '{"angles": 0}', '{"seed": 1}', '{"views": 1}', '{"width": 3}'])
def test_a_file_that_is_no_recipe_is_one_line_without_the_programs_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recipe.json").write_text(text)
    assert main(["replay", str(tmp_path), str(tmp_path), "--quiet"]) == 3
    told = capsys.readouterr().err
    assert "is not a recipe" in told and told.count("\n") == 1
    assert not any(word in told for word in ("__init__", "Errno", "char 0"))


def test_a_recipe_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(tmp_path / "absent.json"), str(tmp_path), "--quiet"]) == 3
    assert "absent.json" in capsys.readouterr().err
