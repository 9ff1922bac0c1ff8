"""A sheet's edge is a straight line; what does not lie on it is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.pouch.edge_lines import fit_line, judge_ends
from batterycell.pouch.stack import find_pitch

POSITIONS = np.linspace(-3, 3, 20)
LINE = 2.0 + 0.01 * POSITIONS
NOBODY = np.zeros((20, 1), bool)


def test_ends_on_the_line_are_read_though_alone_they_could_not_be() -> None:
    readable, tab = judge_ends(POSITIONS, LINE[:, None], NOBODY, 0.04)
    assert readable.all()
    assert not tab.any()


def test_ends_far_beyond_the_line_are_a_tabs() -> None:
    ends = LINE.copy()
    ends[4:9] += 0.8
    readable, tab = judge_ends(POSITIONS, ends[:, None], ~NOBODY, 0.04)
    assert np.flatnonzero(tab[:, 0]).tolist() == [4, 5, 6, 7, 8]
    assert np.array_equal(readable, ~tab)


def test_a_torn_edge_is_read_where_it_stands_alone() -> None:
    ends = LINE.copy()
    ends[4] -= 0.5
    alone = NOBODY.copy()
    alone[4] = True
    readable, tab = judge_ends(POSITIONS, ends[:, None], alone, 0.04)
    assert readable.all()
    assert not tab.any()


def test_a_few_ends_make_no_line() -> None:
    ends = np.where(np.arange(20) < 5, 5.0, np.nan)
    readable, _ = judge_ends(POSITIONS, ends[:, None], np.isfinite(ends)[:, None], 0.04)
    assert not readable.any()
    assert fit_line(POSITIONS, ends, 0.1) is None


@pytest.mark.parametrize("count", [3, 9, 60])
def test_the_pitch_is_that_of_the_cathodes_not_of_all_layers(count: int) -> None:
    z = np.arange(count * 10)
    profile = 30 + 45 * (z % 10 < 4) + 25 * (z % 10 == 7)
    assert find_pitch(profile.astype(float), 0.04) == pytest.approx(0.4, rel=0.06)
