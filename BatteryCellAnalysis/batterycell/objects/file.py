"""A file of labels, and how it is to be read: what another process needs to open it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from batterycell.io import LoadOptions
from batterycell.io.label_classes import LabelClass, parse_classes
from batterycell.io.label_stored import open_stored
from batterycell.io.label_values import table_of, whole_numbers
from batterycell.io.labels import LabelVolume, open_labels, stem
from batterycell.io.labels_numbered import open_numbered
from batterycell.progress import Progress
from batterycell.slabs import SlabSource


@dataclass(frozen=True)
class LabelFile:
    """A file of labels.

    Args:
        path: The file or folder.
        reading: How it is read.
        classes: What its values mean, as in `ObjectsRecipe`.
        numbered: Whether every value is an object.
        known: Its classes, where it was opened before: all of its values need not be read to know them.
    """

    path: Path
    reading: LoadOptions = field(default_factory=LoadOptions)
    classes: str = ""
    numbered: bool = False
    known: tuple[LabelClass, ...] = ()

    def open(self, progress: Progress) -> LabelVolume:
        """Open it.

        Raises:
            InputError: if it cannot be read, holds no labels, or nobody says how large its voxels are.
        """
        if self.numbered:
            return open_numbered(self.path, self.reading, self.classes, progress)
        if self.known:
            return self._open_again()
        stated = parse_classes(self.classes) if self.classes else ()
        return open_labels(self.path, self.reading, stated, progress)

    def opened(self, labels: LabelVolume) -> LabelFile:
        """The same with what is known once it was opened."""
        return replace(self, known=labels.classes)

    def to_json(self) -> dict[str, Any]:
        """The same in JSON's types."""
        return {
            "path": str(self.path),
            "reading": self.reading.to_json(),
            "classes": self.classes,
            "numbered": self.numbered,
            "known": [asdict(one) for one in self.known],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> LabelFile:
        """What `to_json` gave."""
        reading, known = LoadOptions.from_json(values["reading"]), (LabelClass(**one) for one in values["known"])
        return cls(Path(values["path"]), reading, values["classes"], values["numbered"], tuple(known))

    def _open_again(self) -> LabelVolume:
        stored, table = open_stored(self.path, self.reading, Progress()), table_of(self.known)
        read, place = stored.source.read, stored.place
        source = SlabSource(
            stored.source.shape, table.dtype, lambda start, stop: table[whole_numbers(read(start, stop), self.path)]
        )
        return LabelVolume(source, place.ijk_to_ras, place.voxel_size_source, stem(self.path), self.known)
