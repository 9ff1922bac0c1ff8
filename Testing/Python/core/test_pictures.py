"""The pictures show what was found, also where OpenGL is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import palette, pictures
from batterycell.orient import CellFrame
from batterycell.overhang import FLAGS
from batterycell.pictures import gl
from batterycell.pictures.close_up import CloseUp
from batterycell.pictures.plain import nice_length
from batterycell.pictures.subject import Subject
from batterycell.result import CellResult, readable
from batterycell.tables import Table
from made_result import made_result
from matplotlib.figure import Figure
from numpy.typing import NDArray

QUADRANTS = {"axial": (0, 0), "3D": (0, 800), "coronal": (600, 0), "sagittal": (600, 800)}


@pytest.fixture(scope="module")
def result() -> CellResult:
    return made_result()


@pytest.fixture(params=["Slicer's views", "plain"])
def overview(request: pytest.FixtureRequest, result: CellResult, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "plain":
        monkeypatch.setattr(import_module("batterycell.pictures.overview"), "missing_gl", lambda: "taken away")
    elif pictures.missing_gl():
        pytest.skip(f"no OpenGL: {pictures.missing_gl()}")
    return pictures.overview(result.volume, result.cell.frame, result.overhang, result.cell.can.outer_radius_mm)


def test_an_overview_has_four_views_each_with_its_bar_and_a_cell(overview: Any) -> None:
    assert overview.shape == (1200, 1600, 3) and overview.dtype == np.uint8
    for name, (row, column) in QUADRANTS.items():
        bar = overview[row + 10, column + 700]
        np.testing.assert_array_equal(bar, np.round(np.array(palette.to_rgb(palette.VIEW_COLORS[name])) * 255))
        view = overview[row + 60 : row + 500, column + 150 : column + 650]
        assert np.ptp(view) > 100 and (view.max(axis=2) > 60).mean() > 0.05


def test_an_overview_shows_both_kinds_of_ends(overview: Any) -> None:
    coronal = overview[640:1190, 10:790].astype(int)
    for color in (palette.CATHODE, palette.ANODE):
        distance = np.abs(coronal - np.array(palette.to_rgb(color)) * 255).sum(axis=2)
        assert (distance < 60).sum() > 20


def test_a_cell_upside_down_in_the_scan_stands_upright_in_the_overview(result: CellResult) -> None:
    if pictures.missing_gl():
        pytest.skip(f"no OpenGL: {pictures.missing_gl()}")
    array = result.volume.array.copy()
    array[:4] = 255
    volume, frame = replace(result.volume, array=array), result.cell.frame
    ends = result.overhang.where(result.overhang["flag"] == "none")
    turned = CellFrame.from_axis(frame.origin, -frame.up, volume.ijk_to_ras)
    for shown, bright in ((frame, -1), (turned, 0)):
        coronal = pictures.overview(volume, shown, ends, 3.5)[640:1130, 395:405].max(axis=2).max(axis=1)
        rows = np.flatnonzero(coronal > 200)
        assert abs(rows[bright] - np.flatnonzero(coronal > 60)[bright]) < 4


def test_the_answer_about_opengl_comes_from_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "_PROBE", "import os; os.abort()")
    assert "No OpenGL" in str(gl.missing_gl.__wrapped__())


def test_an_opengl_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl, "_PROBE", "import time; time.sleep(30)")
    monkeypatch.setattr(gl, "_TIMEOUT_S", 0.2)
    assert "did not answer" in str(gl.missing_gl.__wrapped__())


def test_a_longitudinal_picture_is_1600_pixels_wide(result: CellResult, tmp_path: Path) -> None:
    from PIL import Image

    figure = pictures.longitudinal_picture(result.volume, result.cell, result.overhang, 90.0)
    pictures.save_figure(figure, tmp_path / "plane.png")
    picture = np.asarray(Image.open(tmp_path / "plane.png").convert("RGB")).astype(int)
    assert picture.shape[1] == 1600
    assert (np.abs(picture - np.array(palette.to_rgb(palette.ALARM)) * 255).sum(axis=2) < 20).any()


def test_a_longitudinal_picture_has_a_panel_only_for_an_end_that_was_read(result: CellResult) -> None:
    figure = pictures.longitudinal_picture(result.volume, result.cell, result.overhang, 90.0)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Top end at 90°"]
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert "−50" in texts and any(re.fullmatch(r"9 read, mean \d+ µm, sd \d+ µm, 2 negative", text) for text in texts)


def test_an_anode_that_is_not_above_its_cathode_is_marked_where_the_cathode_ends(result: CellResult) -> None:
    (axes,) = pictures.longitudinal_picture(result.volume, result.cell, result.overhang, 90.0).axes
    marks = {mark.get_label(): mark for mark in axes.collections}["negative, end unclear"]
    row = result.overhang.where(result.overhang["flag"] == "negative-unclear")
    _, radius, height = result.cell.frame.to_cylindrical([row[f"cathode_{axis}_mm"][0] for axis in "ras"])
    np.testing.assert_allclose(marks.get_offsets(), [[radius, height]])
    np.testing.assert_allclose(marks.get_edgecolor()[0][:3], palette.to_rgb(palette.ALARM))


def test_an_alarm_alone_is_worth_a_picture(result: CellResult) -> None:
    unread = result.overhang.where(~readable(result.overhang))
    (axes,) = pictures.longitudinal_picture(result.volume, result.cell, unread, 90.0).axes
    assert "none read, 1 negative" in {text.get_text() for text in axes.texts}
    assert pictures.overhang_map(unread).axes[1].get_title(loc="left") == "Top end, inner anode: none read, 1 negative"


def test_pixels_are_square_in_millimetres(result: CellResult) -> None:
    axes = pictures.longitudinal_picture(result.volume, result.cell, result.overhang, 0.0).axes[0]
    box = axes.get_window_extent()
    assert box.width / np.ptp(axes.get_xlim()) == pytest.approx(box.height / np.ptp(axes.get_ylim()), rel=0.01)


def test_where_nothing_was_read_the_plane_is_shown_and_says_so(result: CellResult) -> None:
    figure = pictures.longitudinal_picture(result.volume, result.cell, result.overhang, 1.0)
    assert "none read, 0 negative" in {text.get_text() for text in figure.axes[0].texts}


def test_the_ends_found_lie_inside_the_close_up(result: CellResult) -> None:
    shown = CloseUp.of_end(result.overhang, result.cell, "top")
    for ends in (shown.cathodes, shown.anodes):
        assert np.nanmin(ends[:, 0]) > shown.radii[0] and np.nanmax(ends[:, 0]) < shown.radii[1]
        assert np.nanmin(ends[:, 1]) > shown.heights[0] and np.nanmax(ends[:, 1]) < shown.heights[1]


def test_a_map_has_a_panel_for_each_face_and_names_every_reason(result: CellResult) -> None:
    figure = pictures.overhang_map(result.overhang)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[0].startswith("Top end, outer anode") and titles[1].startswith("Top end, inner anode")
    legend = " ".join(text.get_text() for text in figure.legends[0].get_texts())
    assert "negative (1)" in legend and "negative-unclear (1)" in legend
    assert all(flag in legend for flag in FLAGS if flag != "ok")


def test_negative_values_side_by_side_show_their_colour_and_a_lone_one_its_outline() -> None:
    table = made_result(360).overhang
    data = {name: values.copy() for name, values in table.data.items()}
    outer = (table["end"] == "top") & (table["side"] == "outer")
    negative = outer & ((table["winding"] == 2) | ((table["winding"] == 4) & (table["angle_deg"] == 180)))
    data["flag"][outer] = np.where(negative, "negative", "ok")[outer]
    data["overhang_um"][outer] = np.where(negative, -100.0, 500.0)[outer]
    run, lone = _pixels(pictures.overhang_map(Table(table.columns, data)), (2, 4))
    alarm, black = np.round(255 * np.array(palette.to_rgb(palette.ALARM))), np.zeros(3)
    assert (np.abs(run - alarm).max(axis=1) <= 2).mean() > 0.95
    assert (np.abs(lone - alarm).max(axis=1) < 99).any() and (np.abs(lone - black).max(axis=1) <= 2).sum() in (2, 3, 4)


def _pixels(figure: Figure, windings: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Colours along the middle of windings in the first panel of a map, shape (pixels, 3) each."""
    figure.canvas.draw()
    drawn = np.asarray(figure.canvas.buffer_rgba(), float)[::-1, :, :3]  # type: ignore[attr-defined]
    to_pixels = figure.axes[0].transData
    ends = [[to_pixels.transform((angle, winding)) for angle in (2, 357)] for winding in windings]
    return [drawn[round(low[1]), round(low[0]) : round(high[0])] for low, high in ends]


