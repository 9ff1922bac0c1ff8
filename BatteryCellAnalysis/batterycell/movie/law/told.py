"""What was learned of the reaction's law, in sentences: what can be told, what was assumed, how well it predicts."""

from __future__ import annotations

import numpy as np

from .law import Law

ROOM_TEMPERATURE_K = 298.15
# kB T / e at that temperature (CODATA 2018: both constants are exact).
MV_PER_KT = 1e3 * 1.380649e-23 * ROOM_TEMPERATURE_K / 1.602176634e-19
# Points that were not used are predicted when no more is left of them than this many times their noise.
GOOD_CHI = 1.1

_REACTIONS = {
    "butler-volmer": "Butler–Volmer kinetics with symmetric transfer, f(η) = 2 sinh(η/2)",
    "marcus-hush-chidsey": "Marcus–Hush–Chidsey kinetics",
    "linear": "a rate in proportion to the driving force, f(η) = η",
}
_RESERVOIRS = {
    "each particle": "each particle's own lithium potential, which follows from its mean composition",
    "movie": "one lithium potential for all particles of a movie",
}


_ALONE = "--same-particles changes nothing here: a single movie was given, and no other shows its particles."


def identified(law: Law) -> tuple[str, ...]:
    """What the movies tell of each part of the law."""
    not_asked = law.settings.gradient_kt_um2 is not None or law.settings.uncertainty == "none"
    kappa = "" if law.kappa_identifiable or not_asked else "κ cannot be told from these movies; it is what was assumed."
    return tuple(text for text in (law.exchange.sentence, law.potential.sentence, kappa) if text)


def assumed(law: Law) -> tuple[str, ...]:
    """What was assumed, in one sentence; and what was said without effect."""
    settings, several = law.settings, len(law.movies) > 1
    reaction = _REACTIONS[settings.reaction]
    if settings.reaction == "marcus-hush-chidsey":
        reaction += f" with a reorganisation energy of {settings.reorganisation_kt:g} kT"
    kappa = "" if settings.gradient_kt_um2 is None else f"; κ of {settings.gradient_kt_um2:g} kT µm²"
    share = ", k(x, y) the same in all movies" if settings.same_particles and several else ""
    around = _RESERVOIRS[settings.reservoir]
    said = f"Assumed: {reaction}; {around}; one j0(c) and one μ(c) for all pixels{share}{kappa}."
    return (said, _ALONE) if settings.same_particles and not several else (said,)


def verdict(law: Law) -> str:
    """Whether points in time that were not used are predicted."""
    left = sum(len(movie.left_out) for movie in law.movies)
    if not left:
        return "No point in time was left out, so nothing tests the law."
    chi, peer = law.left_out_chi, peer_chi(law)
    count = "1 point in time was" if left == 1 else f"{left} points in time were"
    said = f"{count} not used: the law leaves {chi:.2f} × the noise there, the line between neighbours {peer:.2f} ×."
    return f"{said} {_judged(chi, peer, law.noise_scale)}"


def _judged(chi: float, peer: float, noise_scale: float) -> str:
    if chi > GOOD_CHI:
        return _failed(chi, peer, noise_scale)
    if chi > peer:
        return "It predicts them to within the noise, but no better than that line: leave out more at a time."
    return "It predicts them to within the noise."


def _failed(chi: float, peer: float, noise_scale: float) -> str:
    if chi > peer:
        return "The law does not hold here: it predicts worse than no law at all."
    if chi <= GOOD_CHI * noise_scale:
        return "It misses them as it misses those it learned from: σ was stated too small, or the law lacks something."
    return f"It predicts better than no law, but not to within {GOOD_CHI} times the noise."


def peer_chi(law: Law) -> float:
    """Root mean square of (seen − predicted) / σ without any law, over all points that were left out."""
    values = np.concatenate([movie.peer_chi for movie in law.movies])
    return float(np.sqrt(np.mean(values**2))) if values.size else float("nan")
