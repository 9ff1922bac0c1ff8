"""Kinetics seen in X-ray movies: bias, error and stated intervals on generated movies, beside peers.

    python Testing/Benchmarks/movie_kinetics.py --seeds 10

Fractions scatter by 0.07 in a pixel, as those of Zhao et al. (Nature 621, 2023, 289). Peers on the same movies: NumPy's
gradient and SciPy's Savitzky-Golay filter of the same window and order, pixel by pixel over the whole movie. Truth: the
same particles eight times as often, without noise; of movies of photons, the functions they were drawn from.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from batterycell.movie import ChemistrySettings, FrameIndex, Movie, PrepareSettings
from batterycell.movie.chemistry import find_chemistry
from batterycell.movie.kinetics import Kinetics, KineticsSettings, find_kinetics
from batterycell.movie.kinetics.curves import find_curves
from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.load import EndMember
from batterycell.movie.prepare import prepare_movie
from batterycell.phantom.movie import MovieSpec, iron_l_edge, make_movie
from batterycell.phantom.movie.law import LawSpec, law_preset, make_law_movies
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

OFTEN = 8
SETTINGS = KineticsSettings()
GRID = np.linspace(695.0, 735.0, 4001)
MEMBERS = tuple(EndMember(n, GRID, s) for n, s in zip(("FePO4", "LiFePO4"), iron_l_edge(GRID), strict=True))
PHOTONS = MovieSpec(photons=1500.0, times=16)


@dataclass(frozen=True)
class Seen:
    """A movie, its kinetics, and the truth: fractions, rates in 1/h and front times in s, NaN where there is none."""

    movie: LithiumMovie
    found: Kinetics
    fraction: np.ndarray
    rate: np.ndarray
    front_s: np.ndarray
    spent_s: float


def law_case(name: str) -> Callable[[int], Seen]:
    return lambda seed: of_law(law_preset(name), seed)


def of_law(spec: LawSpec, seed: int) -> Seen:
    spec = replace(spec, platelets=replace(spec.platelets, size_px=40), cycling=replace(spec.cycling, c_rates=(0.6,)))
    swing_s = 3600 * spec.cycling.swing / 0.6
    interval = swing_s / ((spec.frames - 1) // spec.cycling.half_cycles)
    often = replace(spec, frames=OFTEN * (spec.frames - 1) + 1, interval_s=interval / OFTEN, sigma=0.0)
    made = make_law_movies(often, seed)
    fine, truth = made.movies[0], made.fractions[0]
    rng, inside = np.random.default_rng((seed, 7)), made.movies[0].labels > 0
    own = truth[::OFTEN]
    noisy = np.where(inside, own + rng.normal(0, 0.07, own.shape), np.nan).astype(np.float32)
    sigma = np.where(inside, 0.07, np.nan).astype(np.float32) * np.ones_like(noisy)
    movie = replace(fine, fraction=noisy, sigma=sigma, times_s=fine.times_s[::OFTEN])
    found, spent = seen(movie)
    halves = found.particles[0].frames.halves
    return Seen(
        movie, found, own, true_rate(truth, fine.times_s, halves), true_front(truth, fine.times_s, found), spent
    )


def seen(movie: LithiumMovie) -> tuple[Kinetics, float]:
    start = time.process_time()
    found = find_kinetics(movie, SETTINGS, Progress())
    return found, time.process_time() - start


def true_rate(truth: np.ndarray, times: np.ndarray, halves: tuple) -> np.ndarray:
    """Rates from the half cycle a point belongs to: one-sided at its ends."""
    points = (len(truth) - 1) // OFTEN + 1
    rate = np.full((points, *truth.shape[1:]), np.nan)
    for half in halves:
        if half.last > half.first:
            own = slice(OFTEN * half.first, OFTEN * half.last + 1)
            rate[half.points] = np.gradient(truth[own], times[own] / 3600, axis=0, edge_order=2)[::OFTEN]
    return rate


def true_front(truth: np.ndarray, times: np.ndarray, found: Kinetics) -> np.ndarray:
    """When the level is passed; NaN where that is not once, or just between two half cycles."""
    fronts = []
    for half in found.particles[0].moving:
        own = slice(OFTEN * half.first, OFTEN * half.last + 1)
        turned = (1 if half.direction == "insertion" else -1) * (truth[own] - SETTINGS.level)
        crossed = (turned[:-1] < 0) & (turned[1:] >= 0)
        n = crossed.argmax(axis=0)
        before, after = (np.take_along_axis(turned, (n + k)[None], 0)[0] for k in (0, 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            when = times[own][n] + (times[1] - times[0]) * before / (before - after)
        fronts.append(np.where(crossed.sum(axis=0) == 1, when, np.nan))
    return np.array(fronts)


def photon_case(spec: MovieSpec) -> Callable[[int], Seen]:
    return lambda seed: of_photons(spec, seed)


def of_photons(spec: MovieSpec, seed: int) -> Seen:
    made = make_movie(spec, seed)
    index = FrameIndex(made.times_s, made.energies_ev, "truth", "truth")
    frames = Movie(SlabSource.of_array(made.counts), index, (spec.pixel_um, spec.pixel_um))
    prepared = prepare_movie(frames, PrepareSettings(drift=bool(spec.drift_px)))
    movie = LithiumMovie.of_chemistry(find_chemistry(prepared, MEMBERS, ChemistrySettings(), Progress()))
    found, spent = seen(movie)
    offset = made.shifts_px.mean(axis=0) - prepared.shifts_px.mean(axis=0)
    truth, amounts, labels = made.truth_at(offset)
    inside = (amounts > 0.5 * spec.density) & (movie.labels > 0)
    rate = true_functions(made, movie, offset, labels)
    # Later, pixels of the solid solution fill up one after another within no time: no rate is defined there.
    rate[movie.times_s > 0.72 * movie.times_s[-1]] = np.nan
    blank = np.full((1, *inside.shape), np.nan)
    return Seen(movie, found, np.where(inside, truth, np.nan), np.where(inside, rate, np.nan), blank, spent)


def true_functions(made, movie: LithiumMovie, offset: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rates of the functions a movie was drawn from."""
    rows, columns = np.indices(labels.shape, float) - offset[:, None, None]
    last, step = made.spec.interval_s * (made.spec.times - 1), 1e-4
    rate = np.full(movie.fraction.shape, np.nan)
    for number, one in enumerate(made.particles, 1):
        own = labels == number
        for n, when in enumerate(movie.times_s / last):
            after, before = (one.at(rows, columns, when + side * step)[1] for side in (1, -1))
            rate[n][own] = ((after - before) / (2 * step * last / 3600))[own]
    return rate


