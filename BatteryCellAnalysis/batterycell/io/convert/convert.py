"""A volume from one format into another, slab by slab; begun again, it goes on where it ended."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from batterycell.errors import Cancelled, OutputError
from batterycell.io.checks import check_exists
from batterycell.io.kept import identity
from batterycell.io.options import LoadOptions
from batterycell.io.zarr_store import is_store
from batterycell.output import is_full, put_in_place, reason
from batterycell.progress import Progress

from .content import Content, open_content
from .journal import Journal
from .settings import ConvertSettings
from .sinks import Sink, is_resumable, sink_for

_OPENED = 0.1
_GO_ON = "Start again with the same words to go on: what is done is kept."
_DEFAULTS, _NO_OPTIONS, _NO_PROGRESS = ConvertSettings(), LoadOptions(), Progress()


@dataclass(frozen=True)
class Conversion:
    """What was converted.

    Args:
        content: The volume.
        memory: Bytes that were held at most, beside the program itself.
        kept: The part of the work that an earlier start had done, 0 to 1.
    """

    content: Content
    memory: int
    kept: float


def convert(
    source: Path,
    out: Path,
    settings: ConvertSettings = _DEFAULTS,
    options: LoadOptions = _NO_OPTIONS,
    overwrite: bool = False,
    progress: Progress = _NO_PROGRESS,
) -> Conversion:
    """Convert a volume; its voxels are the same after as before.

    Args:
        source: A file, a folder of slices, or a store.
        out: What to write, in the format of its name.
        settings: Of stores.
        options: What the user says of the image.
        overwrite: Whether an older output may be replaced.
        progress: Told after every slab; asked whether to stop.

    Raises:
        InputError: if it is no volume, or nobody says how large its voxels are.
        OutputError: if it cannot be written; what is done is kept.
        UsageError: if there is no such format.
        Cancelled: if the user asked to stop; what is done is kept.
    """
    check_exists(source)
    _check_free(source, out, overwrite)
    content = open_content(source, options, settings.kind, progress.part(0.0, _OPENED))
    with _told(out):
        journal = Journal(out, _job(source, settings, options, content))
        try:
            result = _work(content, out, settings, journal, progress.part(_OPENED, 1.0))
        finally:
            journal.release()
        put_in_place(journal.folder / out.name, out, journal.folder / "old")
        journal.remove()
    return result


def _work(content: Content, out: Path, settings: ConvertSettings, journal: Journal, progress: Progress) -> Conversion:
    path = journal.folder / out.name
    done = journal.done if path.exists() and is_resumable(out) else 0
    if done == 0:
        _remove(path)
    sink = sink_for(content, path, settings)
    starts = range(0, content.source.shape[0], sink.depth)
    total, memory = len(starts) + sink.later, sink.memory + content.held
    for piece in range(done, total):
        progress.report(piece / total, f"writing, about {memory / 1e6:.0f} MB of memory")
        _do(piece, starts, content, sink)
        journal.mark(piece + 1)
    sink.close()
    return Conversion(content, memory, done / total)


def _do(piece: int, starts: range, content: Content, sink: Sink) -> None:
    if piece >= len(starts):
        sink.add(piece - len(starts))
        return
    start = starts[piece]
    sink.write(start, content.source.read(start, min(start + sink.depth, content.source.shape[0])))


def _job(source: Path, settings: ConvertSettings, options: LoadOptions, content: Content) -> dict[str, Any]:
    """What must be the same for a start to go on with the work of an earlier one."""
    return {
        "source": str(source.resolve()),
        # Summed up, as the chunks of a large store are many.
        "files": hashlib.sha256(repr(identity(source)).encode()).hexdigest(),
        "shape": content.source.shape,
        "dtype": content.source.dtype.name,
        "settings": asdict(settings),
        "options": options.to_json(),
    }


def _check_free(source: Path, out: Path, overwrite: bool) -> None:
    if out.resolve() == source.resolve() or source.resolve() in out.resolve().parents:
        raise OutputError("output-holds-input", f"{out} is the input, or lies in it.", "Choose another output.")
    if not out.exists():
        return
    if not overwrite:
        raise OutputError("output-exists", f"{out} already exists.", "Replace it with --overwrite or choose another.")
    if out.is_dir() and not is_store(out) and any(file.suffix != ".tif" for file in out.iterdir()):
        raise OutputError("output-foreign", f"{out} holds other files than slices.", "Choose another output.")


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Tell what the system refuses in one sentence, and that work is kept."""
    try:
        yield
    except (Cancelled, KeyboardInterrupt) as error:
        cancelled = Cancelled()
        cancelled.hint = _GO_ON
        raise cancelled from error
    except OSError as error:
        message = f"{out} cannot be written: {reason(error)}."
        raise OutputError("output-full" if is_full(error) else "output-unwritable", message, _GO_ON) from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