def test_a_map_of_nothing_says_so(result: CellResult) -> None:
    figure = pictures.overhang_map(result.overhang.where(result.overhang["end"] == "bottom"))
    assert [text.get_text() for text in figure.texts] == ["No overhang could be read."]


def test_the_heights_shown_are_those_the_volume_reaches(result: CellResult) -> None:
    low, high = Subject(result.volume, result.cell.frame, result.overhang, 3.5).heights
    assert (low, high) == pytest.approx((-1.5, 1.5), abs=0.01)


@pytest.mark.parametrize(("length", "nice"), [(1.0, 1.0), (1.9, 1.0), (2.0, 2.0), (7.3, 5.0), (0.031, 0.02)])
def test_scale_bars_have_round_lengths(length: float, nice: float) -> None:
    assert nice_length(length) == pytest.approx(nice)


def test_every_colour_of_the_ends_differs_from_the_others() -> None:
    colors = [palette.CATHODE, palette.ANODE, palette.OVERHANG, palette.ALARM, palette.SEPARATOR, palette.TAB]
    apart = [np.linalg.norm(np.subtract(*map(palette.to_rgb, (a, b)))) for a in colors for b in colors if a < b]
    assert min(apart) > 0.3


def test_pictures_leave_no_global_plotting_state() -> None:
    code = "import sys, batterycell.pictures; sys.exit('matplotlib.pyplot' in sys.modules or 'slicer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
