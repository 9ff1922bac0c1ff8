"""Training that is interrupted, paused, stopped, or that fails: it goes on, or says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError, OutputError
from batterycell.progress import Progress
from batterycell.segment import Dataset, TrainSettings
from batterycell.segment.model import read_info
from batterycell.segment.train import Controls, loop, read_history, train
from batterycell.segment.train import session as sessions
from batterycell.segment.train.learner import Learner
from made_training import CLASSES, Breaks, assert_same, made_dataset, tiny, weights_of

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return made_dataset()


def train_to_the_end(dataset: Dataset, settings: TrainSettings, run: Path, progress: Progress) -> int:
    """Train, again and again where it was cancelled; return how often that was."""
    for count in range(20):
        try:
            train(dataset, settings, run, progress)
        except Cancelled:
            continue
        return count
    raise AssertionError("it never ends")


# Again, and on


def test_a_seed_gives_the_same_model_and_another_seed_another(dataset: Dataset, tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        train(dataset, tiny(seed=seed), tmp_path / name, Progress())
    assert_same(tmp_path / "again", tmp_path / "first")
    ours, other = weights_of(tmp_path / "first"), weights_of(tmp_path / "other")
    assert not all(torch.equal(ours[name], other[name]) for name in ours)


@pytest.mark.parametrize("mixed", [False, True])
def test_a_cancelled_training_goes_on_to_the_bit(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: bool
) -> None:
    monkeypatch.setattr(loop, "_REPORT_EVERY_S", 0.0)
    settings = tiny(epochs=3, mixed_precision=mixed, augmentation="strong")
    train(dataset, settings, tmp_path / "whole", Progress())
    broken = train_to_the_end(dataset, settings, tmp_path / "parts", Progress(is_cancelled=Breaks(3, 7, 8, 14, 21)))
    assert broken == 5
    assert_same(tmp_path / "parts", tmp_path / "whole")


def test_a_killed_training_goes_on_from_its_last_checkpoint(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(dataset, tiny(epochs=3), tmp_path / "whole", Progress())
    monkeypatch.setattr(loop, "_KEEP_AFTER_S", 0.0)
    steps = 0

    def dies(learner: Learner, *batch: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == 7:
            raise SystemExit("killed")
        return step(learner, *batch)

    step = Learner.step
    monkeypatch.setattr(Learner, "step", dies)
    with pytest.raises(SystemExit):
        train(dataset, tiny(epochs=3), tmp_path / "parts", Progress())
    train(dataset, tiny(epochs=3), tmp_path / "parts", Progress())
    assert steps == 7 + 8  # four steps an epoch, the second one twice
    assert_same(tmp_path / "parts", tmp_path / "whole")
    notes = read_info(tmp_path / "parts" / "model").training["notes"]
    assert "Went on after epoch 1, where it was interrupted." in notes


# Controls


def test_a_stop_keeps_the_best_so_far(dataset: Dataset, tmp_path: Path) -> None:
    asked = Breaks(*range(7, 1000))
    train(dataset, tiny(epochs=50), tmp_path, Progress(), Controls(wants_stop=asked))
    history = read_history(tmp_path / "training.csv", CLASSES)
    assert len(history) == 2 and (tmp_path / "model").is_dir()


def test_a_stop_before_the_first_epoch_gives_a_model_too(dataset: Dataset, tmp_path: Path) -> None:
    train(dataset, tiny(), tmp_path, Progress(), Controls(wants_stop=lambda: True))
    assert len(read_history(tmp_path / "training.csv", CLASSES)) == 1 and (tmp_path / "model").is_dir()


def test_a_pause_waits_and_changes_nothing(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_WAIT_S", 0.0)
    told: list[str] = []
    train(dataset, tiny(), tmp_path / "whole", Progress())
    controls = Controls(is_paused=Breaks(3, 4, 5))
    train(dataset, tiny(), tmp_path / "paused", Progress(lambda _, message: told.append(message)), controls)
    assert "paused" in told
    assert_same(tmp_path / "paused", tmp_path / "whole")


def test_minutes_shorten_the_curve_of_the_learning_rate(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(100_000))
    monkeypatch.setattr(loop.time, "monotonic", lambda: float(next(seconds)))
    train(dataset, tiny(epochs=1000, minutes=2.0), tmp_path, Progress())
    history = read_history(tmp_path / "training.csv", CLASSES)
    assert 1 < len(history) < 10
    assert history["learning_rate"][-1] < 0.1 * history["learning_rate"].max()


def test_patience_ends_what_gets_no_better(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "measure_dice", lambda *_: np.array([0.5, 0.5, np.nan]))
    train(dataset, tiny(epochs=50, steps=1, patience=3), tmp_path, Progress())
    assert len(read_history(tmp_path / "training.csv", CLASSES)) == 4


# What it survives


def failing(times: list[int], error: BaseException, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Let some calls of a step fail; return the shapes of all batches."""
    shapes: list[tuple[int, ...]] = []
    step = Learner.step

    def step_or_fail(learner: Learner, images: Any, labels: Any, rate: float) -> Any:
        shapes.append(tuple(images.shape))
        if len(shapes) - 1 in times:
            raise error
        return step(learner, images, labels, rate)

    monkeypatch.setattr(Learner, "step", step_or_fail)
    return shapes


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: not enough memory: you tried to allocate"
        ),
        pytest.param("cuda", id="cuda"),
    ],
)
def test_too_little_memory_makes_the_batch_smaller_then_the_patch(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Any
) -> None:
    error = torch.OutOfMemoryError("CUDA out of memory.") if error == "cuda" else error
    shapes = failing([0, 1, 2], error, monkeypatch)
    train(dataset, tiny(batch=4), tmp_path, Progress())
    assert [shape[0] for shape in shapes[:4]] == [4, 2, 1, 1]
    assert [shape[-1] for shape in shapes[:5]] == [32, 32, 32, 16, 16]
    notes = read_info(tmp_path / "model").training["notes"]
    assert "The memory did not suffice: went on with 1 patches of 16 pixels a step." in notes


