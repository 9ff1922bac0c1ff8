"""One cell on a cluster: its pieces side by side, the tables of one process, and what is done is kept."""

from __future__ import annotations

import json
import os
import signal
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from batterycell import phantom
from batterycell.cell_spread import spread, work
from batterycell.cli import main
from batterycell.cli import stage as stage_verbs
from batterycell.cli.road import Call, measure_file
from batterycell.cluster import Answer, Cluster, calls, open_cluster, parse_place
from batterycell.errors import BatteryCellError, InputError, InternalError, OutputError
from batterycell.io import LoadOptions, load_volume
from batterycell.io.kept import Keeper
from batterycell.io.save_tiff import write_tiff
from batterycell.measured import Quantity, Stage
from batterycell.pipeline import analyze, write_results
from batterycell.progress import Progress
from batterycell.provenance import Sources
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import no_overhang
from batterycell.tolerance import Limit, Tolerances

pytest.importorskip("distributed", reason="dask.distributed is not installed")
from made_result import made_result
from made_tasks import made_scheduler

RECIPE = AnalyzeRecipe(angles=12, width=400, pictures=1)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster(parse_place("local:2")) as found:
        yield found


@pytest.fixture(scope="module")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small cell as a TIFF stack."""
    spec, scan = phantom.preset("small")
    made = phantom.make_cell(spec, replace(scan, voxel_size_um=(80, 60, 60)), 1, angles=1)
    path = tmp_path_factory.mktemp("cell") / "cell.tif"
    write_tiff(made.volume, path)
    return path


@pytest.fixture(scope="module")
def alone(cell: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cell measured by one process."""
    out = tmp_path_factory.mktemp("alone") / "out"
    measured(cell, out, None)
    return out


def measured(cell: Path, out: Path, cluster: Cluster | None, progress: Progress | None = None) -> None:
    call = Call(LoadOptions(), ["analyze"], False, False, cluster)
    measure_file(cell, out, RECIPE, call, progress or Progress())


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def scene_tables(folder: Path) -> dict[str, bytes]:
    """The tables in the scene's file."""
    with zipfile.ZipFile(folder / "scene.mrb") as scene:
        return {name: scene.read(name) for name in scene.namelist() if name.endswith(".tsv")}


