"""How well labels agree: counted voxel by voxel, and told honestly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled
from batterycell.progress import Progress
from batterycell.segment.evaluate import (
    Compared,
    Evaluation,
    ImageScores,
    dice_grid,
    score_labels,
    score_table,
)
from batterycell.segment.evaluate.confusion import count_agreement, count_confusion
from batterycell.segment.evaluate.interval import mean_interval
from labelled_files import CLASSES, brute_force, random_labels


@pytest.mark.parametrize("seed", range(3))
def test_every_measure_agrees_with_sets_of_voxels(seed: int) -> None:
    truth, prediction = random_labels(seed), random_labels(seed + 100)
    image = score_labels("a", Compared(CLASSES, truth, prediction))
    for n in range(3):
        expected = brute_force(truth, prediction, n)
        assert {name: image.score(name)[n] for name in expected} == pytest.approx(expected)  # type: ignore[arg-type]


def test_the_scores_of_a_few_pixels_done_by_hand() -> None:
    truth = np.array([[[1, 1, 1, 2, 2, 0]]], np.uint8)
    prediction = np.array([[[1, 2, 0, 2, 2, 1]]], np.uint8)
    image = score_labels("a", Compared(CLASSES[:2], truth, prediction))
    assert image.matrix.tolist() == [[1, 1, 1], [0, 2, 0]]
    assert image.score("dice").tolist() == pytest.approx([2 * 1 / (3 + 1), 2 * 2 / (2 + 3)])
    assert image.score("iou").tolist() == pytest.approx([1 / 3, 2 / 3])
    assert image.score("precision").tolist() == pytest.approx([1, 2 / 3])
    assert image.score("recall").tolist() == pytest.approx([1 / 3, 1])


def test_unknown_voxels_do_not_count() -> None:
    truth, prediction = random_labels(1), random_labels(2)
    changed = np.where(truth == 0, random_labels(3), prediction)
    assert (count_confusion(truth, prediction, 3) == count_confusion(truth, changed, 3)).all()
    assert count_confusion(truth, prediction, 3).sum() == np.count_nonzero(truth)


def test_counting_in_parts_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, prediction = random_labels(1, (50, 9, 8)), random_labels(2, (50, 9, 8))
    whole = count_confusion(truth, prediction, 3)
    monkeypatch.setattr("batterycell.segment.evaluate.confusion._CHUNK", 100)
    assert (count_confusion(truth, prediction, 3) == whole).all()


def test_counting_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        count_confusion(random_labels(1), random_labels(2), 3, Progress(is_cancelled=lambda: True))


def test_a_class_that_is_nowhere_has_no_number() -> None:
    """1.0 would lift the mean of images without the class, 0.0 would lower it."""
    truth = np.full((1, 4, 4), 1, np.uint8)
    image = score_labels("a", Compared(CLASSES, truth, truth))
    assert image.score("dice").tolist() == pytest.approx([1.0, math.nan, math.nan], nan_ok=True)
    assert image.notes()[1] == "in neither truth nor prediction"
    evaluation = Evaluation(CLASSES, (image,))
    assert evaluation.mean("dice").mean == 1.0
    assert evaluation.means("dice")[1].count == 0


def test_a_class_that_is_only_predicted_has_a_dice_of_zero() -> None:
    truth, prediction = np.full((1, 4, 4), 1, np.uint8), np.full((1, 4, 4), 2, np.uint8)
    image = score_labels("a", Compared(CLASSES, truth, prediction))
    assert image.score("dice")[:2].tolist() == [0.0, 0.0]
    assert np.isnan([image.score("precision")[0], image.score("recall")[1]]).all()
    assert image.notes()[:2] == ["never predicted", "predicted, but not in the truth"]


def square(low: int, high: int) -> np.ndarray[Any, Any]:
    labels = np.ones((1, 40, 40), np.uint8)
    labels[0, low:high, low:high] = 2
    return labels


def test_edges_drawn_a_pixel_beside_agree_within_two_pixels() -> None:
    image = score_labels("a", Compared(CLASSES[:2], square(10, 30), square(11, 29)), 2.0)
    assert image.score("dice")[1] < 0.9
    assert image.score("tolerant_dice").tolist() == [1.0, 1.0]


def test_edges_beyond_the_tolerance_do_not_agree() -> None:
    """Of the truth, the outermost ring of three is farther than two pixels from the prediction."""
    image = score_labels("a", Compared(CLASSES[:2], square(10, 30), square(13, 27)), 2.0)
    agree = 18 * 18 - 4 * 3 + 14 * 14  # three pixels of each corner are √5 or √8 away
    assert image.score("tolerant_dice")[1] == pytest.approx(agree / (20 * 20 + 14 * 14))


def test_an_object_that_is_missing_costs_in_spite_of_the_tolerance() -> None:
    image = score_labels("a", Compared(CLASSES[:2], square(10, 30), square(0, 0)), 5.0)
    assert image.score("tolerant_dice")[1] == 0.0


def test_agreement_without_distance_is_the_dice() -> None:
    truth, prediction = random_labels(5), random_labels(6)
    counts = count_agreement(truth, prediction, 3, 0.0)
    expected = score_labels("a", Compared(CLASSES, truth, prediction)).score("dice")
    assert (counts[:, 0] / counts[:, 1]).tolist() == pytest.approx(expected.tolist())


def test_the_interval_is_that_of_students_t() -> None:
    """Five values, by hand: mean .922, s = .0492, t(.975, 4) = 2.776."""
    found = mean_interval(np.array([0.84, 0.96, 0.96, 0.91, 0.94]))
    half = 2.776 * np.std([0.84, 0.96, 0.96, 0.91, 0.94], ddof=1) / np.sqrt(5)
    assert (found.mean, found.count) == (pytest.approx(0.922), 5)
    assert (found.low, found.high) == (pytest.approx(0.922 - half, abs=1e-4), pytest.approx(0.922 + half, abs=1e-4))


def test_the_interval_covers_the_true_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    hits = [low <= 50 / 53 <= high for low, high in (bounds(random.beta(50, 3, 5)) for _ in range(2000))]
    assert 0.90 < np.mean(hits) < 0.97


def bounds(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    found = mean_interval(values)
    return found.low, found.high


def test_one_image_has_a_mean_but_no_interval() -> None:
    found = mean_interval(np.array([0.9, np.nan]))
    assert (found.mean, found.count) == (0.9, 1)
    assert math.isnan(found.low) and math.isnan(found.high)
    assert math.isnan(mean_interval(np.array([np.nan])).mean)


def test_an_interval_never_leaves_0_to_1() -> None:
    assert bounds(np.array([0.5, 1.0])) == (0.0, 1.0)


def five_images() -> Evaluation:
    """The five test images of the reference: their Dice is given, two voxels of every thousand are exchanged."""
    dice = np.array([[0.84, 0.98, 0.82], [0.96, 0.97, 0.85], [0.96, 0.97, 0.88], [0.91, 0.92, 0.82], [0.94, 0.95, 0.5]])
    return Evaluation(CLASSES, tuple(ImageScores(f"image {n + 1}", matrix_of(row)) for n, row in enumerate(dice)))


def matrix_of(dice: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A matrix with these Dice: of 10,000 voxels of a class some are right, the others without prediction."""
    right = np.rint(10_000 * dice / (2 - dice)).astype(np.int64)
    return np.concatenate([np.diag(right), (10_000 - right)[:, None]], axis=1)


def test_the_printed_table_has_the_form_of_the_reference() -> None:
    rows = dice_grid(five_images())
    assert rows[0] == ["image", "pore", "active material", "binder", "mean"]
    assert rows[5] == ["image 5", "0.940", "0.950", "0.500", "0.797"]
    assert rows[6] == ["mean", "0.922", "0.958", "0.774", "0.885"]
    assert [row[0] for row in rows[7:]] == ["95 % from", "95 % to"]


def test_the_table_holds_every_image_and_class_and_the_means() -> None:
    table = score_table(five_images())
    assert len(table) == 5 * 4 + 4
    mean = table.where((table["image"] == "mean") & (table["class"] == "mean"))
    assert mean["dice"][0] == pytest.approx(0.885, abs=1e-3)
    assert mean["dice_low"][0] < mean["dice"][0] < mean["dice_high"][0]
    assert mean["images"][0] == 5
