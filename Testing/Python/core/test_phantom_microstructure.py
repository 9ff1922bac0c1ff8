"""Settled packings are dense and hardly overlap, and the truth knows every crack's owner and every fragment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.mrml.files import read_volume
from batterycell.phantom.microstructure import Micrograph, Phase, make_micrograph, preset
from batterycell.phantom.microstructure.settling import settle
from batterycell.phantom.microstructure.truth import summarise_fragments
from scipy import ndimage
from scipy.spatial import cKDTree

STRUCTURE, MICROSCOPE = preset("packed")
COARSE = replace(STRUCTURE, voxel_um=0.2)


@pytest.fixture(scope="module")
def block() -> Micrograph:
    return make_micrograph(COARSE, MICROSCOPE, (48, 56, 64), (2, 0))


def test_spheres_that_fill_60_percent_of_a_periodic_box_hardly_overlap_once_settled() -> None:
    rng = np.random.default_rng(1)
    size = np.array([30.0, 34.0, 38.0])
    radii = np.clip(rng.lognormal(0.7, 0.3, 4000), None, 5)
    radii = radii[: np.searchsorted(np.cumsum(4 / 3 * np.pi * radii**3), 0.6 * size.prod())]
    centres = settle(rng.uniform(0, 1, (len(radii), 3)) * size, radii, size)
    assert (centres >= 0).all() and (centres <= size).all()
    pairs = cKDTree(centres % size, boxsize=size).query_pairs(2 * radii.max(), output_type="ndarray")
    away = centres[pairs[:, 0]] - centres[pairs[:, 1]]
    away -= size * np.rint(away / size)
    overlap = radii[pairs].sum(axis=1) - np.linalg.norm(away, axis=1)
    assert np.quantile(overlap / radii[pairs].min(axis=1), 0.99) < 0.06
    assert overlap.max() < 0.15 * radii.max()


def test_a_settled_electrode_is_packed_to_the_fraction_that_was_asked_for(block: Micrograph) -> None:
    assert block.fractions["active_material"] == pytest.approx(0.6, abs=1e-4)
    sizes = block.particles["diameter_um"][block.particles["on_border"] == 0]
    assert np.median(sizes) == pytest.approx(STRUCTURE.particles.median_um, rel=0.25)


def test_every_crack_is_pore_within_the_particle_that_owns_it(block: Micrograph) -> None:
    cracks, table = block.cracks.array, block.particles
    assert (block.labels.array[cracks > 0] == Phase.PORE).all()
    counts = np.bincount(cracks.ravel(), minlength=len(table) + 1)[1:]
    assert np.array_equal(counts, table["crack_voxels"])
    owners = ndimage.grey_dilation(block.instances.array, (7, 7, 7))[cracks > 0]
    assert np.mean(owners > 0) > 0.99


def test_the_summary_of_fragments_is_that_of_the_table(block: Micrograph) -> None:
    said, table = summarise_fragments(block.particles), block.particles
    assert 0 < said["broken_percent"] < said["cracked_percent"] < 100
    assert said["broken_percent"] == pytest.approx(100 * np.mean(table["fragments"] > 1))
    solid, cracks = (np.count_nonzero(one.array) for one in (block.instances, block.cracks))
    assert said["crack_fraction_percent"] == pytest.approx(100 * cracks / (solid + cracks))
    whole = replace(COARSE, particles=replace(COARSE.particles, cracked=0.0, voids=0.0))
    assert summarise_fragments(make_micrograph(whole, MICROSCOPE, (24, 24, 24)).particles)["cracked_percent"] == 0


def test_a_packed_volume_is_written_with_its_cracks(tmp_path: Path) -> None:
    words = ["--preset", "packed", "--volume", "20,24,28", "--voxel-size", "0.4", "--seed", "2", "--quiet"]
    assert main(["phantom", "microstructure", *words, "--out", str(tmp_path / "block")]) == 0
    cracks, labels = (read_volume(tmp_path / "block" / f"{name}.nrrd").array for name in ("cracks", "labels"))
    assert cracks.shape == labels.shape and (labels[cracks > 0] == Phase.PORE).all()
    said = json.loads((tmp_path / "block" / "phantom.json").read_text(encoding="utf-8"))
    assert set(said["fragmentation"]) == {"broken_percent", "cracked_percent", "crack_fraction_percent"}
    assert said["structure"]["particles"]["settled"] is True
