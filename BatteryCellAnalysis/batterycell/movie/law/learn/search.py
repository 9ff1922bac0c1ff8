"""The most probable unknowns: Gauss-Newton steps, damped after Levenberg and Marquardt, and priors from the movies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.law.batch import FEW_POINTS
from batterycell.movie.law.physics.chebyshev import stages_needed
from batterycell.progress import Progress

from .evidence import better_hyper
from .parts import Hyper
from .problem import FINER, Linearised, Problem
from .room import room_slope
from .solve import solve_bordered
from .unknowns import Unknowns

Tensor = Any
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1.0, 1e-6, 1e8
# Conjugate gradients: most steps, and the tolerance of a Gauss-Newton step.
CG_STEPS, CG_TOLERANCE = 80, 0.005
# How all else answers to the law must be known so well: ways of the law that all else can follow are seen by little of
# what single coefficients are seen by, and errors of the answers make them look stiffer by their square.
ANSWER_TOLERANCE, ROUGH_TOLERANCE = 0.003, 0.05
# At rest when a step makes the law less than so many times more probable (logarithm), in the last round and before:
# half a standard deviation of one way, and what other priors change anyway.
LAST_GAIN, GAIN = 0.1, 2.0
# By how much more is damped after a step that led astray.
RETREAT = 64.0
# Fractions may err by this share of the noise's median through the time steps, root mean square.
# New steps are made for the aim, when the present ones are beyond the least and the most.
STEP_LEAST, STEP_AIM, STEP_ERROR, MOST_COUNTS = 0.01, 0.04, 0.06, 16
MOST_TRIES = 8
HYPER_CHANGE = 0.1
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
        room: Slope of what the room of the fields adds to the cost, by the law's whitened coefficients.
        answers: How all others answer to the law's coefficients, as of the last step; None before the first.
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
    answers: Tensor | None = None
    room: Tensor | None = None


Save = Callable[[State], None]


def search(unknowns: Unknowns, state: State, progress: Progress, save: Save) -> State:
    """Go on until priors and unknowns stay where they are."""
    rounds = unknowns.settings.rounds
    while True:
        part = progress.part(state.round / rounds, (state.round + 1) / rounds)
        state = minimise(unknowns, state, part, save)
        if state.round + 1 >= rounds:
            return state
        linearised, state = linearise(unknowns, state)
        hyper = better_hyper(linearised)
        room = _room(unknowns, linearised, state)
        settled = _change(state.hyper, hyper) < HYPER_CHANGE and state.room is not None
        z, answers = (unknowns.rescaled(rows, state.hyper, hyper) for rows in (state.z, state.answers))
        state = replace(state, z=z, answers=answers, room=room, hyper=hyper, rested=False, iteration=0)
        state = replace(state, round=rounds - 1 if settled else state.round + 1)
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
        end: Most steps, and the gain below which is rest; None for those of the settings.
    """
    last = state.round + 1 >= unknowns.settings.rounds
    most, rest = end or (unknowns.settings.iterations, LAST_GAIN if last else GAIN)
    linearised, state = linearise(unknowns, state)
    while not state.rested:
        progress.report(state.iteration / most, f"Law, round {state.round + 1}, step {state.iteration + 1}")
        after, gain, promised = _step(linearised, state)
        there, after = linearise(unknowns, after)
        if gain > 0 and not there.sound:
            # It gained by errors of the time steps only.
            state = replace(state, iteration=state.iteration + 1, damping=RETREAT * max(state.damping, after.damping))
            gain, promised = np.inf, np.inf
        else:
            linearised, state = there, after
        # No step that gains, where the linear problem promises one, is a dead end and no rest.
        still, settled = gain < rest, gain < rest and (gain > 0 or promised < rest)
        stuck = state.iteration >= most or state.damping > MOST_DAMPING
        state = replace(state, rested=still or stuck, converged=settled)
        save(state)
    return state


