"""Evaluation of files and folders: what belongs together, and what cannot be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError, UsageError
from batterycell.segment.data.class_files import StatedClasses, name_classes
from batterycell.segment.evaluate import (
    EvaluateSettings,
    Evaluation,
    Pair,
    Reading,
    confusion_table,
    evaluate_pairs,
    find_pairs,
    worst_slices,
)
from labelled_files import CLASSES, NAMES, brute_force, random_labels, save_picture, save_segments


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two images as pictures of labels."""
    for n in range(2):
        save_picture(random_labels(n, (1, 20, 30))[0], tmp_path / "truth" / f"im{n}.png")
        save_picture(random_labels(n + 10, (1, 20, 30))[0], tmp_path / "pred" / f"im{n}.png")
    return tmp_path / "pred", tmp_path / "truth"


def evaluated(prediction: Path, truth: Path, **reading: Any) -> Evaluation:
    return evaluate_pairs(find_pairs(prediction, truth), EvaluateSettings(Reading(**reading)))


def test_folders_are_paired_by_name(folders: tuple[Path, Path]) -> None:
    evaluation = evaluated(*folders)
    assert [image.name for image in evaluation.images] == ["im0", "im1"]
    for n, image in enumerate(evaluation.images):
        truth, prediction = random_labels(n, (1, 20, 30)), random_labels(n + 10, (1, 20, 30))
        assert image.score("dice")[1] == pytest.approx(brute_force(truth, prediction, 1)["dice"])


def test_the_matrix_of_all_images_is_their_sum(folders: tuple[Path, Path]) -> None:
    evaluation = evaluated(*folders)
    assert (evaluation.matrix == evaluation.images[0].matrix + evaluation.images[1].matrix).all()


def test_segments_are_matched_by_name_whatever_their_order(tmp_path: Path) -> None:
    labels = random_labels(1)
    backwards = np.array([0, 3, 2, 1], np.uint8)[labels]
    save_segments(labels, CLASSES, tmp_path / "truth.seg.nrrd")
    save_segments(backwards, CLASSES[::-1], tmp_path / "pred.seg.nrrd")
    evaluation = evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")
    assert [one.name for one in evaluation.classes] == NAMES[::-1]
    assert evaluation.scores("dice").tolist() == [[1.0, 1.0, 1.0]]


def test_a_segment_of_another_name_is_an_error_not_a_zero(tmp_path: Path) -> None:
    save_segments(random_labels(1), CLASSES, tmp_path / "pred.seg.nrrd")
    misspelt = name_classes(["pore", "active materiel", "binder"])
    save_segments(random_labels(1), misspelt, tmp_path / "truth.seg.nrrd")
    with pytest.raises(InputError, match="active materiel"):
        evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")


def test_names_are_compared_without_regard_to_case(tmp_path: Path) -> None:
    save_segments(random_labels(1), CLASSES, tmp_path / "pred.seg.nrrd")
    save_segments(random_labels(1), name_classes(["Pore", "Active Material", "BINDER"]), tmp_path / "truth.seg.nrrd")
    assert evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd").mean("dice").mean == 1.0


def test_a_truth_of_values_is_compared_with_named_segments_in_order(tmp_path: Path) -> None:
    save_segments(random_labels(1), CLASSES, tmp_path / "pred.seg.nrrd")
    save_picture(random_labels(1)[0], tmp_path / "im.png")
    save_segments(random_labels(1)[:1], CLASSES, tmp_path / "pred.seg.nrrd")
    evaluation = evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "im.png")
    assert [one.name for one in evaluation.classes] == NAMES
    assert evaluation.mean("dice").mean == 1.0


