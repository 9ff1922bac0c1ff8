"""The tables of a card that every model that ships has: held-out families, and reliability."""

from __future__ import annotations

import math

from batterycell.pretrain.plan import Pretraining
from batterycell.segment.evaluate.scores import ImageScores, known_mean
from batterycell.segment.model.figures import Figure

from .predictions import Judged
from .reliability import BINS, Reliability

HELD_OUT = "Held-out generated specimens"
RELIABILITY = "Reliability"


def held_out_table(judged: Judged, plan: Pretraining, date: str) -> Figure:
    """Dice of each family of held-out specimens and class."""
    heads = ("family", "images", *(one.name for one in plan.classes), "mean", "lowest mean of an image")
    rows = [_family_row(judged, family) for family in (*judged.families, "")]
    note = (
        "Dice over all pixels of a family together. Each family lies outside the ranges that the model learnt from in"
        " the one respect that it is called by, and inside them in all others; the same generator drew both."
        f" Measured {date} by `python -m batterycell.pretrain {plan.name}`."
    )
    return Figure(HELD_OUT, heads, tuple(rows), note)


def _family_row(judged: Judged, family: str) -> tuple[str, ...]:
    whole = judged.whole(family)
    images = [one for one in judged.images if family in ("", one.source)]
    lowest = min(map(_mean, images), default=math.nan)
    dice = whole.score("dice").tolist()
    return whole.name, str(len(images)), *map(_number, (*dice, _mean(whole), lowest))


def _mean(scores: ImageScores) -> float:
    return known_mean(scores.score("dice"))


def reliability_table(found: Reliability, where: str) -> Figure:
    """How often a model is right that is so sure.

    Args:
        found: What was counted.
        where: In what: "held-out generated specimens".
    """
    heads = ("probability stated", "mean stated", "right", "share of pixels")
    rows = [_bin_row(found, number) for number in range(BINS) if found.sums[0, number] > 0]
    note = f"Pixels of {where}, by the probability of the class they were given. " + (
        f"Expected calibration error {found.error:.4f}: so far stated and true part lie apart in the mean."
    )
    return Figure(RELIABILITY, heads, tuple(rows), note)


def _bin_row(found: Reliability, number: int) -> tuple[str, ...]:
    span = f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}"
    means = (_number(found.confidence[number]), _number(found.accuracy[number]))
    return (span, *means, f"{100 * found.share[number]:.2f} %")


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"
