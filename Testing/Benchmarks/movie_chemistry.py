"""X-ray movies: drift, bias and stated uncertainty on generated movies, fit quality on a real stack; beside peers.

    python Testing/Benchmarks/movie_chemistry.py --seeds 10

The generated movies scatter by about 0.07 in the lithium of a pixel, as those of Zhao et al. (Nature 621, 2023, 289).
Peers: scikit-image's phase_cross_correlation, frame to frame and to the mean; SciPy's nnls, pixel by pixel.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
from batterycell.movie import ChemistrySettings, FrameIndex, Movie, PrepareSettings
from batterycell.movie.chemistry import Chemistry, find_chemistry
from batterycell.movie.load import EndMember, load_movie, read_end_member
from batterycell.movie.prepare import Prepared, prepare_movie
from batterycell.movie.prepare.drift import find_drift, move
from batterycell.phantom.movie import MoviePhantom, MovieSpec, iron_l_edge, make_movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[3] / "shared" / "data"))
GRID = np.linspace(695.0, 735.0, 4001)
MEMBERS = tuple(EndMember(n, GRID, s) for n, s in zip(("FePO4", "LiFePO4"), iron_l_edge(GRID), strict=True))
SCAN = tuple(np.linspace(700.0, 730.0, 61).tolist())
CASES = {
    "3 energies, front, drift 5 px": MovieSpec(photons=1500.0, drift_px=5.0),
    "3 energies, front": MovieSpec(photons=1500.0),
    "3 energies, solid solution, drift 5 px": MovieSpec(photons=1500.0, drift_px=5.0, separating=False),
    "2 energies, front, drift 5 px": MovieSpec(photons=1500.0, drift_px=5.0, energies_ev=(707.9, 709.7)),
    "scan of 61 energies, drift 5 px": MovieSpec(photons=400.0, drift_px=5.0, energies_ev=SCAN, times=1),
}
Shifts = Callable[[np.ndarray], np.ndarray]


def movie_of(made: MoviePhantom) -> Movie:
    index = FrameIndex(made.times_s, made.energies_ev, "truth", "truth")
    return Movie(SlabSource.of_array(made.counts), index, (made.spec.pixel_um, made.spec.pixel_um))


def centred(shifts: np.ndarray) -> np.ndarray:
    return shifts - shifts.mean(axis=0)


def ours(density: np.ndarray) -> np.ndarray:
    return find_drift(density, 10.0, Progress()).shifts_px


def frame_to_frame(density: np.ndarray) -> np.ndarray:
    from skimage.registration import phase_cross_correlation

    steps = [
        -phase_cross_correlation(before, after, upsample_factor=50, normalization=None)[0]
        for before, after in pairwise(density)
    ]
    return np.vstack([np.zeros(2), np.cumsum(steps, axis=0)])


def to_the_mean(density: np.ndarray) -> np.ndarray:
    from skimage.registration import phase_cross_correlation

    shifts = frame_to_frame(density)
    for _ in range(3):
        mean = np.mean([move(frame.astype(float), shift) for frame, shift in zip(density, shifts, strict=True)], axis=0)
        shifts = centred(
            np.array([-phase_cross_correlation(mean, f, upsample_factor=50, normalization=None)[0] for f in density])
        )
    return shifts


METHODS: dict[str, Shifts] = {
    "ours": ours,
    "phase correlation, frame to frame": frame_to_frame,
    "phase correlation, to the mean": to_the_mean,
}


def drift_rows(seeds: int) -> Iterator[str]:
    yield "| movie | method | drift error, rms (px) | worst frame (px) | ms a frame |"
    yield "|---|---|---|---|---|"
    for name, spec in CASES.items():
        if not spec.drift_px:
            continue
        made = [make_movie(spec, seed) for seed in range(1, seeds + 1)]
        for method, find in METHODS.items():
            errors, start = [], time.process_time()
            for one in made:
                density = np.log(spec.photons / np.maximum(one.counts, 1.0)).astype(np.float32)
                errors.append(centred(find(density)) - centred(one.shifts_px))
            spent = 1000 * (time.process_time() - start) / (seeds * len(made[0].counts))
            wrong = np.array(errors)
            yield f"| {name} | {method} | {np.sqrt((wrong**2).mean()):.3f} | {np.abs(wrong).max():.2f} | {spent:.0f} |"


def chemistry_rows(seeds: int) -> Iterator[str]:
    yield "| movie | method | bias of Li fraction | σ of a pixel | error / σ | within ± 1.96 σ | χ² | s a movie |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, spec in CASES.items():
        found = [measured(make_movie(spec, seed)) for seed in range(1, seeds + 1)]
        errors = np.concatenate([one[0] for one in found])
        ratios = errors / np.concatenate([one[1] for one in found])
        sigma = np.sqrt(np.mean(np.concatenate([one[1] for one in found]) ** 2))
        chi, spent = np.mean([one[2] for one in found]), np.mean([one[3] for one in found])
        cover = 100 * np.mean(np.abs(ratios) < 1.96)
        yield (
            f"| {name} | ours | {errors.mean():+.4f} | {sigma:.3f} | {ratios.std():.3f} | {cover:.1f} % | {chi:.2f} "
            f"| {spent:.1f} |".replace("nan", "–")
        )
        peer = np.concatenate([one[4] for one in found])
        slow = np.mean([one[5] for one in found])
        yield f"| | nnls, pixel by pixel, same densities | {peer.mean():+.4f} | – | – | – | – | {slow:.1f} |"


def measured(made: MoviePhantom) -> tuple[np.ndarray, np.ndarray, float, float, np.ndarray, float]:
    """Errors and σ of pixels inside particles, χ², time; and errors and time of the peer."""
    start = time.process_time()
    prepared = prepare_movie(movie_of(made), PrepareSettings(drift=bool(made.spec.drift_px)))
    found = find_chemistry(prepared, MEMBERS, ChemistrySettings(), Progress())
    spent = time.process_time() - start
    truth, amounts, _ = made.truth_at(made.shifts_px.mean(axis=0) - prepared.shifts_px.mean(axis=0))
    inside = np.isfinite(found.free) & np.isfinite(truth) & (amounts > 0.5 * made.spec.density)
    start = time.process_time()
    peer = one_by_one(prepared, found)
    slow = time.process_time() - start
    errors, others = (found.free - truth)[inside], (peer - truth)[inside]
    chi = float(np.nanmean(found.chi_square)) if np.isfinite(found.chi_square).any() else np.nan
    return errors, found.sigma[inside].astype(float), chi, spent, others[np.isfinite(others)], slow


def one_by_one(prepared: Prepared, found: Chemistry) -> np.ndarray:
    """Lithium by a loop over pixels, as scripts do it."""
    from scipy.optimize import nnls

    out = np.full(found.free.shape, np.nan)
    for point, frames in enumerate(prepared.points.frames):
        for row, column in np.argwhere(prepared.labels > 0):
            spectrum = prepared.density[frames, row, column]
            if np.isfinite(spectrum).all():
                amounts = nnls(found.design.columns, spectrum.astype(float))[0][:2]
                out[point, row, column] = amounts[1] / max(amounts.sum(), 1e-9)
    return out


def real_rows() -> Iterator[str]:
    """The real stack, fitted with its own references; the least that any two spectra beside a line leave."""
    stack = DATA / "stxm_fe_l"
    if not stack.is_dir():
        yield f"Skipped: no {stack}."
        return
    members = tuple(
        read_end_member(name, stack / f"{file}.t") for name, file in (("oxidised", "oxidized"), ("reduced", "reduced"))
    )
    prepared = prepare_movie(load_movie(stack / "71214078.hdr"), PrepareSettings())
    yield "| fit | residual (OD, median pixel) | χ² per degree of freedom | condition |"
    yield "|---|---|---|---|"
    for words, by_jump in (("references as given", False), ("scaled by edge jump", True)):
        found = find_chemistry(prepared, members, ChemistrySettings(edge_jump=by_jump), Progress())
        residual, chi = np.nanmedian(found.residual), np.nanmean(found.chi_square)
        yield f"| {words} | {residual:.4f} | {chi:.2f} | {found.design.condition:.1f} |"
    yield f"| best two spectra of this stack | {best_residual(prepared):.4f} | – | – |"
    yield f"\nDrift left in the stack, which came registered: {np.abs(prepared.shifts_px).max():.3f} px at most."


def best_residual(prepared: Prepared) -> float:
    """Median residual of the best two spectra beside a line over energy, found from the stack itself."""
    spectra = prepared.density[:, prepared.labels > 0].astype(float)
    spectra = spectra[:, np.isfinite(spectra).all(axis=0)]
    energies = prepared.points.energies_ev
    line = np.linalg.qr(np.stack([np.ones(len(energies)), energies - energies.mean()], axis=1))[0]
    rest = spectra - line @ (line.T @ spectra)
    basis = np.linalg.svd(rest, full_matrices=False)[0][:, :2]
    left = rest - basis @ (basis.T @ rest)
    return float(np.median(np.sqrt((left**2).mean(axis=0))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="generated movies a case (default: 10)")
    parser.add_argument("--only", choices=("drift", "chemistry", "real"), help="one of the tables")
    args = parser.parse_args()
    tables = {
        "drift": (f"Drift, {args.seeds} seeds", lambda: drift_rows(args.seeds)),
        "chemistry": (f"Lithium, {args.seeds} seeds", lambda: chemistry_rows(args.seeds)),
        "real": ("A real stack at the Fe L edge", real_rows),
    }
    print(f"## X-ray movies, {date.today().isoformat()}")
    for name, (title, rows) in tables.items():
        if args.only in (None, name):
            print(f"\n### {title}\n")
            for row in rows():
                print(row, flush=True)


if __name__ == "__main__":
    main()
