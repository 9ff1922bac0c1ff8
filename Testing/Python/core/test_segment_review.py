"""What taught never judges, in later rounds either; an image that taught is not foreign; blocks end nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment import Dataset, Frame, Image, Levels, Sample, SegmentClass, TrainSettings
from batterycell.segment.apply import ApplySettings, Windows, plan, predict_probabilities, segment_frame, segment_image
from batterycell.segment.data import Project, make_dataset, read_dataset, split_mixed, write_dataset
from batterycell.segment.division import Division, describe_divisions, read_divisions
from batterycell.segment.train.sizing import patch_shape
from batterycell.volume import Volume
from made_applied import LEVELS, SPECS, made_loaded, made_waves
from made_training import made_dataset, tiny
from numpy.typing import NDArray

BLOCK = ((8, 10, 7), (12, 20, 19))
CLASSES = tuple(SegmentClass(name, "#123456") for name in ("pore", "particle", "binder"))


def scribbles(count: int, seed: int) -> NDArray[np.uint8]:
    """Strokes of three classes."""
    random, labels = np.random.default_rng(seed), np.zeros((1, 256, 256), np.uint8)
    for number in range(count):
        row, column, length = random.integers(0, 240), random.integers(0, 240), random.integers(20, 80)
        labels[0, row : row + 3, column : column + length] = number % 3 + 1
    return labels


def made_mixed(labels: NDArray[np.uint8], source: str = "cell") -> Sample:
    return Sample("frame", source, np.zeros((1, *labels.shape)), labels, (Levels(0, 1),), (1.0, 1.0, 1.0), "mixed")


def taught(dataset: Dataset) -> NDArray[np.bool_]:
    return np.asarray(np.any([sample.labels > 0 for sample in dataset.of_role("training")], axis=0))


def judged(dataset: Dataset) -> NDArray[np.bool_]:
    return np.asarray(np.any([sample.labels > 0 for sample in dataset.of_role("validation")], axis=0))


@pytest.mark.parametrize("seed", range(4))
def test_what_taught_a_model_does_not_judge_the_one_that_goes_on_from_it(seed: int) -> None:
    first = scribbles(9, seed)
    second = np.where(first, first, scribbles(6, seed + 100))
    before = split_mixed(Dataset(CLASSES, (made_mixed(first),)), 0.25, 0)
    after = split_mixed(Dataset(CLASSES, (made_mixed(second),), divisions=before.divisions), 0.25, 0)
    assert judged(before).any() and judged(after).any()
    assert not (taught(before) & judged(after)).any()
    assert not (judged(before) & taught(after)).any()
    again = split_mixed(Dataset(CLASSES, (made_mixed(second),), divisions=after.divisions), 0.25, 7)
    np.testing.assert_array_equal(judged(again), judged(after))


def test_what_is_painted_beside_earlier_strokes_validates_in_part() -> None:
    first, second = (np.zeros((1, 256, 256), np.uint8) for _ in range(2))
    first[0, :100] = np.random.default_rng(0).integers(1, 4, (100, 256))
    second[:] = np.random.default_rng(1).integers(1, 4, second.shape)
    before = split_mixed(Dataset(CLASSES, (made_mixed(first),)), 0.25, 0)
    after = split_mixed(Dataset(CLASSES, (made_mixed(second),), divisions=before.divisions), 0.25, 0)
    assert judged(after)[0, 150:].any() and taught(after)[0, 150:].any()
    assert judged(after).sum() / (judged(after) | taught(after)).sum() == pytest.approx(0.25, abs=0.1)


def test_images_keep_their_side_when_others_are_added() -> None:
    samples = tuple(made_mixed(scribbles(9, n), f"image {n}") for n in range(16))
    before = split_mixed(Dataset(CLASSES, samples[:8]), 0.25, 0)
    after = split_mixed(Dataset(CLASSES, samples[::-1], divisions=before.divisions), 0.25, 0)
    sides = [{sample.source: sample.role for sample in one.samples} for one in (before, after)]
    assert sides[0].items() <= sides[1].items()
    assert list(sides[1].values()).count("validation") == 4


def test_how_frames_were_divided_survives_the_disk_and_nonsense_does_not(tmp_path: Path) -> None:
    divided = split_mixed(Dataset(CLASSES, (made_mixed(scribbles(9, 0)),)), 0.25, 0)
    write_dataset(divided, tmp_path)
    assert read_dataset(tmp_path).divisions == divided.divisions != ()
    values = describe_divisions(divided.divisions)
    wrong = [None, {}, {**values[0], "validates": [10**9]}, {**values[0], "rows": [5, 3]}, {**values[0], "columns": []}]
    assert read_divisions([*wrong, *values]) == divided.divisions
    assert read_divisions("x") == ()


def made_project() -> Project:
    """An image that is mostly air, with a painted frame where there is none of it."""
    random = np.random.default_rng(0)
    array = random.normal(20.0, 5.0, (1, 160, 160))
    classes = random.integers(1, 3, (64, 64)).astype(np.uint8)
    array[0, 48:112, 48:112] += 60.0 * classes
    volume = Volume.from_stack(array.astype(np.float32), (1.0, 1.0, 1.0), "made", "cell")
    labels = np.zeros(array.shape, np.uint8)
    labels[0, 48:112, 48:112] = classes
    frame = Frame.of_voxels("frame", "cell", volume, (0, 48, 48), (1, 112, 112)).with_role("mixed")
    return Project(CLASSES[:2], (Image("cell", (volume,)),), {"cell": replace(volume, array=labels)}, (frame,))


def test_an_image_that_taught_a_model_is_not_foreign_to_it_and_its_frames_stay_divided(tmp_path: Path) -> None:
    pytest.importorskip("torch").set_num_threads(1)
    from batterycell.segment.apply import find_foreign
    from batterycell.segment.model import read_info
    from batterycell.segment.train import train

    project = made_project()
    dataset = make_dataset(project, TrainSettings())
    write_dataset(dataset, tmp_path / "dataset")
    kept = read_dataset(tmp_path / "dataset")
    info = read_info(train(kept, tiny(epochs=1, steps=1), tmp_path / "run", Progress()))
    assert find_foreign(project.images[0], info) == []
    earlier = read_divisions(info.training["divisions"])
    assert earlier == dataset.divisions and isinstance(earlier[0], Division)
    again = make_dataset(project, TrainSettings(seed=5), divisions=earlier)
    np.testing.assert_array_equal(judged(again), judged(dataset))


def halving_model(dimension: str, size_um: float = 1.0) -> Any:
    """A model that judges blocks of 4 pixels, which is all that is left of them at the bottom of a U-Net."""
    torch = pytest.importorskip("torch")
    spec = replace(SPECS[dimension], features=(4, 8, 16), strides=(2, 2))
    loaded = made_loaded(dimension, network=spec, voxel_size_um=(size_um, size_um, size_um))

    class Halving(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            flat = x.ndim == 4
            pool = torch.nn.functional.avg_pool2d if flat else torch.nn.functional.avg_pool3d
            coarse = pool(x[:, x.shape[1] // 2 : x.shape[1] // 2 + 1], 4)
            middle = torch.nn.functional.interpolate(coarse, scale_factor=4, mode="nearest")
            return torch.cat([-middle, middle], 1)

    return replace(loaded, network=Halving())


def made_noise() -> Image:
    array = np.random.default_rng(0).normal(size=(24, 90, 70)).astype(np.float32)
    return Image("noise", (Volume.from_stack(array, (1.0, 1.0, 1.0), "made"),))


@pytest.mark.parametrize("dimension", ["2d", "2.5d", "3d"])
@pytest.mark.parametrize("edge", [8, 20, 32])
def test_windows_halve_the_same_pixels_as_the_whole_image(dimension: str, edge: int) -> None:
    model, noise = halving_model(dimension), made_noise().grid.array[None]
    found = [
        predict_probabilities(model.network, noise, model.info.network, how=Windows(edge, overlap=8))
        for edge in (edge, 128)
    ]
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


@pytest.mark.parametrize("dimension", ["2d", "2.5d", "3d"])
def test_a_region_is_judged_like_the_whole_image(dimension: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_HALO", dict.fromkeys(SPECS, (0, 3, 5)))
    monkeypatch.setattr(plan, "_LEAST", dict.fromkeys(SPECS, (1, 1, 1)))
    model, settings = halving_model(dimension), ApplySettings(levels=LEVELS, device="cpu", mixed_precision=False)
    whole = segment_image(made_noise(), model, settings)
    part = segment_image(made_noise(), model, replace(settings, region=((8, 30, 41), (16, 51, 60))))
    np.testing.assert_array_equal(part.labels.array, whole.labels.array[8:16, 30:51, 41:60])


def test_blocks_of_an_image_of_coarser_voxels_do_not_show() -> None:
    model, settings = made_loaded("2.5d", voxel_size_um=(0.25, 0.25, 0.25)), ApplySettings(levels=LEVELS, device="cpu")
    whole = segment_image(made_waves(), model, replace(settings, uncertainty=True, along="k"))
    part = segment_image(made_waves(), model, replace(settings, uncertainty=True, along="k", region=BLOCK))
    assert whole.uncertainty is not None and part.uncertainty is not None
    np.testing.assert_array_equal(part.uncertainty.array, whole.uncertainty.array[8:12, 10:20, 7:19])


def test_the_best_weights_stay_when_a_training_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch").set_num_threads(1)
    from batterycell.segment.model import read_info
    from batterycell.segment.train import loop
    from batterycell.segment.train.learner import Learner

    found, step, steps = [0.9], Learner.step, []

    def spoilt(learner: Learner, images: Any, labels: Any, rate: float) -> Any:
        steps.append(rate)
        return step(learner, images * float("nan") if len(steps) == 3 else images, labels, rate)

    monkeypatch.setattr(Learner, "step", spoilt)
    monkeypatch.setattr(loop, "measure_dice", lambda *_: np.full(3, found.pop() if found else 0.5))
    info = read_info(loop.train(made_dataset(), tiny(epochs=2, steps=2), tmp_path, Progress()))
    assert len(steps) > 4
    assert info.training["mean_dice"] == 0.9


def test_an_interrupted_training_does_not_go_on_from_another_model_of_the_same_name(tmp_path: Path) -> None:
    pytest.importorskip("torch").set_num_threads(1)
    from batterycell.segment.train import train

    dataset, open_ = made_dataset(), tiny(width=None, depth=None)
    models = [train(dataset, tiny(epochs=1, steps=1, seed=n), tmp_path / str(n), Progress()) for n in range(2)]
    train(dataset, open_, tmp_path / "run", Progress(), start_from=models[0])
    with pytest.raises(InputError, match="other frames, labels or settings"):
        train(dataset, open_, tmp_path / "run", Progress(), start_from=models[1])


def test_patches_are_no_deeper_than_what_trains() -> None:
    dataset = made_dataset(("training",), shape=(8, 48, 48))
    deep = made_dataset(("validation",), shape=(64, 48, 48))
    both = replace(dataset, samples=(*dataset.samples, *deep.samples))
    assert patch_shape(both, SPECS["3d"], 32) == (8, 32, 32)


def two_detectors(names: tuple[str, str]) -> Image:
    """An image of one smooth channel and one of noise, in the order of their names: "bse" is the smooth one."""
    smooth, noise = made_waves((24, 90, 70)).grid, made_noise().grid
    return Image("cell", tuple(smooth if name == "bse" else noise for name in names), names)


@pytest.mark.parametrize("names", [("bse", "se"), ("se", "bse")])
def test_channels_are_known_by_their_names(names: tuple[str, str]) -> None:
    spec = replace(SPECS["2d"], channels=2)
    levels = {"bse": Levels(-3.0, 3.0), "se": Levels(-9.0, 1.0)}
    model = made_loaded(network=spec, channel_names=("se", "bse"), levels=((-9.0, 1.0), (-3.0, 3.0)))
    settings = ApplySettings(levels=tuple(levels[name] for name in names), device="cpu", mixed_precision=False)
    image = two_detectors(names)
    found = segment_image(image, model, settings)
    smooth = two_detectors(("bse", "se")).grid.array
    np.testing.assert_array_equal(found.labels.array, np.where(smooth > 0, 2, 1))
    frame = Frame.of_slice("frame", "cell", image.grid, 3)
    np.testing.assert_array_equal(segment_frame(image, frame, model, settings).labels.array[0], found.labels.array[3])
    assert not any("order" in note for note in found.notes)


def test_images_with_the_same_channels_in_another_order_are_learnt_from_alike() -> None:
    images = (two_detectors(("bse", "se")), replace(two_detectors(("se", "bse")), name="other"))
    frames = tuple(Frame.of_slice(one.name, one.name, one.grid, 3) for one in images)
    one, other = make_dataset(Project(CLASSES, images, {}, frames), TrainSettings()).samples
    np.testing.assert_array_equal(one.image, other.image)
    assert one.levels == other.levels
