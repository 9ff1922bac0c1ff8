"""A search for a law that is killed goes on, and ends with the numbers of one that was not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tifffile
from batterycell.cli import main
from batterycell.movie.law import LawSettings
from batterycell.movie.recipe import MovieRecipe
from made_law import SIGMA, fake_movie
from test_movie_law import QUICK, made

torch = pytest.importorskip("torch")

from batterycell.movie.law.batch import make_batch  # noqa: E402
from batterycell.movie.law.learn.keep import KeptMembers  # noqa: E402
from batterycell.movie.law.learn.search import State, minimise  # noqa: E402
from batterycell.movie.law.learn.unknowns import first_hyper  # noqa: E402

# Kills itself in the middle of the search, as a power cut would: no handler runs, nothing is tidied up.
_KILLED = """
import os, signal, sys
from pathlib import Path
from batterycell.cli import main
replace, name, left = os.replace, sys.argv.pop(1), [int(sys.argv.pop(1))]
def counted(source, target):
    replace(source, target)
    left[0] -= Path(target).name.startswith(name)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
os.replace = counted
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A small search, as it is typed."""
    folder, movie = tmp_path_factory.mktemp("resume"), fake_movie(points=6)
    tifffile.imwrite(folder / "made.tif", movie.fraction[:, :, :15], photometric="minisblack")
    law = LawSettings(degree=1, rounds=2, iterations=2, gradient_kt_um2=0.0, samples=4)
    recipe = json.dumps(asdict(MovieRecipe("movie invert", law=law)))
    (folder / "recipe.json").write_text(recipe, encoding="utf-8")
    typed = ["--recipe", str(folder / "recipe.json"), "--sigma", str(SIGMA), "--times", "120", "--pixel-size", "0.05"]
    return ["movie", "invert", str(folder / "made.tif"), *typed, "--device", "cpu", "--quiet"]


def numbers(out: Path) -> list[bytes]:
    return [(out / name).read_bytes() for name in ("law.csv", "law_points.csv", "quantities.csv", "k.tif")]


def kill(words: list[str], name: str, count: int) -> None:
    """Type words, and end it all as so many files of such a name were written."""
    killed = subprocess.run([sys.executable, "-c", _KILLED, name, str(count), *words], check=False)
    assert killed.returncode == -signal.SIGKILL


def test_a_killed_search_goes_on_and_ends_with_the_same_numbers(words: list[str], tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main([*words, "--out", str(whole)]) == 0
    kill([*words, "--out", str(broken)], "law_state", 3)
    assert (tmp_path / "broken.run").is_dir() and not broken.exists()
    assert main([*words, "--out", str(broken)]) == 0
    assert numbers(broken) == numbers(whole)
    assert not (tmp_path / "broken.run").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "whole"]


def test_a_killed_ensemble_goes_on_with_the_next_of_its_searches_and_ends_with_the_same_numbers(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*words, "--uncertainty", "ensemble"]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main([*words, "--out", str(whole)]) == 0
    kill([*words, "--out", str(broken)], "law_member", 3)
    searched: list[int] = []

    def again(member: Any, *others: Any) -> Any:
        searched.append(1)
        return minimise(member, *others)

    monkeypatch.setattr("batterycell.movie.law.found.ensemble.minimise", again)
    assert main([*words, "--out", str(broken)]) == 0
    assert len(searched) == 1  # of four
    assert numbers(broken) == numbers(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "whole"]


def test_members_of_another_search_are_not_taken(tmp_path: Path) -> None:
    state = State(torch.arange(3.0), first_hyper(make_batch(made().movies, QUICK)), (1,), (2,))
    kept, taken = KeptMembers(tmp_path, "key"), SimpleNamespace(tensor=torch.as_tensor)
    kept.begun_at(state).save(0, torch.ones(3))
    assert kept.begun_at(state).read(0, taken) is not None and kept.begun_at(state).read(1, taken) is None
    for other in (replace(state, z=state.z + 1e-6), replace(state, counts=(2,))):
        assert kept.begun_at(other).read(0, taken) is None
    assert KeptMembers(tmp_path, "other").begun_at(state).read(0, taken) is None
    whole = (tmp_path / "law_member_0.npz").read_bytes()
    for part in (b"", whole[: len(whole) // 2]):
        (tmp_path / "law_member_0.npz").write_bytes(part)
        assert kept.begun_at(state).read(0, taken) is None


def test_another_question_about_a_law_needs_no_new_search(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare, known, again = tmp_path / "bare", tmp_path / "known", tmp_path / "again"
    assert main([*words, "--uncertainty", "none", "--out", str(bare)]) == 0
    assert main([*words, "--out", str(known)]) == 0
    searched: list[int] = []
    monkeypatch.setattr("batterycell.movie.law.learn.search._step", lambda *_: searched.append(1))
    assert main([*words, "--uncertainty", "laplace", "--out", str(bare), "--overwrite"]) == 0
    assert numbers(bare) == numbers(known)
    recipe = ["--recipe", str(known / "recipe.json"), "--samples", "8"]
    assert main([*words, *recipe, "--out", str(again)]) == 0
    assert not searched and numbers(again)[3] == numbers(known)[3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "bare", "known"]
