"""What is asked of X-ray movies: inputs, settings, and what is said beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batterycell.movie.load.lithium import LithiumOptions, lithium_files
from batterycell.movie.load.lithium_folder import is_lithium_folder
from batterycell.movie.load.options import MovieOptions
from batterycell.movie.recipe import MovieRecipe

if TYPE_CHECKING:
    from batterycell.provenance import Sources

_AS_SAID = MovieOptions()


@dataclass(frozen=True)
class Beside:
    """Files that are given beside a movie.

    Args:
        beam: The beam's intensity: two columns over energy, or flat fields.
        mask: Which pixels are particles.
        sigma: Standard uncertainty of given lithium fractions, a number or a file.
        members: End members: the name and the spectrum's file of each.
        voltages: Potential against lithium over time, a file of each movie in order; none where it is not stated.
        voltage_sigma_v: Standard uncertainty of these in V.
    """

    beam: Path | None = None
    mask: Path | None = None
    sigma: Path | float | None = None
    members: tuple[tuple[str, Path], ...] = ()
    voltages: tuple[Path, ...] = ()
    voltage_sigma_v: float = 0.005

    @property
    def files(self) -> list[Path]:
        """All of them."""
        given = (self.beam, self.mask, self.sigma, *(path for _, path in self.members), *self.voltages)
        return [one for one in given if isinstance(one, Path)]


_NOTHING = Beside()


@dataclass(frozen=True)
class MovieCall:
    """What was asked of a movie, or of several whose particles follow one law.

    Args:
        inputs: Movies of frames; for kinetics and law also folders and stacks of lithium fractions.
        recipe: The settings; its verb says how far the road goes.
        reading: What was said about the files.
        beside: Files beside them.
        command: The command line, for provenance.
        keep: Folder from which an interrupted search for the law goes on; None keeps nothing.
    """

    inputs: tuple[Path, ...]
    recipe: MovieRecipe
    reading: MovieOptions = _AS_SAID
    beside: Beside = _NOTHING
    command: str = ""
    keep: Path | None = None

    @property
    def step(self) -> str:
        """The verb's last word."""
        return self.recipe.verb.split()[-1]

    @property
    def sources(self) -> Sources:
        """Where its result comes from."""
        from batterycell.provenance import Sources

        files = [file for source in self.inputs for file in self._files(source)]
        unique = list(dict.fromkeys([*files, *self.beside.files]))
        return Sources(unique, self.command, reading=self.said)

    @property
    def said(self) -> dict[str, Any]:
        """What was said about the files, in JSON's types."""
        sigma = self.beside.sigma
        stated = {} if sigma is None or isinstance(sigma, Path) else {"sigma": sigma}
        volts = {"voltage_sigma_v": self.beside.voltage_sigma_v} if self.beside.voltages else {}
        return {**self.reading.to_json(), **stated, **volts}

    def holds_frames(self, source: Path) -> bool:
        """Whether an input holds frames, whose chemistry is still to be found."""
        return self.step in ("prepare", "chemistry") or bool(self.beside.members and not is_lithium_folder(source))

    def _files(self, source: Path) -> list[Path]:
        from batterycell.movie.load.files import movie_files

        index = [self.reading.index] if self.reading.index else []
        return [*movie_files(source), *index] if self.holds_frames(source) else lithium_files(source, self.lithium)

    @property
    def lithium(self) -> LithiumOptions:
        """How lithium fractions are read."""
        return LithiumOptions(self.reading, self.beside.sigma, self.beside.mask)
