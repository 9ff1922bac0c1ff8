"""What looks like nothing that a model was trained on is refused, not measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.segment import Image, Levels, Sample
from batterycell.segment.apply import ApplySettings, segment_image, tell_foreign
from batterycell.segment.apply.familiar import (
    FAMILIARITY,
    Statistics,
    allow_foreign,
    judge_familiarity,
    learn,
    measure_familiarity,
    read_statistics,
    score_specimens,
    write_statistics,
)
from batterycell.segment.apply.familiar.descriptor import NUMBERS, describe_window
from batterycell.segment.apply.familiar.outliers import _ORDER, KINDS, coloured, draw_outlier
from batterycell.segment.apply.familiar.windows import EDGE, image_windows, tiles
from batterycell.segment.model import LoadedModel, check_bundle, load_model
from batterycell.volume import Volume
from made_model import INFO, change_json, made_model

SIZE = (40.0, 40.0, 40.0)
LEVELS = (Levels(-1.0, 1.0),)


def windings(seed: int, edge: int = 96) -> Any:
    """Rings of one pitch in air."""
    rng = np.random.default_rng(seed)
    i, j = np.mgrid[:edge, :edge] - edge / 2 + rng.normal(size=(2, 1, 1))
    radius = np.hypot(i, j)
    rings = np.sin(2 * np.pi * radius / rng.uniform(5, 9)) * (radius < 0.45 * edge)
    return (rings - 0.5 * (radius > 0.45 * edge) + rng.normal(0, 0.1, radius.shape)).astype(np.float32)


def specimens(first: int, count: int) -> list[Sample]:
    """Samples of as many sources."""
    pictures = [windings(first + number) for number in range(count)]
    return [
        Sample("section", f"cell {first + n}", one[None, None], np.ones((1, *one.shape), np.uint8), LEVELS, SIZE)
        for n, one in enumerate(pictures)
    ]


@pytest.fixture(scope="module")
def statistics() -> Iterator[Statistics]:
    """What windings look like."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "_OUTLIERS", 120)
        patch.setattr(learn, "_EDGES", (96,))
        yield measure_familiarity(specimens(0, 24), specimens(50, 6))


@pytest.fixture(scope="module")
def model(statistics: Statistics, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedModel]:
    """A model that knows windings."""
    pytest.importorskip("torch")
    pytest.importorskip("monai")
    folder = made_model(tmp_path_factory.mktemp("models") / "cell", voxel_size_um=SIZE)
    write_statistics(folder, statistics)
    yield load_model(folder)


def picture(array: Any, name: str = "it") -> Image:
    return Image(name, (Volume.from_stack(np.asarray(array, np.float32)[None], SIZE, "made", name),))


def noise(edge: int = 96) -> Any:
    return np.random.default_rng(3).normal(size=(edge, edge))


def test_specimens_that_were_not_learnt_from_are_familiar(statistics: Statistics) -> None:
    assert (score_specimens(statistics, specimens(90, 8)) > statistics.limit).all()
    assert statistics.limit >= 0


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_was_never_seen_is_foreign(statistics: Statistics, kind: str) -> None:
    seeds = [len(_ORDER) * (10_000 + number) + _ORDER.index(kind) for number in range(6)]
    windows = [draw_outlier(seed, 96) for seed in seeds]
    levelled = [((one - one.min()) / max(np.ptp(one), 1e-9) * 2 - 1).astype(np.float32) for one in windows]
    assert np.median([statistics.score_image([one]) for one in levelled]) < statistics.limit


def test_an_empty_picture_is_described_and_foreign(statistics: Statistics) -> None:
    found = describe_window(np.full((96, 96), -1.0, np.float32))
    assert found.shape == (NUMBERS,) and np.isfinite(found).all()
    assert statistics.score_image([np.full((96, 96), -1.0, np.float32)]) < statistics.limit


def test_air_around_a_cell_counts_little(statistics: Statistics) -> None:
    air = np.full((96, 96), -0.5, np.float32) + np.random.default_rng(0).normal(0, 0.02, (96, 96)).astype(np.float32)
    alone = statistics.score_image([windings(7)])
    assert statistics.score_image([windings(7), air]) > alone - 0.2 * abs(alone)


