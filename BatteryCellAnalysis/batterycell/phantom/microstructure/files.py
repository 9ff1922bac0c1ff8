"""Write generated electrodes as folders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.io.save_tiff import write_tiff
from batterycell.segment import Frame
from batterycell.segment.data.class_files import CLASSES_FILE, write_classes
from batterycell.segment.data.folders import IMAGES_FOLDER, LABELS_FOLDER
from batterycell.segment.data.frame_files import FRAMES_FILE, write_frames
from batterycell.segment.data.project_file import PROJECT_FILE, Stated, write_stated
from batterycell.tables import Column, Table, write_csv
from batterycell.volume import Volume

from .factory import Micrograph
from .presets import Look
from .series import Part
from .structure import Phase
from .truth import PARTICLE_COLUMNS, join, summarise_fragments

TEST_FOLDER, INSTANCES_FOLDER = "test", "instances"
WriteVolume = Callable[[Volume, Path], None]
_IMAGE = Column("image", "Image", "", "The image's name.")
_PART = Column("part", "Part", "", "What the image is for: training, validation or test.")


@dataclass(frozen=True)
class Member:
    """What stays in memory of a written image: its name, what it is for, its whole frame, its truth."""

    name: str
    part: Part
    frame: Frame
    particles: Table
    fractions: dict[str, float]


def write_series(
    look: Look, made: Iterable[Micrograph], parts: Sequence[Part], folder: Path, seed: int
) -> dict[str, Any]:
    """Write a project to train on, the images to test with in ``test/``, and the truth, into an existing folder.

    Args:
        look: What is generated.
        made: The images; each is written before the next is made.
        parts: What each is for.
        folder: Where to.
        seed: The seed they are generated from.

    Returns:
        What stands in phantom.json.
    """
    members: list[Member] = []
    for one, part in zip(made, parts, strict=True):
        _write_image(one, _place(folder, part))
        frame = Frame.of_slice(one.grey.name, one.grey.name, one.grey, 0)
        members.append(Member(one.grey.name, part, frame, one.particles, one.fractions))
    for place in {_place(folder, part) for part in parts}:
        _write_project([one for one in members if _place(folder, one.part) == place], one, place)
    rows = join([member.particles for member in members])
    write_csv(rows, folder / "particles.csv")
    write_csv(_list_fractions(members), folder / "fractions.csv")
    mean = {name: float(np.mean([member.fractions[name] for member in members])) for name in one.fractions}
    truth = {"particles": len(rows), "fractions": mean, "fragmentation": summarise_fragments(rows)}
    said = {**describe(look, one, seed), "images": len(members), **truth}
    _write_json(said, folder / "phantom.json")
    return said


def write_one(look: Look, made: Micrograph, folder: Path, write_volume: WriteVolume, seed: int) -> dict[str, Any]:
    """Write grey, labels, instances and cracks (.nrrd), particles.csv and phantom.json into an existing folder.

    Args:
        look: What was generated.
        made: The volume.
        folder: Where to.
        write_volume: Writes one volume to one file; handed in because formats belong to a later stage.
        seed: The seed it was generated from.

    Returns:
        What stands in phantom.json.
    """
    volumes = {"grey": made.grey, "labels": made.labels, "instances": made.instances, "cracks": made.cracks}
    for name, volume in volumes.items():
        write_volume(volume, folder / f"{name}.nrrd")
    write_csv(made.particles, folder / "particles.csv")
    truth = {"fractions": made.fractions, "fragmentation": summarise_fragments(made.particles)}
    said = {**describe(look, made, seed), "particles": len(made.particles), **truth}
    _write_json(said, folder / "phantom.json")
    return said


def describe(look: Look, made: Micrograph, seed: int) -> dict[str, Any]:
    """Everything that an image was made from, ready for JSON."""
    structure, microscope = look
    return {
        "seed": seed,
        "kind": "Microstructure",
        "structure": asdict(structure),
        "microscope": asdict(microscope),
        "voxel_size_um": list(made.grey.voxel_size_um),
        "shape": list(made.grey.array.shape),
        "classes": [asdict(one) for one in made.classes],
        "labels": {phase.name.lower(): int(phase) for phase in list(Phase)[: structure.phases]},
        "truth_columns": [asdict(column) for column in PARTICLE_COLUMNS],
    }


def _place(folder: Path, part: Part) -> Path:
    return folder / TEST_FOLDER if part == "test" else folder


def _write_image(one: Micrograph, folder: Path) -> None:
    """Pictures that any program opens."""
    volumes = {IMAGES_FOLDER: one.grey, LABELS_FOLDER: one.labels, INSTANCES_FOLDER: one.instances}
    for kind, volume in volumes.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        write_tiff(volume, folder / kind / f"{one.grey.name}.tif")


def _write_project(members: Sequence[Member], like: Micrograph, folder: Path) -> None:
    """What makes a project of a folder of pictures; every image that trains or validates is a frame."""
    write_classes(folder / CLASSES_FILE, like.classes)
    names = {member.name: member.name for member in members}
    write_stated(folder / PROJECT_FILE, Stated(like.grey.voxel_size_um, names=names))
    frames = [replace(one.frame, role=one.part, full=True) for one in members if one.part != "test"]
    if frames:
        write_frames(folder / FRAMES_FILE, frames)


def _list_fractions(members: Sequence[Member]) -> Table:
    description = "Exact part of the image that it takes."
    names = list(members[0].fractions)
    phases = [Column(name, name.replace("_", " ").capitalize(), "", description) for name in names]
    values = {name: np.array([member.fractions[name] for member in members]) for name in names}
    images, parts = (np.array([getattr(member, key) for member in members]) for key in ("name", "part"))
    return Table((_IMAGE, _PART, *phases), {"image": images, "part": parts, **values})


def _write_json(values: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
