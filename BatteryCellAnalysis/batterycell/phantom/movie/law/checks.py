"""What cannot be generated."""

from __future__ import annotations

from math import isfinite

from batterycell.errors import UsageError

from .settings import LawSpec

_ROUNDING = 1e-9
_MOST_VALUES, _MOST_STEPS = 1e8, 2e5


def check_spec(spec: LawSpec) -> None:
    """Say what cannot be generated.

    Raises:
        UsageError: if a number makes no sense.
    """
    wrong = {**_wrong_cycling(spec), **_wrong_particles(spec), **_wrong_law(spec)}
    found = [words for words, bad in wrong.items() if bad] or _too_much(spec)
    if found:
        message = f"Such a movie cannot be generated: {found[0]}."
        raise UsageError("phantom-law", message, "--help says what can be given")


def _wrong_cycling(spec: LawSpec) -> dict[str, bool]:
    cycling = spec.cycling
    interval_h = 0.0 if spec.interval_s is None else spec.interval_s / 3600
    rates = [rate for rate in cycling.c_rates if 0 < rate < float("inf")]
    return {
        "C-rates must be above 0": not rates or len(rates) < len(cycling.c_rates),
        "a movie needs at least one half cycle, two frames for each, and three": cycling.half_cycles < 1
        or spec.frames < max(3, 2 * cycling.half_cycles),
        "start and start + swing must lie between 0 and 1": not 0 < cycling.start < cycling.start + cycling.swing < 1,
        "the interval must be above 0": spec.interval_s is not None and not _positive(spec.interval_s),
        "the interval is too long for the highest C-rate, the particle would be overfull": max(rates, default=0.0)
        * interval_h
        > cycling.swing * (1 + _ROUNDING),
    }


def _wrong_particles(spec: LawSpec) -> dict[str, bool]:
    platelets = spec.platelets
    return {
        "there must be a particle": platelets.count < 1,
        "particles need at least 8 pixels": platelets.size_px < 8,
        "pixels must be above 0": not _positive(spec.pixel_um) or spec.refine < 1,
        "pixels must be smaller than the length over which k varies": spec.pixel_um > spec.heterogeneity.length_um[0],
    }


def _wrong_law(spec: LawSpec) -> dict[str, bool]:
    reaction, look = spec.reaction, spec.heterogeneity
    return {
        "the noise must lie between 0 and 10": not 0 <= spec.sigma <= 10,
        "the tolerance must be above 0": not _positive(spec.tolerance),
        "κ cannot be negative": not 0 <= reaction.gradient_kt_um2 < float("inf"),
        "j0 must be above 0": not all(_positive(one) for one in (reaction.j0_per_h, *reaction.powers)),
        "Ω must lie between -20 and 20 kT": not -20 <= reaction.omega_kt <= 20,
        "ln k must scatter between 0 and 3": not 0 <= look.contrast[0] <= look.contrast[1] <= 3,
    }


def _too_much(spec: LawSpec) -> list[str]:
    """What would take hours, or more memory than there is."""
    side = spec.platelets.size_px + 2 * spec.platelets.margin_px
    values = len(spec.cycling.c_rates) * spec.frames * spec.platelets.count * side**2
    if values > _MOST_VALUES:
        return [f"{values:.1e} pixels in all are more than {_MOST_VALUES:.0e}, take fewer or smaller ones"]
    if _steps(spec) > _MOST_STEPS:
        return ["pixels are too small for κ, or C-rates too low: it would take hours"]
    return []


def _steps(spec: LawSpec) -> float:
    """Steps in time that stay stable: λ Δt < 3.3 of order 5(4), with λ = 8 κ k j0 / cell², and k up to 3."""
    reaction, cycling = spec.reaction, spec.cycling
    p, q = reaction.powers
    peak = reaction.j0_per_h * (p / (p + q)) ** p * (q / (p + q)) ** q
    hours = cycling.half_cycles * cycling.swing / min(cycling.c_rates)
    return float(8 * reaction.gradient_kt_um2 * 3 * peak * hours / 3.3 / spec.cell_um**2)


def _positive(number: float) -> bool:
    return isfinite(number) and number > 0
