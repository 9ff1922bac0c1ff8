"""Write generated electrodes as folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.io.save_tiff import write_tiff
from batterycell.segment.data.class_files import CLASSES_FILE, write_classes
from batterycell.segment.data.folders import IMAGES_FOLDER, LABELS_FOLDER
from batterycell.segment.data.frame_files import FRAMES_FILE, write_frames
from batterycell.segment.data.project_file import PROJECT_FILE, Stated, write_stated
from batterycell.tables import Column, Table, write_csv
from batterycell.volume import Volume

from .factory import Micrograph
from .presets import Look
from .series import Part, frames_of
from .structure import Phase
from .truth import PARTICLE_COLUMNS, join

TEST_FOLDER, INSTANCES_FOLDER = "test", "instances"
WriteVolume = Callable[[Volume, Path], None]
_IMAGE = Column("image", "Image", "", "The image's name.")
_PART = Column("part", "Part", "", "What the image is for: training, validation or test.")


def write_series(look: Look, made: Sequence[Micrograph], parts: Sequence[Part], folder: Path, seed: int) -> None:
    """Write a project to train on, the images to test with in ``test/``, and the truth, into an existing folder.

    Args:
        look: What was generated.
        made: The images.
        parts: What each is for.
        folder: Where to.
        seed: The seed they were generated from.
    """
    for place, wanted in ((folder, ("training", "validation")), (folder / TEST_FOLDER, ("test",))):
        chosen = [(one, part) for one, part in zip(made, parts, strict=True) if part in wanted]
        if chosen:
            images, their_parts = zip(*chosen, strict=True)
            _write_images(images, their_parts, place)
    write_csv(join([one.particles for one in made]), folder / "particles.csv")
    write_csv(_list_fractions(made, parts), folder / "fractions.csv")
    _write_json(describe(look, made, seed), folder / "phantom.json")


def write_one(look: Look, made: Micrograph, folder: Path, write_volume: WriteVolume, seed: int) -> None:
    """Write grey.nrrd, labels.nrrd, instances.nrrd, particles.csv and phantom.json into an existing folder.

    Args:
        look: What was generated.
        made: The volume.
        folder: Where to.
        write_volume: Writes one volume to one file; handed in because formats belong to a later stage.
        seed: The seed it was generated from.
    """
    for volume, name in ((made.grey, "grey"), (made.labels, "labels"), (made.instances, "instances")):
        write_volume(volume, folder / f"{name}.nrrd")
    write_csv(made.particles, folder / "particles.csv")
    _write_json(describe(look, [made], seed), folder / "phantom.json")


def describe(look: Look, made: Sequence[Micrograph], seed: int) -> dict[str, Any]:
    """Everything that images were made from, and their exact mean fractions, ready for JSON."""
    structure, microscope = look
    first = made[0]
    return {
        "seed": seed,
        "kind": "Microstructure",
        "structure": asdict(structure),
        "microscope": asdict(microscope),
        "voxel_size_um": list(first.grey.voxel_size_um),
        "shape": list(first.grey.array.shape),
        "images": len(made),
        "classes": [asdict(one) for one in first.classes],
        "labels": {phase.name.lower(): int(phase) for phase in list(Phase)[: structure.phases]},
        "fractions": mean_fractions(made),
        "truth_columns": [asdict(column) for column in PARTICLE_COLUMNS],
    }


def mean_fractions(made: Sequence[Micrograph]) -> dict[str, float]:
    """Exact part of each phase in all images together, which are of one size."""
    return {name: float(np.mean([one.fractions[name] for one in made])) for name in made[0].fractions}


def _write_images(made: Sequence[Micrograph], parts: Sequence[Part], folder: Path) -> None:
    """A project folder of pictures that any program opens; frames for what trains or validates."""
    for kind in (IMAGES_FOLDER, LABELS_FOLDER, INSTANCES_FOLDER):
        (folder / kind).mkdir(parents=True)
    for one in made:
        name = f"{one.grey.name}.tif"
        write_tiff(one.grey, folder / IMAGES_FOLDER / name)
        write_tiff(one.labels, folder / LABELS_FOLDER / name)
        write_tiff(one.instances, folder / INSTANCES_FOLDER / name)
    write_classes(folder / CLASSES_FILE, made[0].classes)
    write_stated(
        folder / PROJECT_FILE, Stated(made[0].grey.voxel_size_um, names={one.grey.name: one.grey.name for one in made})
    )
    if frames := frames_of(made, parts):
        write_frames(folder / FRAMES_FILE, frames)


def _list_fractions(made: Sequence[Micrograph], parts: Sequence[Part]) -> Table:
    phases = [
        Column(name, name.replace("_", " ").capitalize(), "", "Exact part of the image that it takes.")
        for name in made[0].fractions
    ]
    values = {name: np.array([one.fractions[name] for one in made]) for name in made[0].fractions}
    names = np.array([one.grey.name for one in made])
    return Table((_IMAGE, _PART, *phases), {"image": names, "part": np.array(parts), **values})


def _write_json(values: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
