"""Projects written to disk, as Slicer and people can open them without this program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from batterycell.file_names import file_stem, untaken
from batterycell.io.medical import write_oriented
from batterycell.io.segments import Segment, write_segments
from batterycell.output import result_folder
from batterycell.segment.classes import SegmentClass
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image
from batterycell.volume import Volume

from .class_files import CLASSES_FILE, write_classes
from .folders import IMAGES_FOLDER, LABELS_FOLDER
from .frame_files import FRAMES_FILE, write_frames
from .project_file import PROJECT_FILE, Stated, write_stated


def write_project(
    folder: Path,
    images: Sequence[Image],
    labels: Mapping[str, Volume],
    frames: Sequence[Frame],
    classes: Sequence[SegmentClass],
) -> None:
    """Write a project folder that `read_project` reads; an older one is replaced when the new one is complete.

    Args:
        folder: The folder to be.
        images: Images with unique names.
        labels: Labels by image's name (0 unknown, n + 1 for class n), written as segmentations.
        frames: Frames in them.
        classes: The classes in order.

    Raises:
        OutputError: if it cannot be written, or the folder holds anything else.
    """
    stems = _stems(image.name for image in images)
    with result_folder(folder, overwrite=True) as out:
        for image in images:
            _write_image(image, stems[image.name], out / IMAGES_FOLDER)
        (out / LABELS_FOLDER).mkdir()
        segments = [Segment(one.name, one.color, n + 1) for n, one in enumerate(classes)]
        for name, volume in labels.items():
            write_segments(volume, segments, out / LABELS_FOLDER / f"{stems[name]}.seg.nrrd")
        write_frames(out / FRAMES_FILE, frames)
        write_classes(out / CLASSES_FILE, classes)
        sizes = {stems[image.name]: image.voxel_size_um for image in images}
        write_stated(out / PROJECT_FILE, Stated(None, sizes, {stem: name for name, stem in stems.items()}))


def _stems(names: Iterable[str]) -> dict[str, str]:
    """A file name for each image, without suffix, that every file system takes."""
    stems: dict[str, str] = {}
    for name in names:
        stems[name] = untaken(_without_dots(name), {stem.lower() for stem in stems.values()})
    return stems


def _without_dots(name: str) -> str:
    """What stands behind a dot would be taken for a kind of file."""
    return file_stem(name).replace(".", "-")


def _write_image(image: Image, stem: str, folder: Path) -> None:
    for name, volume in zip(image.channel_names, image.channels, strict=True):
        place = folder if len(image.channels) == 1 else folder / file_stem(name)
        place.mkdir(parents=True, exist_ok=True)
        write_oriented(volume, place / f"{stem}.nrrd", compress=False)
