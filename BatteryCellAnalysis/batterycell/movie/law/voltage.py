"""Stated voltages beside the potential of the lithium around that was found: e V = −μ_res and a constant.

Voltages are compared with the law, not learned from. The constant holds what movies never tell, the chemical potential
of metallic lithium against that of the mean over the visited range, and whatever drops always alike on the way.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.measured import K95

from .law import Law, LawMovie
from .told import MV_PER_KT

Floats = NDArray[np.float64]
TIME, VOLTAGE = "time_s", "voltage_v"
MOST_V = 20.0
# Share of 95 % intervals that must hold, with room for what few points scatter.
AGREES = 0.9
_KT_PER_V = 1e3 / MV_PER_KT
_DIFFER = (
    "more than their errors explain; a drop of voltage on the way (contacts, electrolyte), another f(η) or several "
    "particles that share the current would do so."
)
_HINT = "It needs a header row with time_s and voltage_V, times in s of the movie's clock, rising."


@dataclass(frozen=True)
class Compared:
    """Of one movie, what was found against what was stated.

    Args:
        stated_kt: −eV / kT and the constant that suits all movies best, shape (points,).
        difference_kt: μ_res minus that, NaN at turning points, where a voltage jumps, shape (particles, points).
        sigma_kt: Its standard uncertainty, same shape; NaN where that of μ_res is not known.
    """

    stated_kt: Floats
    difference_kt: Floats
    sigma_kt: Floats


def read_voltage(path: Path) -> tuple[Floats, Floats]:
    """Times in s and potentials of the electrode against lithium in V, each shape (n,).

    Raises:
        InputError: if the file holds none, times do not rise, or these are no volts.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [{str(name).strip().lower(): text for name, text in row.items()} for row in csv.DictReader(file)]
        times, volts = (np.array([float(row[name]) for row in rows]) for name in (TIME, VOLTAGE))
    except OSError as error:
        raise InputError("voltage", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except (KeyError, ValueError, TypeError) as error:
        raise InputError("voltage", f"{path} holds no voltages over time.", _HINT) from error
    if len(times) < 2 or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise InputError("voltage", f"The times of {path} do not rise.", _HINT)
    if not (np.abs(volts) <= MOST_V).all():
        raise InputError("voltage", f"{path} holds values that are no volts.", "Give V against lithium, not mV.")
    return times, volts


def with_voltages(law: Law, voltages: Sequence[tuple[Floats, Floats]], sigma_v: float) -> Law:
    """The law beside the stated voltages of its movies, on lines between their times.

    Args:
        law: What was learned.
        voltages: As of `read_voltage`, one a movie, in order.
        sigma_v: Their standard uncertainty in V, independent from point to point.
    """
    movies = tuple(
        replace(movie, voltage_v=np.interp(movie.times_s, times, volts, np.nan, np.nan))
        for movie, (times, volts) in zip(law.movies, voltages, strict=True)
    )
    return replace(law, movies=movies, voltage_sigma_v=sigma_v)


def compare(law: Law) -> tuple[Compared, ...]:
    """What was found against what was stated, one of each movie; none without voltages.

    One constant suits all points, so what is not known of μ_res holds no constant either.
    """
    if any(movie.voltage_v is None for movie in law.movies):
        return ()
    raw = [_raw(movie) for movie in law.movies]
    values = np.concatenate([one.ravel() for one in raw])
    known = np.isfinite(values)
    off = float(values[known].mean()) if known.any() else np.nan
    sigma = np.where(known, np.hypot(_deviation(law, known), _KT_PER_V * law.voltage_sigma_v), np.nan)
    parts = np.split(sigma, np.cumsum([one.size for one in raw])[:-1])
    return tuple(
        Compared(off - _KT_PER_V * _volts(movie), one - off, part.reshape(one.shape))
        for movie, one, part in zip(law.movies, raw, parts, strict=True)
    )


def agreement(law: Law) -> tuple[float, float, int]:
    """Root mean square of the differences in kT, the share within their 95 % intervals, the number of points compared.

    The share is NaN where nothing says how well μ_res is known.
    """
    found = compare(law)
    difference, sigma = (
        np.concatenate([getattr(one, name).ravel() for one in found]) if found else np.empty(0)
        for name in ("difference_kt", "sigma_kt")
    )
    known = np.isfinite(difference)
    if not known.any():
        return np.nan, np.nan, 0
    inside = np.abs(difference[known]) < K95 * sigma[known]
    share = float(inside.mean()) if np.isfinite(sigma[known]).all() else np.nan
    return float(np.sqrt(np.mean(difference[known] ** 2))), share, int(known.sum())


def told(law: Law) -> tuple[str, ...]:
    """How found and stated potentials agree, in one sentence; none without voltages."""
    rms, share, count = agreement(law)
    if not count:
        return ("No voltage lies at a point in time.",) if law.movies[0].voltage_v is not None else ()
    said = f"The potential of the lithium around differs from the stated voltages by {rms * MV_PER_KT:.1f} mV"
    said += f" (root mean square of {count} points, one constant taken off)"
    if np.isnan(share):
        return (f"{said}; uncertainties were not asked for, so nothing says whether that is much.",)
    said += f"; {share:.0%} of them lie within their 95 % intervals:"
    return (f"{said} they agree." if share >= AGREES else f"{said} {_DIFFER}",)


def _raw(movie: LawMovie) -> Floats:
    """μ_res + eV / kT, shape (particles, points); NaN at turning points."""
    mean = np.nanmean(np.where(movie.labels > 0, movie.fraction, np.nan), axis=(1, 2))
    steps = np.sign(np.diff(mean))
    turns = np.r_[False, steps[1:] != steps[:-1], False]
    return np.where(turns, np.nan, movie.reservoir_kt + _KT_PER_V * _volts(movie))


def _volts(movie: LawMovie) -> Floats:
    return np.full(len(movie.times_s), np.nan) if movie.voltage_v is None else movie.voltage_v


def _deviation(law: Law, known: NDArray[np.bool_]) -> Floats:
    """Standard uncertainty of μ_res of all particles and points in kT, its mean over ``known`` ones being given."""
    count = min(len(movie.reservoir_draws) for movie in law.movies)
    if count < 2:
        return np.full(len(known), np.nan)
    draws = np.concatenate([movie.reservoir_draws.reshape(count, -1) for movie in law.movies], axis=1)
    return np.asarray(np.std(draws - draws[:, known].mean(axis=1, keepdims=True), axis=0, ddof=1))
