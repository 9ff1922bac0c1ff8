"""The ends of the sheets where a model sees them: chosen by words, kept in the recipe, replayed by the same weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import batterycell
import pytest
from batterycell import cylindrical, end_sources, lot, pipeline
from batterycell.cli import main
from batterycell.end_sources import SHIPPED_MODEL, ends_of, settle_ends
from batterycell.errors import InputError
from batterycell.io import LoadOptions
from batterycell.mrml.files import write_volume
from batterycell.pouch import kind
from batterycell.progress import Progress
from batterycell.provenance import sha256
from batterycell.recipe import AnalyzeRecipe, load_recipe
from batterycell.result import CellResult
from batterycell.segment import SegmentClass
from batterycell.segment.model import model_hash, places, read_info
from made_model import made_model
from made_result import made_result
from made_stages import found_in, made_stages

pytest.importorskip("torch", reason="torch is not installed")
MODEL = AnalyzeRecipe(ends_from="model")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models as it comes with the program."""
    folder = tmp_path_factory.mktemp("shipped")
    made_model(folder / "overhang", name=SHIPPED_MODEL)
    made_model(folder / "other", name="other", seed=1)
    return folder


@pytest.fixture(autouse=True)
def library(tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "library"))
    monkeypatch.setattr("batterycell.segment.model.library.shipped_folders", lambda: [shipped])
    return tmp_path / "library"