def test_statistics_come_back_as_they_were_written(statistics: Statistics, tmp_path: Path) -> None:
    folder = made_model(tmp_path / "cell")
    write_statistics(folder, statistics)
    check_bundle(folder)
    found = read_statistics(folder)
    assert found is not None
    ours, theirs = (score_specimens(one, specimens(90, 3)) for one in (found, statistics))
    np.testing.assert_allclose(ours, theirs, atol=0.05)
    assert (folder / FAMILIARITY).stat().st_size < 100_000


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("judges"),
        lambda values: values.update(judges=[]),
        lambda values: values.update(format=2),
        lambda values: values.update(spread=[0.0] * NUMBERS),
        lambda values: values.update(middle=[0.0]),
        lambda values: values["judges"][0].update(rule=[1.0]),
        lambda values: values["judges"][0].update(offset=["$import os"]),
    ],
)
def test_statistics_that_are_damaged_are_refused(statistics: Statistics, tmp_path: Path, change: Any) -> None:
    folder = made_model(tmp_path / "cell")
    write_statistics(folder, statistics)
    change_json(folder, FAMILIARITY, change)
    with pytest.raises(InputError, match=r"familiarity\.json"):
        read_statistics(folder)


def test_statistics_that_were_altered_are_refused(statistics: Statistics, tmp_path: Path) -> None:
    folder = made_model(tmp_path / "cell")
    write_statistics(folder, statistics)
    values = json.loads((folder / FAMILIARITY).read_text(encoding="utf-8"))
    (folder / FAMILIARITY).write_text(json.dumps({**values, "limit": [-99.0]}), encoding="utf-8")
    with pytest.raises(InputError, match="altered"):
        read_statistics(folder)


def test_noise_is_refused_before_it_is_segmented(model: LoadedModel) -> None:
    with pytest.raises(InputError, match="it looks like nothing that the model Cell top was trained on") as caught:
        segment_image(picture(noise()), model)
    assert caught.value.code == "image-foreign" and "--foreign" in caught.value.hint


def test_noise_is_segmented_where_it_was_asked_for_all_the_same_and_said_so(model: LoadedModel) -> None:
    found = segment_image(picture(noise()), model, ApplySettings(foreign=True))
    assert found.labels.array.shape == (1, 96, 96) and "looks like nothing" in found.notes[0]


def test_windings_are_segmented_without_a_word(model: LoadedModel) -> None:
    assert not any("looks like nothing" in note for note in segment_image(picture(windings(91)), model).notes)
    assert tell_foreign(picture(windings(91)), model) == []


def test_of_a_frame_it_is_only_told(model: LoadedModel) -> None:
    assert "looks like nothing" in tell_foreign(picture(noise()), model)[0]


def test_one_word_in_the_settings_tells_results_apart() -> None:
    assert ApplySettings().to_json() != ApplySettings(foreign=True).to_json()


def test_what_a_model_says_nothing_of_is_not_judged(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "cell")
    assert judge_familiarity(picture(noise()), LEVELS, INFO, folder) is None


def test_what_is_too_small_to_tell_is_not_judged(model: LoadedModel) -> None:
    assert judge_familiarity(picture(noise(40)), LEVELS, model.info, model.folder) is None
    assert allow_foreign(picture(noise(40)), LEVELS, model) == []


def test_another_microscopes_pixels_of_which_nothing_is_left_are_foreign(model: LoadedModel) -> None:
    fine = Image("it", (Volume.from_stack(noise()[None], (SIZE[0], 0.01 * SIZE[1], 0.01 * SIZE[2]), "made", "it"),))
    found = judge_familiarity(fine, LEVELS, model.info, model.folder)
    assert found is not None and found.is_foreign and "100 times finer" in found.sentence


def test_a_large_volume_is_judged_by_a_few_windows_from_all_over_it() -> None:
    volume = np.zeros((40, 700, 520), np.float32) + np.arange(40, dtype=np.float32)[:, None, None]
    image = Image("large", (Volume.from_stack(volume, SIZE, "made", "large"),))
    windows = image_windows(image, LEVELS, replace(INFO, voxel_size_um=SIZE), "k")
    assert 4 <= len(windows) <= 16 and max(max(one.shape) for one in windows) <= EDGE
    assert min(one.min() for one in windows) < 8 and max(one.max() for one in windows) > 32


def test_tiles_cover_a_picture_once() -> None:
    assert sum(one.size for one in tiles(np.zeros((1100, 300), np.float32))) == 1100 * 300


def test_coloured_noise_has_no_grey_of_its_own() -> None:
    found = coloured(np.random.default_rng(0), 64, 1.5)
    assert abs(found.mean()) < 1e-9 and found.std() == pytest.approx(1.0)


def test_the_command_refuses_with_one_line_and_segments_when_told_to(
    model: LoadedModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from batterycell.cli import main
    from tifffile import imwrite

    imwrite(tmp_path / "noise.tif", (noise() * 20 + 128).clip(0, 255).astype(np.uint8))
    words = ["segment", str(tmp_path / "noise.tif"), "--model", str(model.folder), "--voxel-size", "40,40,40"]
    words += ["--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 3
    assert "--foreign" in capsys.readouterr().err and not list((tmp_path / "out").glob("*.nrrd"))
    assert main([*words, "--foreign"]) == 0
    assert "looks like nothing" in capsys.readouterr().err
