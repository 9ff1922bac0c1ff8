"""What a project holds: classes, images, what was painted on them, and the frames that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from batterycell.errors import InputError
from batterycell.segment.classes import SegmentClass
from batterycell.segment.frames import Frame
from batterycell.segment.image import Image
from batterycell.volume import Volume


@dataclass(frozen=True)
class Project:
    """Images with their labels and frames.

    Args:
        classes: The classes in order.
        images: The images; their names are unique.
        labels: Labels (0 unknown, n + 1 for class n) by image's name, on any grid in that image's RAS; images that
            nobody painted on are absent.
        frames: Where images are learned from or looked at.
    """

    classes: tuple[SegmentClass, ...]
    images: tuple[Image, ...]
    labels: Mapping[str, Volume] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()

    def image(self, name: str) -> Image:
        """The image with a name.

        Raises:
            InputError: if there is none.
        """
        found = next((image for image in self.images if image.name == name), None)
        if found is None:
            known = ", ".join(image.name for image in self.images)
            raise InputError("image-unknown", f"The project has no image {name!r}.", f"Its images are {known}.")
        return found
