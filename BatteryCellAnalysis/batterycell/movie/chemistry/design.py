"""What spectra are fitted with: end members and background at the movie's energies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.load.spectra import EndMember
from batterycell.movie.settings import Background, ChemistrySettings

Floats = NDArray[np.float64]
MOST_MEMBERS = 6
# Beyond the first, noise is amplified so that it should be told; beyond the second nothing is left of a fraction.
_POOR, _HOPELESS = 30.0, 1000.0
_EDGE_SHARE, _SPAN_EV, _UNEQUAL = 0.05, 15.0, 0.05


@dataclass(frozen=True)
class Design:
    """The columns of the fit.

    Args:
        names: Of the end members.
        lithium: Lithium per metal of each; NaN of one without metal, shape (members,).
        columns: Optical density of end members, then background, shape (energies, columns).
        condition: Condition number of the columns, each scaled to length 1.
        background: What was taken as background.
        notes: What must be told.
    """

    names: tuple[str, ...]
    lithium: Floats
    columns: Floats
    condition: float
    background: Background
    notes: tuple[str, ...] = ()

    @property
    def members(self) -> int:
        """Number of end members."""
        return len(self.names)

    @property
    def freedom(self) -> int:
        """Energies beyond those that the fit needs."""
        return len(self.columns) - int(self.columns.shape[1])

    @property
    def metal(self) -> NDArray[np.bool_]:
        """Which end members hold the metal."""
        return np.isfinite(self.lithium)


def make_design(members: Sequence[EndMember], energies_ev: Floats, settings: ChemistrySettings) -> Design:
    """The columns of the fit at some energies.

    Args:
        members: The end members, in the order of ``settings.lithium``.
        energies_ev: Rising, shape (energies,).
        settings: Background and scaling.

    Raises:
        InputError: if energies are unknown or too few, or the end members cannot be told apart at them.
    """
    _check(members, energies_ev, settings)
    spectra = np.stack([member.at(energies_ev) / _scale(member, settings.edge_jump) for member in members], axis=1)
    background = _background(settings.background, len(energies_ev), len(members))
    span = max(float(np.ptp(energies_ev)), 1e-9)
    lines = np.stack([np.ones(len(energies_ev)), (energies_ev - energies_ev.mean()) / span], axis=1)
    columns = np.hstack([spectra, lines[:, : {"none": 0, "constant": 1}.get(background, 2)]])
    if len(columns) < columns.shape[1]:
        raise _too_few(len(columns), columns.shape[1], background)
    condition = float(np.linalg.cond(columns / (np.linalg.norm(columns, axis=0) + 1e-12)))
    _check_condition(condition, members)
    lithium = np.array([np.nan if value is None else value for value in settings.lithium], float)
    names = tuple(member.name for member in members)
    return Design(names, lithium, columns, condition, background, tuple(_notes(condition, members, settings)))


def _too_few(energies: int, parts: int, background: Background) -> InputError:
    count = "1 energy" if energies == 1 else f"{energies} energies"
    if background == "none":
        message = f"{count} cannot tell {parts} end members apart."
        return InputError("chemistry-energies", message, "Take as many energies as end members, or more.")
    message = f"{count} cannot tell {parts} parts (end members and background) apart."
    return InputError("chemistry-energies", message, "Take more energies, or --background none.")


def _check(members: Sequence[EndMember], energies: Floats, settings: ChemistrySettings) -> None:
    if not np.isfinite(energies).all():
        hint = "Give them in eV (--energies, or a side file)."
        raise InputError("movie-energies-unknown", "The energies of the movie are not stated.", hint)
    if len(members) != len(settings.lithium) or not 2 <= len(members) <= MOST_MEMBERS:
        message = f"There are {len(members)} end members and {len(settings.lithium)} values of lithium."
        raise InputError("chemistry-members", message, f"Give two to {MOST_MEMBERS} end members, each with its value.")


def _check_condition(condition: float, members: Sequence[EndMember]) -> None:
    if condition > _HOPELESS:
        names = " and ".join(member.name for member in members)
        message = f"{names} are nearly parallel at the movie's energies: condition number {condition:.3g}."
        raise InputError("chemistry-parallel", message, "Take energies at which they differ.")


def _background(wanted: Background, energies: int, members: int) -> Background:
    if wanted != "auto":
        return wanted
    return "linear" if energies >= members + 4 else "constant" if energies >= members + 2 else "none"


def edge_jump(member: EndMember) -> float:
    """Absorption behind the edge less that before it: means over a twentieth of the energies at either end."""
    count = max(1, round(_EDGE_SHARE * len(member.density)))
    return float(member.density[-count:].mean() - member.density[:count].mean())


def _scale(member: EndMember, by_jump: bool) -> float:
    if not by_jump:
        return 1.0
    jump = edge_jump(member)
    if jump <= 0.02 * float(np.abs(member.density).max()):
        message = f"The spectrum of {member.name} shows no absorption behind the edge."
        raise InputError(
            "chemistry-edge", message, "Leave out --edge-jump, or give spectra that reach beyond the edge."
        )
    return jump


def _notes(condition: float, members: Sequence[EndMember], settings: ChemistrySettings) -> list[str]:
    notes = []
    if condition > _POOR:
        notes.append(
            f"The end members are nearly parallel at these energies (condition number {condition:.3g}): σ is large."
        )
    whole = all(np.ptp(member.energies_ev) >= _SPAN_EV for member in members)
    jumps = np.array([edge_jump(member) for member in members])
    if whole and not settings.edge_jump and (jumps > 0).all() and np.ptp(jumps) > _UNEQUAL * jumps.mean():
        share = 100 * (jumps.max() / jumps.min() - 1)
        notes.append(
            f"Behind the edge the end members differ by {share:.0f} %: if they are not of equal amounts of metal, "
            "--edge-jump scales them."
        )
    return notes
