"""A broken measurement goes on where it stood, to the same result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import phantom
from batterycell.cli import main
from batterycell.cli.road import Call, measure_file
from batterycell.errors import InputError, OutputError
from batterycell.io import LoadOptions, large, load_volume, medical
from batterycell.io.convert import ConvertSettings, convert
from batterycell.io.kept import Keeper
from batterycell.io.medical import write_oriented
from batterycell.io.save_tiff import write_tiff
from batterycell.measured import Quantity, Stage
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.tables import Column, Table
from batterycell.volume import Volume

JOB = {"image": "a"}
RECIPE = AnalyzeRecipe(angles=6, stages=("overhang", "can"), width=400, pictures=0)


class Died(BaseException):
    """A sudden end."""


def dies_at(word: str) -> Progress:
    """A progress that ends suddenly at a report."""

    def listen(_: float, message: str) -> None:
        if word in message:
            raise Died

    return Progress(listen)


def unasked() -> Any:
    raise AssertionError("it was kept")


def stage() -> Stage:
    table = Table((Column("a_um", "A", "µm", "a"),), {"a_um": np.array([1 / 3, np.nan])})
    return Stage("can", "Can", (Quantity("q", "Q", 0.1, float("inf"), "", "q"),), {"a": table}, notes=("ü",))


def test_what_is_kept_comes_back_to_the_bit(tmp_path: Path) -> None:
    first = Keeper(tmp_path / "run", JOB)("stage", stage)
    again: Stage = Keeper(tmp_path / "run", JOB)("stage", unasked)
    assert again.quantities == first.quantities == stage().quantities
    assert again.tables["a"]["a_um"].tobytes() == stage().tables["a"]["a_um"].tobytes()
    assert (again.tables["a"].columns, again.notes) == (stage().tables["a"].columns, ("ü",))


@pytest.mark.parametrize("value", [None, True, 3, 1e300, "µm", (1, [2.5, ()]), {"a": (None,)}, {"array": "array0"}])
def test_plain_values_are_kept_in_their_types(tmp_path: Path, value: object) -> None:
    assert repr(Keeper(tmp_path, JOB)("one", lambda: value)) == repr(value)


def test_another_job_begins_anew(tmp_path: Path) -> None:
    Keeper(tmp_path / "run", JOB)("one", lambda: 1)
    other = Keeper(tmp_path / "run", {"image": "b"})
    assert other.kept == 0
    assert other("one", lambda: 2) == 2


@pytest.mark.parametrize("part", [0, 10, 200])
def test_a_piece_that_is_cut_off_is_made_anew(tmp_path: Path, part: int) -> None:
    Keeper(tmp_path, JOB)("stage", stage)
    path = tmp_path / "stage.npz"
    path.write_bytes(path.read_bytes()[:part])
    assert Keeper(tmp_path, JOB)("stage", lambda: 5) == 5


def test_a_piece_of_another_job_in_the_same_folder_is_made_anew(tmp_path: Path) -> None:
    first = Keeper(tmp_path, JOB)
    first("one", lambda: 1)
    piece = (tmp_path / "one.npz").read_bytes()
    other = Keeper(tmp_path, {"image": "b"})
    (tmp_path / "one.npz").write_bytes(piece)
    assert other("one", lambda: 2) == 2


def test_who_works_for_a_job_that_has_ended_leaves_the_next_alone(tmp_path: Path) -> None:
    first = Keeper(tmp_path, JOB)
    joined = Keeper(tmp_path, JOB, joins=True)
    assert joined("one", lambda: 1) == 1
    first.clear()
    joined.require_job()  # begun afresh, it is the same job
    other = Keeper(tmp_path, {"image": "b"})
    other("one", lambda: 2)
    for join in (joined.require_job, lambda: Keeper(tmp_path, JOB, joins=True)):
        with pytest.raises(OutputError, match="another command has begun there"):
            join()
    assert other("one", lambda: 3) == 2


@pytest.mark.parametrize("name", ["os:system", "batterycell.output:shutil", "batterycell.output:clean_up", "x"])
def test_nothing_in_a_piece_is_ever_run(tmp_path: Path, name: str) -> None:
    keeper = Keeper(tmp_path, JOB)
    keeper("stage", stage)
    with np.load(tmp_path / "stage.npz") as file:
        values = dict(file)
    values["tree"] = np.array(str(values["tree"]).replace("batterycell.measured:Stage", name))
    np.savez(tmp_path / "stage.npz", **values)
    assert keeper("stage", lambda: "anew") == "anew"


def test_what_others_put_into_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").touch()
    keeper = Keeper(tmp_path / "run", JOB)
    keeper("one", lambda: 1)
    keeper.remove()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_what_a_killed_process_was_writing_goes(tmp_path: Path) -> None:
    left = tmp_path / ".one.npz.partial.elsewhere.1.npz"
    left.touch()
    os.utime(left, (1.0, 1.0))
    assert Keeper(tmp_path, JOB).kept == 0
    assert not left.exists()


def test_a_file_that_another_process_wrote_is_put_in_its_place(tmp_path: Path) -> None:
    keeper, out = Keeper(tmp_path / "run", JOB), tmp_path / "one.csv"
    Keeper(tmp_path / "run", JOB)("one.csv", lambda: keeper.write_file("one.csv", lambda file: file.write_text("ab")))
    assert keeper.file(out, lambda _: unasked()) == 2
    assert out.read_text() == "ab"


@pytest.mark.parametrize("loss", ["forgotten", "gone", "never there"])
def test_a_file_that_is_not_there_any_more_is_written_anew(tmp_path: Path, loss: str) -> None:
    keeper, out = Keeper(tmp_path / "run", JOB), tmp_path / "one.csv"
    if loss != "never there":
        keeper("one.csv", lambda: keeper.write_file("one.csv", lambda file: file.write_text("old")))
    if loss == "gone":
        keeper.path("files/one.csv").unlink()
    if loss == "forgotten":
        keeper.forget_files()
        assert "one.csv" not in keeper
    assert keeper.file(out, lambda file: file.write_text("anew")) == 4
    assert out.read_text() == "anew"
    keeper.remove()
    assert not keeper.folder.exists()


def test_only_this_programs_own_values_are_kept(tmp_path: Path) -> None:
    @dataclass
    class Foreign:
        a: int

    with pytest.raises(TypeError, match="cannot be kept"):
        Keeper(tmp_path, JOB)("one", lambda: Foreign(1))


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small cell as a TIFF stack."""
    spec, scan = phantom.preset("small")
    made = phantom.make_cell(spec, replace(scan, voxel_size_um=(80, 60, 60)), 1, angles=1)
    path = tmp_path_factory.mktemp("cell") / "cell.tif"
    write_tiff(made.volume, path)
    return path