def not_here(*_: Any, **__: Any) -> Any:
    raise AssertionError("it was done by this process")


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process measures, draws and packs none of the pieces."""
    measured = ("overhang.edges.measure.sample_end", "inclusions.stage.search", "can.surfaces.in_threads")
    late = ("inclusions.stage.fit_sphere", "overhang.objects.measure.draw_between_ends")
    written = ("pictures.overview", "pictures.save_figure", "export.scene_export._packed")
    for name in (*measured, *late, *written):
        monkeypatch.setattr(f"batterycell.{name}", not_here)


@pytest.mark.slow
def test_workers_measure_a_cell_to_the_tables_of_one_process_also_where_one_is_killed(
    cluster: Cluster, cell: Path, alone: Path, tmp_path: Path, idle: None
) -> None:
    told: list[tuple[float, str]] = []
    killed: list[int] = []

    def listen(fraction: float, message: str) -> None:
        told.append((fraction, message))
        if "2 running" in message and fraction > (0.0, 0.75, 2.0)[len(killed)]:
            killed.append(min(cluster.client.run(os.getpid).values()))
            os.kill(killed[-1], signal.SIGKILL)

    measured(cell, tmp_path / "out", cluster, Progress(listen))
    assert len(killed) == 2, "no worker was killed while they measured, or while they drew"
    assert tables(tmp_path / "out") == tables(alone)
    assert pictures(tmp_path / "out") == pictures(alone)
    assert scene_tables(tmp_path / "out") == scene_tables(alone)
    assert len(tables(alone)) > 8 and len(pictures(alone)) > 8 and len(scene_tables(alone)) > 8
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions), "the bar went back"


@pytest.mark.slow
def test_a_lost_scheduler_is_one_line_and_what_was_done_is_not_done_again(
    cell: Path, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    RECIPE.save(tmp_path / "recipe.json")
    words = ["analyze", str(cell), "--recipe", str(tmp_path / "recipe.json"), "--out", str(tmp_path / "out"), "--quiet"]
    with made_scheduler(tmp_path) as (process, address):
        kept = tmp_path / "out.run"
        monkeypatch.setattr(spread, "run_tasks", until(spread.run_tasks, process))
        assert main([*words, "--cluster", address]) == 3
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and "is gone" in lines[0] and "goes on" in lines[0]
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    assert {"voxels.npy", "cell.npz", "windings.npz", "stage-can.npz"} <= set(before)
    monkeypatch.setattr("batterycell.can.surfaces.in_threads", not_here)
    monkeypatch.setattr("batterycell.io.large.load_volume", not_here)
    assert main(words) == 0
    assert "going on with what" in capsys.readouterr().err
    assert tables(tmp_path / "out") == tables(alone)
    assert not kept.exists()


@pytest.mark.slow
def test_the_overhang_alone_is_measured_by_workers_and_goes_on_after_a_stop(
    cluster: Cluster, cell: Path, alone: Path, tmp_path: Path, idle: None, monkeypatch: Any, capsys: Any
) -> None:
    words = ["overhang", str(cell), "--angles", "12", "--out", str(tmp_path / "out"), "--quiet"]
    monkeypatch.setattr(stage_verbs, "chosen_cluster", lambda args: nullcontext(args.cluster and cluster))
    monkeypatch.setattr("batterycell.export.write_stage_folder", raises(KeyboardInterrupt))
    assert main([*words, "--cluster", "local:2"]) == 130
    assert "is kept in" in capsys.readouterr().err
    monkeypatch.undo()
    assert (tmp_path / "out.run" / "overhang-top-0.npz").exists()
    monkeypatch.setattr("batterycell.overhang.edges.measure.sample_end", not_here)
    assert main(words) == 0
    assert "going on with what" in capsys.readouterr().err
    assert tables(tmp_path / "out")["overhang.csv"] == tables(alone)["overhang.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def raises(error: type[BaseException]) -> Any:
    def work(*_: Any) -> None:
        raise error

    return work


def until(plain: Any, process: Any) -> Any:
    """`run_tasks` whose scheduler is killed after the first answer."""

    def run(*call: Any) -> Iterator[tuple[int, Answer]]:
        for number, answer in plain(*call):
            yield number, answer
            process.kill()

    return run


@pytest.mark.slow
def test_pieces_that_are_kept_are_given_to_nobody(cell: Path, alone: Path, tmp_path: Path, monkeypatch: Any) -> None:
    asked: list[list[str]] = []

    def run(_: Cluster, tasks: Any, progress: Progress) -> Any:
        asked.append([task.name for task in tasks])
        if len(asked) == 1:
            yield from list(calls.run_here(tasks[:3], progress))
            raise InputError("cluster-gone", "The cluster is gone.", "The same command goes on where it stood.")
        yield from calls.run_here(tasks, progress)

    class Near:
        """A cluster of which this process is the only worker."""

        client = type("Client", (), {"run": staticmethod(lambda work, **_: work()), "status": "running"})

        def require_folder(self, folder: Path) -> None:
            assert folder.is_dir()

    monkeypatch.setattr(spread, "run_tasks", run)
    with pytest.raises(InputError, match="is gone"):
        measured(cell, tmp_path / "out", Near())  # type: ignore[arg-type]
    measured(cell, tmp_path / "out", Near())  # type: ignore[arg-type]
    assert asked[1] == asked[0][3:]
    assert {"stage-inclusions", "stage-objects"} <= set(asked[2])
    assert {"scene.mrb", "overview.png", "overhang_map.png", "can_dent_um.png", "can_dent_um.csv"} <= set(asked[3])
    assert {"stage-can", "stage-winding", "overhang-top-0", "overhang-bottom-0", "inclusions-1"} <= set(asked[0])
    assert tables(tmp_path / "out") == tables(alone)


def test_who_writes_the_scene_elsewhere_knows_what_the_cell_is_judged_by(tmp_path: Path, monkeypatch: Any) -> None:
    limit = Limit("overhang_mean_um", nominal=600.0, upper=601.0)
    stage = Stage("overhang", "Overhang", (Quantity("overhang_mean_um", "Mean", 602.0, 0.1, "µm", "The mean."),))
    result = replace(made_result(), stages=(stage,), tolerances=Tolerances((limit,), "a drawing"))
    keeper, written = Keeper(tmp_path / "run", {}), list[str]()

    def elsewhere(names: Iterable[str], progress: Progress) -> None:
        pieces = work._file_pieces(result.volume, keeper)
        written.extend(names)
        for name in written:
            keeper(name, partial(pieces[name], progress))
        monkeypatch.setattr("batterycell.export.scene_export._packed", not_here)

    out = tmp_path / "out"
    out.mkdir()
    write_results(result, out, Sources(), Progress(keeper=keeper, filer=keeper.file, elsewhere=elsewhere))
    assert "scene.mrb" in written
    assert any(b"601" in table for name, table in scene_tables(out).items() if "verdict" in name)
    assert not list(keeper.path("files").iterdir())


@pytest.mark.slow
def test_where_labels_say_the_ends_all_else_is_still_done_by_workers(cell: Path) -> None:
    asked: list[set[str]] = []
    recipe = replace(RECIPE, stages=("overhang", "can", "winding"))
    progress = Progress(elsewhere=lambda names, _: asked.append(set(names)))
    analyze(load_volume(cell), recipe, progress, find_ends=lambda *_: no_overhang())
    assert asked == [{"stage-can", "stage-winding"}, {"stage-overhang", "stage-can", "stage-winding"}]


@pytest.mark.parametrize(
    "error",
    [
        InputError("worker-lost", "Every worker ended", "More memory"),
        OutputError("output-unwritable", "No space left", "Make room"),
        InternalError("internal", "A fault", "Report it"),
    ],
)
def test_what_is_wrong_with_the_machine_ends_the_work(error: BatteryCellError) -> None:
    with pytest.raises(type(error)):
        spread._check(Answer(error=error))


def test_what_is_wrong_with_the_cell_is_told_by_the_measurement_itself() -> None:
    spread._check(Answer(error=InputError("windings-cut", "Too little shows", "Scan more")))


def test_a_dry_run_says_pieces_memory_and_time_and_writes_nothing(
    cell: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def told(*words: str, verb: str = "analyze") -> dict[str, Any]:
        assert main([verb, str(cell), "--dry-run", "--quiet", "--json", *words]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["dry_run"]
        return found

    one, four = told(), told("--cluster", "local:4")
    assert one["pieces"] == four["pieces"] > 20
    assert (one["workers"], four["workers"]) == (1, 4)
    assert one["seconds"] / 4 < four["seconds"] < one["seconds"]
    assert told("--angles", "36")["seconds"] < one["seconds"]
    assert one["memory_bytes"] > 1e9
    overhang, inclusions = told(verb="overhang"), told(verb="inclusions")
    assert overhang["pieces"] + inclusions["pieces"] + 2 == one["pieces"], "the can and the windings"
    assert max(overhang["seconds"], inclusions["seconds"]) < one["seconds"]
    assert told("--angles", "36", verb="overhang")["seconds"] < overhang["seconds"]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "cell-batterycell.run").mkdir()
    assert "keeps what an earlier start did" in told()["notes"][0]
