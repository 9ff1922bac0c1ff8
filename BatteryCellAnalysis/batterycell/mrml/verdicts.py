"""The verdict on a cell: judged from what the scene holds of it, again whenever that or the tolerances change."""

from __future__ import annotations

from typing import Any

from batterycell.result import judge_cell
from batterycell.tolerance import Tolerances, Verdict

from .results import overhang_node
from .stages import add_stages, stages_of
from .tables import table_from_node
from .tolerances import set_tolerances, tolerances_of


def verdict_of(volume_node: Any) -> Verdict | None:
    """How a cell stands by the tolerances it has; None where nothing of it was measured."""
    stages, table = stages_of(volume_node), overhang_node(volume_node)
    if table is None and not stages:
        return None
    overhang = None if table is None else table_from_node(table)
    return judge_cell(stages, overhang, tolerances_of(volume_node))


def judge_by(volume_node: Any, tolerances: Tolerances | None) -> Verdict | None:
    """Give a cell other tolerances, and judge it by them: its verdict stands among its tables.

    Args:
        volume_node: The cell's volume.
        tolerances: None for the hard rule on negative overhang alone.

    Returns:
        The verdict; None where nothing was measured.
    """
    set_tolerances(volume_node, tolerances)
    verdict = verdict_of(volume_node)
    if verdict is not None:
        add_stages(volume_node, [verdict.to_stage()])
    return verdict
