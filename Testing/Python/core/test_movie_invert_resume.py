"""A search for a law that is killed goes on, and ends with the numbers of one that was not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import tifffile
from batterycell.cli import main
from batterycell.movie.law import LawSettings
from batterycell.movie.recipe import MovieRecipe
from made_law import SIGMA, fake_movie

# Kills itself in the middle of the search, as a power cut would: no handler runs, nothing is tidied up.
_KILLED = """
import os, signal, sys
from pathlib import Path
from batterycell.cli import main
replace, left = os.replace, [3]
def counted(source, target):
    replace(source, target)
    left[0] -= Path(target).name == "law_state.npz"
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


def test_a_killed_search_goes_on_and_ends_with_the_same_numbers(words: list[str], tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main([*words, "--out", str(whole)]) == 0
    killed = subprocess.run([sys.executable, "-c", _KILLED, *words, "--out", str(broken)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "broken.run").is_dir() and not broken.exists()
    assert main([*words, "--out", str(broken)]) == 0
    assert numbers(broken) == numbers(whole)
    assert not (tmp_path / "broken.run").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "whole"]


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
