"""From a label file to a result folder, as the verbs for label volumes call it."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.output import check_room, result_folder
from batterycell.progress import Progress
from batterycell.recipe import ObjectsRecipe

from .objects_edits import read_edits
from .objects_engine import kept_engine
from .options import run_folder

if TYPE_CHECKING:
    from batterycell.cluster import Cluster
    from batterycell.io import LoadOptions
    from batterycell.io.labels import LabelVolume
    from batterycell.objects import Asked, Engine
    from batterycell.objects.file import LabelFile
    from batterycell.provenance import Sources
    from batterycell.slabs import SlabSource

INSTANCE_BYTES = 4
# Of that, what objects take on a disk; mostly it is far less.
PACKED = 1 / 8
_PICTURES_BYTES = 20_000_000


@dataclass(frozen=True)
class ObjectsCall:
    """What was asked of a label volume.

    Args:
        labels: The file or folder.
        recipe: The settings.
        reading: How it is read.
        images: Volumes of grey values on the same grid.
        uncertainty: The labels' uncertainty; None where nobody says it.
        edits: A file of merges, splits and removals; None for none.
        format: Of the table of objects.
        words: The words of the command line.
        cluster: Whose workers find and measure the objects; None for this process.
        fresh: Whether to begin anew where a broken run would go on.
    """

    labels: Path
    recipe: ObjectsRecipe
    reading: LoadOptions
    images: Sequence[Path] = ()
    uncertainty: Path | None = None
    edits: Path | None = None
    format: str = "csv"
    words: Sequence[str] = ()
    cluster: Cluster | None = None
    fresh: bool = False

    @property
    def file(self) -> LabelFile:
        """The labels, as any process can open them."""
        from batterycell.objects.file import LabelFile

        return LabelFile(self.labels, self.reading, self.recipe.classes, self.recipe.numbered)

    @property
    def sources(self) -> Sources:
        """Where the result comes from."""
        from batterycell.provenance import Sources, input_files

        paths = [self.labels, *self.images, *(path for path in (self.uncertainty, self.edits) if path)]
        files = [file for path in paths for file in input_files(path)]
        return Sources(files, shlex.join(["batterycell", *self.words]), reading=self.reading.to_json())


def write_labels_result(call: ObjectsCall, out: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Measure one label volume, write its result folder, and tell what must be told.

    Returns:
        The summary, and the folder.
    """
    summary = measure_labels(call, out, overwrite, progress)
    for note in summary["notes"]:
        print(f"batterycell: {note}", file=sys.stderr)
    return {**summary, "folder": str(out)}


def measure_labels(call: ObjectsCall, out: Path, overwrite: bool, progress: Progress) -> dict[str, Any]:
    """Measure one label volume and write its result folder, whole or not at all.

    Returns:
        The summary.
    """
    from batterycell.export.objects_files import check_format

    check_format(call.format)
    edits = read_edits(call.edits) if call.edits else []
    with result_folder(out, overwrite) as folder:
        labels = call.file.open(progress.part(0.0, 0.1))
        check_room(folder, 2 * PACKED * INSTANCE_BYTES * labels.source.voxels + _PICTURES_BYTES)
        asked = _asked(call, labels, edits, folder)
        with _engine(call, labels, asked.scratch, out) as engine:
            return _write(call, labels, replace(asked, engine=engine), folder, progress.part(0.1, 1.0))


def _write(call: ObjectsCall, labels: LabelVolume, asked: Asked, folder: Path, progress: Progress) -> dict[str, Any]:
    """Measure, and write into an existing folder; the summary."""
    from batterycell.export.objects import ObjectsFiles, write_objects_folder
    from batterycell.objects import measure_objects

    result = measure_objects(labels, asked, progress.part(0.0, 0.7))
    files = ObjectsFiles(call.format, edits=asked.edits)
    summary = write_objects_folder(result, folder, call.sources, files, progress.part(0.7, 1.0))
    if asked.scratch is not None:
        shutil.rmtree(asked.scratch, ignore_errors=True)
    return summary


def _engine(
    call: ObjectsCall, labels: LabelVolume, scratch: Path | None, out: Path
) -> AbstractContextManager[Engine | None]:
    """Who finds the objects; None for this process in one go."""
    kept = run_folder(out, call.fresh)
    return nullcontext() if scratch is None else kept_engine(call.cluster, call.file.opened(labels), kept, scratch)


def _asked(call: ObjectsCall, labels: LabelVolume, edits: list[dict[str, Any]], folder: Path) -> Asked:
    from batterycell.objects import Asked

    images = {path.name.split(".")[0]: _image(path, labels, call) for path in call.images}
    unsure = _image(call.uncertainty, labels, call) if call.uncertainty else None
    return Asked(call.recipe, images, edits, unsure, _scratch(call, labels, folder))


def describe(result: dict[str, Any]) -> str:
    """The quantities as a table, and where everything is."""
    from batterycell.told import rounded

    from .display import text_table

    found = result["quantities"].items()
    rows = [(name, rounded(one["value"], one["uncertainty"]), one["units"]) for name, one in found]
    return "\n".join([text_table(("quantity", "value ± 95 %", "unit"), rows), f"Folder: {result['folder']}"])


def _scratch(call: ObjectsCall, labels: LabelVolume, folder: Path) -> Path | None:
    """Where objects are kept, until they are written, that workers share, or that do not fit memory; None for it."""
    from batterycell.io.memory import preview_limit

    is_large = INSTANCE_BYTES * labels.source.voxels > preview_limit()
    return folder / "instances.packed" if is_large or call.cluster else None


def _image(path: Path, labels: LabelVolume, call: ObjectsCall) -> SlabSource:
    from batterycell.io.label_stored import open_on_grid, says_place

    return open_on_grid(path, labels.grid, labels.shape, call.reading, says_place(call.labels))
