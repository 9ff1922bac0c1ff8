"""The posterior by searching again, from perturbed data and priors: it holds what a normal distribution does not.

Randomised maximum likelihood (Oliver, He & Reynolds, ECMOR 1996; the same as randomise-then-optimise where the law is
linear: Bardsley, Solonen, Haario & Laine, SIAM J. Sci. Comput. 36 (2014) A1895): the movies as they were seen, with
their noise once more, and a prior about a point drawn from it. Where the law is linear in the unknowns, draws are those
of `posterior`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from batterycell.movie.law.learn.evidence import Posterior
from batterycell.movie.law.learn.keep import KeptMembers
from batterycell.movie.law.learn.parts import Meaning
from batterycell.movie.law.learn.problem import Linearised
from batterycell.movie.law.learn.search import State, minimise
from batterycell.movie.law.learn.unknowns import Unknowns
from batterycell.progress import Progress

Tensor = Any
# A search from where the unperturbed one ended is near its end: most steps, and the gain below which is rest.
END = (8, 0.5)


class _Member(Unknowns):
    """Unknowns about a point that is drawn from their prior, before movies with their noise once more."""

    def __init__(self, whole: Unknowns, noise: float, rng: np.random.Generator) -> None:
        # All else is that of the whole, and takes long to make.
        self.__dict__.update(vars(whole))
        batch = whole.batch
        heard = rng.normal(size=batch.seen.shape)
        scatter = np.divide(noise, batch.weight, out=np.zeros_like(batch.seen), where=batch.weight > 0)
        self.batch = replace(batch, seen=batch.seen + heard * scatter)
        self.point = self.tensor(rng.normal(size=self.parts.size))

    def meaning(self, z: Tensor, scales: tuple[Tensor, Tensor]) -> Meaning:
        """What unknowns mean that are counted from the point."""
        return super().meaning(z + self.point, scales)


def ensemble(linearised: Linearised, state: State, progress: Progress, kept: KeptMembers) -> Posterior:
    """Draw from the posterior, a search each; as many as ``samples`` of the settings.

    Args:
        linearised: The problem about the most probable unknowns.
        state: Where the search ended.
        progress: Told of each; asked whether to stop.
        kept: Where those that have ended are kept, from which a later call goes on.
    """
    import torch

    whole, kept = linearised.problem.unknowns, kept.begun_at(state)
    count, rng = whole.settings.samples, np.random.default_rng(whole.settings.seed)
    found = []
    for number in range(count):
        part = progress.part(number / count, (number + 1) / count)
        # Made also where it has ended before: the next one's noise follows this one's.
        member = _Member(whole, state.hyper.noise, rng)
        draw = kept.read(number, whole)
        if draw is None:
            named = Progress(_told(part, number, count), progress.is_cancelled)
            draw = _search_again(member, state, named)
            kept.save(number, draw)
        found.append(draw)
    draws = torch.stack(found)
    theta = draws[:, whole.parts.theta]
    return Posterior(draws, theta.T @ theta / count)


def _search_again(member: _Member, state: State, progress: Progress) -> Tensor:
    """What the search of a member finds, minus the most probable unknowns, shape (unknowns,)."""
    begin = replace(state, z=state.z - member.point, round=member.settings.rounds, iteration=0, rested=False)
    return minimise(member, begin, progress, lambda _: None, END).z + member.point - state.z


def _told(progress: Progress, number: int, count: int) -> Any:
    return lambda fraction, _: progress.report(fraction, f"Uncertainty of the law, search {number + 1} of {count}")
