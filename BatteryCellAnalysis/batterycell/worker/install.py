"""Install the packages that networks need into a folder of their own, so that the application's stay as they are.

pip says first what would have to be added to what is there, with everything that is there pinned at its version; only
that goes into the folder, which workers put behind the application's own packages (`packages.add_packages`).
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.progress import Progress

from .jobs import write_json
from .packages import PACKAGES

SUMMARY_FILE = "installed.json"
# PyTorch's own place of builds without GPU packages, which are a tenth of the size.
WITHOUT_GPU = "https://download.pytorch.org/whl/cpu"
_RESOLVED = 0.1
_INSTALLED = 0.9
_POLL_S = 0.2
_COLLECTED = re.compile(r"^\s*(Downloading|Using cached|Processing)\b")
_TOLD = re.compile(r"^\s*(Collecting|Downloading|Using cached|Processing|Installing) +(\S*/)?([\w.]+)")


@dataclass(frozen=True)
class InstallSettings:
    """What to install, from where, to where.

    Args:
        requirements: E.g. "torch>=2.6"; each is imported under its own name to try it.
        folder: The folder of packages; what is in it stays, and nothing comes into it before all is there and works.
        wheels: A folder with wheels, from which alone they are taken; empty for the internet.
        gpu: Whether to take builds for graphics cards.
    """

    requirements: list[str]
    folder: str
    wheels: str = ""
    gpu: bool = False

    @property
    def names(self) -> list[str]:
        """The packages that were asked for, as they are imported."""
        return [re.split(r"[^\w]", one, maxsplit=1)[0] for one in self.requirements]

    @property
    def sources(self) -> list[str]:
        """Pip's options that say where packages come from."""
        if self.wheels:
            return ["--no-index", "--find-links", self.wheels]
        return [] if self.gpu else ["--extra-index-url", WITHOUT_GPU]


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Install; settings as of `InstallSettings`.

    Raises:
        InputError: if pip cannot, or if what it installed does not work; the folder is as it was.
    """
    settings = InstallSettings(**job["settings"])
    folder = Path(settings.folder)
    _check_wheels(settings.wheels)
    progress.report(0.0, "asking what is missing")
    with tempfile.TemporaryDirectory(prefix="batterycell-pip-") as scratch:
        added = _missing(settings, Path(scratch), progress.part(0.0, _RESOLVED))
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _take_along(folder, partial)
        if added:
            _install(added, settings, partial, progress.part(_RESOLVED, _INSTALLED))
        progress.report(_INSTALLED, "trying them")
        _try(partial, settings.names, progress)
        _put_in_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    write_json(out / SUMMARY_FILE, {"installed": added, "folder": str(folder)})


def _check_wheels(wheels: str) -> None:
    if wheels and not any(Path(wheels).glob("*.whl")):
        raise InputError("no-wheels", f"{wheels} holds no wheels.", "Choose the folder with the .whl files.")


def _missing(settings: InstallSettings, scratch: Path, progress: Progress) -> list[str]:
    """What has to be added, as name==version, while everything that is there keeps its version."""
    constraints, report = scratch / "constraints.txt", scratch / "report.json"
    constraints.write_text("\n".join(_installed()) + "\n", encoding="utf-8")
    words = ["--dry-run", "--report", str(report), "-c", str(constraints), *settings.sources, *settings.requirements]
    _pip(words, progress, 1, settings.folder)
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [f"{one['metadata']['name']}=={one['metadata']['version']}" for one in found]


def _installed() -> list[str]:
    """What is there; where two are of a name, the application's, which wins."""
    found = reversed(list(importlib.metadata.distributions()))
    names = {one.metadata["Name"]: one.version for one in found if one.metadata["Name"]}
    return sorted(f"{name}=={version}" for name, version in names.items())


def _install(added: Sequence[str], settings: InstallSettings, folder: Path, progress: Progress) -> None:
    _pip(["--no-deps", "--target", str(folder), *settings.sources, *added], progress, len(added))


def _take_along(folder: Path, partial: Path) -> None:
    """What is in the folder, without reading it where the file system knows two names of one file."""
    if folder.is_dir():
        shutil.copytree(folder, partial, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _pip(words: Sequence[str], progress: Progress, count: int, known: str = "") -> None:
    """Run ``pip install``, counting packages that it has collected; those in a folder are there for it, too."""
    command = [sys.executable, "-m", "pip", "install", "--progress-bar", "off", "--disable-pip-version-check", *words]
    with tempfile.TemporaryDirectory(prefix="batterycell-pip-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as told:
            process = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT, env=_environment(known))
        try:
            while _is_running(process):
                lines = _lines(log)
                done = sum(bool(_COLLECTED.match(line)) for line in lines)
                progress.report(min(0.99, done / (count + 1)), _told(lines))
        finally:
            process.kill()
            process.wait()
        if process.returncode:
            raise _not_installed(_lines(log))


def _environment(known: str) -> dict[str, str]:
    places = [os.environ.get("PYTHONPATH", ""), known]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in places if place)}


def _is_running(process: subprocess.Popen[Any]) -> bool:
    try:
        process.wait(_POLL_S)
    except subprocess.TimeoutExpired:
        return True
    return False


def _lines(log: Path) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


def _told(lines: Sequence[str]) -> str:
    """What pip does, in three words."""
    found = [match for match in map(_TOLD.match, lines) if match]
    return f"{found[-1][1].lower()} {found[-1][3]}" if found else "asking for packages"


def _not_installed(lines: Sequence[str]) -> InputError:
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")] or list(lines[-1:])
    message = f"The packages could not be installed: {errors[-1] if errors else 'pip failed'}"
    return InputError("not-installed", message, "Without internet, choose a folder with the wheels.")


def _try(folder: Path, names: Sequence[str], progress: Progress) -> None:
    """Import the packages in a process of its own, as workers will."""
    code = "from batterycell.worker.packages import add_packages as a; a(); import " + ", ".join(names)
    environment = {**os.environ, PACKAGES: str(folder)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    progress.report(1.0, "trying them")
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        hint = "Nothing was changed; another version of Slicer, or a folder with other wheels, may do."
        raise InputError("packages-broken", f"The packages were installed but do not work: {reason[0]}.", hint)


def _put_in_place(partial: Path, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
