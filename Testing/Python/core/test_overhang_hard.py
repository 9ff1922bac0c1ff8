"""What cannot be read is flagged, never guessed: touching tips, noise, an end that shows too little."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.orient import find_cell
from batterycell.overhang import NEGATIVE_FLAGS, READABLE_FLAGS, measure_overhang
from batterycell.overhang.edges import measure
from batterycell.overhang.stage import overhang_stage
from batterycell.phantom import EndDefect, Phantom, make_cell, preset
from matching import match
from scipy import ndimage

ANGLES, VOXEL_UM = 12, 60


@cache
def curled() -> Phantom:
    """Two anodes lean towards each other over a third of the cell."""
    spec, scan = preset("small")
    leans = [
        EndDefect(2, side, angle_deg=120, width_deg=120, overhang_um=None, lean_deg=lean)
        for side, lean in (("outer", -24.0), ("inner", 24.0))
    ]
    return make_cell(replace(spec, defects=tuple(leans)), scan, seed=2, angles=ANGLES)


def test_tips_that_curl_towards_each_other_are_read_right_or_not_at_all() -> None:
    phantom = curled()
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), ANGLES)
    found = match(table, phantom.truth)
    error = (table["overhang_um"][found.measured] - phantom.truth["overhang_um"][found.true])[found.found]
    assert np.abs(error).max() < 1.5 * VOXEL_UM
    assert found.found.mean() > 0.85
    assert not np.isin(table["flag"], NEGATIVE_FLAGS).any()


def test_noise_in_which_no_edge_can_be_read_is_told_not_measured() -> None:
    phantom = curled()
    noise = ndimage.gaussian_filter(np.random.default_rng(0).normal(0, 1, phantom.volume.array.shape), 0.6)
    loud = phantom.volume.array + (60 * noise).astype(np.float32)
    volume = replace(phantom.volume, array=loud.astype(np.float32))
    cell = find_cell(phantom.volume)
    table = measure_overhang(volume, cell, ANGLES)
    assert not np.isin(table["flag"], (*READABLE_FLAGS, *NEGATIVE_FLAGS)).any()
    stage = overhang_stage(volume, cell, table)
    assert sum("metal artefacts" in note for note in stage.notes) == 2
    assert all(np.isnan(one.value) for one in stage.quantities if one.name.endswith("_mean_um"))


def test_an_end_that_cannot_be_measured_does_not_stop_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    measure_end = measure._measure_end

    def fails_below(scene, end, degrees, progress):  # type: ignore[no-untyped-def]
        if end.name == "bottom":
            raise InputError("windings-cut", "too little", "scan more")
        return measure_end(scene, end, degrees, progress)

    monkeypatch.setattr(measure, "_measure_end", fails_below)
    phantom = curled()
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), 6)
    assert set(table["flag"][table["end"] == "bottom"]) == {"cathode-unclear"}
    assert np.isin(table["flag"][table["end"] == "top"], READABLE_FLAGS).mean() > 0.7
