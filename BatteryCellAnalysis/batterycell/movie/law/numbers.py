"""The reaction's law in a few numbers, and how far they can be trusted."""

from __future__ import annotations

import numpy as np

from batterycell.measured import K95, Quantity

from .law import Floats, Law
from .told import MV_PER_KT, peer_chi
from .voltage import agreement


def law_numbers(law: Law) -> list[Quantity]:
    """What was learned."""
    visited = "lithium fraction that pixels went through, as the law predicts it."
    return [
        _exchange(law),
        _fall(law),
        _kappa(law),
        _gradient_length(law),
        _plain("law_visited_low", "Visited from", law.visited[0], f"Lowest {visited}"),
        _plain("law_visited_high", "Visited to", law.visited[1], f"Highest {visited}"),
        _scatter(law),
    ]


def trust_numbers(law: Law) -> list[Quantity]:
    """How well it is known, and how well it predicts."""
    sigma = np.concatenate([movie.ln_k_sigma[np.isfinite(movie.ln_k_sigma)] for movie in law.movies])
    left = "Root mean square of (seen − predicted) / σ of points in time that were left out; 1 is the noise."
    peer = "The same of the line between neighbours in time, without any law."
    scale = "Scatter about the law over the stated noise; all intervals hold it."
    median = float(np.median(sigma)) if sigma.size else np.nan
    return [
        _plain("law_ln_k_sigma", "σ of ln k", median, "Median over pixels of the standard uncertainty."),
        _plain("law_left_out_chi", "Left-out points", law.left_out_chi, left),
        _plain("law_left_out_peer_chi", "Left-out points, no law", peer_chi(law), peer),
        _plain("law_noise_scale", "Noise scale", law.noise_scale, scale),
        _plain(
            "law_step_error",
            "Error of the time steps",
            law.step_error,
            "Root mean square error of a point's fractions by the time steps, the largest of all points.",
        ),
        *_voltage(law),
    ]


def _voltage(law: Law) -> list[Quantity]:
    rms, share, count = agreement(law)
    words = "Root mean square of found minus stated potential of the lithium around, one constant taken off."
    inside = "Share of these points within their 95 % intervals."
    if not count:
        return []
    return [
        Quantity("law_voltage_rms_mv", "Left of the voltages", rms * MV_PER_KT, np.nan, "mV", words),
        Quantity("law_voltage_inside_percent", "Voltages within", 100 * share, np.nan, "%", inside),
    ]


def _exchange(law: Law) -> Quantity:
    """The exchange current where it is highest of what is known."""
    found, words = law.exchange, "Highest exchange current j0 that the movies tell, of a pixel with k = 1"
    if not found.identifiable.any():
        return Quantity("law_exchange_per_h", "Exchange current", np.nan, np.nan, "1/h", f"{words}.")
    place = int(np.argmax(np.where(found.identifiable, found.value, -np.inf)))
    value, u = float(found.value[place]), float(K95 * found.sigma[place] * found.value[place])
    words = f"{words}; at the composition {found.composition[place]:.2f}."
    return Quantity("law_exchange_per_h", "Exchange current", value, u, "1/h", words)


def _fall(law: Law) -> Quantity:
    """How far μ falls while the composition rises: what tells a phase separation from a solid solution."""
    known, curves = law.potential.identifiable, law.curves
    words = (
        "Largest fall of μ(c) as c rises, where it is known: 0 in a solid solution; where it falls, phases separate."
    )
    if known.sum() < 2:
        return Quantity("law_fall_kt", "Fall of μ(c)", np.nan, np.nan, "kT", words)
    value = float(_largest_fall(law.potential.value[None, known])[0])
    u = K95 * float(np.std(_largest_fall(curves[:, 1][:, known]), ddof=1)) if len(curves) > 1 else np.nan
    return Quantity("law_fall_kt", "Fall of μ(c)", value, u, "kT", words)


def _largest_fall(curves: Floats) -> Floats:
    """Of each row."""
    falls: Floats = np.max(np.maximum.accumulate(curves, axis=1) - curves, axis=1)
    return falls


def _kappa(law: Law) -> Quantity:
    words = "Gradient energy coefficient κ: what a curved composition costs"
    unknown = "stated" if law.settings.gradient_kt_um2 is not None else "what was assumed, as the movies do not tell it"
    words += "." if law.kappa_identifiable else f"; here {unknown}."
    u = K95 * law.kappa_ln_sigma * law.kappa_kt_um2 if law.kappa_identifiable else np.nan
    return Quantity("law_kappa_kt_um2", "Gradient energy κ", law.kappa_kt_um2, u, "kT µm²", words)


def _gradient_length(law: Law) -> Quantity:
    length, words = float(np.sqrt(law.kappa_kt_um2)), "√(κ / kT): the order of a phase front's width."
    u = K95 * law.kappa_ln_sigma * length / 2 if law.kappa_identifiable else np.nan
    return Quantity("law_gradient_length_um", "Gradient length", length, u, "µm", words)


def _scatter(law: Law) -> Quantity:
    """How much pixels differ; a map alone is too smooth, so what is not known of it is added."""
    ln_k = np.concatenate([np.log(movie.k[movie.k > 0].astype(float)) for movie in law.movies])
    sigma = np.concatenate([movie.ln_k_sigma[movie.k > 0].astype(float) for movie in law.movies])
    value = float(np.sqrt(np.var(ln_k) + np.mean(np.nan_to_num(sigma) ** 2)))
    words = "Standard deviation of ln k over pixels: that of the map, and what is not known of it, in quadrature."
    return _plain("law_ln_k_sd", "Scatter of ln k", value, words)


def _plain(name: str, title: str, value: float, description: str) -> Quantity:
    return Quantity(name, title, value, np.nan, "", description)