@pytest.mark.parametrize("high", [1, 255])
@pytest.mark.parametrize("named", [False, True])
def test_a_mask_of_two_values_is_compared_in_full(tmp_path: Path, high: int, named: bool) -> None:
    """A hand-made mask, 0 and 1 or 0 and 255, with what a model trained on such masks predicts."""
    mask = (np.random.default_rng(1).random((12, 14)) > 0.5).astype(np.uint8)
    save_picture(mask * high, tmp_path / "truth.png")
    save_picture(mask * high, tmp_path / "pred.png")
    if named:
        save_segments(mask[None] + 1, name_classes(["background", f"class {high}"]), tmp_path / "pred.seg.nrrd")
    evaluation = evaluated(tmp_path / ("pred.seg.nrrd" if named else "pred.png"), tmp_path / "truth.png", full=True)
    assert [one.name for one in evaluation.classes] == ["background", f"class {high}"]
    assert evaluation.scores("dice").tolist() == [[1.0, 1.0]]


def test_what_nobody_painted_is_background_in_full(tmp_path: Path) -> None:
    classes = name_classes(["background", "particle"])
    painted = np.zeros((1, 6, 6), np.uint8)
    painted[0, 2:4, 2:4] = 2
    save_segments(painted, classes, tmp_path / "truth.seg.nrrd")
    save_segments(np.maximum(painted, 1), classes, tmp_path / "pred.seg.nrrd")
    paths = (tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")
    assert evaluated(*paths, full=True).matrix.tolist() == [[32, 0, 0], [0, 4, 0]]
    assert evaluated(*paths).matrix.tolist() == [[0, 0, 0], [0, 4, 0]]


def test_stated_classes_name_the_values(folders: tuple[Path, Path]) -> None:
    evaluation = evaluated(*folders, classes=StatedClasses(CLASSES, None))
    assert [one.name for one in evaluation.classes] == NAMES


def test_a_value_beyond_the_stated_classes_is_told(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InputError) as caught:
        evaluated(*folders, classes=StatedClasses(CLASSES[:2], None))
    assert caught.value.code == "label-unknown"


def test_differing_sizes_are_told(tmp_path: Path) -> None:
    save_picture(random_labels(1, (1, 20, 30))[0], tmp_path / "pred.png")
    save_picture(random_labels(1, (1, 20, 31))[0], tmp_path / "truth.png")
    with pytest.raises(InputError) as caught:
        evaluated(tmp_path / "pred.png", tmp_path / "truth.png")
    assert "1 × 20 × 31" in caught.value.message


def test_differing_voxel_sizes_are_told(tmp_path: Path) -> None:
    save_segments(random_labels(1), CLASSES, tmp_path / "pred.seg.nrrd", 10.0)
    save_segments(random_labels(1), CLASSES, tmp_path / "truth.seg.nrrd", 11.0)
    with pytest.raises(InputError) as caught:
        evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")
    assert caught.value.code == "voxels-differ"


def test_a_truth_without_prediction_is_told(folders: tuple[Path, Path]) -> None:
    (folders[0] / "im1.png").unlink()
    with pytest.raises(InputError, match="no prediction"):
        find_pairs(*folders)


def test_a_prediction_without_truth_is_left_out(folders: tuple[Path, Path]) -> None:
    (folders[1] / "im0.png").unlink()
    assert [pair.name for pair in find_pairs(*folders)] == ["im1"]


def test_two_files_of_one_name_are_told(folders: tuple[Path, Path]) -> None:
    save_segments(random_labels(1), CLASSES, folders[0] / "im0.seg.nrrd")
    with pytest.raises(InputError, match="im0"):
        find_pairs(*folders)


def test_wrong_words_are_told(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        find_pairs(folders[0], folders[1] / "im0.png")
    with pytest.raises(InputError, match="does not exist"):
        find_pairs(folders[0], tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no labels"):
        find_pairs(folders[0], tmp_path / "empty")


def test_a_grey_image_is_no_truth(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (20, 30)).astype(np.uint8)
    save_picture(grey, tmp_path / "truth.png")
    save_picture(random_labels(1, (1, 20, 30))[0], tmp_path / "pred.png")
    with pytest.raises(InputError, match=r"grey image|too many"):
        evaluated(tmp_path / "pred.png", tmp_path / "truth.png")


@pytest.fixture
def stack(tmp_path: Path) -> tuple[Path, Path]:
    """A segmentation of three slices, and its truth as a folder of pictures; nothing is known of the last."""
    labels = random_labels(1, (3, 20, 30))
    save_segments(random_labels(2, (3, 20, 30)), CLASSES, tmp_path / "pred" / "scan.seg.nrrd")
    for number, known in ((2, 1), (11, 1), (20, 0)):
        save_picture(labels[(2, 11, 20).index(number)] * known, tmp_path / "masks" / f"slice{number}.png")
    return tmp_path / "pred", tmp_path / "masks"


@pytest.mark.parametrize("prediction", ["pred", "pred/scan.seg.nrrd"])
def test_a_folder_of_pictures_is_the_truth_of_a_stack(stack: tuple[Path, Path], prediction: str) -> None:
    evaluation = evaluated(stack[0].parent / prediction, stack[1])
    assert [image.name for image in evaluation.images] == ["slice2", "slice11"]
    expected = brute_force(random_labels(1, (3, 20, 30))[1:2], random_labels(2, (3, 20, 30))[1:2], 0)
    assert evaluation.images[1].score("dice")[0] == pytest.approx(expected["dice"])


def test_each_slice_of_a_volume_can_count_by_itself(tmp_path: Path) -> None:
    truth, prediction = random_labels(1), random_labels(2)
    truth[1] = 0
    save_segments(truth, CLASSES, tmp_path / "truth.seg.nrrd")
    save_segments(prediction, CLASSES, tmp_path / "pred.seg.nrrd")
    paths = (tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")
    whole = evaluate_pairs(find_pairs(*paths))
    slices = evaluate_pairs(find_pairs(*paths, by_slice=True), EvaluateSettings(tolerance_px=1.0))
    assert [image.name for image in slices.images] == ["truth, slice 1", "truth, slice 3"]
    assert (slices.matrix == whole.matrix).all()
    assert np.isfinite(slices.scores("tolerant_dice")).all()
    assert (slices.are_neighbours, whole.are_neighbours) == (True, False)


def test_the_worst_slice_that_counts_by_itself_is_shown(stack: tuple[Path, Path]) -> None:
    pairs = find_pairs(*stack, images=stack[1])
    evaluation = evaluate_pairs(pairs)
    shown = worst_slices(evaluation, pairs, 5)
    dice = evaluation.image_means("dice")
    assert [one.name for one in shown] == [evaluation.images[n].name for n in np.argsort(dice)]


def test_a_truth_without_any_label_is_told(tmp_path: Path) -> None:
    save_segments(random_labels(1), CLASSES, tmp_path / "pred.seg.nrrd")
    save_segments(random_labels(1) * 0, CLASSES, tmp_path / "truth.seg.nrrd")
    with pytest.raises(InputError, match="labelled"):
        evaluated(tmp_path / "pred.seg.nrrd", tmp_path / "truth.seg.nrrd")


def test_the_confusion_table_counts_every_voxel(folders: tuple[Path, Path]) -> None:
    evaluation = evaluated(*folders)
    table = confusion_table(evaluation)
    assert len(table) == 3 * 3 * 4
    whole = table.where(table["image"] == "all")
    assert whole["voxels"].sum() == evaluation.matrix.sum()
    assert whole.where(whole["truth"] == "class 1")["share"].sum() == pytest.approx(1.0)


def test_the_worst_slice_of_the_worst_image_is_found(tmp_path: Path) -> None:
    truth = np.ones((4, 10, 10), np.uint8)
    truth[:, :5] = 2
    spoiled = truth.copy()
    spoiled[2, 3:7] = 3 - spoiled[2, 3:7]
    pairs = []
    for name, labels in (("good", truth), ("bad", spoiled)):
        paths = [tmp_path / f"{name}_{kind}.seg.nrrd" for kind in ("pred", "truth")]
        save_segments(labels, CLASSES[:2], paths[0])
        save_segments(truth, CLASSES[:2], paths[1])
        pairs.append(Pair(name, *paths, image=paths[1]))
    worst = worst_slices(evaluate_pairs(pairs), pairs, 1)
    assert [(one.name, one.slice) for one in worst] == [("bad", 2)]
    assert worst[0].wrong.sum() == 40
