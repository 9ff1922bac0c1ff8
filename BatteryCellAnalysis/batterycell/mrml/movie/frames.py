"""Frames of a movie in a scene, as the file holds them, with where their times and energies came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.movie.load.result import MapStack
from batterycell.mrml.batch import in_one_go
from batterycell.mrml.cell import INPUT

from .looks import FRAMES, Look, dress, look_of, value_range
from .sequences import add_browser, add_sequence, magnify_image

_FACTS, _KIND = "BatteryCell.MovieFacts", "BatteryCell.MovieFrames"


@dataclass(frozen=True)
class MovieFacts:
    """What is known of a movie.

    Args:
        name: Its name.
        frames: How many there are.
        shape: Rows and columns.
        points: Points in time; 0 where frames do not make any.
        energies_ev: Energies of a point in time; empty where nobody says them.
        seconds: First and last time; None where nobody says them.
        pixel_um: Height and width of a pixel; None where nobody says it.
        pixel_source: Where the size came from.
        times_source: Where the times came from.
        energies_source: Where the energies came from.
        every: Of so many frames one is shown, as memory is short; measured are all.
        notes: What must be told of reading it.
        lithium: Whether its images are lithium fractions, no frames.
    """

    name: str
    frames: int
    shape: tuple[int, int]
    points: int = 0
    energies_ev: tuple[float, ...] = ()
    seconds: tuple[float, float] | None = None
    pixel_um: tuple[float, float] | None = None
    pixel_source: str = "not stated"
    times_source: str = "not stated"
    energies_source: str = "not stated"
    every: int = 1
    notes: tuple[str, ...] = ()
    lithium: bool = False

    def to_json(self) -> dict[str, Any]:
        """In JSON's types."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> MovieFacts:
        """From what `to_json` gave, after it went to a file and came back."""
        found: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
        return cls(**found)


def add_frames(scene: Any, stack: MapStack, facts: MovieFacts, source: Path) -> Any:
    """Add a movie's frames to a scene, played in a browser.

    Returns:
        The new ``vtkMRMLSequenceNode``.
    """
    with in_one_go(scene):
        node = add_sequence(scene, stack, facts.name)
        browser = add_browser(scene, f"{facts.name} frames", [node])
        node.SetAttribute(INPUT, str(source))
        node.SetAttribute(_KIND, stack.name)
        node.SetAttribute(_FACTS, json.dumps(facts.to_json(), ensure_ascii=False))
        proxy = browser.GetProxyNode(node)
        look = look_of(stack.name)
        dress(proxy, look.label, look.colors, look.range or value_range(np.asarray(stack.values)))
        magnify_image(proxy)
        for one in (node, browser, proxy):
            one.SetUndoEnabled(False)
    return node


def facts_of(sequence: Any) -> MovieFacts | None:
    """What is known of a movie of `add_frames`; None of any other sequence."""
    text = sequence.GetAttribute(_FACTS) if sequence is not None else None
    return MovieFacts.from_json(json.loads(text)) if text else None


def look_of_frames(sequence: Any) -> Look:
    """How the frames of a movie look."""
    return look_of(sequence.GetAttribute(_KIND) or FRAMES)


def source_of_frames(sequence: Any) -> Path | None:
    """The file or folder that a sequence was loaded from, where it is still there and holds just that."""
    storage = sequence.GetStorageNode()
    stored = storage.GetFileName() if storage is not None and not sequence.GetModifiedSinceRead() else ""
    path = Path(sequence.GetAttribute(INPUT) or stored or "")
    return path if path.name and path.exists() else None
