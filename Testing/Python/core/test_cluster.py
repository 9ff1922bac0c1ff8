"""Work on a cluster: every task is done once, lost workers change nothing, and what goes wrong is one line."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from batterycell import lot
from batterycell.cluster import Cluster, Task, connect, open_cluster, parse_place, run_tasks
from batterycell.cluster.calls import find_work
from batterycell.errors import Cancelled, InputError, InternalError, UsageError
from batterycell.progress import Progress

pytest.importorskip("distributed", reason="dask.distributed is not installed")
from made_tasks import MODULE, Plugin, made_scheduler, measure


def blind_to(ending: str) -> Cluster:
    """A cluster of which one worker of two lacks what ends so."""

    def run(work: Any, paths: list[str]) -> dict[str, str]:
        return {"tcp://a:1": work(paths), "tcp://b:1": next((path for path in paths if path.endswith(ending)), "")}

    return Cluster(parse_place("local:2"), SimpleNamespace(run=run))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster(parse_place("local:2")) as found:
        found.client.register_plugin(Plugin())
        yield found


def test_a_place_is_processes_an_address_or_a_file_of_jobs() -> None:
    assert parse_place("local:3").workers == 3
    assert parse_place("local").workers >= 1
    assert parse_place("tcp://10.0.0.7:8786").address == "tcp://10.0.0.7:8786"
    assert parse_place("tls://[fe80::1]:8786").kind == "scheduler"
    assert parse_place("slurm:jobs.toml").file == Path("jobs.toml")


@pytest.mark.parametrize(
    "text", ["", "local:", "local:0", "local:x", "local:99999", "tcp://host", "http://a:1", "slurm:", "tcp://a:99999"]
)
def test_anything_else_is_no_cluster(text: str) -> None:
    with pytest.raises(UsageError, match="no cluster"):
        parse_place(text)


@pytest.mark.parametrize("work", ["os:system", "batterycell:x", "batterycell.errors:no such", "batterycellx.a:b"])
def test_workers_run_functions_of_this_program_only(work: str) -> None:
    with pytest.raises((InternalError, AttributeError)):
        find_work(work)


def test_every_task_is_answered_and_one_that_fails_stops_no_other(cluster: Cluster) -> None:
    tasks = [Task(f"{MODULE}:double", {"number": number}) for number in (3, -1, 5)]
    answers = dict(run_tasks(cluster, tasks, Progress()))
    assert (answers[0].get(), answers[2].get()) == (6, 10)
    with pytest.raises(InputError, match="A number is negative"):
        answers[1].get()


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    values = [{"number": number, "times": number % 2, "deaths": str(tmp_path / f"{number}")} for number in range(4)]
    tasks = [Task(f"{MODULE}:die_once", one) for one in values]
    assert {number: answer.get() for number, answer in run_tasks(cluster, tasks, Progress())} == {
        0: 0, 1: 2, 2: 4, 3: 6,
    }  # fmt: skip
    assert (tmp_path / "1").read_text() == "x", "no worker was killed"


@pytest.mark.slow
def test_a_task_that_ends_every_worker_is_told_and_the_others_go_on(cluster: Cluster, tmp_path: Path) -> None:
    values = [{"number": number, "times": 9 * number, "deaths": str(tmp_path / f"{number}")} for number in range(2)]
    answers = dict(run_tasks(cluster, [Task(f"{MODULE}:die_once", one) for one in values], Progress()))
    assert answers[0].get() == 0
    with pytest.raises(InputError, match="Every worker that took it ended"):
        answers[1].get()
    assert 3 <= len((tmp_path / "1").read_text()) <= 5


def test_a_stop_reaches_the_workers(cluster: Cluster, tmp_path: Path) -> None:
    told: list[str] = []
    tasks = [Task(f"{MODULE}:linger", {"told": str(tmp_path / f"{number}")}) for number in range(3)]
    progress = Progress(lambda _, message: told.append(message), lambda: "0 of 3 done, 2 running" in told)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        list(run_tasks(cluster, tasks, progress))
    assert len(list(tmp_path.iterdir())) == 2, "who ran was not told to stop"
    assert time.monotonic() - began < 20
    assert dict(run_tasks(cluster, [Task(f"{MODULE}:double", {"number": 1})], Progress()))[0].get() == 2


def test_the_progress_counts_what_is_done_and_never_more(cluster: Cluster) -> None:
    told: list[tuple[float, str]] = []
    tasks = [Task(f"{MODULE}:double", {"number": number}) for number in range(4)]
    for number, _ in enumerate(run_tasks(cluster, tasks, Progress(lambda *report: told.append(report))), 1):
        assert told[-1][0] <= number / 4
    assert told[-1][1].startswith("3 of 4 done")


def images(folder: Path, *names: str) -> list[Path]:
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    return [folder / name for name in names]


def test_a_lot_on_a_cluster_has_the_tables_of_a_lot_done_cell_after_cell(cluster: Cluster, tmp_path: Path) -> None:
    cells = lot.name_cells(images(tmp_path / "scans", "one.nrrd", "broken.nrrd", "two.nrrd"))

    def task(cell: lot.LotCell) -> Task:
        return Task(f"{MODULE}:measure", {"source": str(cell.source)})

    def measure_here(source: Path, folder: Path, progress: Progress) -> dict[str, Any]:
        return measure({"source": str(source)}, progress)

    lot.run_lot(cells, tmp_path / "here", measure_here, Progress())
    lot.run_lot_on(cluster, cells, tmp_path / "there", task, Progress())
    for name in ("lot.csv", "lot_statistics.csv", "lot_verdict.csv"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes(), name
    assert {path.name for path in (tmp_path / "there").iterdir()} == {
        path.name for path in (tmp_path / "here").iterdir()
    }


def test_a_cell_whose_worker_was_lost_at_the_very_end_is_measured_not_kept(cluster: Cluster, tmp_path: Path) -> None:
    cells = lot.name_cells(images(tmp_path / "scans", "new.nrrd", "old.nrrd"))
    (tmp_path / "lot" / "old").mkdir(parents=True)
    (tmp_path / "lot" / "old" / "summary.json").touch()

    def task(cell: lot.LotCell) -> Task:
        return Task(f"{MODULE}:find", {"source": str(cell.source)})

    table = lot.run_lot_on(cluster, cells, tmp_path / "lot", task, Progress())
    assert table["status"].tolist() == ["measured", "kept"]


def test_a_folder_that_the_workers_do_not_see_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    cluster.require_folder(tmp_path)
    with pytest.raises(InputError, match=f"1 of 2 workers, such as tcp://b:1, do not see {tmp_path}"):
        blind_to("").require_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_the_workers_do_not_have_is_refused_before_the_work(cluster: Cluster, tmp_path: Path) -> None:
    cells = [lot.LotCell(tmp_path / "a.nrrd", "a"), lot.LotCell(tmp_path / "b.nrrd", "b")]
    cells[0].source.touch()
    cluster.require_inputs(cell.source for cell in cells)  # b is nowhere, which its row says
    with pytest.raises(InputError, match=r"tcp://b:1, do not see .*a\.nrrd"):
        lot.run_lot_on(blind_to(".nrrd"), cells, tmp_path / "lot", lambda _: pytest.fail("work began"), Progress())


def test_dasks_own_words_stay_unsaid_while_a_cluster_is_open(cluster: Cluster) -> None:
    """Of some of its loggers dask sets the level by itself, so that those above them do not decide."""
    assert not any(
        logging.getLogger(name).isEnabledFor(logging.ERROR) for name in ("distributed", "distributed.client")
    )


def test_an_address_where_nobody_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "_CONNECT_S", 1)
    with (
        pytest.raises(InputError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9"),
        open_cluster(parse_place("tcp://127.0.0.1:9")),
    ):
        pass


def test_an_address_where_something_else_answers_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "_CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(InputError, match=f"{address} is no scheduler"), open_cluster(parse_place(address)):
            pass


def test_an_address_that_asks_for_keys_is_refused_without_them() -> None:
    with pytest.raises(InputError, match="no keys for tls"), open_cluster(parse_place("tls://127.0.0.1:9")):
        pass


def test_without_dask_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"batterycell\[cluster\]"), open_cluster(parse_place("local:1")):
        pass


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A scheduler of somebody else, with one worker, and its address."""
    with made_scheduler(tmp_path) as found:
        yield found


def test_a_scheduler_that_is_gone_is_one_line_and_what_is_done_is_kept(
    scheduler: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, address = scheduler
    tasks = [Task(f"{MODULE}:double", {"number": 1}), Task(f"{MODULE}:linger", {"told": str(tmp_path / "told")})]
    done: list[int] = []
    with open_cluster(parse_place(address)) as found:
        found.client.register_plugin(Plugin())
        with pytest.raises(InputError, match=f"The cluster at {address} is gone"):
            for number, _ in run_tasks(found, tasks, Progress()):
                done.append(number)
                process.kill()
    assert done == [0]
