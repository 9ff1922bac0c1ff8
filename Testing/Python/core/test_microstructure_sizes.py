"""Size distributions of objects."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.microstructure import Given, MicrostructureSettings, measure_microstructure
from batterycell.microstructure.sizes import Objects, measure_sizes, objects_of
from batterycell.microstructure.sizes_table import size_table
from batterycell.tables import Column, Table
from numpy.typing import NDArray

SETTINGS = MicrostructureSettings(tortuosity=False, bootstrap=200)
NAMES = ("d10n", "d50n", "d90n", "d10v", "d50v", "d90v", "d32", "span")


def objects(sizes: NDArray[np.float64], dimension: int = 3) -> Objects:
    return Objects("NMC", np.sort(sizes), np.ones(len(sizes)), dimension, 0)


def measured(one: Objects) -> tuple[dict[str, float], dict[str, float]]:
    values, halves = measure_sizes(one, SETTINGS)
    return dict(zip(NAMES, values, strict=True)), dict(zip(NAMES, halves, strict=True))


def instance_table(sizes: NDArray[np.float64], weights: NDArray[np.float64], name: str = "NMC") -> Table:
    names = ("class", "equivalent_diameter_um", "weight")
    columns = tuple(Column(one, one, "µm" if one.endswith("um") else "", "") for one in names)
    data = (np.full(len(sizes), name), sizes, weights)
    return Table(columns, dict(zip(names, data, strict=True)))


def test_sizes_of_a_lognormal_population_are_those_of_its_formulas() -> None:
    s = 0.3
    values, _ = measured(objects(np.random.default_rng(1).lognormal(np.log(5), s, 20000)))
    assert values["d50n"] == pytest.approx(5, rel=0.01)
    assert values["d50v"] == pytest.approx(5 * np.exp(3 * s**2), rel=0.02)
    assert values["d90v"] == pytest.approx(5 * np.exp(3 * s**2 + 1.2816 * s), rel=0.03)
    assert values["d32"] == pytest.approx(5 * np.exp(2.5 * s**2), rel=0.02)


def test_sections_are_weighted_by_their_area() -> None:
    s = 0.3
    values, _ = measured(objects(np.random.default_rng(1).lognormal(np.log(5), s, 20000), dimension=2))
    assert values["d50v"] == pytest.approx(5 * np.exp(2 * s**2), rel=0.02)


def test_equal_objects_have_that_size_by_number_and_by_volume() -> None:
    values, halves = measured(objects(np.full(50, 3.0)))
    assert [values[name] for name in NAMES[:7]] == pytest.approx([3.0] * 7)
    assert values["span"] == 0 and [halves[name] for name in NAMES] == pytest.approx([0.0] * 8)


@pytest.mark.parametrize("count", [60, 300])
def test_intervals_of_the_medians_hold_the_truth(count: int) -> None:
    s = 0.35
    truth = np.array([5.0, 5 * np.exp(3 * s**2)])
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(80):
        values, halves = measured(objects(rng.lognormal(np.log(5), s, count)))
        hits.append(
            [abs(values[name] - true) <= halves[name] for name, true in zip(("d50n", "d50v"), truth, strict=True)]
        )
    assert (np.mean(hits, axis=0) >= 0.86).all()


def test_specks_among_few_objects_do_not_widen_what_hangs_on_the_large_ones() -> None:
    large = np.random.default_rng(4).lognormal(np.log(5), 0.35, 20)
    values, halves = measured(objects(large, 2))
    among, wide = measured(objects(np.concatenate([large, [0.1, 0.15, 0.4, 0.6]]), 2))
    assert among["d50v"] == pytest.approx(values["d50v"], rel=0.01)
    for name in NAMES[3:]:
        assert wide[name] < 1.6 * halves[name]


def test_weights_make_up_for_the_large_objects_that_the_border_cuts() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.lognormal(np.log(8), 0.4, 20000)
    inside = (rng.random((20000, 2)) * 60 + sizes[:, None] < 60).all(axis=1)
    weights = np.where(inside, (60 / np.maximum(60 - sizes, 1)) ** 2, 0.0)
    plain, _ = measured(objects(sizes[inside]))
    weighted, _ = measured(objects_of(instance_table(sizes, weights), "NMC", 3))
    assert weighted["d50n"] == pytest.approx(8, rel=0.03)
    assert abs(plain["d50n"] - 8) > 2 * abs(weighted["d50n"] - 8)


def test_too_few_objects_have_no_interval_and_none_have_no_size() -> None:
    assert np.isnan(measure_sizes(objects(np.array([1.0, 2.0])), SETTINGS)[1]).all()
    assert np.isnan(measure_sizes(objects(np.zeros(0)), SETTINGS)[0]).all()


def test_the_table_adds_up_to_everything() -> None:
    table = size_table([objects(np.random.default_rng(1).lognormal(1, 0.3, 500))])
    assert table["number_percent"].sum() == pytest.approx(100)
    assert table["volume_below_percent"][-1] == pytest.approx(100)
    assert table["objects"].sum() == 500
    assert (table["u_number_percent"][table["objects"] > 0] > 0).all()


def test_sizes_enter_the_stage_by_class_and_few_objects_are_told() -> None:
    labels = (np.arange(4096).reshape(16, 16, 16) % 3 == 0).astype(np.uint8)
    table = instance_table(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    stage = measure_microstructure(labels, (1, 1, 1), {0: "Binder", 1: "NMC"}, SETTINGS, Given(table))
    assert next(one for one in stage.quantities if one.name == "microstructure_nmc_d50_number_um").value == 2
    assert any("NMC has 3 whole objects, 1 on the border" in note for note in stage.notes)
    assert set(stage.tables["microstructure_sizes"]["class"]) == {"NMC"}
