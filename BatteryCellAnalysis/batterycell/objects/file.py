"""A file of labels, and how it is to be read: what another process needs to open it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batterycell.io import LoadOptions
from batterycell.io.label_classes import parse_classes
from batterycell.io.labels import LabelVolume, open_labels
from batterycell.io.labels_numbered import open_numbered
from batterycell.progress import Progress


@dataclass(frozen=True)
class LabelFile:
    """A file of labels.

    Args:
        path: The file or folder.
        reading: How it is read.
        classes: What its values mean, as in `ObjectsRecipe`.
        numbered: Whether every value is an object.
    """

    path: Path
    reading: LoadOptions = field(default_factory=LoadOptions)
    classes: str = ""
    numbered: bool = False

    def open(self, progress: Progress) -> LabelVolume:
        """Open it.

        Raises:
            InputError: if it cannot be read, holds no labels, or nobody says how large its voxels are.
        """
        if self.numbered:
            return open_numbered(self.path, self.reading, self.classes, progress)
        stated = parse_classes(self.classes) if self.classes else ()
        return open_labels(self.path, self.reading, stated, progress)

    def to_json(self) -> dict[str, Any]:
        """The same in JSON's types."""
        reading = self.reading.to_json()
        return {"path": str(self.path), "reading": reading, "classes": self.classes, "numbered": self.numbered}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> LabelFile:
        """What `to_json` gave."""
        reading = LoadOptions.from_json(values["reading"])
        return cls(Path(values["path"]), reading, values["classes"], values["numbered"])
