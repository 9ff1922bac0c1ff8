"""The most probable unknowns: Gauss-Newton steps, damped after Levenberg and Marquardt, and priors from the movies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from batterycell.movie.law.physics.chebyshev import stages_needed
from batterycell.progress import Progress

from .evidence import better_hyper, posterior
from .problem import FINER, Linearised, Problem
from .solve import solve_bordered
from .unknowns import Hyper, Unknowns

Tensor = Any
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1.0, 1e-6, 1e8
CG_STEPS, CG_TOLERANCE = 30, 0.05
# At rest when a step gains less of the cost than this share, or less than this.
GAIN_SHARE, LAST_GAIN_SHARE, GAIN_LEAST = 1e-4, 2e-5, 0.2
# Fractions may err by this share of the noise's median through the time steps, root mean square.
STEP_ERROR, MOST_COUNTS = 0.15, 16
ROUND_DRAWS = 8
HYPER_CHANGE = 0.03
# What the stiffness found may fall short of.
SAFETY = 1.5
# Evaluations are given up where less than this share of them is needed.
SPARE = 0.6


@dataclass(frozen=True)
class State:
    """How far a search is.

    Args:
        z: Whitened unknowns.
        hyper: Priors and noise that belong to them.
        counts: Time steps of each interval.
        stages: Evaluations of the rate in each of them.
        round: Of finding the priors, from 0.
        iteration: Of this round.
        steps: Gauss-Newton steps of all rounds.
        damping: Of the next step.
        rested: Whether this round came to rest.
        converged: Whether the last round that was ended came to rest before its most steps.
        step_error: Root mean square error of the fractions of a point by the time steps, the largest of all.
    """

    z: Tensor
    hyper: Hyper
    counts: tuple[int, ...]
    stages: tuple[int, ...]
    round: int = 0
    iteration: int = 0
    steps: int = 0
    damping: float = FIRST_DAMPING
    rested: bool = False
    converged: bool = True
    step_error: float = float("nan")


Save = Callable[[State], None]


def search(unknowns: Unknowns, state: State, progress: Progress, save: Save) -> State:
    """Go on until priors and unknowns stay where they are."""
    rounds = unknowns.settings.rounds
    while True:
        part = progress.part(state.round / rounds, (state.round + 1) / rounds)
        state = minimise(unknowns, state, part, save)
        if state.round + 1 >= rounds:
            return state
        hyper = _next_hyper(unknowns, state)
        settled = _change(state.hyper, hyper) < HYPER_CHANGE
        z = unknowns.rescaled(state.z, state.hyper, hyper)
        state = replace(state, z=z, hyper=hyper, round=rounds - 1 if settled else state.round + 1, iteration=0)
        state = replace(state, rested=False)
        save(state)


def minimise(
    unknowns: Unknowns, state: State, progress: Progress, save: Save, end: tuple[int, float] | None = None
) -> State:
    """Gauss-Newton steps under fixed priors, until at rest or the most of them are done.

    Args:
        unknowns: What is looked for.
        state: Where to begin.
        progress: Asked at each step whether to stop.
        save: Told of each step.
        end: Most steps, and the share of the cost below which a gain is rest; None for those of the settings.
    """
    last = state.round + 1 >= unknowns.settings.rounds
    most, share = end or (unknowns.settings.iterations, LAST_GAIN_SHARE if last else GAIN_SHARE)
    while not state.rested:
        progress.report(state.iteration / most, f"Law, round {state.round + 1}, step {state.iteration + 1}")
        linearised, state = linearise(unknowns, state)
        state, gain, promised = _step(linearised, state)
        rest = max(GAIN_LEAST, share * linearised.cost)
        # No step that gains, where the linear problem promises one, is a dead end and no rest.
        still, settled = gain < rest, gain < rest and (gain > 0 or promised < rest)
        state = replace(state, rested=still or state.iteration >= most, converged=settled)
        save(state)
    return state


def linearise(unknowns: Unknowns, state: State) -> tuple[Linearised, State]:
    """The problem about the present unknowns, with time steps that are stable and short enough there."""
    while True:
        linearised = Linearised(Problem(unknowns, state.hyper, (state.counts, state.stages)), state.z)
        # The correction takes nearly all of the error off; that of the finer steps is left.
        now = replace(state, step_error=linearised.step_error / FINER**2)
        better = _steps(unknowns, now, linearised)
        if better == (state.counts, state.stages):
            return linearised, now
        state = replace(now, counts=better[0], stages=better[1])


def _steps(unknowns: Unknowns, state: State, linearised: Linearised) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Time steps of each interval and evaluations of each step, as the present ones should have been."""
    error, counts = linearised.step_error / unknowns.noise, np.array(state.counts)
    if error > STEP_ERROR and counts.max() < MOST_COUNTS:
        counts = 2 * counts
    stiffness = SAFETY * np.array(linearised.tangent.stiffness()) / counts
    needed, now = np.array([stages_needed(value) for value in stiffness]), np.array(state.stages)
    fits = (counts == state.counts).all() and ((needed <= now) & (needed > SPARE * now - 1)).all()
    return tuple(counts.tolist()), tuple((now if fits else needed).tolist())


def _step(linearised: Linearised, state: State) -> tuple[State, float, float]:
    """One step, by how much it lowers the cost (0 where no step does), and what the first that was tried promised."""
    damping, first = state.damping, None
    state = replace(state, iteration=state.iteration + 1, steps=state.steps + 1)
    while damping < MOST_DAMPING:
        way, promised = _way(linearised, damping)
        first = promised if first is None else first
        gain = linearised.cost - linearised.problem.cost(state.z + way)
        if gain > 0.1 * promised:
            factor = 0.2 if gain > 0.5 * promised else 1.0
            return replace(state, z=state.z + way, damping=max(damping * factor, LEAST_DAMPING)), gain, first
        damping = max(damping, 0.1) * 8
    return replace(state, damping=FIRST_DAMPING), 0.0, float("nan") if first is None else first


def _way(linearised: Linearised, damping: float) -> tuple[Tensor, float]:
    """A step, and by how much it would lower the cost if the problem were linear."""

    def curvature(ways: Tensor) -> Tensor:
        return linearised.curvature(ways) + damping * ways

    right, precondition = -linearised.gradient[None], linearised.precondition(damping)
    few = linearised.problem.unknowns.parts.theta.stop
    way = solve_bordered(curvature, right, precondition, few, (CG_STEPS, CG_TOLERANCE)).solution[0]
    promised = -float(linearised.gradient @ way + 0.5 * way @ linearised.curvature(way[None])[0])
    return way, promised


def _next_hyper(unknowns: Unknowns, state: State) -> Hyper:
    linearised, _ = linearise(unknowns, state)
    return better_hyper(linearised, posterior(linearised, ROUND_DRAWS, unknowns.settings.seed + state.round).draws)


def _change(old: Hyper, new: Hyper) -> float:
    pairs = zip(old.as_dict().values(), new.as_dict().values(), strict=True)
    return float(max(abs(np.log(after / before)) for before, after in pairs))
