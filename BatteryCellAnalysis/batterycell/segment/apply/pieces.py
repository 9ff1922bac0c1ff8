"""The pieces of an image that a model goes through, one after the other here or side by side elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.progress import Progress

from .around.fan import Fan
from .around.planes import judge_blocks
from .blocks import Seen, judge_block
from .job import Job
from .plan import make_plan
from .settings import Box

Arrays = dict[str, NDArray[np.uint8]]
# Given a job, what to judge by number, and a progress: the numbers and what came of them, in any order.
Spread = Callable[[Job, Mapping[int, "Piece"], Progress], Iterator[tuple[int, Arrays]]]
_FRAME = ("origin", "up", "toward_i", "toward_j")


@dataclass(frozen=True)
class Piece:
    """A block of an image, or some half-planes around a cell's axis.

    Args:
        edge: Of the windows; None for as large as memory allows.
        block: First voxel and one past the last, the plan's axis first.
        planes: Numbers of half-planes, in place of a block.
        fan: The half-planes.
    """

    edge: int | None = None
    block: Box | None = None
    planes: tuple[int, ...] = ()
    fan: Fan | None = None

    def to_json(self) -> dict[str, Any]:
        """The same in JSON's types."""
        fan = self.fan and {**asdict(self.fan), "frame": [getattr(self.fan.frame, name).tolist() for name in _FRAME]}
        return {"edge": self.edge, "block": self.block, "planes": self.planes, "fan": fan}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Piece:
        """What `to_json` gave, to the last digit."""
        block, fan = values["block"], values["fan"]
        return cls(
            values["edge"],
            block and (tuple(block[0]), tuple(block[1])),
            tuple(values["planes"]),
            fan and _fan(fan),
        )


def judge_piece(job: Job, piece: Piece, progress: Progress) -> Arrays:
    """What a model says of a piece, as `judge_block` or `judge_blocks`.

    Args:
        job: The image, the model, how.
        piece: The piece.
        progress: Told how far it is; asked whether to stop.
    """
    if piece.fan is not None:
        return next(judge_blocks(job, piece.fan, [piece.planes], lambda _: progress))
    if piece.block is None:
        raise ValueError("a piece is a block or half-planes")
    plan = make_plan(job.image, job.model.info, job.settings.along)
    run = (job.device.name, job.windows(piece.edge))
    return judge_block(Seen(job.image, job.levels, plan, piece.block), job.model, run, progress, job.names)


def _fan(values: dict[str, Any]) -> Fan:
    frame = CellFrame(*(np.array(one, float) for one in values["frame"]))
    (count, rows, columns), (height, width) = values["shape"], values["step_mm"]
    return Fan(frame, (count, rows, columns), (height, width), values["top_mm"])