@pytest.fixture
def cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cell that is 'measured' without measuring, in a folder of its own."""
    made = made_result()
    path = tmp_path / "cell.nrrd"
    write_volume(made.volume, path)
    monkeypatch.setattr(pipeline, "find_cell", lambda volume, progress: made.cell)
    monkeypatch.setattr(pipeline, "find_sheets", lambda *call: _measure(made, call[-1]))
    monkeypatch.setattr(pipeline, "measure_stages", _stages(made))
    monkeypatch.chdir(tmp_path)
    return path


def _measure(made: CellResult, find_ends: Any) -> Any:
    assert find_ends is not None, "measured from edges"
    return found_in(made.volume, made)


def _stages(made: CellResult) -> Callable[..., Any]:
    can, winding = made_stages(made.cell.frame)
    return lambda *call: (replace(winding, name="overhang"), can)


def test_the_shipped_model_is_taken_where_none_is_named_and_stands_in_the_recipe(shipped: Path) -> None:
    settled = settle_ends(MODEL)
    assert settled.model == f"{SHIPPED_MODEL}@{read_info(shipped / 'overhang').version}"
    assert settled.model_sha256 == model_hash(shipped / "overhang")
    assert settle_ends(settled) == settled
    assert settle_ends(AnalyzeRecipe()) == AnalyzeRecipe()


def test_a_newer_model_of_ones_own_does_not_take_the_shipped_ones_place(library: Path, shipped: Path) -> None:
    made_model(library / "mine", name=SHIPPED_MODEL, version="9.0.0", seed=5)
    assert settle_ends(MODEL).model_sha256 == model_hash(shipped / "overhang")
    mine = settle_ends(replace(MODEL, model=SHIPPED_MODEL))
    assert (mine.model, mine.model_sha256) == (f"{SHIPPED_MODEL}@9.0.0", model_hash(library / "mine"))


def test_the_same_weights_are_found_under_another_name(library: Path, shipped: Path) -> None:
    asked = replace(MODEL, model="gone@3.1.0", model_sha256=model_hash(shipped / "other"))
    assert settle_ends(asked).model == "other@1.0.0"


def test_a_model_outside_the_library_is_called_by_its_folder(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "elsewhere", name=SHIPPED_MODEL, seed=7)
    settled = settle_ends(replace(MODEL, model=str(folder)))
    assert (settled.model, settled.model_sha256) == (str(folder), model_hash(folder))


def test_other_weights_of_the_same_name_are_refused() -> None:
    with pytest.raises(InputError, match="other weights") as caught:
        settle_ends(replace(MODEL, model=SHIPPED_MODEL, model_sha256="0" * 64))
    assert "--model" in caught.value.hint


def test_where_no_model_ships_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batterycell.segment.model.library.shipped_folders", list)
    with pytest.raises(InputError, match=SHIPPED_MODEL):
        settle_ends(MODEL)


def test_a_model_of_something_else_is_refused_before_anything_is_read(library: Path) -> None:
    classes = (SegmentClass("pore", "#000000"), SegmentClass("binder", "#111111"), SegmentClass("grain", "#222222"))
    made_model(library / "sem", name="sem", classes=classes, dice={})
    with pytest.raises(InputError, match="cathode"):
        ends_of(replace(MODEL, model="sem"))


def test_a_recipe_names_a_model_only_where_one_reads_the_ends() -> None:
    with pytest.raises(ValueError, match="edges"):
        AnalyzeRecipe(model="a")
    with pytest.raises(ValueError, match="ends_from"):
        AnalyzeRecipe(ends_from="guess")  # type: ignore[arg-type]
    assert AnalyzeRecipe(**json.loads('{"angles": 7}')).ends_from == "edges"


def test_the_folder_says_which_model_read_the_ends(cell: Path, shipped: Path, capfd: Capture) -> None:
    assert main(["overhang", str(cell), "--edges", "model", "--angles", "9", "--out", "out", "--quiet"]) == 0
    recipe, sha = load_recipe(Path("out/recipe.json")), model_hash(shipped / "overhang")
    assert (recipe.ends_from, recipe.model, recipe.model_sha256) == ("model", f"{SHIPPED_MODEL}@1.0.0", sha)
    provenance = json.loads(Path("out/provenance.json").read_text(encoding="utf-8"))
    assert provenance["recipe"]["model_sha256"] == sha
    assert sha in {one["sha256"] for one in provenance["inputs"]}
    err = capfd.readouterr().err
    assert f"{SHIPPED_MODEL}@1.0.0" in err and sha[:8] in err


@pytest.mark.parametrize("words", [["analyze"], ["lot"], ["replay", "recipe.json"]])
def test_every_road_measures_with_the_model_that_was_asked_for(
    words: list[str], cell: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle_ends(replace(MODEL, model="other")).save(Path("recipe.json"))
    asked: list[AnalyzeRecipe] = []

    def measure(source: Path, out: Path, recipe: AnalyzeRecipe, *call: Any) -> dict[str, Any]:
        asked.append(recipe)
        raise InputError("enough", "It is known what was asked for.", "Go on.")

    monkeypatch.setattr(f"batterycell.cli.{'analyze' if words == ['analyze'] else 'lot_cells'}.measure_file", measure)
    given = [] if words[0] == "replay" else ["--model", "other"]
    assert main([*words, str(cell), *given, "--out", "out", "--quiet"]) == 3
    assert (asked[0].model, asked[0].model_sha256) == ("other@1.0.0", model_hash(shipped / "other"))


def test_what_another_model_measured_is_not_kept(cell: Path) -> None:
    first, second = (settle_ends(replace(MODEL, model=name)) for name in ("other", ""))
    provenance = {
        "batterycell_version": batterycell.__version__,
        "recipe": asdict(first),
        "inputs": [{"sha256": sha256(cell)}],
        "reading": LoadOptions().to_json(),
    }
    (cell.parent / "provenance.json").write_text(json.dumps(provenance))
    (cell.parent / "summary.json").write_text("{}")
    assert lot.kept_summary(cell, cell.parent, first, LoadOptions()) == {}
    assert lot.kept_summary(cell, cell.parent, second, LoadOptions()) is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--edges", "edges", "--model", "other"], 2),
        (["--edges", "corners"], 2),
        (["--edges", "model", "--model", "nowhere"], 3),
    ],
)
def test_wrong_words_are_one_line(cell: Path, words: list[str], code: int, capfd: Capture) -> None:
    assert main(["analyze", str(cell), *words, "--out", "out"]) == code
    assert len(capfd.readouterr().err.strip().splitlines()) == 1
    assert not Path("out").exists()


def test_labels_and_edges_of_a_model_contradict(cell: Path) -> None:
    assert main(["overhang", str(cell), "--labels", "a.nrrd", "--edges", "model"]) == 2


def test_a_stack_is_not_measured_from_edges_where_a_model_was_asked_for(
    cell: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
) -> None:
    monkeypatch.setattr(kind, "find_kind", lambda volume: "pouch")
    assert main(["analyze", str(cell), "--edges", "model", "--out", "out", "--quiet"]) == 3
    assert "stack" in capfd.readouterr().err


def test_a_worker_measures_by_the_recipe_it_is_given(monkeypatch: pytest.MonkeyPatch, cell: Path) -> None:
    from batterycell import worker

    asked: list[str] = []

    def ends_from_model(name: str) -> Any:
        asked.append(name)
        return lambda *call: None

    monkeypatch.setattr(end_sources, "ends_from_model", ends_from_model)
    folder = cell.parent / "job"
    folder.mkdir()
    recipe = {"angles": 9, "ends_from": "model", "model": "other"}
    worker.write_job(folder, "analyze", cell, recipe)
    assert worker.run(folder) == 0
    told = json.loads((folder / "result" / "result.json").read_text(encoding="utf-8"))["recipe"]
    assert asked == ["other@1.0.0"] and told["model"] == "other@1.0.0"


def test_a_cell_that_is_foreign_to_the_model_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*call: Any) -> Any:
        raise InputError(cylindrical.FOREIGN, "It looks like nothing the model knows.", "Use --foreign.")

    made = made_result()
    monkeypatch.setattr("batterycell.segment.apply.overhang.segment_overhang", refuse)
    monkeypatch.setattr(cylindrical, "trace_windings", lambda *call: None)
    settled = settle_ends(replace(MODEL, model="other"))
    with pytest.raises(InputError, match="nothing the model knows") as caught:
        cylindrical.find_sheets(made.volume, made.cell, settled, Progress(), ends_of(settled))
    assert "--edges edges" in caught.value.hint
