"""What a person can say about a movie that does not say it itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class MovieOptions:
    """What the user says about the movie; it wins over what the file says.

    Args:
        pixel_um: Height and width of a pixel in µm.
        times: Times of the frames: a file, or the interval between frames in s as a number; "" for what the file says.
        energies: Energies of the frames: a file, or numbers in eV with commas; as many as frames, or those of one point
            in time over and over; "" for what the file says.
        index: A CSV or JSON file with times and energies of the frames; None for one beside the movie.
        dataset: Path of the frames inside an HDF5 file; "" for the one that is there.
    """

    pixel_um: tuple[float, float] | None = None
    times: str = ""
    energies: str = ""
    index: Path | None = None
    dataset: str = ""

    def to_json(self) -> dict[str, Any]:
        """What was said, in JSON's types."""
        return {**asdict(self), "index": None if self.index is None else str(self.index)}
