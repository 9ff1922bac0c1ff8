"""A network on images of any size: windows, blending, slices of context, mirrored images."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress
from batterycell.segment.apply import Windows, predict_probabilities
from batterycell.segment.apply.engine.windows import cut
from batterycell.segment.model import NetworkSpec, make_network
from made_applied import SPECS, threshold_network

torch = pytest.importorskip("torch")
DIMENSIONS = ("2d", "2.5d", "3d")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def noise(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def expected(image: Any) -> Any:
    return 1 / (1 + np.exp(-8 * image))


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("edge", [None, 16])
@pytest.mark.parametrize("flips", [False, True])
def test_what_a_network_says_of_a_pixel_does_not_depend_on_how_the_image_is_cut(
    dimension: str, edge: int | None, flips: bool
) -> None:
    image = noise(1, 7, 45, 33)
    how = Windows(edge, overlap=6, flips=flips)
    found = predict_probabilities(threshold_network(), image, SPECS[dimension], how=how)
    assert found.shape == (2, 7, 45, 33)
    np.testing.assert_allclose(found[1], expected(image[0]), atol=1e-5)
    np.testing.assert_allclose(found.sum(0), 1, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 1, 3, 100), (1, 2, 1, 1)])
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_images_smaller_than_the_network_halves_are_predicted_too(dimension: str, shape: tuple[int, ...]) -> None:
    image = noise(*shape)
    found = predict_probabilities(threshold_network(), image, SPECS[dimension])
    np.testing.assert_allclose(found[1], expected(image[0]), atol=1e-5)


def test_slices_of_context_are_seen_but_not_predicted() -> None:
    image = noise(1, 5, 8, 8)
    for dimension in DIMENSIONS:
        found = predict_probabilities(threshold_network(), image, SPECS[dimension], how=Windows(context=1))
        np.testing.assert_allclose(found[1], expected(image[0, 1:4]), atol=1e-5)


def test_a_2_5d_network_sees_all_slices_of_a_channel_then_of_the_next_and_the_last_again_beyond_the_end() -> None:
    seen = []

    class Notes(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            seen.extend(x[:, :, 0, 0].tolist())
            return x[:, :2]

    image = np.arange(6, dtype=np.float32).reshape(2, 3, 1, 1).repeat(8, 2).repeat(8, 3)
    predict_probabilities(Notes(), image, NetworkSpec("2.5d", 2, 1, 2, (4, 8), (2,)))
    assert seen == [[0, 0, 1, 3, 3, 4], [0, 1, 2, 3, 4, 5], [1, 2, 2, 4, 5, 5]]


def test_where_windows_meet_a_real_network_leaves_no_seam() -> None:
    spec = NetworkSpec("2d", 1, 0, 2, (4, 8), (2,), 1)
    torch.manual_seed(0)
    network, image = make_network(spec), np.linspace(-1, 1, 96, dtype=np.float32)[None, None, None].repeat(96, 2)
    found = predict_probabilities(network, image, spec, how=Windows(edge=40, overlap=16))[1, 0]
    steps = np.abs(np.diff(found[20:76, 4:92], axis=1))
    assert steps.max() < 6 * np.median(steps) + 1e-3


def test_windows_cover_everything_are_no_larger_than_needed_and_share_what_was_asked() -> None:
    for length in range(2, 200, 2):
        grid = cut((1, length, 5), SPECS["2d"], 32, 8)
        starts, size = grid.starts[1], grid.size[1]
        assert starts[0] == 0 and starts[-1] + size == max(length, size) and size <= 32
        assert all(0 < after - before <= size - 8 for before, after in pairwise(starts))
        assert all(np.all(factor > 0) for factor in grid.sums)


def test_the_network_is_left_in_the_mode_it_was_in() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.Dropout(0.9))
    for is_training in (True, False):
        network.train(is_training)
        first, second = (predict_probabilities(network, noise(1, 1, 8, 8), SPECS["2d"]) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert network.training is is_training and network[1].training is is_training


def test_mirrored_images_make_a_one_sided_network_even() -> None:
    class Left(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            ramp = torch.arange(x.shape[-1], dtype=x.dtype).expand(x.shape)
            return torch.cat([ramp, torch.zeros_like(ramp)], 1)

    found = predict_probabilities(Left(), noise(1, 1, 4, 8), SPECS["2d"], how=Windows(flips=True))
    np.testing.assert_allclose(found, found[..., ::-1], atol=1e-6)


def test_windows_of_one_and_the_same_grey_value_are_predicted_once() -> None:
    calls: list[int] = []
    image = noise(1, 6, 48, 32)
    image[:, 2:5], image[:, :, 16:] = 0.25, -0.5
    found = predict_probabilities(threshold_network(calls), image, SPECS["2d"], how=Windows(16, overlap=0))
    np.testing.assert_allclose(found[1], expected(image[0]), atol=1e-5)
    # Three slices whose top differs, in two windows each; one that stands for those of 0.25, and one for those of -0.5.
    assert sum(calls) == (3 * 2 + 1 + 1) * 16 * 16


def test_half_precision_changes_little() -> None:
    image = noise(1, 1, 16, 16)
    found = predict_probabilities(threshold_network(), image, SPECS["2d"], how=Windows(mixed_precision=True))
    assert np.abs(found[1] - expected(image[0])).max() < 0.02


def test_predicting_can_be_cancelled_between_windows() -> None:
    progress = Progress(is_cancelled=lambda: True)
    with pytest.raises(Cancelled):
        predict_probabilities(threshold_network(), noise(1, 1, 8, 8), SPECS["2d"], progress=progress)


@pytest.mark.parametrize("most", [50 * 50, 10])
def test_where_memory_does_not_suffice_windows_become_smaller_until_they_fit(most: int) -> None:
    class Narrow(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            if x.shape[-1] * x.shape[-2] > most:
                raise RuntimeError("CUDA out of memory. Tried to allocate 20 GiB")
            return threshold_network()(x)

    image = noise(1, 1, 130, 90)
    if most < 32 * 32:
        with pytest.raises(InputError, match="memory does not suffice"):
            predict_probabilities(Narrow(), image, SPECS["2d"])
        return
    np.testing.assert_allclose(predict_probabilities(Narrow(), image, SPECS["2d"])[1], expected(image[0]), atol=1e-5)


def test_other_faults_of_a_network_are_not_taken_for_memory() -> None:
    class Broken(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        predict_probabilities(Broken(), noise(1, 1, 130, 90), SPECS["2d"])
