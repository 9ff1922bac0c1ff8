"""Result folders: written beside their place under another name, and moved there only when they are complete."""

from __future__ import annotations

import errno
import glob
import os
import platform
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import OutputError

MANIFEST = ".batterycell-files"
_SYSTEM_FILES = {MANIFEST, ".DS_Store", "Thumbs.db", "desktop.ini"}
_DISK_ERRORS = {
    errno.ENOENT,
    errno.EEXIST,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
}
_FULL = (errno.ENOSPC, errno.EDQUOT)
# How numpy says that a disk is full: without a number.
_FULL_WORDS = ("enough free space", "requested and")
_HINT = "Choose another --out, or see that there is room and that you may write there."
_DAY_S = 86400.0


@contextmanager
def result_folder(out: Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder beside ``out`` that becomes ``out`` when the block ends without an error.

    An older result is replaced only at that moment. A folder that holds anything else is never touched.

    Args:
        out: The folder to be.
        overwrite: Whether an older result may be replaced.

    Raises:
        OutputError: if ``out`` exists, or cannot be written.
    """
    out = Path(out).resolve()
    with _disk_errors(out):
        missing = [parent for parent in out.parents if not parent.exists()]
        clean_up(out)
        check_free(out, overwrite)
        partial = _sibling(out, "partial")
        try:
            partial.mkdir(parents=True)
            yield partial
            _write_manifest(partial)
            _put_in_place(partial, out)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            _remove_empty(missing)
            raise


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write one file under another name beside its place, and move it there when it is complete.

    Args:
        path: The file to be; an older one is replaced.
        write: Writes the file it is given.

    Raises:
        OutputError: if it cannot be written.
    """
    path = Path(path).resolve()
    with _disk_errors(path):
        partial = _sibling(path, "partial").with_suffix(path.suffix)
        try:
            write(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Yield a folder beside a file to be, gone at the end of the block; after a sudden end `is_abandoned` knows it.

    Raises:
        OutputError: if there can be none.
    """
    path = Path(path).resolve()
    scratch = _sibling(path, "partial")
    with _disk_errors(path):
        try:
            scratch.mkdir(parents=True)
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def check_free(out: Path, overwrite: bool = False) -> None:
    """Check that ``out`` is free for a result, or holds nothing but an older one that may be replaced.

    Raises:
        OutputError: if it is not.
    """
    if not (out.exists() or out.is_symlink()):
        return
    if out.is_dir() and not any(out.iterdir()):
        return
    if not overwrite:
        raise OutputError(
            "output-exists", f"{out} already exists.", "Replace it with --overwrite or choose another --out."
        )
    if not out.is_dir():
        raise OutputError("output-is-file", f"{out} is not a folder.", "Choose another --out.")
    foreign = sorted(_files(out) - _manifest(out))
    if foreign:
        raise OutputError(
            "output-foreign",
            f"{out} holds files that no run of batterycell wrote, such as {foreign[0]}.",
            "Move them away or choose another --out.",
        )


def check_room(folder: Path, needed: float) -> None:
    """Check that ``needed`` bytes can be written into a folder: better before long work than at its end.

    Raises:
        OutputError: if there is less room.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"{folder.parent} has room for {free / 1e6:.0f} MB, the result needs up to {needed / 1e6:.0f} MB"
        raise OutputError("output-full", message, _HINT)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    """Turn what a disk can refuse into one sentence."""
    try:
        yield
    except OSError as error:
        if not (is_full(error) or error.errno in _DISK_ERRORS) or not _concerns(error, out):
            raise
        raise OutputError("output-unwritable", f"{out} cannot be written: {reason(error)}.", _HINT) from error


def is_full(error: OSError) -> bool:
    """Whether an error says that the disk is full."""
    return error.errno in _FULL or (error.errno is None and any(words in str(error) for words in _FULL_WORDS))


def reason(error: OSError) -> str:
    """Why the system refuses something, in its own words."""
    return os.strerror(errno.ENOSPC) if is_full(error) else f"{error.strerror or error}"


def _concerns(error: OSError, out: Path) -> bool:
    """Whether the error is about the output (a full disk names no file)."""
    if not isinstance(error.filename, str | bytes):
        return True
    path = Path(os.fsdecode(error.filename)).absolute()
    own = (part.name.startswith(f".{out.name}.") for part in (path, *path.parents))
    return path in (out, *out.parents) or any(own)


def _sibling(out: Path, kind: str) -> Path:
    return out.with_name(f".{out.name}.{kind}.{host()}.{os.getpid()}.{uuid.uuid4().hex[:8]}")


def _put_in_place(partial: Path, out: Path) -> None:
    old = _sibling(out, "old")
    put_in_place(partial, out, old)
    shutil.rmtree(old, ignore_errors=True)


def put_in_place(made: Path, out: Path, old: Path) -> None:
    """Move what is complete to its place, and what stood there to ``old``; it comes back if that fails."""
    if out.exists():
        out.rename(old)
    try:
        made.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise


def clean_up(out: Path) -> None:
    """Remove what killed runs left beside ``out``; put an old result back that one of them was replacing."""
    if not out.parent.is_dir():
        return
    for left in out.parent.glob(f".{glob.escape(out.name)}.old.*"):
        if is_abandoned(left) and not out.exists():
            left.rename(out)
    for kind in ("old", "partial"):
        for left in out.parent.glob(f".{glob.escape(out.name)}.{kind}.*"):
            if is_abandoned(left):
                shutil.rmtree(left, ignore_errors=True)


def is_abandoned(folder: Path) -> bool:
    """Whether the process that a folder ``….host.process.…`` is named after is gone, or is this one.

    Where that cannot be asked (other hosts, Windows), whether the folder is a day old.
    """
    pid = folder.name.split(".")[-2]
    if os.name == "posix" and f".{host()}.{pid}." in folder.name and pid.isdigit():
        return int(pid) == os.getpid() or not _is_running(int(pid))
    return time.time() - folder.stat().st_mtime > _DAY_S


def host() -> str:
    """This machine's name, fit for the name of a file."""
    return platform.node().replace(".", "-") or "host"


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _files(folder: Path) -> set[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {path.relative_to(folder).as_posix() for path in paths if path.name not in _SYSTEM_FILES}


def _manifest(folder: Path) -> set[str]:
    path = folder / MANIFEST
    return set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()


def _write_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("\n".join(sorted(_files(folder))) + "\n", encoding="utf-8")
