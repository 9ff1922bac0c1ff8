"""What the list of frames shows of each frame."""

from dataclasses import dataclass
from typing import Any

from batterycell.mrml.cell import volume_node_of, volume_of
from batterycell.mrml.wizard.frame_contents import FrameContents, place_text
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
        painted: Painted part, 0..1; None while that is not known yet.
        classes: Places of its painted classes in the order.
        problem: What is wrong with it.
    """

    id: str
    name: str
    image: str
    place: str
    role: str
    full: bool
    painted: float | None = None
    classes: tuple[int, ...] = ()
    problem: str = ""


def rowOf(roi: Any, contents: FrameContents | None) -> FrameRow:
    """The row of a frame; without what is painted in it where that is not known yet."""
    frame = frame_of(roi)
    place = place_text(frame, volume_of(volume_node_of(roi)))
    row = (roi.GetID(), frame.name, frame.image, place, frame.role, frame.full)
    if contents is None:
        return FrameRow(*row)
    return FrameRow(*row, contents.painted, contents.classes, contents.problem)
