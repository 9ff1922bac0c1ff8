"""The uncertainty of a law by searching again from perturbed movies and priors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import Cancelled
from batterycell.movie.law import find_law
from batterycell.movie.law.batch import make_batch
from batterycell.movie.law.learn.unknowns import Unknowns, first_hyper
from batterycell.progress import Progress
from test_movie_law import QUICK, made

torch = pytest.importorskip("torch")

from batterycell.movie.law.found.ensemble import _Member  # noqa: E402


def test_a_member_means_the_same_from_another_point_and_sees_the_noise_once_more() -> None:
    whole = Unknowns(make_batch(made().movies, QUICK), QUICK)
    member = _Member(whole, 2.0, np.random.default_rng(1))
    z, scales = 0.1 * torch.ones(whole.parts.size, dtype=torch.float64), whole.scales(first_hyper(whole.batch))
    for one, other in zip(
        whole.meaning(z, scales).pieces.k, member.meaning(z - member.point, scales).pieces.k, strict=True
    ):
        torch.testing.assert_close(one, other)
    known = whole.batch.weight > 0
    heard = ((member.batch.seen - whole.batch.seen) * whole.batch.weight)[known]
    assert heard.std() == pytest.approx(2.0, rel=0.1) and abs(heard.mean()) < 0.2
    assert (member.batch.seen == whole.batch.seen)[~known].all()


@pytest.mark.slow
def test_where_the_law_is_nearly_linear_an_ensemble_tells_what_the_normal_distribution_does(tmp_path: Path) -> None:
    settings = replace(QUICK, samples=8, degree=2)
    normal, again = (
        find_law(made().movies, replace(settings, uncertainty=kind), keep=tmp_path) for kind in ("laplace", "ensemble")
    )
    np.testing.assert_array_equal(normal.movies[0].k, again.movies[0].k)
    ratio = again.movies[0].ln_k_sigma / normal.movies[0].ln_k_sigma
    assert 0.6 < np.nanmedian(ratio) < 1.6
    inside = (normal.exchange.composition > normal.visited[0]) & (normal.exchange.composition < normal.visited[1])
    for one, other in ((normal.exchange, again.exchange), (normal.potential, again.potential)):
        assert 0.4 < np.median((other.sigma / one.sigma)[inside]) < 2.0

    def stop(fraction: float, message: str) -> None:
        if "search 9 of 10" in message:
            raise Cancelled

    # Eight of ten are kept.
    with pytest.raises(Cancelled):
        find_law(made().movies, replace(settings, samples=10, uncertainty="ensemble"), Progress(stop), tmp_path)
