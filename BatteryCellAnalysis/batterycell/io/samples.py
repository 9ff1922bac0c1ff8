"""Sample cells that can be downloaded, each file with its SHA-256."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batterycell.errors import InputError
from batterycell.progress import Progress

from .options import Size

_CELL_TOP_UCL = Path(__file__).with_name("cell_top_ucl.sha256")
_UCL = "https://raw.githubusercontent.com/MPJ-Imaging/battery_xct_workflows"
_UCL_COMMIT = "074f577c57b6a54c68ed3cb22fca2854f7d79af0"
_SECONDS = 30.0


@dataclass(frozen=True)
class SampleFile:
    """One file of a sample.

    Args:
        name: Its name, and the end of its address.
        url: Where it is.
        sha256: SHA-256 of its content in hexadecimal digits.
    """

    name: str
    url: str
    sha256: str


@dataclass(frozen=True)
class Sample:
    """A cell that can be downloaded.

    Args:
        name: Name of the volume, and of the folder it is kept in.
        title: What people call it.
        files: Its slices.
        voxel_size_um: Voxel size (z, y, x) in µm, which the files do not state.
        megabytes: What there is to download.
    """

    name: str
    title: str
    files: tuple[SampleFile, ...]
    voxel_size_um: Size
    megabytes: int

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Sample:
        """The sample of which ``dataclasses.asdict`` went to JSON and came back with lists in place of tuples."""
        files = tuple(SampleFile(**file) for file in values["files"])
        return cls(**{**values, "files": files, "voxel_size_um": tuple(values["voxel_size_um"])})


def cell_top_ucl() -> Sample:
    """The top of a 21700 cell with crimp, tab and windings: 100 slices of 728 × 728 voxels, MIT licence, UCL 2025."""
    lines = (line.split() for line in _CELL_TOP_UCL.read_text(encoding="ascii").splitlines())
    folder = f"{_UCL}/{_UCL_COMMIT}/data/cell_vol"
    files = tuple(SampleFile(name, f"{folder}/{name}", digest) for digest, name in lines)
    return Sample("cell_top_ucl", "Cell top (UCL)", files, (67.94, 33.97, 33.97), 53)


def fetch_sample(sample: Sample, cache: Path, progress: Progress | None = None) -> Path:
    """Download what of a sample is not in the cache yet.

    Args:
        sample: What to download.
        cache: Folder in which each sample has a folder of its own.
        progress: Told after every file.

    Returns:
        The sample's folder; every file in it has the right checksum.

    Raises:
        InputError: if a file cannot be had, or is not the one that is meant; what came before stays for the next time.
    """
    folder = cache / sample.name
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(sample.files, 1):
        if not _is_there(folder / file.name, file.sha256):
            _download(file, folder / file.name)
        (progress or Progress()).report(number / len(sample.files), f"getting file {number} of {len(sample.files)}")
    return folder


def _is_there(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _download(file: SampleFile, path: Path) -> None:
    content = _read(file.url)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        message = f"{file.url} is not the file that is meant: its SHA-256 is another."
        raise InputError("sample-checksum", message, "It was not kept. Try again later.")
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        message = f"{url} cannot be had: {reason}."
        raise InputError("sample-download", message, "Check the connection and try again.") from error
