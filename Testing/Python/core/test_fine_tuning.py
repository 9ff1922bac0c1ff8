"""Going on from a model whose classes or channels are not all those of the training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.progress import Progress
from batterycell.segment import Dataset, SegmentClass
from batterycell.segment.model import load_model, read_info
from batterycell.segment.train import train
from made_training import CLASSES, made_dataset, tiny

torch = pytest.importorskip("torch")
pytest.importorskip("monai")

from batterycell.segment.train.kinship import Kinship, channel_shares, class_shares, find_kinship  # noqa: E402
from batterycell.segment.train.transfer import transfer_weights  # noqa: E402

PORE, ACTIVE, BINDER = CLASSES
ADDITIVE, REST, PARTICLE = (SegmentClass(name, "#56B4E9") for name in ("additive", "what is not particle", "Particle"))
NOTHING = {"epochs": 1, "steps": 1, "learning_rate": 1e-9, "width": None, "depth": None}


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A model that tells the three classes apart."""
    yield train(made_dataset(), tiny(epochs=6, steps=10), tmp_path_factory.mktemp("parent"), Progress())


def relabelled(values: dict[int, int], *classes: SegmentClass) -> Dataset:
    """The dataset with other classes; labels are changed as the values say."""
    table = np.arange(256, dtype=np.uint8)
    for old, new in values.items():
        table[old] = new
    whole = made_dataset()
    return replace(whole, classes=classes, samples=tuple(replace(s, labels=table[s.labels]) for s in whole.samples))


def begun(dataset: Dataset, parent: Path, run: Path) -> tuple[float, list[str]]:
    """Mean Dice before anything was learnt, and what was noted."""
    info = read_info(train(dataset, tiny(**NOTHING), run, Progress(), start_from=parent))
    return float(info.training["mean_dice"]), list(info.training["notes"])


def test_classes_in_another_order_are_known_at_once(parent: Path, tmp_path: Path) -> None:
    dice, notes = begun(relabelled({1: 3, 2: 1, 3: 2}, ACTIVE, BINDER, PORE), parent, tmp_path)
    assert dice == pytest.approx(read_info(parent).training["mean_dice"], abs=0.02)
    assert not any("called otherwise" in note for note in notes)


def test_names_are_one_in_capital_and_small_letters(parent: Path) -> None:
    model = load_model(parent)
    shouted = replace(made_dataset(), classes=tuple(replace(one, name=one.name.upper()) for one in CLASSES))
    np.testing.assert_array_equal(find_kinship(model.info, model.network, shouted).classes, np.eye(3))


def test_classes_of_other_names_are_known_by_what_the_model_sees_in_them(parent: Path, tmp_path: Path) -> None:
    dice, notes = begun(relabelled({1: 1, 2: 2, 3: 1}, REST, PARTICLE), parent, tmp_path)
    assert dice > 0.85
    assert any("what is not particle as pore and binder, Particle as active material" in note for note in notes)


def test_a_new_class_begins_as_the_one_that_it_was_part_of(parent: Path, tmp_path: Path) -> None:
    whole = relabelled({}, PORE, ACTIVE, BINDER, ADDITIVE)
    samples = []
    for sample in whole.samples:
        labels = sample.labels.copy()
        labels[:, :, 24:][labels[:, :, 24:] == 3] = 4
        samples.append(replace(sample, labels=labels))
    _, notes = begun(replace(whole, samples=tuple(samples)), parent, tmp_path)
    assert any(note.endswith("it begins with additive as binder.") for note in notes)


def test_weights_of_the_same_classes_and_channels_stay_to_the_bit(parent: Path) -> None:
    model = load_model(parent)
    before = dict(model.network.state_dict())
    kinship = Kinship(np.eye(3), np.eye(1), (True,) * 3)
    after = transfer_weights(before, model.info.network, kinship, 0)
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_two_detectors_begin_as_their_mean(parent: Path, tmp_path: Path) -> None:
    two = made_dataset()
    samples = [replace(one, image=one.image.repeat(2, 0), levels=one.levels * 2) for one in two.samples]
    dice, notes = begun(replace(two, samples=tuple(samples), channel_names=("SE", "BSE")), parent, tmp_path)
    assert dice == pytest.approx(read_info(parent).training["mean_dice"], abs=0.02)
    assert any("begins with the mean of SE, BSE" in note for note in notes)
    assert read_info(tmp_path / "model").network.channels == 2


@pytest.mark.parametrize(
    ("names", "known", "shares"),
    [
        (("se", "bse"), ("BSE", "SE"), [[0, 1], [1, 0]]),
        (("grey",), ("SE", "BSE"), [[0.5], [0.5]]),
        (("se", "bse"), ("one", "two"), [[1, 0], [0, 1]]),
        (("se", "bse"), ("se",), [[1, 0]]),
        (("se",), ("x", "se"), [[0], [1]]),
    ],
)
def test_channels_meet_by_name_then_in_order_then_in_their_mean(names: Any, known: Any, shares: Any) -> None:
    np.testing.assert_allclose(channel_shares(names, known), shares)


def test_a_class_that_the_model_saw_by_mistake_is_no_part_of_another() -> None:
    seen = np.array([[90.0, 5.0, 5.0], [4.0, 90.0, 6.0]])
    np.testing.assert_allclose(class_shares(seen, []), [[1, 0, 0], [0, 1, 0]])


def test_a_class_that_nobody_painted_begins_as_the_mean_of_all() -> None:
    np.testing.assert_allclose(class_shares(np.array([[9.0, 0.0], [0.0, 0.0]]), []), [[1, 0], [0.5, 0.5]])
