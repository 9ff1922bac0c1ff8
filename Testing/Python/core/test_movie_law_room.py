"""The room of the fields: how far it has moved what was found stands in the intervals."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from batterycell.movie.law.learn.evidence import Posterior  # noqa: E402
from batterycell.movie.law.learn.problem import Linearised  # noqa: E402
from batterycell.movie.law.learn.room import room_way  # noqa: E402
from batterycell.movie.law.learn.solve import solve_bordered  # noqa: E402
from test_movie_law import problem  # noqa: E402


def test_the_way_that_a_slope_has_moved_the_unknowns_is_that_on_which_the_cost_rises_as_much() -> None:
    of = problem()
    about = Linearised(of, of.unknowns.nothing())
    few = of.unknowns.parts.theta.stop
    room = torch.linspace(-1, 2, few, dtype=torch.float64)
    right, limits = torch.zeros(1, of.unknowns.parts.size, dtype=torch.float64), (300, 1e-6, 1e-6)
    solved = solve_bordered(about.curvature, right, about.preconditioner.at(0.0), few, limits)
    way = room_way(about, solved.answers, room)
    rises = about.curvature(way[None])[0]
    torch.testing.assert_close(rises[:few], -room, rtol=1e-3, atol=1e-3)
    assert float(rises[few:].norm()) < 1e-2 * float(room.norm())


def test_one_more_uncertainty_widens_law_and_fields_along_its_way_and_nothing_else() -> None:
    way = torch.tensor([2.0, 0.0, 0.0, -1.0, 0.0], dtype=torch.float64)
    alone = Posterior(torch.zeros(4000, 5, dtype=torch.float64), torch.eye(2, dtype=torch.float64))
    moved = alone.moved(way, 0)
    torch.testing.assert_close(moved.theta, torch.tensor([[5.0, 0.0], [0.0, 1.0]], dtype=torch.float64))
    torch.testing.assert_close(moved.draws.square().mean(0), way.square(), rtol=0.1, atol=1e-12)
