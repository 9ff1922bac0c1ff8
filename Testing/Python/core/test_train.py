"""Training: what it leaves behind, how it is interrupted and goes on, what it survives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import worker
from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment import Dataset
from batterycell.segment.data.files import write_dataset
from batterycell.segment.model import load_model, read_info
from batterycell.segment.train import loop, read_history, train
from batterycell.segment.train.learner import Learner
from batterycell.worker.train import read_summary
from made_training import CLASSES, LEVELS, made_dataset, made_sample, tiny, weights_of

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return made_dataset()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    """The folder of a training that went well."""
    torch.set_num_threads(1)
    run = tmp_path_factory.mktemp("finished") / "run"
    train(dataset, tiny(epochs=4, steps=20, width=8, name="tiny"), run, Progress())
    return run


# What it leaves behind


def test_a_small_network_learns_to_tell_the_classes(finished: Path) -> None:
    history = read_history(finished / "training.csv", CLASSES)
    assert list(history["epoch"]) == [1, 2, 3, 4]
    assert history["mean_dice"][-1] > 0.85 and history["loss"][-1] < history["loss"][0]
    assert (np.diff(history["seconds"]) > 0).all()


def test_the_model_says_what_it_was_trained_on(finished: Path, dataset: Dataset) -> None:
    info = read_info(finished / "model")
    history = read_history(finished / "training.csv", CLASSES)
    assert (info.name, info.classes, info.channel_names) == ("tiny", CLASSES, ("grey",))
    assert info.voxel_size_um == (1.0, 0.5, 0.5) and info.levels == ((LEVELS[0].low, LEVELS[0].high),)
    assert set(info.dice) == {one.name for one in CLASSES}
    assert np.mean(list(info.dice.values())) == pytest.approx(max(history["mean_dice"]))
    assert info.frames == ("image 0/frame training 0", "image 1/frame validation 1")
    assert len(info.quantiles) == 1 and list(info.quantiles[0]) == sorted(info.quantiles[0])
    assert info.training["settings"]["steps"] == 20 and "cpu" in info.training["device"] and info.created


def test_the_best_weights_are_the_ones_that_are_kept(dataset: Dataset, tmp_path: Path) -> None:
    dice = iter([0.2, 0.9, 0.5])

    def measured(learner: Learner, samples: Any, progress: Any) -> Any:
        if (value := next(dice)) == 0.9:
            kept.update({name: tensor.clone() for name, tensor in learner.average.state_dict().items()})
        return np.array([value] * 3)

    kept: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "measure_dice", measured)
        train(dataset, tiny(epochs=3), tmp_path, Progress())
    assert all(torch.equal(value, kept[name]) for name, value in weights_of(tmp_path).items())
    assert read_info(tmp_path / "model").training["best_epoch"] == 2


def test_monitored_frames_are_predicted_while_it_learns(finished: Path, dataset: Dataset) -> None:
    (path,) = (finished / "previews").iterdir()
    labels = np.load(path)
    assert path.stem == "frame-monitoring-2" and labels.dtype == np.uint8
    truth = dataset.of_role("monitoring")[0].labels
    assert labels.shape == truth.shape and (labels == truth).mean() > 0.7


def test_progress_rises_to_the_end_and_says_which_epoch(dataset: Dataset, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    train(dataset, tiny(), tmp_path, Progress(lambda fraction, message: told.append((fraction, message))))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and any("epoch 1 of 2" in message for _, message in told)


@pytest.mark.parametrize(
    "more", [{"dimension": "2.5d"}, {"dimension": "3d"}, {"loss": "focal", "mixed_precision": True}]
)
def test_every_kind_of_network_learns(more: dict[str, Any], tmp_path: Path) -> None:
    dataset = made_dataset(shape=(4, 32, 32), margin=1 if more.get("dimension") == "2.5d" else 0)
    folder = train(dataset, tiny(**more), tmp_path, Progress())
    assert load_model(folder).info.network.dimension == more.get("dimension", "2d")


def test_a_few_scribbles_teach_it(tmp_path: Path) -> None:
    sample = made_sample(0, shape=(1, 96, 96))
    scribbles = np.zeros_like(sample.labels)
    scribbles[:, 30:33], scribbles[:, :, 60:62] = sample.labels[:, 30:33], sample.labels[:, :, 60:62]
    samples = (replace(sample, labels=scribbles), made_sample(1, "validation"))
    train(Dataset(CLASSES, samples), tiny(steps=40, width=8), tmp_path, Progress())
    assert read_info(tmp_path / "model").training["mean_dice"] > 0.8


def test_mixed_frames_are_divided(tmp_path: Path) -> None:
    train(made_dataset(["mixed"], shape=(1, 64, 64)), tiny(), tmp_path, Progress())
    info = read_info(tmp_path / "model")
    assert info.frames == ("image 0/frame mixed 0",) and set(info.dice) == {one.name for one in CLASSES}
    # What lies between the two sides counts for neither.
    assert 0.8 * 64**2 < info.training["rounds"][0]["painted_pixels"] < 64**2


def test_a_finished_training_is_not_done_again(finished: Path, dataset: Dataset) -> None:
    before = (finished / "training.csv").stat().st_mtime_ns
    settings = tiny(epochs=4, steps=20, width=8, name="tiny")
    assert train(dataset, settings, finished, Progress()) == finished / "model"
    assert (finished / "training.csv").stat().st_mtime_ns == before


def test_other_labels_do_not_go_on_with_a_training(finished: Path, dataset: Dataset) -> None:
    settings = tiny(epochs=4, steps=20, width=8, name="tiny")
    other = replace(dataset, samples=(made_sample(5), *dataset.samples[1:]))
    with pytest.raises(InputError, match="began with other frames, labels or settings"):
        train(other, settings, finished, Progress())
    with pytest.raises(InputError, match="began with other frames, labels or settings"):
        train(dataset, replace(settings, loss="ce"), finished, Progress())


def test_nothing_to_learn_from_is_told_before_it_starts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="validate"):
        train(made_dataset(["training"]), tiny(), tmp_path / "run", Progress())
    assert not (tmp_path / "run").exists()


# On from a model


def test_going_on_from_a_model_begins_where_it_ended(finished: Path, dataset: Dataset, tmp_path: Path) -> None:
    settings = tiny(epochs=1, steps=1, learning_rate=1e-5, width=None, depth=None)
    folder = train(dataset, settings, tmp_path, Progress(), start_from=finished / "model")
    parent, info = read_info(finished / "model"), read_info(folder)
    assert info.training["mean_dice"] == pytest.approx(parent.training["mean_dice"], abs=0.02)
    assert info.network == parent.network and info.parent.startswith("tiny ")
    assert [one["round"] for one in info.training["rounds"]] == [1, 2]
    assert json.loads((tmp_path / "rounds.json").read_text()) == info.training["rounds"]
    assert info.training["rounds"][1]["painted_pixels"] == 2 * 48 * 48


def test_pixels_of_another_size_than_before_are_told(finished: Path, dataset: Dataset, tmp_path: Path) -> None:
    other = [replace(sample, voxel_size_um=(1.0, 2.0, 2.0)) for sample in dataset.samples]
    again = replace(dataset, samples=tuple(other))
    folder = train(again, tiny(epochs=1, steps=1), tmp_path, Progress(), start_from=finished / "model")
    assert any("learnt from pixels of 0.5 × 0.5 µm, these are of 2 × 2 µm" in note for note in notes_of(folder))
    assert not any("learnt from pixels" in note for note in notes_of(finished / "model"))


def notes_of(folder: Path) -> list[str]:
    return list(read_info(folder).training["notes"])


def test_a_model_of_another_dimension_is_refused(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a 2d network, not a 3d one"):
        train(
            made_dataset(shape=(2, 48, 48)), tiny(dimension="3d"), tmp_path, Progress(), start_from=finished / "model"
        )


# In a process of its own


@pytest.fixture
def job(tmp_path: Path, dataset: Dataset) -> Path:
    from dataclasses import asdict

    write_dataset(dataset, tmp_path / "data")
    settings = {
        "dataset": str(tmp_path / "data"), "run": str(tmp_path / "run"), "name": "by the worker",
        "train": asdict(tiny()), "model": str(tmp_path / "model"),
    }  # fmt: skip
    (tmp_path / "job").mkdir()
    worker.write_job(tmp_path / "job", "train", None, settings)
    return tmp_path / "job"


def test_the_worker_trains_and_says_where_the_model_is(job: Path, tmp_path: Path) -> None:
    assert worker.run(job) == 0
    summary = read_summary(job)
    assert summary["model"] == str(tmp_path / "model") and summary["name"] == "by the worker"
    assert load_model(tmp_path / "model").hash == summary["hash"]
    assert set(summary["dice"]) == {one.name for one in CLASSES}
    assert (tmp_path / "run" / "training.csv").is_file()


def test_a_file_stops_the_worker_with_the_best_so_far(job: Path, tmp_path: Path) -> None:
    (job / "stop").touch()
    assert worker.run(job) == 0
    assert read_summary(job)["training"]["epochs"] == 1


def test_a_cancelled_worker_goes_on_when_it_is_called_again(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_REPORT_EVERY_S", 0.0)
    steps: list[int] = []
    step = Learner.step

    def counted(learner: Learner, *batch: Any) -> Any:
        steps.append(len(steps))
        if len(steps) == 5:
            (job / worker.CANCEL_FILE).touch()
        return step(learner, *batch)

    monkeypatch.setattr(Learner, "step", counted)
    assert worker.run(job) == 130
    (job / worker.CANCEL_FILE).unlink()
    assert worker.run(job) == 0
    assert len(steps) == 8