def measured(cell: Path, out: Path, progress: Progress, recipe: AnalyzeRecipe = RECIPE, fresh: bool = False) -> None:
    measure_file(cell, out, recipe, Call(LoadOptions(), ["analyze"], False, fresh), progress)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def stored(cell: Path, folder: Path, name: str) -> Path:
    path = folder / name
    if name.endswith(".zarr"):
        pytest.importorskip("zarr")
        convert(cell, path, ConvertSettings(levels=1, chunk=(16, 64, 64)))
    else:
        write_oriented(load_volume(cell), path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cell.nrrd", "cell.ome.zarr"])
def test_a_broken_measurement_of_any_format_goes_on_to_the_same_tables(
    cell: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = stored(cell, tmp_path, name)
    measured(source, tmp_path / "whole", Progress())
    for module in (large, medical):
        monkeypatch.setattr(module, "preview_limit", lambda: 0)
    with pytest.raises(Died):
        measured(source, tmp_path / "broken", dies_at("measuring the can"))
    kept = {path.name for path in (tmp_path / "broken.run").iterdir()}
    assert {"voxels.npy", "grid.npz", "cell.npz", "overhang.npz"} <= kept
    monkeypatch.setattr("batterycell.overhang.edges.measure.sample_end", unasked)
    monkeypatch.setattr("batterycell.io.large.load_volume", unasked)
    measured(source, tmp_path / "broken", Progress())
    assert "going on" in capsys.readouterr().err
    assert tables(tmp_path / "broken") == tables(tmp_path / "whole")
    assert not (tmp_path / "broken.run").exists()


@pytest.mark.slow
def test_kill_9_changes_nothing_in_the_result(cell: Path, tmp_path: Path) -> None:
    RECIPE.save(tmp_path / "recipe.json")
    words = ["analyze", str(cell), "--recipe", str(tmp_path / "recipe.json"), "--quiet", "--out"]
    with subprocess.Popen([sys.executable, "-m", "batterycell", *words, str(tmp_path / "killed")]) as child:
        until = time.monotonic() + 60
        while not (tmp_path / "killed.run" / "windings.npz").exists() and time.monotonic() < until:
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert main([*words, str(tmp_path / "killed")]) == main([*words, str(tmp_path / "whole")]) == 0
    assert tables(tmp_path / "killed") == tables(tmp_path / "whole")
    assert [path.name for path in tmp_path.glob("*killed*")] == ["killed"]


def test_other_settings_or_another_image_begin_anew(
    cell: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def begin(recipe: AnalyzeRecipe = RECIPE, fresh: bool = False) -> str:
        with pytest.raises(Died):
            measured(cell, tmp_path / "out", dies_at("tracing"), recipe, fresh)
        return capsys.readouterr().err

    assert begin() == ""
    assert "going on" in begin()
    assert begin(replace(RECIPE, angles=13)) == ""
    assert begin(replace(RECIPE, angles=13), fresh=True) == ""
    os.utime(cell, (1.0, 1.0))
    assert begin(replace(RECIPE, angles=13)) == ""


def test_nothing_is_kept_of_what_cannot_be_measured(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (20, 30, 30)).astype(np.uint8)
    write_tiff(Volume.from_stack(noise, (8.0, 8.0, 8.0), "test"), tmp_path / "noise.tif")
    with pytest.raises(InputError):
        measured(tmp_path / "noise.tif", tmp_path / "out", Progress())
    assert [path.name for path in tmp_path.iterdir()] == ["noise.tif"]


def test_a_full_disk_is_told_and_what_is_done_stays(
    cell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[Path] = []
    real = np.savez

    def full(path: Path, **values: Any) -> None:
        if saved:
            raise OSError(28, "No space left on device")
        saved.append(path)
        real(path, **values)

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OutputError, match="No space"):
        measured(cell, tmp_path / "out", Progress())
    assert [path.name for path in (tmp_path / "out.run").glob("*.npz")] == ["cell.npz"]
