"""X-ray movies further on: kinetics, rows and clicks, results of the command line, what cannot be measured."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.movie.load.result import read_movie_results
from batterycell.mrml.movie.charts import chart_of
from batterycell.mrml.movie.places import place_in_particle
from batterycell.mrml.movie.results import all_results, browsers_of, maps_of, result_of, stages_of_movie
from batterycell.mrml.movie.sequences import time_of
from BatteryCellAnalysisLib.Views.Movie.Layout import RIGHT, isMovieLayoutShown
from harness import look_at, open_module, picture, plain, run_tests, show_only
from moving import FOLDER, command_line, finish, law_folder, loaded, measured, movie_file, same_tables, settle


def test_kinetics_are_those_of_the_command_line_and_rows_lead_to_their_time():
    _, ui, node = measured("Kinetics")
    owner = result_of(node)
    assert owner is not None, plain(ui.movieMessage)
    words = [f"--end-member={name}={FOLDER / name}.txt" for name in ("FePO4", "LiFePO4")]
    command_line("movie", "kinetics", movie_file(), *words, "--json", "--out", FOLDER / "kinetics")
    found, truth = stages_of_movie(owner), read_movie_results(FOLDER / "kinetics")
    assert [one.step for one in truth] == ["chemistry", "kinetics"]
    by_name = {stage.name: stage for stage in found}
    for one in truth:
        same_tables(by_name[one.stage.name], one.stage)
    assert "Rate [1/h]" in maps_of(owner) and ui.movieRightComboBox.currentText == "Rate [1/h]"
    assert isMovieLayoutShown()
    ui.movieTableComboBox.setCurrentIndex(ui.movieTableComboBox.findText("Kinetics: particle kinetics"))
    table = by_name["movie_kinetics"].tables["particle_kinetics"]
    row = int(np.flatnonzero((table["particle"] == 2) & (table["point"] == 6))[0])
    ui.movieTableView.selectRow(row)
    settle()
    assert abs(time_of(browsers_of(owner)[0]) - table["time_s"][row]) < 1e-6
    crosshair = np.array(slicer.util.getNode("Crosshair").GetCrosshairRAS())
    world = [0.0, 0.0, 0.0]
    owner.TransformPointToWorld(place_in_particle(owner, 2), world)
    np.testing.assert_allclose(crosshair, world)
    click(owner, 1)
    (chosen,) = ui.movieTableView.selectionModel().selectedRows()
    assert (table["particle"][chosen.row()], table["point"][chosen.row()]) == (1, 6)
    look_at(ui.movieTableView)
    picture("movie_kinetics")
    for title in ("C-rate over time", "Uniformity over composition"):
        ui.movieChartComboBox.setCurrentIndex(ui.movieChartComboBox.findText(title))
        ui.movieShowButton.click()
        settle()
        assert chart_of(owner).GetTitle() == title
        picture(f"movie_{title.split()[0].lower()}")
    ui.movieCollapsibleButton.collapsed = True
    assert "2 particles" in ui.movieCollapsibleButton.text and " C" in ui.movieCollapsibleButton.text
    ui.movieCollapsibleButton.collapsed = False


def click(owner, number):
    """Click a particle in the right view."""
    widget = slicer.app.layoutManager().sliceWidget(RIGHT)
    world = [0.0, 0.0, 0.0]
    owner.TransformPointToWorld(place_in_particle(owner, number), world)
    inverse = np.linalg.inv(slicer.util.arrayFromVTKMatrix(widget.mrmlSliceNode().GetXYToRAS()))
    pixel = np.rint((inverse @ [*world, 1.0])[:2]).astype(int).tolist()
    slicer.util.clickAndDrag(widget, start=pixel, end=pixel, steps=1)
    settle()


def test_a_saved_scene_shows_the_movie_again():
    widget, ui, node = measured("Kinetics")
    owner = result_of(node)
    before = stages_of_movie(owner)
    titles, line = list(maps_of(owner)), plain(ui.movieMessage)
    path = str(FOLDER / "scene.mrb")
    assert slicer.util.saveScene(path)
    slicer.mrmlScene.Clear()
    settle()
    assert not ui.movieResultFrame.visible and widget.panel.parameters.movieSequence is None
    assert slicer.util.loadScene(path)
    settle()
    node = widget.panel.parameters.movieSequence
    assert node is not None and node.GetNumberOfDataNodes() == 36
    owner = result_of(node)
    assert list(maps_of(owner)) == titles and plain(ui.movieMessage) == line
    for found, truth in zip(stages_of_movie(owner), before, strict=True):
        same_tables(found, truth, digits=5)
    ui.movieShowButton.click()
    browsers_of(owner)[0].SetSelectedItemNumber(9)
    settle()
    picture("movie_reloaded")
    shown = slicer.util.arrayFromVolume(maps_of(owner)["Lithium [Li per metal]"])
    assert np.nanmean(shown) > 0.7
    ui.movieClearButton.click()
    settle()
    assert result_of(node) is None and not ui.movieResultFrame.visible


def test_a_result_of_the_command_line_is_shown_and_measured_further():
    widget = open_module()
    show_only(widget, "Movie")
    ui = widget.ui
    words = [f"--end-member={name}={FOLDER / name}.txt" for name in ("FePO4", "LiFePO4")]
    command_line("movie", "chemistry", movie_file(), *words, "--json", "--out", FOLDER / "alone")
    widget.panel.movie.load(FOLDER / "alone")
    settle()
    node = widget.panel.parameters.movieSequence
    assert result_of(node) is not None, plain(ui.movieMessage)
    assert "2 particles" in plain(ui.movieMessage)
    assert not ui.movieMeasureButton.enabled and "Kinetics" in ui.movieMeasureButton.toolTip
    widget.panel.parameters.movieReach = "Kinetics"
    settle()
    ui.movieMeasureButton.click()
    finish(widget)
    node = widget.panel.parameters.movieSequence
    assert node is not None and result_of(node) is not None, plain(ui.movieMessage)
    names = {stage.name for stage in stages_of_movie(result_of(node))}
    assert names == {"movie_chemistry", "movie_kinetics"}, names
    assert len(all_results(slicer.mrmlScene)) == 1, "the result with kinetics takes the place of the one without"


def test_lithium_that_someone_else_found_is_measured():
    widget = open_module()
    show_only(widget, "Movie")
    ui = widget.ui
    widget.panel.movie.load(law_folder() / "lithium-1")
    finish(widget)
    node = widget.panel.parameters.movieSequence
    assert node is not None, plain(ui.movieMessage)
    widget.panel.parameters.movieReach = "Kinetics"
    settle()
    assert ui.movieMeasureButton.enabled, ui.movieMeasureButton.toolTip
    ui.movieMeasureButton.click()
    finish(widget)
    (stage,) = stages_of_movie(result_of(node))
    rates = [one.value for one in stage.quantities if one.name.startswith("movie_c_rate_per_h_")]
    np.testing.assert_allclose(rates, [1, -1], atol=0.05)
    assert set(stage.tables["half_cycles"]["direction"]) >= {"insertion", "extraction"}
    look_at(ui.movieTableView)
    picture("movie_lithium_given")


def test_what_is_missing_is_said_in_a_sentence():
    widget, ui, _ = loaded()
    (FOLDER / "silent.txt").write_text("no spectrum", encoding="utf-8")
    for name in ("silent", "silent"):
        widget.panel.movie.members.add(FOLDER / f"{name}.txt")
    settle()
    ui.movieMeasureButton.click()
    finish(widget)
    assert "silent" in plain(ui.movieMessage), plain(ui.movieMessage)
    widget.panel.movie.load(FOLDER / "nothing.tif")
    finish(widget)
    assert "nothing.tif" in plain(ui.movieMessage) and "--" not in plain(ui.movieMessage)
    picture("movie_error")


def test_a_cancelled_measurement_leaves_what_was_there():
    widget, ui, node = measured("Lithium")
    owner = result_of(node)
    ui.movieMeasureButton.click()
    ui.movieCancelButton.click()
    finish(widget)
    assert "Cancelled" in plain(ui.movieMessage)
    assert result_of(node) is owner and ui.movieMeasureButton.enabled


run_tests(dict(globals()))
