"""Packages are installed into a folder of their own, and nothing that is there changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress
from batterycell.worker import install

QUIET = Progress()


def make_wheel(folder: Path, name: str, requires: str = "", code: str = "") -> None:
    """A wheel with one module."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (
        f"Requires-Dist: {requires}\n" if requires else ""
    )
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", code)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def job(tmp_path: Path, requirements: list[str]) -> dict[str, object]:
    settings = {"requirements": requirements, "folder": str(tmp_path / "packages"), "wheels": str(tmp_path / "wheels")}
    return {"settings": settings}


def run(tmp_path: Path, requirements: list[str], progress: Progress = QUIET) -> list[str]:
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    install.run(job(tmp_path, requirements), out, progress)
    return list(json.loads((out / install.SUMMARY_FILE).read_text())["installed"])


def test_only_what_is_missing_comes_into_the_folder_and_works_for_workers(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "bcgrey", requires="numpy", code="LEVEL = 7")
    assert run(tmp_path, ["bcgrey>=1"]) == ["bcgrey==1.0"]
    assert sorted(path.name for path in (tmp_path / "packages").glob("*.py")) == ["bcgrey.py"]
    assert not (tmp_path / "packages" / "numpy").exists()
    code = "from batterycell.worker.packages import add_packages as a; a(); import bcgrey; print(bcgrey.LEVEL)"
    environment = {**os.environ, "BATTERYCELL_PACKAGES": str(tmp_path / "packages")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "7"


def test_a_package_that_needs_another_version_of_what_is_there_is_refused(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "bcgrey", requires="numpy<1.0")
    before = version("numpy")
    with pytest.raises(InputError, match="could not be installed") as caught:
        run(tmp_path, ["bcgrey"])
    assert "wheels" in caught.value.hint
    assert version("numpy") == before
    assert not (tmp_path / "packages").exists()


def test_packages_that_do_not_work_leave_the_older_ones(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "bcgrey", code="import no_such_module_anywhere")
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "older.py").write_text("")
    with pytest.raises(InputError, match="no_such_module_anywhere"):
        run(tmp_path, ["bcgrey"])
    assert [path.name for path in tmp_path.iterdir() if "packages" in path.name] == ["packages"]
    assert (tmp_path / "packages" / "older.py").exists()


def test_what_is_in_the_folder_stays_and_is_not_asked_for_again(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "bcgrey", code="LEVEL = 7")
    assert run(tmp_path, ["bcgrey"]) == ["bcgrey==1.0"]
    (tmp_path / "wheels" / "bcgrey-1.0-py3-none-any.whl").unlink()
    make_wheel(tmp_path / "wheels", "bcblue", requires="bcgrey", code="import bcgrey")
    assert run(tmp_path, ["bcblue>=1"]) == ["bcblue==1.0"]
    assert sorted(path.name for path in (tmp_path / "packages").glob("*.py")) == ["bcblue.py", "bcgrey.py"]
    assert run(tmp_path, ["bcblue", "bcgrey"]) == []
    assert (tmp_path / "packages" / "bcgrey.py").read_text() == "LEVEL = 7"


def test_a_folder_without_wheels_is_named(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with pytest.raises(InputError, match="holds no wheels"):
        run(tmp_path, ["bcgrey"])


def test_a_cancelled_installation_leaves_nothing(tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels", "bcgrey")
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        run(tmp_path, ["bcgrey"], Progress(is_cancelled=lambda: next(asked, True)))
    assert [path.name for path in tmp_path.iterdir() if "packages" in path.name] == []
