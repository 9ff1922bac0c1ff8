"""What the list of frames shows of each frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.mrml.wizard.frame_table import slice_words
from batterycell.mrml.wizard.frames import frame_of


@dataclass(frozen=True)
class FrameRow:
    """A row of the list.

    Args:
        id: Id of the frame's node.
        name: Its name.
        image: Its image's name.
        place: Where it lies, in few words.
        role: Its role.
        full: Whether every pixel of it is labelled.
        counts: Unpainted pixels, and painted ones of each class in order; None while they are not counted.
    """

    id: str
    name: str
    image: str
    place: str
    role: str
    full: bool
    counts: tuple[int, ...] | None = None

    @property
    def painted(self) -> float | None:
        """The painted part, 0..1; None while it is not known."""
        return None if self.counts is None else sum(self.counts[1:]) / max(1, sum(self.counts))

    @property
    def classes(self) -> tuple[int, ...]:
        """The places, in the order, of the classes painted in it."""
        return tuple(place for place, count in enumerate((self.counts or ())[1:]) if count)


def rowOf(roi: Any, counts: Sequence[int] | None) -> FrameRow:
    """The row of a frame."""
    frame = frame_of(roi)
    place = slice_words(frame, volume_of(volume_node_of(roi)))
    known = None if counts is None else tuple(counts)
    return FrameRow(roi.GetID(), frame.name, frame.image, place, frame.role, frame.full, known)
