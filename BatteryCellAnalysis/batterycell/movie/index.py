"""When and at which photon energy each frame was taken, and how frames make points in time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

Floats = NDArray[np.float64]
# Two energies of a scan are the same within this; monochromators come back to a few hundredths.
SAME_EV = 0.04


@dataclass(frozen=True)
class FrameIndex:
    """Times and energies of frames.

    Args:
        times_s: Time of each frame since the first in s, shape (n,); None where nobody says them.
        energies_ev: Photon energy of each frame in eV, shape (n,); None where nobody says them.
        times_source: Where the times came from, for provenance.
        energies_source: Where the energies came from.
    """

    times_s: Floats | None = None
    energies_ev: Floats | None = None
    times_source: str = "not stated"
    energies_source: str = "not stated"

    def or_else(self, other: FrameIndex) -> FrameIndex:
        """This index, with what it does not say from another."""
        found = self
        if found.times_s is None:
            found = replace(found, times_s=other.times_s, times_source=other.times_source)
        if found.energies_ev is None:
            found = replace(found, energies_ev=other.energies_ev, energies_source=other.energies_source)
        return found


@dataclass(frozen=True)
class Points:
    """Frames as points in time, each with the same energies.

    Args:
        frames: Number of the frame of each point and energy, shape (points, energies).
        times_s: Middle of each point's frames in s, shape (points,); NaN where nobody says the times.
        energies_ev: Rising, shape (energies,); NaN for a movie at one energy that nobody says.
        left_out: How many frames at the end make no complete point.
    """

    frames: NDArray[np.int64]
    times_s: Floats
    energies_ev: Floats
    left_out: int = 0


def check_index(index: FrameIndex, frames: int, name: str) -> FrameIndex:
    """Refuse times and energies that cannot be those of the frames.

    Raises:
        InputError: if there are not as many as frames, or one is no number, or times fall.
    """
    for words, values, option in (
        ("times", index.times_s, "--times"),
        ("energies", index.energies_ev, "--energies"),
    ):
        if values is not None and len(values) != frames:
            message = f"{name} has {frames} frames, but there are {len(values)} {words}."
            raise InputError(f"movie-{words}-count", message, f"Give one for each frame ({option}).")
        if values is not None and not np.isfinite(values).all():
            raise InputError(f"movie-{words}", f"A value among the {words} of {name} is no number.", f"See {option}.")
    if index.times_s is not None and (np.diff(index.times_s) < 0).any():
        raise InputError("movie-times", f"The times of {name} go back.", "Give them in s, in the order of the frames.")
    if index.energies_ev is not None and (index.energies_ev <= 0).any():
        raise InputError("movie-energies", f"An energy of {name} is not positive.", "Give photon energies in eV.")
    return index


def find_points(index: FrameIndex, frames: int, name: str) -> Points:
    """Group frames into points in time: a new one begins where an energy comes again.

    Raises:
        InputError: if points have different energies.
    """
    if index.energies_ev is None:
        return Points(np.arange(frames)[:, None], _times(index, np.arange(frames)[:, None]), np.full(1, np.nan))
    groups = _groups(index.energies_ev)
    first = np.sort(index.energies_ev[groups[0]])
    left_out = 0
    if len(groups) > 1 and len(groups[-1]) < len(first):
        left_out = len(groups.pop())
    rows = [group[np.argsort(index.energies_ev[group])] for group in groups]
    for number, row in enumerate(rows):
        energies = index.energies_ev[row]
        if len(row) != len(first) or np.abs(energies - first).max() > SAME_EV:
            raise _uneven(name, number, energies, first)
    found = np.stack(rows)
    return Points(found, _times(index, found), first, left_out)


def _groups(energies: Floats) -> list[NDArray[np.int64]]:
    groups: list[list[int]] = [[]]
    for number, energy in enumerate(energies):
        if any(abs(energies[other] - energy) <= SAME_EV for other in groups[-1]):
            groups.append([])
        groups[-1].append(number)
    return [np.array(group, np.int64) for group in groups]


def _times(index: FrameIndex, frames: NDArray[np.int64]) -> Floats:
    if index.times_s is None:
        return np.full(len(frames), np.nan)
    return np.asarray(index.times_s[frames].mean(axis=1))


def _uneven(name: str, number: int, energies: Floats, first: Floats) -> InputError:
    seen, wanted = (", ".join(f"{value:g}" for value in values[:6]) for values in (energies, first))
    message = f"Point {number + 1} in time of {name} has the energies {seen} eV, the first one {wanted} eV."
    return InputError(
        "movie-points", message, "Every point in time needs the same energies; leave out what is cut off."
    )
