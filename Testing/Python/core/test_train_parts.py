"""The parts of a training: devices, sizes, patches, losses, curves."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError, OutputError, UsageError
from batterycell.segment import SegmentClass, TrainSettings
from batterycell.segment.model import NetworkSpec
from batterycell.segment.train import Device, Machine, choose_device, history_columns, read_history, size_to
from batterycell.segment.train.feed import Feed
from batterycell.segment.train.history import make_history, write_history
from batterycell.segment.train.schedule import learning_rate
from batterycell.segment.train.sizing import seconds_a_step, settings_for
from made_training import CLASSES, GREY, made_dataset, made_sample

torch = pytest.importorskip("torch")
patches = pytest.importorskip("batterycell.segment.train.patches")
loss = pytest.importorskip("batterycell.segment.train.loss")

CPU = Device("cpu", "cpu", False)
LAPTOP = Machine(CPU, 8 * 2**30, 2)
FLAT = NetworkSpec("2d", 1, 0, 3, (4, 8), (2,))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


# Devices


def test_the_cpu_says_why_it_computes() -> None:
    device = choose_device("cpu")
    assert device.name == device.kind == "cpu" and "asked for" in device.why and "bit arithmetic" in device.why


def test_without_a_gpu_the_cpu_is_taken_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "no CUDA GPU was found" in choose_device("auto").why


@pytest.mark.parametrize("wish", ["cuda", "cuda:3"])
def test_a_gpu_that_is_not_there_is_refused(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=f"{wish} is not here: no CUDA GPUs were found"):
        choose_device(wish)


def test_of_two_gpus_the_roomier_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = torch.cuda
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "device_count", lambda: 2)
    monkeypatch.setattr(cuda, "mem_get_info", lambda number: ((3 + 8 * number) * 2**30, 12 * 2**30))
    monkeypatch.setattr(cuda, "get_device_name", lambda number: "NVIDIA Test")
    monkeypatch.setattr(cuda, "is_bf16_supported", lambda including_emulation=True: False)
    monkeypatch.setattr(cuda, "device", lambda number: torch.no_grad())
    device = choose_device("auto")
    assert device.name == "cuda:1" and device.half == "float16"
    assert device.why.startswith("cuda:1 NVIDIA Test, 11 GB free")


def test_an_unknown_device_is_a_wrong_word() -> None:
    with pytest.raises(UsageError, match="'tpu' is no device"):
        choose_device("tpu")


# Sizes


def test_all_that_was_open_is_sized_to_the_frames() -> None:
    settings, spec = size_to(made_dataset(), TrainSettings(), LAPTOP)
    open_ones = {"patience", "minutes"}
    assert {name for name, value in vars(settings).items() if value is None} <= open_ones
    assert settings.patch == 48 and settings.patch % spec.multiple == 0
    assert settings.depth == len(spec.features) and settings.width == spec.features[0]


def test_what_was_chosen_stays() -> None:
    chosen = TrainSettings(patch=32, batch=3, epochs=7, steps=5, learning_rate=0.1, width=4, depth=2, patience=4)
    settings, spec = size_to(made_dataset(), chosen, LAPTOP)
    assert settings == replace(chosen, mixed_precision=False) and spec.features == (4, 8)


def test_large_frames_get_patches_of_256() -> None:
    sample = made_sample(shape=(1, 750, 600))
    settings, _ = size_to(replace(made_dataset(), samples=(sample,)), TrainSettings(), LAPTOP)
    assert (settings.patch, settings.batch) == (256, 8)


def test_little_memory_makes_the_batch_smaller() -> None:
    dataset = replace(made_dataset(), samples=(made_sample(shape=(1, 750, 600)),))
    settings, _ = size_to(dataset, TrainSettings(), replace(LAPTOP, memory=2**28))
    assert settings.batch is not None and 1 <= settings.batch < 8


@pytest.mark.parametrize("effort", ["quick", "standard", "thorough"])
def test_an_effort_is_about_as_long_as_it_says(effort: Any) -> None:
    dataset = replace(made_dataset(), samples=(made_sample(shape=(1, 750, 600)),))
    settings, spec = size_to(dataset, settings_for(effort), LAPTOP)
    assert settings.patch and settings.batch and settings.epochs and settings.steps and settings.minutes
    second = seconds_a_step(spec, settings.batch * settings.patch**2, LAPTOP, False)
    assert 0.5 < second * settings.epochs * settings.steps / 60 / settings.minutes <= 1.0


def test_a_box_is_not_filled_up_with_slices() -> None:
    dataset = made_dataset(shape=(8, 48, 48))
    settings, spec = size_to(dataset, TrainSettings(dimension="3d", depth=3), LAPTOP)
    shape = patches_shape(dataset, spec, settings.patch)
    assert shape == (8, 48, 48)


def patches_shape(dataset: Any, spec: NetworkSpec, patch: Any) -> tuple[int, int, int]:
    from batterycell.segment.train.sizing import patch_shape

    return patch_shape(dataset, spec, patch)


def test_flat_samples_do_not_train_a_network_that_sees_neighbours() -> None:
    with pytest.raises(InputError, match="neighbouring slices"):
        size_to(made_dataset(), TrainSettings(dimension="2.5d"), LAPTOP)


# Patches


def made_pool(samples: Any, spec: NetworkSpec = FLAT, shape: tuple[int, int, int] = (1, 32, 32)) -> Any:
    return patches.make_pool(samples, spec, shape, "cpu")


def test_a_step_draws_the_same_batch_whenever_it_is_asked() -> None:
    pool = made_pool([made_sample(0), made_sample(1)])
    pool.draw(7, 0, 4, "strong")
    for first, again in zip(pool.draw(7, 5, 4, "strong"), pool.draw(7, 5, 4, "strong"), strict=True):
        assert torch.equal(first, again)
    assert not torch.equal(pool.draw(7, 5, 4, "strong")[0], pool.draw(7, 6, 4, "strong")[0])
    assert not torch.equal(pool.draw(7, 5, 4, "strong")[0], pool.draw(8, 5, 4, "strong")[0])


def test_patches_that_are_turned_carry_their_labels_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "vary_grey", lambda images, random, kind: images)
    monkeypatch.setattr("batterycell.segment.train.cut._TURNED", 1.0)
    pool = made_pool([made_sample(noise=0.0, shape=(1, 96, 96))])
    images, labels = pool.draw(0, 0, 16, "strong")
    expected = torch.tensor(GREY)[(labels.long() - 1).clamp_min(0)] / 100.0 - 1.0
    right = ((images[:, 0] - expected).abs() < 0.2)[labels > 0].float().mean()
    assert right > 0.8  # edges are blurred by interpolation, half a pixel off would be worse
    assert (labels > 0).float().mean() > 0.9


def test_every_patch_shows_painted_pixels_and_rare_classes_come_often() -> None:
    sample = made_sample(shape=(1, 200, 200))
    labels = np.zeros_like(sample.labels)
    labels[0, 20:24, 20:60], labels[0, 150:152, 150:152] = 1, 2
    _, drawn = made_pool([replace(sample, labels=labels)]).draw(0, 0, 64, "light")
    assert bool((drawn > 0).flatten(1).any(1).all())
    assert (drawn == 2).flatten(1).any(1).float().mean() > 0.15


def test_images_that_are_taken_alike_are_hardly_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "vary_grey", lambda images, random, kind: images)
    sample = made_sample(shape=(1, 96, 96))
    sample.image[0, 0] = np.arange(96.0)[:, None]
    images, _ = made_pool([sample]).draw(0, 0, 32, "light")
    down, across = images[:, 0].diff(dim=1).mean((1, 2)), images[:, 0].diff(dim=2).mean((1, 2))
    assert bool((down > 0.005).all()) and bool((across.abs() < 0.25 * down).all())
    assert bool((across != 0).any())


def test_beyond_a_small_frame_nothing_is_known() -> None:
    images, labels = made_pool([made_sample(shape=(1, 20, 24))]).draw(0, 0, 4, "none")
    assert images.shape[-2:] == (32, 32)
    assert int((labels > 0).sum()) == 4 * 20 * 24
    assert bool(torch.isfinite(images).all())


def test_pixels_that_are_no_numbers_are_unknown() -> None:
    sample = made_sample()
    sample.image[0, 0, 10:20, 10:20] = np.nan
    images, labels = made_pool([sample], shape=(1, 48, 48)).draw(0, 0, 1, "none")
    assert bool(torch.isfinite(images).all()) and int((labels == 0).sum()) == 100


def test_neighbouring_slices_enter_as_channels_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "vary_grey", lambda images, random, kind: images)
    sample = made_sample(shape=(3, 32, 32), margin=1)
    sample.image[0] = np.arange(5, dtype=np.float32)[:, None, None] * 100.0
    pool = made_pool([sample], replace(FLAT, dimension="2.5d", margin=1))
    images, labels = pool.draw(0, 0, 16, "none")
    assert images.shape == (16, 3, 32, 32) and labels.shape == (16, 32, 32)
    steps = images[:, :, 0, 0].diff(dim=1)
    assert torch.allclose(steps, torch.ones_like(steps))
    turned, _ = pool.draw(0, 0, 16, "strong")
    assert {round(float(step)) for step in turned.mean((2, 3)).diff(dim=1)[:, 0]} == {-1, 1}


def test_a_box_gives_boxes() -> None:
    spec = replace(FLAT, dimension="3d")
    images, labels = made_pool([made_sample(shape=(6, 40, 40))], spec, (8, 32, 32)).draw(0, 0, 2, "strong")
    assert images.shape == (2, 1, 8, 32, 32) and labels.shape == (2, 8, 32, 32)
    assert bool((labels[:, 1:-1] > 0).float().mean() > 0.8)


def test_grey_values_are_varied_only_where_asked() -> None:
    pool = made_pool([made_sample(noise=0.0)], shape=(1, 48, 48))
    plain = pool.draw(0, 0, 8, "none")[0]
    assert len(plain.unique()) == 3
    strong = pool.draw(0, 0, 8, "strong")[0]
    assert float((strong.mean((1, 2, 3)) - plain.mean()).abs().max()) > 0.05


def test_what_is_drawn_ahead_is_what_would_be_drawn() -> None:
    drawn: list[int] = []

    def draw(step: int) -> int:
        drawn.append(step)
        return 10 * step

    with closing(Feed(draw, is_ahead=True)) as feed:
        assert [feed.batch(step) for step in (0, 1, 2, 7)] == [0, 10, 20, 70]
        assert feed.batch(8) == 80 and drawn.count(8) == 1
        feed.forget()
        assert feed.batch(9) == 90


# Loss


@pytest.fixture
def scores() -> Any:
    return torch.randn((2, 3, 8, 8), generator=torch.Generator().manual_seed(0)).requires_grad_()


@pytest.fixture
def labels() -> Any:
    return torch.randint(0, 4, (2, 8, 8), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


@pytest.mark.parametrize("kind", ["dice+ce", "dice", "ce", "focal"])
def test_unknown_pixels_teach_nothing(kind: Any, scores: Any, labels: Any) -> None:
    loss.masked_loss(scores, labels, kind).backward()
    gradient = scores.grad.abs().sum(1)
    assert float(gradient[labels == 0].max()) == 0.0 and float(gradient[labels > 0].min()) > 0.0


@pytest.mark.parametrize("kind", ["dice+ce", "dice", "ce", "focal"])
def test_a_right_answer_costs_nothing(kind: Any, labels: Any) -> None:
    truth = torch.nn.functional.one_hot((labels.long() - 1).clamp_min(0), 3).movedim(-1, 1)
    assert float(loss.masked_loss(truth * 40.0, labels, kind)) < 0.01
    assert float(loss.masked_loss(truth * -40.0, labels, kind)) > 0.5


def test_a_class_that_nobody_painted_does_not_spoil_the_dice(labels: Any) -> None:
    some = torch.where(labels == 3, torch.zeros_like(labels), labels)
    truth = torch.nn.functional.one_hot((some.long() - 1).clamp_min(0), 3).movedim(-1, 1)
    assert float(loss.masked_loss(truth * 40.0, some, "dice")) < 0.01


def test_a_batch_without_labels_is_no_error(scores: Any, labels: Any) -> None:
    assert bool(torch.isfinite(loss.masked_loss(scores, torch.zeros_like(labels), "dice+ce")))


def test_cross_entropy_is_that_of_torch(scores: Any, labels: Any) -> None:
    weights = torch.tensor([1.0, 2.0, 0.5])
    expected = torch.nn.functional.cross_entropy(scores, labels.long() - 1, weights, ignore_index=-1)
    assert torch.allclose(loss.masked_loss(scores, labels, "ce", weights), expected)


def test_rare_classes_weigh_more_and_the_mean_pixel_weighs_one() -> None:
    counts = np.array([900.0, 90.0, 10.0])
    weights = loss.class_weights(counts)
    assert list(weights) == sorted(weights) and np.isclose((weights * counts).sum() / counts.sum(), 1.0)


# Curves and files


def test_the_learning_rate_rises_once_and_falls_once() -> None:
    rates = [learning_rate(step, 200, 1.0) for step in range(200)]
    top = int(np.argmax(rates))
    assert 1 <= top <= 10 and max(rates) == pytest.approx(1.0)
    assert (np.diff(rates[:top]) > 0).all() and (np.diff(rates[top:]) < 0).all() and rates[-1] < 0.02


def test_classes_of_like_names_get_columns_of_their_own() -> None:
    classes = [SegmentClass(name, "#000000") for name in ("a b", "a-b", "粒子", "mean")]
    names = [column.name for column in history_columns(classes)]
    assert len(set(names)) == len(names) and "dice_a_b" in names


def test_the_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    table = make_history(
        [[1, 0.5, 1e-3, 2.0, None, None, None, None], [2, 0.4, 1e-4, 4.0, 0.9, 0.8, 1.0, None]], CLASSES
    )
    write_history(table, tmp_path)
    again = read_history(tmp_path / "training.csv", CLASSES)
    for column in table.columns:
        np.testing.assert_array_equal(again[column.name], table[column.name])
    assert again["epoch"].dtype == np.int64


def test_a_full_disk_leaves_the_last_checkpoint_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from batterycell.segment.train import checkpoint

    path = tmp_path / "checkpoint.safetensors"
    checkpoint.save_tensors(path, {"weight": torch.arange(3.0)}, {"step": 1})

    def is_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", is_full)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        checkpoint.save_tensors(path, {"weight": torch.zeros(3)}, {"step": 2})
    assert "goes on" in caught.value.hint
    tensors, values = checkpoint.load_tensors(path)
    assert values == {"step": 1} and torch.equal(tensors["weight"], torch.arange(3.0))
    assert [one.name for one in tmp_path.iterdir()] == ["checkpoint.safetensors"]
