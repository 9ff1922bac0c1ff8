"""Jobs of a SLURM queue as workers: the file that describes them, and a queue that stands in for SLURM."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from batterycell.cluster import Task, open_cluster, parse_place, run_tasks
from batterycell.cluster.slurm import SlurmSettings, read_slurm
from batterycell.errors import InputError
from batterycell.progress import Progress

WHOLE = """
workers = 2
memory = "1 GiB"
cores = 4
queue = "batch"
account = "cells"
walltime = "02:00:00"
directives = ["--constraint=avx2"]
prologue = ["module load python"]
"""


def jobs(folder: Path, text: str) -> Path:
    path = folder / "jobs.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_how_jobs_are_asked_for(tmp_path: Path) -> None:
    found = read_slurm(jobs(tmp_path, WHOLE))
    assert (found.workers, found.memory, found.cores, found.directives) == (2, "1 GiB", 4, ("--constraint=avx2",))
    assert read_slurm(jobs(tmp_path, 'workers = 1\nmemory = "2 GB"')) == SlurmSettings(1, "2 GB")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('memory = "1 GB"', "does not say workers"),
        ("workers = 2", "does not say memory"),
        ('workers = "2"\nmemory = "1 GB"', "workers must be a whole number"),
        ('workers = true\nmemory = "1 GB"', "workers must be a whole number"),
        ("workers = 2\nmemory = 4", "memory must be a size"),
        ('workers = 2\nmemory = "1 GB"\npartition = "x"', "partition is no setting"),
        ('workers = 2\nmemory = "1 GB"\nqueue = "a\\nb"', "queue must be text on one line"),
        ('workers = 2\nmemory = "1 GB"\nprologue = "module"', "prologue must be a list"),
        ('workers = 2\nmemory = "lots"', "memory must be a size"),
        ("workers = ", "is no TOML"),
    ],
)
def test_a_file_that_says_something_else_is_one_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        read_slurm(jobs(tmp_path, text))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_slurm(tmp_path / "absent.toml")


def test_the_settings_stand_in_the_script_of_a_job(tmp_path: Path) -> None:
    jobqueue = pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    with jobqueue.SLURMCluster(**read_slurm(jobs(tmp_path, WHOLE)).to_jobqueue()) as cluster:
        script = cluster.job_script()
    for line in ("-p batch", "-A cells", "--cpus-per-task=4", "--mem=1G", "-t 02:00:00", "--constraint=avx2"):
        assert f"#SBATCH {line}\n" in script, line
    assert "module load python\n" in script and "--nthreads 1 " in script


def test_without_slurm_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no sbatch"), open_cluster(parse_place(f"slurm:{jobs(tmp_path, WHOLE)}")):
        pass


@pytest.mark.parametrize(
    ("interface", "told"),
    [("lo", "SLURM does not take the jobs of .*: no such partition"), ("ib7", "'ib7' is not a valid")],
)
def test_jobs_that_the_queue_or_the_machine_refuses_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interface: str, told: str
) -> None:
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    (tmp_path / "sbatch").write_text("#!/bin/bash\necho no such partition >&2\nexit 1\n")
    (tmp_path / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    logs = tmp_path / "new" / "logs"
    file = jobs(tmp_path, f'workers = 1\nmemory = "1 GB"\ninterface = "{interface}"\nlogs = "{logs}"')
    with pytest.raises(InputError, match=told), open_cluster(parse_place(f"slurm:{file}")):
        pass
    assert logs.is_dir()


@pytest.mark.slow
def test_work_is_done_by_jobs_of_a_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is not installed")
    job = tmp_path / "job"
    asked = '[ "$1" = --test-only ] && exit 0'
    submit = f'{asked}\ncp "$1" {job}.sh\nsetsid bash {job}.sh >{job}.log 2>&1 &\necho "Submitted batch job $!"'
    for name, text in {"sbatch": submit, "scancel": 'kill -- "-$1"'}.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    file = jobs(tmp_path, 'workers = 1\nmemory = "1 GB"\ninterface = "lo"')
    with open_cluster(parse_place(f"slurm:{file}")) as cluster:
        tasks = [Task("batterycell.cluster.calls:find_work", {"no": "task"})]
        answer = dict(run_tasks(cluster, tasks, Progress()))[0]
    assert answer.error is not None and "find_work() takes 1 positional argument" in answer.error.message
