"""Samples side by side."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.measured import Quantity, Stage
from batterycell.microstructure import MicrostructureSettings, compare, measure_microstructure
from microstructure_made import gaussian_phase

QUICK = MicrostructureSettings(tortuosity=False)
DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared/data")) / "electrode_labels"
# File, classes, voxel size in µm (a guess: none is stated), shares in percent and how exactly they are known.
REAL = {
    "cathode_sem_3phase_628x758.tif": ({0: "Pore", 1: "NMC", 2: "Binder"}, (14.4, 58.3, 27.4), 0.06),
    "nmc_xct_cbd_3phase_251x301x301.tif": ({0: "Pore", 1: "NMC", 2: "Binder"}, (40, 50, 10), 0.1),
    "electrode_3phase_256.tif": ({0: "Pore", 85: "Active", 170: "Binder"}, (45, 40, 15), 0.1),
    "nmc_xct_2phase_128.tif": ({0: "Pore", 1: "NMC"}, (58, 42), 0.1),
}


def stage(**values: tuple[float, float]) -> Stage:
    quantities = tuple(Quantity(name, name, *pair, "%", "") for name, pair in values.items())
    return Stage("microstructure", "Microstructure", quantities)


def column(found: Stage, name: str) -> list[object]:
    return list(found.tables["comparison"][name].tolist())


def test_samples_differ_where_the_interval_of_their_difference_leaves_out_zero() -> None:
    found = compare({"before": [stage(a=(10, 3), b=(10, 3))], "after": [stage(a=(14, 3), b=(15, 3))]})
    assert column(found, "differs") == ["", "no", "", "yes"]
    assert column(found, "difference")[1::2] == [4, 5]
    assert column(found, "u_difference")[1] == pytest.approx(np.hypot(3, 3))
    counts = {one.name: one.value for one in found.quantities}
    assert counts == {"comparison_compared_count": 2, "comparison_differs_count": 1}


def test_without_an_interval_nobody_says_whether_they_differ() -> None:
    found = compare({"before": [stage(a=(10, np.nan))], "after": [stage(a=(99, 1))]})
    assert column(found, "differs") == ["", "unknown"]


def test_counts_of_what_was_imaged_are_no_difference_of_materials() -> None:
    found = compare({"small": [stage(count=(36, 0))], "large": [stage(count=(377, 0))]})
    assert column(found, "differs") == ["", "unknown"]


def test_samples_with_nothing_in_common_are_refused() -> None:
    with pytest.raises(InputError, match="no quantity in common"):
        compare({"1": [stage(a=(5, 1))], "2": [stage(b=(5, 1))]})


def test_all_samples_are_held_against_the_first() -> None:
    found = compare({name: [stage(a=(value, 1))] for name, value in (("1", 5), ("2", 6), ("3", 9))})
    assert column(found, "sample") == ["1", "2", "3"]
    assert column(found, "differs") == ["", "no", "yes"]


def test_what_only_some_samples_have_stays_and_is_told() -> None:
    found = compare({"1": [stage(a=(5, 1))], "2": [stage(a=(5, 1), b=(1, 1))]})
    assert column(found, "quantity") == ["a", "a", "b"]
    assert any("Not in every sample" in note for note in found.notes)


def test_one_sample_cannot_be_compared() -> None:
    with pytest.raises(UsageError):
        compare({"alone": [stage(a=(5, 1))]})


def test_two_pieces_of_one_material_agree_and_another_material_differs() -> None:
    def piece(fraction: float, seed: int) -> list[Stage]:
        labels = gaussian_phase((1, 128, 128), (0, 3, 3), fraction, seed).astype(np.uint8)
        return [measure_microstructure(labels, (1, 1, 1), {0: "NMC", 1: "Pore"}, QUICK)]

    found = compare({"first": piece(0.4, 1), "second": piece(0.4, 2), "other": piece(0.15, 3)})
    table = found.tables["comparison"]
    rows = table.where(table["quantity"] == "microstructure_fraction_pore_percent")
    assert rows["differs"].tolist() == ["", "no", "yes"]
    assert set(found.tables["comparison_pores"]["sample"]) == {"first", "second", "other"}


@pytest.mark.real
@pytest.mark.parametrize("name", REAL)
def test_real_electrodes_give_all_numbers(name: str) -> None:
    if not (DATA / name).is_file():
        pytest.skip(f"needs {DATA / name}")
    import tifffile

    classes, shares, exact = REAL[name]
    labels = tifffile.imread(DATA / name)
    counts = [100 * float((labels == value).mean()) for value in classes]
    assert counts == pytest.approx(shares, abs=exact)
    # A piece of the volumes, for the tests' sake: the whole is measured by the benchmark.
    piece = labels if len(labels) == 1 else labels[:48, :48, :48]
    found = measure_microstructure(piece, (0.1, 0.1, 0.1), classes, QUICK)
    values = {one.name: one for one in found.quantities}
    for share, word in zip(shares, classes.values(), strict=True):
        one = values[f"microstructure_fraction_{word.casefold()}_percent"]
        assert abs(one.value - share) < 2.5 * one.uncertainty
    assert values["microstructure_pore_opening_d50_um"].value > 0
    assert values["microstructure_pore_surface_per_um"].value > 0
    assert len(found.tables["microstructure_connections"]) >= 6 * len(classes)
