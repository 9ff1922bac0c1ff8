"""Fractions, their intervals and what the model's doubt makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.measured import Quantity, Stage
from batterycell.microstructure import Given, MicrostructureSettings, measure_microstructure
from batterycell.microstructure.fractions_segmentation import doubtful_shares
from batterycell.microstructure.intervals import estimate_ratio, estimate_share
from batterycell.microstructure.representativity import spread_of_total
from batterycell.microstructure.representativity_cells import Cells
from batterycell.slabs import SlabSource
from microstructure_made import gaussian_phase
from numpy.typing import NDArray

CUBE = (1.0, 1.0, 1.0)
QUICK = MicrostructureSettings(tortuosity=False)


def found(stage: Stage, name: str) -> Quantity:
    return next(one for one in stage.quantities if one.name == f"microstructure_{name}")


def cells_of(values: NDArray[np.bool_]) -> NDArray[np.float64]:
    return Cells.of_volume(values.shape, CUBE).total(SlabSource.of_array(values), lambda slab: slab)


def held(shape: tuple[int, int, int], lengths: tuple[float, float, float], fraction: float, count: int) -> float:
    """In how many of some images of thresholded Gaussian fields the interval holds the fraction."""
    hits = []
    for seed in range(count):
        phase = gaussian_phase(shape, lengths, fraction, seed)
        share = estimate_share(cells_of(phase), cells_of(np.ones_like(phase)))
        hits.append(share.low <= fraction <= share.high)
    return float(np.mean(hits))


@pytest.mark.parametrize(
    ("shape", "lengths", "fraction"),
    [((1, 96, 96), (0, 3, 3), 0.3), ((1, 96, 96), (0, 2, 7), 0.5), ((24, 24, 24), (1.5, 1.5, 1.5), 0.4)],
    ids=["section", "anisotropic section", "volume"],
)
def test_intervals_hold_the_truth_in_about_95_of_100_images(
    shape: tuple[int, int, int], lengths: tuple[float, float, float], fraction: float
) -> None:
    # Of 100 images, 90 to 100 are within three standard deviations of 95 to 97 %.
    assert 0.89 <= held(shape, lengths, fraction, 100) <= 1.0


def test_intervals_of_independent_pixels_are_those_of_the_binomial_distribution() -> None:
    # Wider by up to 45 %: a rise of the spectrum that real packings have is allowed for even where there is none.
    rng = np.random.default_rng(1)
    halves = [estimate_share(cells_of(pixels), cells_of(np.ones_like(pixels))).half
              for pixels in (rng.random((1, 128, 128)) < 0.3 for _ in range(20))]  # fmt: skip
    assert np.mean(halves) == pytest.approx(1.96 * np.sqrt(0.3 * 0.7 / 128**2), rel=0.45)


def test_an_interval_narrows_with_the_image_as_the_root_of_its_size() -> None:
    def half(length: int) -> float:
        images = (gaussian_phase((1, length, length), (0, 3, 3), 0.4, seed) for seed in range(12))
        return float(np.mean([estimate_share(cells_of(one), cells_of(np.ones_like(one))).half for one in images]))

    assert half(64) / half(256) == pytest.approx(4, rel=0.35)


def test_correlation_lengths_follow_the_structure_along_each_axis() -> None:
    phase = gaussian_phase((1, 200, 200), (0, 2, 8), 0.5, 3)
    _, down, right = spread_of_total(cells_of(phase) - phase.mean()).lengths
    assert right / down == pytest.approx(4, rel=0.4)


def test_coarser_cells_change_an_interval_little() -> None:
    phase = gaussian_phase((64, 64, 64), (4, 4, 4), 0.4, 1)
    source = SlabSource.of_array(phase)
    halves = []
    for most in (64**3, 16**3):
        cells = Cells.of_volume(phase.shape, CUBE, most=most)
        part, whole = (cells.total(source, values) for values in (lambda a: a, lambda a: np.ones_like(a)))
        assert part.sum() == phase.sum()
        halves.append(estimate_share(part, whole).half)
    assert halves[1] == pytest.approx(halves[0], rel=0.1)


def test_a_ratio_and_its_inverse_have_the_same_interval() -> None:
    phase = gaussian_phase((1, 96, 96), (0, 3, 3), 0.4, 5)
    one, other = cells_of(phase), cells_of(~phase)
    ratio, inverse = estimate_ratio(one, other), estimate_ratio(other, one)
    assert ratio.value == pytest.approx(phase.sum() / (~phase).sum())
    assert (ratio.low, ratio.high) == pytest.approx((1 / inverse.high, 1 / inverse.low), rel=1e-6)


def test_shares_are_of_what_is_labelled_and_what_is_not_is_told() -> None:
    labels = np.full((1, 40, 40), 9, np.uint8)
    labels[:, :, :20] = 1
    labels[:, :10, :20] = 2
    stage = measure_microstructure(labels, CUBE, {1: "Active", 2: "Pore"}, QUICK)
    assert found(stage, "fraction_active_percent").value == pytest.approx(75)
    assert found(stage, "ratio_active_to_pore").value == pytest.approx(3)
    assert any("50 % of the voxels have no named class" in note for note in stage.notes)


def test_zero_may_be_a_class() -> None:
    labels = (np.arange(1600).reshape(1, 40, 40) % 4 == 0).astype(np.float32)
    stage = measure_microstructure(labels, CUBE, {0: "pore", 1: "NMC"}, QUICK)
    assert found(stage, "fraction_pore_percent").value == pytest.approx(75)


def test_a_missing_class_and_a_single_one_have_no_interval_and_are_told() -> None:
    stage = measure_microstructure(np.ones((8, 8, 8), np.uint8), CUBE, {1: "NMC", 2: "Binder"}, QUICK)
    nmc, binder = found(stage, "fraction_nmc_percent"), found(stage, "fraction_binder_percent")
    assert (nmc.value, binder.value) == (100, 0)
    assert np.isnan([nmc.uncertainty, binder.uncertainty]).all()
    notes = " ".join(stage.notes)
    assert (
        "No voxel is Binder" in notes and "of one class" in notes and "No class is named as that of the pores" in notes
    )


def test_an_image_smaller_than_its_structure_says_so() -> None:
    labels = np.ones((1, 60, 60), np.uint8)
    labels[:, 20:, :] = 2
    stage = measure_microstructure(labels, CUBE, {1: "Pore", 2: "NMC"}, QUICK)
    assert found(stage, "fraction_pore_percent").uncertainty > 30
    assert any("Image a larger part" in note for note in stage.notes)


def test_labels_without_any_of_the_classes_are_refused() -> None:
    with pytest.raises(InputError) as error:
        measure_microstructure(np.zeros((4, 8, 8), np.uint8), CUBE, {1: "Pore"}, QUICK)
    assert error.value.code == "classes-absent"


def test_a_sure_model_adds_nothing_and_an_unsure_one_what_it_may_have_wrong() -> None:
    labels = np.ones((1, 40, 40), np.uint8)
    labels[:, :, 20:] = 2
    doubt = np.zeros(labels.shape, np.uint8)
    sources = [SlabSource.of_array(one) for one in (labels, doubt)]
    assert doubtful_shares(sources[0], sources[1], (1, 2)) == {1: (0, 0), 2: (0, 0)}
    doubt[:, :, 18:21] = 60  # two columns of class 1, one of class 2
    sources[1] = SlabSource.of_array(doubt)
    shares = doubtful_shares(sources[0], sources[1], (1, 2))
    assert shares[1] == pytest.approx((0.05, 0.025)) and shares[2] == pytest.approx((0.025, 0.05))


def test_doubt_is_stated_apart_and_combined_in_quadrature() -> None:
    labels = gaussian_phase((1, 64, 64), (0, 3, 3), 0.4, 2).astype(np.uint8) + 1
    doubt = np.where(np.random.default_rng(1).random(labels.shape) < 0.1, 50, 0).astype(np.uint8)
    given = Given(uncertainty=SlabSource.of_array(doubt))
    stage = measure_microstructure(labels, CUBE, {1: "Pore", 2: "NMC"}, QUICK, given)
    row = {name: values[0] for name, values in stage.tables["microstructure_fractions"].data.items()}
    assert row["u_segmentation_percent"] > 1
    assert row["u_percent"] == pytest.approx(np.hypot(row["u_sampling_percent"], row["u_segmentation_percent"]))
    assert found(stage, "fraction_pore_percent").uncertainty == pytest.approx(row["u_percent"])
    assert not any("how sure" in note for note in stage.notes)


def test_doubt_on_another_grid_is_refused() -> None:
    labels, doubt = np.ones((1, 8, 8), np.uint8), np.ones((1, 8, 9), np.uint8)
    with pytest.raises(InputError, match="differ in size"):
        measure_microstructure(labels, CUBE, {1: "Pore"}, QUICK, Given(uncertainty=SlabSource.of_array(doubt)))


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="dimension"):
        MicrostructureSettings(dimension=4)


def test_the_same_numbers_come_out_however_the_volume_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = gaussian_phase((24, 24, 24), (2, 2, 2), 0.4, 2).astype(np.uint8)
    classes = {0: "Pore", 1: "NMC"}
    whole = measure_microstructure(labels, CUBE, classes, QUICK)
    monkeypatch.setattr(Cells, "slab_voxels", 24 * 24 * 5)
    pieces = measure_microstructure(labels, CUBE, classes, QUICK)
    for one, other in zip(whole.quantities, pieces.quantities, strict=True):
        assert (one.value, one.uncertainty) == pytest.approx((other.value, other.uncertainty), nan_ok=True), one.name


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 3), (1, 1, 40), (30, 1, 1), (5, 6, 7), (4, 4, 60)])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.filterwarnings("error")
def test_small_and_narrow_volumes_give_numbers_or_say_that_there_are_none(
    shape: tuple[int, int, int], dimension: int
) -> None:
    settings = MicrostructureSettings(dimension=dimension, tortuosity=False)
    for seed in range(3):
        labels = np.random.default_rng(seed).integers(0, 3, shape).astype(np.uint8)
        stage = measure_microstructure(labels, (3, 0.5, 0.7), {0: "Pore", 1: "NMC", 2: "Binder"}, settings)
        shares = [one.value for one in stage.quantities if "_fraction_" in one.name]
        assert sum(shares) == pytest.approx(100)
        assert all(np.isfinite(one.value) or np.isnan(one.value) for one in stage.quantities)
        assert all(not one.uncertainty < 0 and not np.isinf(one.uncertainty) for one in stage.quantities)
