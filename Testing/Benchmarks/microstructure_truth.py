"""Microstructure against the truth: generated three-phase cathodes with random parameters, beside peers.

    python Testing/Benchmarks/microstructure_truth.py [--seeds 8] [--first 1000] [--jobs 2] [--only particles]

Fractions: of each seed a large section (or volume) is made, whose fractions are exact; windows of a sixteenth of it are
measured as if no more had been imaged. Peers: the error of independent pixels; Student's interval of four quarters.
Particles: 60 % packing, without cracks (no gap is filled) and with (up to the stated width of the widest). Compared are
particles of at least twice that width. Peers: scikit-image (closing, distance, peaks, watershed, regionprops) and
porespy's SNOW, on the phase closed by the same width. Seeds from 1000 on were not looked at while anything was tuned.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from batterycell.instances.find.label import label_instances
from batterycell.instances.settings import LabelSettings
from batterycell.microstructure.fragmentation.measure import find_parents, measure_fragmentation, settled
from batterycell.microstructure.fragmentation.settings import FragmentationSettings
from batterycell.phantom.microstructure import Phase
from batterycell.slabs import SlabSource
from microstructure_cathodes import Cathode, Counted, count_objects, random_cathode
from microstructure_peers import PEERS
from microstructure_truth_fractions import report_fractions, score_fractions
from microstructure_truth_tables import KINDS, Compared, Fragments, report_fragments, report_particles
from numpy.typing import NDArray

ACTIVE, PORE = int(Phase.ACTIVE_MATERIAL), int(Phase.PORE)


def score_particles(seed: int) -> tuple[list[Compared], list[Fragments]]:
    """Cathodes of 60 % packing."""
    compared, fragments = [], []
    for kind, (cracked, shape) in KINDS.items():
        made = random_cathode(seed, shape, cracked, fraction=0.6)
        settings = FragmentationSettings(crack_um=made.widest_um)
        settings = settled(settings, made.labels.shape, made.voxel_um)
        least = (settings.min_size_um or 0) / made.spec.voxel_um
        truth = count_objects(made.particles, least)
        find = _parents if cracked else _separated
        methods = {"BatteryCell": lambda one, find=find, how=settings: find(one, how), **PEERS}
        for name, separate in methods.items():
            found = separate(made)
            if found is not None:
                compared.append(Compared(kind, name, truth, count_objects(found, least)))
        fragments.append(_fragments(kind, made, settings, truth))
    return compared, fragments


def _parents(made: Cathode, settings: FragmentationSettings) -> NDArray[np.uint32]:
    source = SlabSource.of_array(made.labels)
    return find_parents(source, made.voxel_um, (ACTIVE, PORE), settings).labels


def _separated(made: Cathode, settings: FragmentationSettings) -> NDArray[np.uint32]:
    """Without cracks no gap is filled."""
    chosen = LabelSettings(
        made.dimension, classes=(ACTIVE,), separate="watershed", crack_um=0.0, min_size_um=settings.min_size_um or 0.0
    )
    return label_instances(SlabSource.of_array(made.labels), made.voxel_um, chosen).labels


def _fragments(kind: str, made: Cathode, settings: FragmentationSettings, truth: Counted) -> Fragments:
    stage = measure_fragmentation(made.labels, made.voxel_um, ACTIVE, PORE, settings)
    found = {one.name.removeprefix("microstructure_"): one for one in stage.quantities}
    broken, crack = found["broken_percent"], found["crack_fraction_percent"]
    shares = (broken.value, broken.uncertainty, 100 * float(truth.broken.mean()))
    return Fragments(kind, *shares, crack.value, made.crack_percent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=("fractions", "particles"))
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.only != "particles":
            report_fractions([one for some in pool.map(score_fractions, seeds) for one in some])
        if options.only != "fractions":
            scores = list(pool.map(score_particles, seeds))
            report_particles([one for some, _ in scores for one in some])
            report_fragments([one for _, some in scores for one in some])


if __name__ == "__main__":
    main()