CASES = {
    "separating, 0.6 C, in and out": law_case("separating"),
    "solid solution, 0.6 C, in and out": law_case("solid-solution"),
    "photons, solid solution": photon_case(replace(PHOTONS, separating=False)),
    "photons, solid solution, drift 5 px": photon_case(replace(PHOTONS, separating=False, drift_px=5.0)),
    "photons, sharp front": photon_case(PHOTONS),
}


def rate_rows(cases: dict[str, list[Seen]]) -> Iterator[str]:
    yield "| movie | rates by | bias (1/h) | rms error (1/h) | error / σ | within ± 1.96 σ | CPU s a movie |"
    yield "|---|---|---|---|---|---|---|"
    for name, made in cases.items():
        errors = np.concatenate([(one.found.maps.rate - one.rate)[known(one)] for one in made])
        sigma = np.concatenate([one.found.maps.rate_sigma[known(one)] for one in made])
        yield row(name, "ours", errors, errors / sigma, np.mean([one.spent_s for one in made]))
        for peer, find in PEERS.items():
            start = time.process_time()
            wrong = np.concatenate([(find(one.movie) - one.rate)[known(one)] for one in made])
            yield row("", peer, wrong, None, (time.process_time() - start) / len(made))


def known(one: Seen) -> np.ndarray:
    """Rates with a truth, of half cycles; rests of two points would tell more of the peers than of fronts."""
    moving = np.zeros(one.rate.shape, bool)
    for particle in one.found.particles:
        for half in particle.moving:
            moving[half.points] |= one.movie.labels == particle.number
    return (
        moving & np.isfinite(one.rate) & np.isfinite(one.found.maps.rate) & np.isfinite(one.movie.fraction).all(axis=0)
    )


