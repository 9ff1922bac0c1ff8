"""Blurred steps are fitted without bias, and their stated uncertainty is the scatter that noise causes."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.overhang.edges.steps import Prior, Profiles, StepFit, correlation_inflation, cut_windows, fit_steps
from numpy.typing import NDArray
from scipy.special import ndtr

POSITION = np.arange(-10.0, 10.0, 0.5)
AT = np.random.default_rng(5).uniform(-1, 1, 400)


def fit(value: NDArray[np.float64], level: float = -np.inf) -> StepFit:
    count = len(value)
    start = np.tile([8.0, 20.0, 0.0, 0.0, 1.0], (count, 1))
    prior = Prior(start, np.tile([20.0, 20.0, 20.0, np.inf, 0.3], (count, 1)))
    profiles = Profiles(np.tile(POSITION, (count, 1)), value, np.ones_like(value))
    return fit_steps(profiles, prior, np.full(count, level))


def steps(noise: float) -> NDArray[np.float64]:
    clean = 5 + 15 * ndtr((AT[:, None] - POSITION) / 1.1)
    return clean + np.random.default_rng(1).normal(0, noise, clean.shape)


def test_a_clean_step_is_found_where_it_is() -> None:
    found = fit(steps(0.0))
    assert found.position == pytest.approx(AT, abs=1e-3)
    assert found.plateau == pytest.approx(20, abs=0.05)
    assert found.beyond == pytest.approx(5, abs=0.05)


def test_the_stated_uncertainty_is_the_scatter() -> None:
    found = fit(steps(1.0))
    error = found.position - AT
    assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(AT))
    assert np.std(error / found.u_position) == pytest.approx(1, abs=0.12)


def test_a_sheet_whose_contrast_steps_at_the_cathodes_end_is_still_found() -> None:
    tip = AT + 4
    height = 8 * ndtr((0.0 - POSITION) / 1.0) + 20 * (1 - ndtr((0.0 - POSITION) / 1.0))
    found = fit(height * ndtr((tip[:, None] - POSITION) / 1.0), level=0.0)
    assert found.position == pytest.approx(tip, abs=0.01)
    assert found.below == pytest.approx(8, abs=0.2)


def test_correlated_noise_widens_the_uncertainty() -> None:
    rng = np.random.default_rng(2)
    white = rng.normal(size=(200, 60))
    smooth = white[:, 1:] + white[:, :-1]
    assert correlation_inflation(white) == pytest.approx(1, abs=0.1)
    assert correlation_inflation(smooth) == pytest.approx(np.sqrt(2), abs=0.1)


def test_windows_hold_only_what_lies_in_them_and_counts() -> None:
    usable = np.ones((2, len(POSITION)), bool)
    usable[1, :20] = False
    profiles = cut_windows(POSITION, np.tile(POSITION, (2, 1)), usable, (np.array([-2.0, -2.0]), np.array([1.0, 3.0])))
    counted = [profiles.position[n][profiles.weight[n] > 0] for n in range(2)]
    assert (counted[0].min(), counted[0].max()) == (-2.0, 1.0)
    assert (counted[1].min(), counted[1].max()) == (0.0, 3.0)
    assert np.array_equal(profiles.value, profiles.position)
