"""Parting touching objects goes on after the last slab that was kept, to the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.cli import instances as verb
from batterycell.cli import main
from batterycell.cli.dry_run_samples import instances_dry_run
from batterycell.cli.objects_call import ObjectsCall, measure_labels
from batterycell.instances.separate import separation
from batterycell.io import LoadOptions
from batterycell.objects import Asked, LabelFile
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe
from batterycell.slabs import SlabSource
from large_labels import (
    FULL,
    SLABS,
    assert_same_files,
    instances,
    kill_9_and_go_on,
    take_for_large,
    write_labels,
)

PARTED = ("--separate", "watershed", "--crack", "2")
# Both classes slab by slab: the value of the class, the first slice.
EVERY = [(value, start) for value in (1, 2) for start in SLABS]


class Died(BaseException):
    """A sudden end."""


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    take_for_large(monkeypatch)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_labels(tmp_path / "labels.nrrd")


@pytest.fixture
def parted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The slabs that were parted: value of the class, first slice."""
    plain, begun = separation._part, list[tuple[int, int]]()

    def noted(basins: Any, depths: Any, pieces: Any, start: int, stop: int) -> Any:
        begun.append((depths._source.value, start))
        return plain(basins, depths, pieces, start, stop)

    monkeypatch.setattr(separation, "_part", noted)
    return begun


def dies_at(word: str, times: int) -> Progress:
    """A progress that ends suddenly when something was reported so many times."""
    told = list[str]()

    def listen(_: float, message: str) -> None:
        told.extend([message] if word in message else [])
        if len(told) == times:
            raise Died

    return Progress(listen)


def break_off(labels: Path, word: str = "Separating", times: int = 10, **recipe: Any) -> None:
    """Measure until something was reported so many times."""
    given: dict[str, Any] = {"classes": "1=a,2=b", "separate": "watershed", "crack_um": 2.0} | recipe
    call = ObjectsCall(labels, ObjectsRecipe(**given), LoadOptions(single=True), words=["instances"])
    with pytest.raises(Died):
        measure_labels(call, labels.parent / "out", False, dies_at(word, times))


def assert_goes_on(labels: Path, *words: str) -> None:
    """Another start gives the files of one that was never broken off, and leaves nothing else."""
    assert instances(labels, "out", *PARTED, *words) == 0
    assert not (labels.parent / "out.run").exists()
    assert instances(labels, "whole", *PARTED) == 0
    assert_same_files(labels.parent / "out", labels.parent / "whole")


@pytest.mark.parametrize("done", [1, 3, 6, 8, 11])
def test_a_break_after_any_slab_changes_nothing(labels: Path, done: int, parted: list[tuple[int, int]]) -> None:
    break_off(labels, times=done + 1)
    assert parted == EVERY[:done]
    assert instances(labels, "out", *PARTED) == 0
    assert parted == EVERY, "slabs were parted again"
    assert_goes_on(labels, "--overwrite")


@pytest.mark.parametrize("name", ["labels.tif", "labels.ome.zarr"])
def test_it_goes_on_in_any_format(labels: Path, name: str, parted: list[tuple[int, int]]) -> None:
    source = labels.with_name(name)
    if name.endswith(".zarr"):
        pytest.importorskip("zarr")
    assert main(["convert", str(labels), str(source), "--kind", "labels", "--quiet"]) == 0
    break_off(source)
    assert instances(source, "out", *PARTED) == 0
    assert parted == EVERY
    assert instances(labels, "whole", *PARTED) == 0
    assert_same_files(labels.parent / "out", labels.parent / "whole")


def test_after_several_breaks_and_one_while_numbering(labels: Path, parted: list[tuple[int, int]]) -> None:
    for times in (2, 4, 11):
        break_off(labels, times=times)
    break_off(labels, "Numbering", 3)
    break_off(labels, "Measuring", 1)
    assert parted == EVERY
    assert_goes_on(labels)


def test_microstructure_goes_on_too(labels: Path, parted: list[tuple[int, int]]) -> None:
    words = ["microstructure", str(labels), "--classes", "0=pore,1=a,2=b", "--active", "a", "--no-tortuosity"]
    words += ["--crack", "2", "--quiet", "--out"]
    break_off(labels, times=4, verb="microstructure", classes="0=pore,1=a,2=b", of=("a",), tortuosity=False)
    assert main([*words, str(labels.parent / "out")]) == 0
    assert [start for _, start in parted] == SLABS * 2, (
        "once for particles; fragmentation parts its own, and keeps nothing"
    )
    assert main([*words, str(labels.parent / "whole")]) == 0
    assert_same_files(labels.parent / "out", labels.parent / "whole")


def slices_in(run: Path) -> Path:
    (found,) = run.glob("parted.*")
    return found


DAMAGE: dict[str, tuple[Callable[[Path], Any], list[tuple[int, int]]]] = {
    "cut off": (lambda run: _cut(run / "parted_1_8.npz"), [(1, 8)]),
    "gone": (lambda run: (run / "parted_1_0.npz").unlink(), [(1, 0)]),
    "foreign": (lambda run: _make_foreign(run / "parted_1_4.npz"), [(1, 4)]),
    "of its objects": (lambda run: _cut(run / "objects_1.npz"), []),
    "slice cut off": (lambda run: _cut(slices_in(run) / "000005.zst"), [(1, 4), (2, 4)]),
    "slice empty": (lambda run: (slices_in(run) / "000011.zst").write_bytes(b""), [(1, 8), (2, 8)]),
    "slice gone": (lambda run: (slices_in(run) / "000013.zst").unlink(), [(1, 12)]),
}


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _make_foreign(path: Path) -> None:
    with np.load(path) as file:
        values = {**file, "key": np.array("0" * 32)}
    np.savez(path, **values)


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_made_anew(labels: Path, kind: str, parted: list[tuple[int, int]]) -> None:
    break_off(labels)
    damage, again = DAMAGE[kind]
    damage(labels.parent / "out.run")
    parted.clear()
    assert instances(labels, "out", *PARTED) == 0
    assert parted == sorted([*again, *EVERY[9:]])
    assert_goes_on(labels, "--overwrite")