def row(name: str, by: str, errors: np.ndarray, ratios: np.ndarray | None, spent: float) -> str:
    start = f"| {name} | {by} | {errors.mean():+.4f} | {np.sqrt((errors**2).mean()):.3f} |"
    end = "– | –" if ratios is None else f"{ratios.std():.3f} | {100 * np.mean(np.abs(ratios) < 1.96):.1f} %"
    return f"{start} {end} | {spent:.2f} |"


def gradient(movie: LithiumMovie) -> np.ndarray:
    return np.asarray(np.gradient(movie.fraction.astype(float), movie.times_s / 3600, axis=0))


def savitzky_golay(movie: LithiumMovie) -> np.ndarray:
    from scipy.signal import savgol_filter

    step = float(np.diff(movie.times_s).mean()) / 3600
    return np.asarray(savgol_filter(np.nan_to_num(movie.fraction), SETTINGS.window, SETTINGS.order, 1, step, axis=0))


PEERS = {"numpy.gradient": gradient, "scipy savgol_filter": savitzky_golay}


def particle_rows(cases: dict[str, list[Seen]]) -> Iterator[str]:
    yield "| movie | quantity | bias | rms error | error / σ | within ± 95 % |"
    yield "|---|---|---|---|---|---|"
    for name, made in cases.items():
        rows = [compared(one) for one in made]
        for n, words in enumerate(("uniformity", "C-rate at each point (1/h)", "front time (s)")):
            errors, sigma = (np.concatenate([row[n][k] for row in rows]) for k in (0, 1))
            if errors.size:
                ratios = errors / sigma
                cover, rms = 100 * np.mean(np.abs(ratios) < 1.96), np.sqrt((errors**2).mean())
                start = f"| {name if n == 0 else ''} | {words} | {errors.mean():+.4f} | {rms:.4f} |"
                yield f"{start} {ratios.std():.2f} | {cover:.1f} % |"


def compared(one: Seen) -> list[tuple[np.ndarray, np.ndarray]]:
    """Errors and σ of uniformity, C-rates and front times."""
    found, movie = one.found, one.movie
    inside = np.isfinite(one.fraction).all(axis=0)
    exact = replace(
        movie,
        fraction=np.where(inside, one.fraction, np.nan).astype(np.float32),
        sigma=np.full_like(movie.sigma, 1e-4),
        labels=np.where(inside, movie.labels, 0).astype(np.int32),
    )
    # What is stated of the whole particle is compared on the pixels whose truth is known, without the mask's rim.
    same = found if (inside == (movie.labels > 0)).all() else seen(replace(movie, labels=exact.labels))[0]
    true = find_curves(exact, SETTINGS, Progress())
    uniformity = same.curves.uniformity - true.uniformity, np.sqrt(same.curves.uniformity_variance)
    rates = [(p.rate - true_mean(one.rate, shares(exact, p.number)), p.rate_sigma) for p in same.particles]
    rate = tuple(np.concatenate([pair[k] for pair in rates]) for k in (0, 1))
    layers = min(len(one.front_s), len(found.maps.front_time_s))
    front = found.maps.front_time_s[:layers] - one.front_s[:layers], found.maps.front_time_sigma_s[:layers]
    return [finite(*pair) for pair in (uniformity, rate, front)]


def true_mean(rate: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(rate).any(axis=(1, 2)), np.nansum(rate * share, axis=(1, 2)), np.nan)


def shares(movie: LithiumMovie, number: int) -> np.ndarray:
    own = np.where(movie.labels == number, movie.weights, 0.0)
    return own / own.sum()


def finite(errors: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    use = np.isfinite(errors) & np.isfinite(sigma)
    return errors[use], sigma[use]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="generated movies a case (default: 10)")
    args = parser.parse_args()
    cases = {name: [make(seed) for seed in range(1, args.seeds + 1)] for name, make in CASES.items()}
    print(f"## Kinetics seen in X-ray movies, {date.today().isoformat()}, {args.seeds} seeds")
    for title, rows in (("Rates of pixels", rate_rows), ("Particles and fronts", particle_rows)):
        print(f"\n### {title}\n")
        for line in rows(cases):
            print(line, flush=True)


if __name__ == "__main__":
    main()
