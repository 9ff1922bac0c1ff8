"""Calibration by one temperature, folded into the last layer: nothing new happens when a model is applied.

Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017, section 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.classes import UNKNOWN
from batterycell.segment.model import NetworkSpec

# Pixels of a sample that are looked at: enough, and the same ones each time.
_PIXELS = 4096
_LEAST, _MOST = 0.25, 10.0
_SMALLEST = 1e-12
# The last level of MONAI's U-Net adds what it normalised and what it convolved of that: both are to shrink alike.
_SCALED = ("model.2.0.adn.N.weight", "model.2.0.adn.N.bias", "model.2.1.conv.unit0.conv.bias")


def fit_temperature(predicted: Iterable[tuple[NDArray[np.float32], NDArray[np.uint8]]]) -> float:
    """The temperature that makes what was seen likeliest: scores are divided by it before softmax.

    Args:
        predicted: Of each sample, probabilities (classes, rows, columns) and labels (rows, columns), 0 unknown.

    Returns:
        Above 1 for a model that is too sure of itself.
    """
    from scipy.optimize import minimize_scalar

    scores, truth = _gather([_pixels(*one) for one in predicted])
    found = minimize_scalar(_loss, bounds=(np.log(_LEAST), np.log(_MOST)), args=(scores, truth), method="bounded")
    return float(np.exp(found.x))


def _pixels(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logarithms of probabilities, (classes, pixels), which are scores but for a sum; true classes."""
    known = np.flatnonzero(labels != UNKNOWN)
    chosen = known[:: max(1, len(known) // _PIXELS)]
    flat = probabilities.reshape(len(probabilities), -1)[:, chosen]
    return np.log(np.maximum(flat.astype(np.float64), _SMALLEST)), labels.ravel()[chosen].astype(np.int64) - 1


def _gather(
    parts: Sequence[tuple[NDArray[np.float64], NDArray[np.int64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.concatenate([scores for scores, _ in parts], 1), np.concatenate([truth for _, truth in parts])


def _loss(log_temperature: float, scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Mean negative logarithm of the probability of the true class."""
    cooled = scores * np.exp(-log_temperature)
    cooled -= cooled.max(0)
    chosen = np.take_along_axis(cooled, truth[None], 0)[0]
    return float((np.log(np.exp(cooled).sum(0)) - chosen).mean())


def fold_temperature(weights: dict[str, Any], spec: NetworkSpec, temperature: float) -> dict[str, Any]:
    """Weights of a network whose scores are those of another one, divided by a temperature.

    Args:
        weights: Of ``network.state_dict()``.
        spec: The network: of batch normalisation and rectifiers, which let a factor pass.
        temperature: Above 0.

    Raises:
        ValueError: if it is of another kind.
    """
    if spec.norm != "batch" or spec.activation != "relu" or spec.units < 1:
        raise ValueError("a temperature can only be folded into networks of batch normalisation and rectifiers")
    return {name: value / temperature if name in _SCALED else value for name, value in weights.items()}