def test_where_nothing_fits_it_says_so(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(list(range(100)), MemoryError(), monkeypatch)
    with pytest.raises(InputError, match="does not suffice for a single small patch"):
        train(dataset, tiny(), tmp_path, Progress())


def test_other_errors_are_not_taken_for_memory(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing([0], RuntimeError("a fault"), monkeypatch)
    with pytest.raises(RuntimeError, match="a fault"):
        train(dataset, tiny(), tmp_path, Progress())


def spoilt(times: list[int], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the weights of some steps become NaN; return the learning rates of all."""
    rates: list[float] = []
    step = Learner.step

    def step_or_spoil(learner: Learner, images: Any, labels: Any, rate: float) -> Any:
        rates.append(rate)
        if len(rates) - 1 in times:
            images = images * float("nan")
        return step(learner, images, labels, rate)

    monkeypatch.setattr(Learner, "step", step_or_spoil)
    return rates


def test_a_loss_that_is_no_number_halves_the_learning_rate(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = spoilt([2], monkeypatch)
    train(dataset, tiny(), tmp_path, Progress())
    assert rates[3] == rates[0] / 2 and len(rates) == 3 + 8
    assert all(bool(torch.isfinite(value).all()) for value in weights_of(tmp_path).values())
    assert any("half the learning rate" in note for note in read_info(tmp_path / "model").training["notes"])


def test_a_loss_that_never_is_a_number_ends_with_a_message(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt(list(range(100)), monkeypatch)
    with pytest.raises(InputError, match="no number again and again"):
        train(dataset, tiny(), tmp_path, Progress())


def test_a_full_disk_keeps_the_last_checkpoint(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(dataset, tiny(epochs=3), tmp_path / "whole", Progress())
    monkeypatch.setattr(loop, "_KEEP_AFTER_S", 0.0)
    save, count = sessions.save_tensors, 0

    def fills_up(*call: Any) -> None:
        nonlocal count
        count += 1
        if count == 5:
            raise OutputError("output-unwritable", "No space left on device.", "Make room.")
        save(*call)

    with monkeypatch.context() as full:
        full.setattr(sessions, "save_tensors", fills_up)
        with pytest.raises(OutputError, match="No space left"):
            train(dataset, tiny(epochs=3), tmp_path / "parts", Progress())
    train(dataset, tiny(epochs=3), tmp_path / "parts", Progress())
    assert_same(tmp_path / "parts", tmp_path / "whole")


def test_what_is_left_is_told_by_the_minutes_where_they_end_it(tmp_path: Path) -> None:
    told: list[float] = []
    progress = Progress(lambda fraction, message: told.append(fraction))
    train(made_dataset(("training", "validation")), tiny(epochs=1, steps=100_000, minutes=0.03), tmp_path, progress)
    assert max(fraction for fraction in told if fraction < 0.98) > 0.6
