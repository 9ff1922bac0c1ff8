"""Spectra from text: end members, and the beam's intensity over energy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EndMember:
    """The spectrum of a pure phase.

    Args:
        name: What people call it.
        energies_ev: Rising, shape (n,).
        density: Its optical density, of the same amount of metal as of the other end members, shape (n,).
    """

    name: str
    energies_ev: Floats
    density: Floats

    def at(self, energies_ev: Floats) -> Floats:
        """Its optical density at other energies, linearly interpolated.

        Raises:
            InputError: if it does not reach so far.
        """
        low, high = self.energies_ev[0] - 0.5, self.energies_ev[-1] + 0.5
        if energies_ev.min() < low or energies_ev.max() > high:
            message = f"The spectrum of {self.name} reaches from {low + 0.5:g} to {high - 0.5:g} eV only."
            raise InputError("spectrum-range", message, "Give it over all energies of the movie, in eV.")
        return np.asarray(np.interp(energies_ev, self.energies_ev, self.density))


def read_end_member(name: str, path: Path) -> EndMember:
    """Read an end member.

    Raises:
        InputError: if it cannot be read.
    """
    return EndMember(name, *read_spectrum(path))


def read_spectrum(path: Path) -> tuple[Floats, Floats]:
    """Energies in eV, rising, and values from the first two columns of a text or CSV file; other lines are left out.

    Raises:
        InputError: if there are fewer than two lines of two numbers, or one is no number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(
            "spectrum-unreadable", f"{path} cannot be read: {error.strerror}.", "Check the path."
        ) from error
    rows = [row for row in map(_row, text.splitlines()) if row is not None]
    if len(rows) < 2:
        hint = "It needs two columns, energy in eV and value."
        raise InputError("spectrum-unreadable", f"{path} holds no spectrum.", hint)
    energies, values = np.array(sorted(rows)).T
    if (np.diff(energies) <= 0).any() or not np.isfinite(values).all():
        message = f"{path}: an energy comes twice, or a value is no number."
        raise InputError("spectrum-unreadable", message, "Give each energy once.")
    return energies, values


def _row(line: str) -> tuple[float, float] | None:
    words = line.replace(",", " ").replace(";", " ").split()
    try:
        return float(words[0]), float(words[1])
    except (ValueError, IndexError):
        return None