def linearise(unknowns: Unknowns, state: State) -> tuple[Linearised, State]:
    """The problem about the present unknowns, with time steps that are stable and short enough there."""
    for _ in range(MOST_TRIES):
        linearised = Linearised(Problem(unknowns, state.hyper, (state.counts, state.stages), state.room), state.z)
        # Less than the error of the finer steps is left.
        now = replace(state, step_error=float(linearised.step_errors().max()) / FINER**2)
        better = _steps(unknowns, now, linearised)
        if better == (state.counts, state.stages):
            break
        state = replace(now, counts=better[0], stages=better[1])
    return linearised, replace(now, counts=linearised.problem.steps.counts, stages=linearised.problem.steps.stages)


def _steps(unknowns: Unknowns, state: State, linearised: Linearised) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Time steps of each interval and evaluations of each step, as the present ones should have been."""
    counts = _counts(linearised.step_errors() / unknowns.noise, np.array(state.counts))
    stiffness = SAFETY * np.array(linearised.tangent.stiffness()) / counts
    needed, now = np.array([stages_needed(value) for value in stiffness]), np.array(state.stages)
    fits = (counts == state.counts).all() and ((needed <= now) & (needed > SPARE * now - 1)).all()
    return tuple(counts.tolist()), tuple((now if fits else needed).tolist())


def _counts(errors: Floats, counts: Ints) -> Ints:
    """Fewest time steps whose errors, of second order, add up to no more than may be: as the errors' cubic roots."""
    if not np.isfinite(errors).all():
        return np.minimum(2 * counts, MOST_COUNTS)
    if STEP_LEAST <= errors.max() <= STEP_ERROR or (errors.max() < STEP_LEAST and counts.max() == 1):
        return counts
    steps = np.abs(np.diff(errors)) + 0.01 * errors.max()
    root = np.cbrt(steps * counts**2)
    level = np.sqrt(errors.max() / STEP_AIM * root.sum() / steps.sum())
    return np.asarray(np.clip(np.round(level * root), 1, MOST_COUNTS).astype(np.int64))


def _step(linearised: Linearised, state: State) -> tuple[State, float, float]:
    """One step, by how much it lowers the cost (0 where no step does), and what the first that was tried promised."""
    damping, first = state.damping, None
    state = replace(state, iteration=state.iteration + 1, steps=state.steps + 1)
    while damping < MOST_DAMPING:
        way, promised, answers = _way(linearised, damping, state.answers)
        state = replace(state, answers=answers)
        first = promised if first is None else first
        gain = linearised.cost - linearised.problem.cost(state.z + way)
        if gain > 0.1 * promised:
            factor = 0.2 if gain > 0.5 * promised else 1.0
            return replace(state, z=state.z + way, damping=max(damping * factor, LEAST_DAMPING)), gain, first
        damping = max(damping, 0.1) * 8
    return replace(state, damping=FIRST_DAMPING), 0.0, float("nan") if first is None else first


def _way(linearised: Linearised, damping: float, answers: Tensor | None) -> tuple[Tensor, float, Tensor]:
    """A step, by how much it would lower the cost if the problem were linear, and how all answer to the law."""

    def curvature(ways: Tensor) -> Tensor:
        return linearised.curvature(ways) + damping * ways

    right, precondition = -linearised.gradient[None], linearised.preconditioner.at(damping)
    few = linearised.problem.unknowns.parts.theta.stop
    enough = min(ANSWER_TOLERANCE * sqrt(1 + damping), ROUGH_TOLERANCE)
    solved = solve_bordered(curvature, right, precondition, few, (CG_STEPS, enough, CG_TOLERANCE), answers)
    way = solved.solution[0]
    promised = -float(linearised.gradient @ way + 0.5 * way @ linearised.curvature(way[None])[0])
    return way, promised, solved.answers


def _room(unknowns: Unknowns, linearised: Linearised, state: State) -> Tensor:
    """Slope by the room of the fields; zeros where so little was seen that a law would run away along it."""
    if unknowns.batch.points_used < FEW_POINTS:
        return unknowns.nothing()[unknowns.parts.theta]
    return room_slope(linearised, state.answers, unknowns.settings.seed, state.room)


def _change(old: Hyper, new: Hyper) -> float:
    pairs = zip(old.as_dict().values(), new.as_dict().values(), strict=True)
    return float(max(abs(np.log(after / before)) for before, after in pairs))
