"""Models in and out of the library, as folders and as zip files that strangers may have made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from batterycell.errors import InputError, OutputError
from batterycell.output import replace_file, result_folder

from .bundle import check_bundle
from .contents import MANIFEST, copy_files, read_manifest, write_manifest
from .description import write_description
from .info import ModelInfo
from .library import Model, open_model
from .naming import folder_name
from .places import library_folder
from .unpack import unpacked

# The first time that a zip file can hold: the same model gives the same bytes on every day.
_DATE = (1980, 1, 1, 0, 0, 0)
_RIGHTS = 0o100644 << 16
_UNIX = 3


def import_model(source: Path, name: str = "", overwrite: bool = False) -> Model:
    """Take a model into the library.

    Args:
        source: A model's folder, or a zip file of it.
        name: A new name for it; empty for its own.
        overwrite: Whether it may replace the library's model of the same name and version.

    Returns:
        The model in the library.

    Raises:
        InputError: if it is no model, damaged, or made to do harm.
        OutputError: if the library has one of that name and version, or cannot be written.
    """
    with _opened(Path(source)) as folder:
        info = check_bundle(folder)
        new = replace(info, name=name.strip()) if name.strip() else None
        return add_model(folder, new, library_folder() / folder_name(new or info), overwrite)


def add_model(folder: Path, info: ModelInfo | None, out: Path, overwrite: bool = False) -> Model:
    """Copy a checked model, whole or not at all.

    Args:
        folder: The model.
        info: What it shall say of itself from now on; None for what it says.
        out: The folder to be.
        overwrite: Whether it may replace an older model there.

    Raises:
        OutputError: if there is one, or if the folder cannot be written.
    """
    if out.exists() and not overwrite:
        hint = "Replace it (--overwrite), or give it another name or version."
        raise OutputError("model-exists", f"The library has a model {out.name} already.", hint)
    with result_folder(out, overwrite) as partial:
        copy_files(folder, partial)
        if info is not None:
            write_description(partial, info)
            write_manifest(partial)
        check_bundle(partial)
    return open_model(out)


def export_model(model: Model, path: Path, overwrite: bool = False) -> Path:
    """Write a model as a zip file, the same bytes for the same model.

    Args:
        model: The model.
        path: The zip file to be, or a folder for it.
        overwrite: Whether an older file may be replaced.

    Returns:
        The file.

    Raises:
        InputError: if the model is damaged.
        OutputError: if the file exists, or cannot be written.
    """
    check_bundle(model.folder)
    name = folder_name(model.info)
    path = path / f"{name}.zip" if path.is_dir() else path.with_name(f"{path.name.removesuffix('.zip')}.zip")
    if path.exists() and not overwrite:
        raise OutputError("output-exists", f"{path} already exists.", "Replace it (--overwrite) or name another file.")
    replace_file(path, lambda partial: _pack(model.folder, name, partial))
    return path


def _pack(folder: Path, top: str, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted([*read_manifest(folder), MANIFEST]):
            entry = zipfile.ZipInfo(f"{top}/{name}", _DATE)
            entry.external_attr, entry.compress_type, entry.create_system = _RIGHTS, zipfile.ZIP_DEFLATED, _UNIX
            archive.writestr(entry, (folder / name).read_bytes())


@contextmanager
def _opened(source: Path) -> Iterator[Path]:
    """The model's folder, unpacked where it is packed."""
    if source.is_dir():
        yield _inner(source)
    elif source.is_file():
        with unpacked(source) as folder:
            yield folder
    else:
        raise InputError("model-missing", f"{source} does not exist.", "Give a model's folder or a zip file of it.")


def _inner(folder: Path) -> Path:
    """The model's folder: what people unpack often has one folder more around it."""
    inside = [path.parent for path in folder.glob(f"*/{MANIFEST}")]
    return inside[0] if not (folder / MANIFEST).exists() and len(inside) == 1 else folder
