"""Which files a model's folder holds, and their checksums: nothing missing, altered or led elsewhere is read."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path, PurePosixPath

from batterycell.errors import InputError

from .fields import HINT, damaged

METADATA = "configs/metadata.json"
INFERENCE = "configs/inference.json"
WEIGHTS = "models/model.safetensors"
# The same network for onnxruntime; models may lack it.
PORTABLE = "models/model.onnx"
CARD = "docs/README.md"
LICENCE = "LICENSE"
# As ``sha256sum --check`` reads it.
MANIFEST = "manifest.sha256"
REQUIRED = (METADATA, INFERENCE, WEIGHTS, CARD, LICENCE)
# A model is data: nothing in its folder may be something that a program would run.
_SUFFIXES = (".json", ".safetensors", ".md", ".txt", ".csv", ".png")
_MOST_FILES = 100
_LARGEST_TEXT = 16 * 2**20
_LARGEST = 4 * 2**30
_CHUNK = 1 << 22
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,99}")


def is_model(folder: Path) -> bool:
    """Whether a folder looks like a model of this program."""
    return (folder / MANIFEST).is_file() and (folder / METADATA).is_file()


def write_manifest(folder: Path) -> None:
    """Write the checksums of every file of a folder that is to be a model."""
    own = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    files = sorted(path for path in own if path != folder / MANIFEST)
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_manifest(folder: Path) -> dict[str, str]:
    """The checksum of each file of a model by its path within it.

    Raises:
        InputError: if there is no such list, or if it names what a model cannot hold.
    """
    if not folder.is_dir():
        raise InputError("model-missing", f"{folder} is not a folder.", "batterycell models list shows the models.")
    if not (folder / MANIFEST).is_file():
        hint = f"A model of this program is a folder with {METADATA}, {WEIGHTS} and {MANIFEST}."
        raise InputError("model-foreign", f"{folder} holds no model of this program: {MANIFEST} is missing.", hint)
    try:
        text = read_file(folder, MANIFEST).decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged(str(folder / MANIFEST), "it is no list of checksums") from error
    found = [_LINE.fullmatch(line) for line in text.splitlines()]
    if not all(found) or len(found) > _MOST_FILES:
        raise damaged(str(folder / MANIFEST), "it is no list of checksums")
    sums = {check_name(match[2], folder): match[1] for match in found if match}
    missing = next((name for name in REQUIRED if name not in sums), None)
    if missing:
        raise damaged(str(folder / MANIFEST), f"{missing} is not in it")
    return sums


def check_name(name: str, place: Path) -> str:
    """The path of a file within a model, if it can be one.

    Raises:
        InputError: if it leads out of the folder, is no plain name on some system, or is no data.
    """
    parts = PurePosixPath(name).parts
    if len(parts) > 4 or not all(_PART.fullmatch(part) and not part.endswith((".", " ")) for part in parts):
        raise InputError("model-path", f"{place}: {name!r} is no place for a file of a model.", HINT)
    is_data = name in (LICENCE, PORTABLE) or PurePosixPath(name).suffix.lower() in _SUFFIXES
    if PurePosixPath(name).as_posix() != name or not is_data:
        raise InputError("model-path", f"{place}: {name!r} is no file of a model.", "A model holds data, never code.")
    return name


def check_files(folder: Path, sums: dict[str, str]) -> None:
    """Check that every file of a model is there and is what it was.

    Raises:
        InputError: naming the first that is missing or altered.
    """
    for name, checksum in sums.items():
        path = _plain_file(folder, name)
        if path.stat().st_size > _LARGEST or _sha256(path) != checksum:
            raise altered(folder, name)


def copy_files(folder: Path, out: Path) -> None:
    """Copy what the list of checksums names, and nothing else."""
    for name in (*read_manifest(folder), MANIFEST):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_plain_file(folder, name), out / name)


def read_file(folder: Path, name: str, checksum: str = "", largest: int = _LARGEST_TEXT) -> bytes:
    """The bytes of a file of a model, read once and checked as they were read.

    Raises:
        InputError: if it is missing, too large or altered.
    """
    path = _plain_file(folder, name)
    if path.stat().st_size > largest:
        raise damaged(str(path), f"it is larger than {largest / 2**20:.0f} MB")
    data = path.read_bytes()
    if checksum and hashlib.sha256(data).hexdigest() != checksum:
        raise altered(folder, name)
    return data


def altered(folder: Path, name: str) -> InputError:
    """The error of a file that is not what it was."""
    return InputError("model-altered", f"{folder}: {name} was altered after the model was written.", HINT)


def _plain_file(folder: Path, name: str) -> Path:
    """The file, if it lies in the folder itself: links may lead anywhere."""
    path = folder / name
    inside = [
        folder.joinpath(*PurePosixPath(name).parts[: count + 1]) for count in range(len(PurePosixPath(name).parts))
    ]
    if any(part.is_symlink() for part in inside):
        raise InputError("model-link", f"{folder}: {name} is a link.", "A model holds its files itself.")
    if not path.is_file():
        raise InputError("model-incomplete", f"{folder}: {name} is missing.", HINT)
    return path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
