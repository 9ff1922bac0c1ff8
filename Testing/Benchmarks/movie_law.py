"""Kinetics learned: k, j0, μ, intervals and left-out frames against exact truth; time against pixels × frames.

    python Testing/Benchmarks/movie_law.py --seeds 10
    python Testing/Benchmarks/movie_law.py --timing

The movies come from an integrator of their own (phantom.movie.law), with noise of 0.07 in the lithium of a pixel, as
those of Zhao et al. (Nature 621, 2023, 289). Peer of the left-out frames: the line between the frames beside them.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import date

import numpy as np
from batterycell.movie.law import Law, LawFunction, LawSettings, find_law
from batterycell.phantom.movie.law import LawPhantom, LawSpec, law_preset, make_law_movies

# Each with several rates of all its particles, so that j0 and μ can be told apart; and one with one rate.
CASES = ("rates", "separating")
K95 = 1.96


def spec_of(name: str, size: int, frames: int) -> LawSpec:
    spec = law_preset(name)
    return replace(spec, platelets=replace(spec.platelets, size_px=size), frames=frames)


def k_scores(law: Law, made: LawPhantom) -> dict[str, float]:
    found = np.concatenate([m.k[np.isfinite(m.k)] for m in law.movies[:1]])
    true = made.k[0][np.isfinite(law.movies[0].k)]
    misses = np.abs(np.log(found / true)) / law.movies[0].ln_k_sigma[np.isfinite(law.movies[0].k)]
    return {
        "corr(k)": float(np.corrcoef(found, true)[0, 1]),
        "L2(k)": float(np.linalg.norm(found - true) / np.linalg.norm(true)),
        "contrast(k)": float(np.polyfit(np.log(true), np.log(found), 1)[0]),
        "cover(k)": float(np.mean(misses < K95)),
        "error / σ(k)": float(np.sqrt(np.mean(misses**2))),
    }


def curve_scores(name: str, function: LawFunction, errors: np.ndarray, visited: np.ndarray) -> dict[str, float]:
    known = function.identifiable
    return {
        f"bias({name})": float(errors[visited].mean()),
        f"known({name})": float(known.sum() / visited.sum()),
        f"max({name})": float(np.abs(errors[known]).max(initial=0.0)),
        f"cover({name})": float(np.mean(np.abs(errors[visited]) < K95 * function.sigma[visited])),
    }


def scores(law: Law, made: LawPhantom) -> dict[str, float]:
    c = law.exchange.composition
    visited = (c >= law.visited[0]) & (c <= law.visited[1])
    exchange = np.log(law.exchange.value / made.j0(c))
    potential = law.potential.value - made.mu(c)
    potential -= potential[visited].mean()
    return {
        **k_scores(law, made),
        **curve_scores("ln j0", law.exchange, exchange, visited),
        **curve_scores("μ", law.potential, potential, visited),
        "left out": law.left_out_chi,
        "peer": float(np.sqrt(np.mean([m.left_out_peer_chi**2 for m in law.movies]))),
        "noise": law.noise_scale,
        **law.hyper,
        "steps": float(law.iterations),
    }


def learn(made: LawPhantom, settings: LawSettings) -> tuple[Law, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    law = find_law(made.movies, settings)
    return law, time.perf_counter() - wall, time.process_time() - cpu


def accuracy(name: str, options: argparse.Namespace) -> None:
    found = []
    for seed in range(options.first, options.first + options.seeds):
        made = make_law_movies(spec_of(name, options.size, options.frames), seed)
        law, wall, cpu = learn(made, LawSettings(same_particles=len(made.movies) > 1, device=options.device))
        found.append({**scores(law, made), "s": wall, "CPU s": cpu})
        print(f"{name} {seed}: " + ", ".join(f"{key} {value:.3f}" for key, value in found[-1].items()), flush=True)
    for key in found[0]:
        values = np.array([one[key] for one in found])
        print(f"| {name} | {key} | {values.mean():.3f} | {values.min():.3f} | {values.max():.3f} |")


def timing(options: argparse.Namespace) -> None:
    for size, frames in ((20, 15), (40, 15), (40, 30), (60, 30)):
        made = make_law_movies(spec_of("separating", size, frames), 0)
        _, wall, cpu = learn(made, LawSettings(device=options.device))
        count = int((made.movies[0].labels > 0).sum()) * frames
        print(f"| {size} px × {frames} | {count} | {wall:.1f} s | {cpu:.1f} CPU s | {1e3 * cpu / count:.2f} ms/value |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--cases", nargs="*", default=CASES)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--timing", action="store_true")
    options = parser.parse_args()
    print(f"Kinetics learned, {date.today().isoformat()}")
    if options.timing:
        timing(options)
        return
    for name in options.cases:
        accuracy(name, options)


if __name__ == "__main__":
    main()
