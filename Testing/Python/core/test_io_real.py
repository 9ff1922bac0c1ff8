"""Loading the real cell."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from batterycell.cli import info
from batterycell.cli.options import Parser
from batterycell.errors import InputError
from batterycell.io import LoadOptions, load_volume
from batterycell.progress import Progress

DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data"))
CELL = DATA / "cell_top_ucl"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not CELL.is_dir(), reason=f"no real data in {DATA}")]


def test_the_real_cell_is_loaded_as_it_is() -> None:
    volume = load_volume(CELL, LoadOptions((67.94, 33.97, 33.97)))
    assert volume.array.shape == (100, 728, 728)
    assert volume.array.dtype.name == "uint8"
    assert volume.voxel_size_um == pytest.approx((67.94, 33.97, 33.97))
    # The top of the cell is the first slice: it holds least metal.
    assert volume.array[0].mean() < volume.array[50].mean()


def test_the_real_cell_does_not_say_its_voxel_size() -> None:
    with pytest.raises(InputError) as caught:
        load_volume(CELL)
    assert caught.value.code == "voxel-size-unknown"


def test_info_describes_the_real_cell() -> None:
    parser = Parser(prog="batterycell")
    info.add_parser(parser.add_subparsers(dest="verb", parser_class=Parser))
    args = parser.parse_args(["info", str(CELL), "--voxel-size", "67.94,33.97,33.97"])
    result = info.run(args, Progress())
    assert json.loads(json.dumps(result))["shape"] == [100, 728, 728]
    assert result["size_mm"] == pytest.approx([6.794, 24.73016, 24.73016])
    assert "67.94 × 33.97 × 33.97 µm (z, y, x), from --voxel-size" in info.describe(result)
