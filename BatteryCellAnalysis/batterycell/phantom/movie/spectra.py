"""Spectra of the iron L edge as of FePO4 and LiFePO4, drawn from a few peaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Height, place in eV and width in eV of each peak: main and side peak of L3, and L2.
_FEPO4 = ((0.62, 708.1, 0.45), (1.05, 709.75, 0.75), (0.2, 721.4, 1.0), (0.25, 723.2, 1.2))
_LIFEPO4 = ((0.95, 708.0, 0.7), (0.42, 709.9, 0.9), (0.25, 720.8, 1.2), (0.15, 722.6, 1.2))
# What lithium, phosphorus and oxygen absorb, before the edge, too.
_BASE = 0.2
_STEP, _L3, _L2 = 0.15, 710.5, 723.5


def iron_l_edge(energies_ev: Floats) -> tuple[Floats, Floats]:
    """Optical density of FePO4 and of LiFePO4 of equal amounts, each shape (n,).

    Gaussian peaks on a step at either edge (Stöhr, NEXAFS Spectroscopy, 1992, 7.2).
    """
    energies = np.asarray(energies_ev, float)
    return _spectrum(energies, _FEPO4), _spectrum(energies, _LIFEPO4)


def _spectrum(energies: Floats, peaks: tuple[tuple[float, float, float], ...]) -> Floats:
    steps = sum(_STEP * share * _rise(energies - edge) for share, edge in ((1.0, _L3), (0.5, _L2)))
    return np.asarray(_BASE + steps + sum(h * np.exp(-(((energies - e) / w) ** 2) / 2) for h, e, w in peaks))


def _rise(distance_ev: Floats) -> Floats:
    return np.asarray(0.5 + np.arctan(distance_ev / 0.6) / np.pi)
