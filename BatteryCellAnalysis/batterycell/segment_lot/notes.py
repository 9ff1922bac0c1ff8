"""Where the labels of a lot's images come from, and what is kept of an earlier run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import batterycell
from batterycell.output import replace_file
from batterycell.provenance import input_files, sha256
from batterycell.segment.apply.inputs import ImageFiles

from .settings import SegmentLot

if TYPE_CHECKING:
    from batterycell.segment.model.bundle import LoadedModel

PROVENANCE_FILE = "provenance.json"
Row = dict[str, Any]


def work_folder(out: Path, name: str) -> Path:
    """Where what is finished of an image is kept until its result is noted."""
    return out / f".{name}.segmenting"


def segment_recipe(model: LoadedModel, lot: SegmentLot) -> dict[str, Any]:
    """Model and settings, as they are noted."""
    info = model.info
    named = {"name": info.name, "version": info.version, "hash": model.hash, "folder": str(model.folder)}
    named |= {"onnx": model.portable_hash} if model.portable_hash else {}
    return {"model": named, "settings": lot.apply.to_json()}


def image_inputs(files: ImageFiles) -> list[Path]:
    """Every file that an image is read from."""
    return [path for channel in files.files for path in input_files(channel)]


def kept_row(files: ImageFiles, model: LoadedModel, lot: SegmentLot) -> dict[str, Any] | None:
    """The row of an earlier run of the same files, model and settings."""
    try:
        entry = _notes(lot.out)[files.name]
        same = (
            entry["batterycell_version"] == batterycell.__version__
            and entry["recipe"]["model"]["hash"] == model.hash
            and entry["recipe"]["model"].get("onnx", "") == model.portable_hash
            and entry["recipe"]["settings"] == json.loads(json.dumps(lot.apply.to_json()))
            and entry["reading"] == json.loads(json.dumps(lot.reading.to_json()))
            and all(
                Path(path).is_file() for path in (entry["result"]["labels"], entry["result"]["uncertainty"]) if path
            )
            and [one["sha256"] for one in entry["inputs"]] == [sha256(path) for path in image_inputs(files)]
        )
        return {**entry["result"], "status": "kept"} if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _notes(out: Path) -> dict[str, Any]:
    """Where the results in a folder come from, by image."""
    try:
        values = json.loads((out / PROVENANCE_FILE).read_text(encoding="utf-8"))["images"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return values if isinstance(values, dict) else {}


def note_result(out: Path, name: str, entry: Row | None) -> None:
    """Note where a result comes from, beside those that stand there; nothing where nothing was made.

    Only then goes what was kept of the work: who is killed before finds the result to be of this work, and notes it.
    """
    if entry is None:
        return
    text = json.dumps({"images": {**_notes(out), name: entry}}, indent=2, ensure_ascii=False) + "\n"

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    replace_file(out / PROVENANCE_FILE, write)
    shutil.rmtree(work_folder(out, name), ignore_errors=True)