def test_fresh_begins_anew(labels: Path, parted: list[tuple[int, int]]) -> None:
    break_off(labels)
    parted.clear()
    assert instances(labels, "out", *PARTED, "--fresh") == 0
    assert parted == EVERY


def test_nothing_of_other_settings_is_taken(labels: Path, parted: list[tuple[int, int]]) -> None:
    break_off(labels, "Numbering", 2)
    parted.clear()
    words = (*PARTED, "--of", "b", "--connectivity", "6")
    assert instances(labels, "out", *words) == 0
    assert parted == EVERY[6:]
    assert instances(labels, "whole", *words) == 0
    assert_same_files(labels.parent / "out", labels.parent / "whole")


def ends_with(monkeypatch: pytest.MonkeyPatch, error: BaseException, slabs: int) -> None:
    """Let an error end the parting after some slabs."""
    plain, begun = separation._part, list[int]()

    def until(*call: Any) -> Any:
        begun.append(1)
        if len(begun) > slabs:
            raise error
        return plain(*call)

    monkeypatch.setattr(separation, "_part", until)


def test_who_stops_it_is_told_what_is_kept(labels: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for slabs, told in ((0, "Nothing was written"), (3, f"kept in {labels.parent / 'out.run'}")):
        with monkeypatch.context() as stopped:
            ends_with(stopped, KeyboardInterrupt(), slabs)
            assert instances(labels, "out", *PARTED) == 130
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert told in line
        assert (labels.parent / "out.run").exists() == (slabs > 0)
    assert_goes_on(labels)


@pytest.mark.parametrize("writer", ["slices", "pieces"])
def test_a_full_disk_is_told_and_what_is_done_stays(
    labels: Path, writer: str, monkeypatch: pytest.MonkeyPatch, capsys: Any, parted: list[tuple[int, int]]
) -> None:
    target, name = {"slices": (Path, "write_bytes"), "pieces": (np, "savez")}[writer]
    plain, calls = getattr(target, name), list[int]()

    def full(*call: Any, **values: Any) -> Any:
        calls.append(1)
        if len(calls) == {"slices": 11, "pieces": 3}[writer]:
            Path(call[0]).touch()
            raise FULL
        return plain(*call, **values)

    with monkeypatch.context() as disk:
        disk.setattr(target, name, full)
        assert instances(labels, "out", *PARTED) == 3
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "No space left" in line
    assert parted == EVERY[:3]
    run = labels.parent / "out.run"
    assert sorted(path.name for path in run.glob("*.npz")) == ["parted_1_0.npz", "parted_1_4.npz"]
    assert all(path.suffix == ".zst" for path in slices_in(run).iterdir()), "half a file takes room"
    parted.clear()
    assert instances(labels, "out", *PARTED) == 0
    assert parted == EVERY[2:]
    assert_goes_on(labels, "--overwrite")


def test_a_dry_run_says_what_parting_holds(labels: Path) -> None:
    opened = LabelFile(labels, LoadOptions(single=True), "1=a,2=b").open(Progress())
    shape = (128, 2048, 2048)
    large = replace(
        opened, source=SlabSource(shape, np.dtype(np.uint8), lambda a, b: np.zeros((b - a, 1, 1), np.uint8))
    )
    whole, apart = (instances_dry_run(large, Asked(ObjectsRecipe(separate=one)), 1) for one in ("none", "watershed"))
    assert 4.2e9 < apart.memory < 4.8e9, "4.4 GB were measured, docs/figures.md"
    assert whole.memory < apart.memory
    assert any("one process" in note for note in apart.notes) and not any("one process" in note for note in whole.notes)


@pytest.mark.slow
def test_a_cluster_goes_on_with_what_one_process_parted(
    labels: Path, monkeypatch: pytest.MonkeyPatch, parted: list[tuple[int, int]]
) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    from batterycell.cluster import open_cluster, parse_place

    break_off(labels)
    with open_cluster(parse_place("local:1")) as cluster, monkeypatch.context() as spread:
        spread.setattr(verb, "chosen_cluster", lambda _: nullcontext(cluster))
        assert instances(labels, "out", *PARTED) == 0
    assert parted == EVERY, "this process parts, and goes on"
    assert instances(labels, "whole", *PARTED) == 0
    assert_same_files(labels.parent / "out", labels.parent / "whole")


_SLOWLY = """
from batterycell.instances.separate import separation

plain = separation._part

def slowly(basins, depths, pieces, start, stop):
    note(separation.piece_name(depths._source.value, start))
    return plain(basins, depths, pieces, start, stop)

separation._part = slowly
"""


@pytest.mark.slow
@pytest.mark.parametrize("slabs", [2, 8])
def test_kill_9_amid_the_slabs_changes_nothing(labels: Path, slabs: int) -> None:
    kept, again = kill_9_and_go_on(labels, slabs, _SLOWLY, *PARTED)
    assert len(kept) < len(EVERY)
    assert again == {separation.piece_name(*one) for one in EVERY} - kept
