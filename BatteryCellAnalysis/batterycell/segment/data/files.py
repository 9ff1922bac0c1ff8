"""A dataset on disk: what the desktop hands to the worker. Plain arrays and JSON, nothing that could be code."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.output import replace_file
from batterycell.segment.classes import SegmentClass
from batterycell.segment.division import KEY as DIVISIONS
from batterycell.segment.division import describe_divisions, read_divisions
from batterycell.segment.image import Levels
from batterycell.segment.samples import Dataset, Sample

ARRAYS_FILE = "dataset.npz"
JSON_FILE = "dataset.json"
_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, zipfile.BadZipFile)


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """Write a dataset into a folder, replacing an older one.

    Raises:
        OutputError: if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays, samples = _pack(dataset)
    values = {
        "classes": [asdict(one) for one in dataset.classes],
        "channel_names": dataset.channel_names,
        "samples": samples,
        DIVISIONS: describe_divisions(dataset.divisions),
    }
    replace_file(folder / ARRAYS_FILE, lambda path: _write_arrays(path, arrays))
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    replace_file(folder / JSON_FILE, lambda path: _write_text(path, text))


def read_dataset(folder: Path) -> Dataset:
    """Read what `write_dataset` wrote.

    Raises:
        InputError: if it is missing or damaged.
    """
    try:
        values = json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            samples = tuple(_unpack(values["samples"], arrays))
        classes = tuple(SegmentClass(**one) for one in values["classes"])
        return Dataset(classes, samples, tuple(values["channel_names"]), read_divisions(values.get(DIVISIONS)))
    except _DAMAGE as error:
        message = f"{folder} holds no dataset that can be read: {error}."
        raise InputError("dataset-unreadable", message, "Start the training again.") from error


def _write_arrays(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, allow_pickle=False, **arrays)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _pack(dataset: Dataset) -> tuple[dict[str, NDArray[Any]], list[dict[str, Any]]]:
    """Arrays by name and the rest; the two halves of a mixed sample share one image."""
    arrays: dict[str, NDArray[Any]] = {}
    names: dict[int, str] = {}
    samples = []
    for n, sample in enumerate(dataset.samples):
        image = names.setdefault(id(sample.image), f"image{n}")
        arrays |= {image: sample.image, f"labels{n}": sample.labels}
        samples.append({"image": image, "labels": f"labels{n}", **_describe(sample)})
    return arrays, samples


def _describe(sample: Sample) -> dict[str, Any]:
    return {
        "name": sample.name,
        "source": sample.source,
        "levels": [asdict(levels) for levels in sample.levels],
        "voxel_size_um": sample.voxel_size_um,
        "role": sample.role,
        "margin": sample.margin,
        "quantiles": sample.quantiles,
    }


def _unpack(samples: list[dict[str, Any]], arrays: Any) -> Iterator[Sample]:
    images: dict[str, NDArray[Any]] = {}
    for values in samples:
        name = values["image"]
        if name not in images:
            images[name] = arrays[name]
        levels = tuple(Levels(**one) for one in values["levels"])
        labels, size = arrays[values["labels"]], tuple(values["voxel_size_um"])
        rest = {key: values[key] for key in ("name", "source", "role", "margin")}
        rest["quantiles"] = tuple(tuple(row) for row in values.get("quantiles", ()))
        yield Sample(image=images[name], labels=labels, levels=levels, voxel_size_um=size, **rest)
