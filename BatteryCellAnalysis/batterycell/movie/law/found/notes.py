"""What must be told of a law: what was seen of it, and what cannot be known from that."""

from __future__ import annotations

import numpy as np

from batterycell.movie.law.batch import FEW_POINTS, Batch

# Rates below this share of the fastest are rests; rates that differ by less than this factor are the same.
REST_SHARE, SAME_RATE = 0.05, 1.3
NOISE_FITS, PREDICTS = 1.15, 1.1
TURNED_SHARE = 0.1
# Intervals that are so much wider by noise that neighbours share are told.
ALIKE = 1.1
# A mean composition that changes by less has not been seen to move.
LEAST_CHANGE = 0.02


def ways_seen(batch: Batch) -> tuple[str, bool]:
    """Which ways the particles went, in words, and whether that tells j0 from μ."""
    if np.ptp(batch.mean, axis=1).max() < LEAST_CHANGE:
        return "rest", False
    moving = batch.hours > 0
    rates = np.diff(batch.mean, axis=1)[moving] / batch.hours[moving]
    fastest = np.abs(rates).max()
    ways = [words for sign, words in ((1, "insertion"), (-1, "extraction")) if _share(sign * rates, fastest)]
    by_reservoir = [
        np.percentile(np.abs(np.diff(m)[h > 0] / h[h > 0]), 75) for m, h in zip(batch.mean, batch.hours, strict=True)
    ]
    several = max(by_reservoir) > SAME_RATE * min(by_reservoir)
    words = f"{' and '.join(ways) or 'rest'} at {'several rates' if several else 'one rate'}"
    return words, len(ways) > 1 or several


def notes_of(batch: Batch, noise_scale: float, left_out_chi: float, level_known: bool) -> tuple[str, ...]:
    """Sentences for people."""
    words, enough = ways_seen(batch)
    found = []
    if not enough:
        found.append(
            f"Only {words} was seen: a faster reaction and a higher driving force look alike, so that j0(c) and μ(c) "
            "are hardly told apart; movies of both directions or of several rates would tell them."
        )
    points = batch.points_used
    if points < FEW_POINTS:
        found.append(
            f"Only {points} points in time of a particle were learned from: with fewer than {FEW_POINTS} a wrong law "
            "can fit as well as the right one, and look as certain."
        )
    if len(np.unique(batch.field)) > 1 and len(np.unique(batch.reservoir)) == len(batch.places):
        found.append(
            "Every particle has a reservoir of its own: how fast one particle is as a whole against another follows "
            "only from how its pattern depends on its rate, and is known less well than k within a particle."
        )
    if noise_scale > NOISE_FITS:
        found.append(
            f"What the law leaves scatters {noise_scale:.2f} times as much as the stated noise; all intervals are as "
            "much wider."
        )
    if noise_scale < 1 / NOISE_FITS:
        found.append(
            f"What the law leaves scatters only {noise_scale:.2f} times the stated noise: σ is too large, and "
            "points that were left out pass too easily."
        )
    if left_out_chi > PREDICTS * _expected(noise_scale):
        found.append(
            f"Points that were left out are missed by {left_out_chi:.2f} times the noise: the law does not hold well."
        )
    if not level_known:
        found.append(
            "The level of j0(c) is hardly told, and the contrast of k hangs together with it: where k is high is known "
            f"better than how high; {_more(words)} would tell."
        )
    return tuple(found)


def _more(ways: str) -> str:
    """What would tell more, beyond the ways that were seen."""
    return "more points in time or less noise" if "several rates" in ways else "movies at several rates"


def alike_notes(widening: float) -> tuple[str, ...]:
    """What must be told of noise that neighbouring pixels share."""
    if widening < ALIKE:
        return ()
    return (
        f"Neighbouring pixels share noise, as drift correction leaves it: intervals are {widening:.2f} times wider.",
    )


def _expected(noise_scale: float) -> float:
    """Of points left out; a scale near 1 may lie below it by what was learned from them."""
    return 1.0 if 1 / NOISE_FITS <= noise_scale <= 1 else noise_scale


def _share(rates: np.ndarray, fastest: float) -> bool:
    return bool((rates > REST_SHARE * fastest).mean() > TURNED_SHARE)
