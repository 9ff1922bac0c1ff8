"""The pictures of docs/tutorial_movie.md: its steps, pressed in a real Slicer on a generated movie, in their order.

``make tutorial SLICER=<executable>`` runs it; the pictures go to out/desktop. The law needs torch, in the folder that
the wizard installed it into, or in that which BATTERYCELL_PACKAGES names.
"""

import os
import sys
import time
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.movie.results import browsers_of, result_of, stages_of_movie
from BatteryCellAnalysisLib.Requirements import isInstalled
from harness import look_at, open_module, picture, plain, run_tests, show_only, wait_until
from moving import FOLDER, command_line

MOVIE = FOLDER / "tutorial"
KEPT = []


def panel():
    return KEPT[0]


def settle(seconds=0.5):
    """Let the window lay itself out and draw."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()


def finish():
    wait_until(lambda: not panel().panel.movie.job.isRunning, 3000)
    settle()


def result():
    return result_of(panel().panel.parameters.movieSequence)


def measure(reach):
    ui = panel().ui
    panel().panel.parameters.movieReach = reach
    settle()
    assert ui.movieMeasureButton.enabled, ui.movieMeasureButton.toolTip
    ui.movieMeasureButton.click()
    finish()
    assert result() is not None, plain(ui.movieMessage)


def test_1_load():
    words = "--preset separating --size 32 --frames 24 --photons 3000 --drift 2 --seed 3 --json --out"
    command_line("phantom", "movie", *words.split(), MOVIE)
    KEPT.append(open_module())
    show_only(panel(), "Movie")
    panel().panel.movie.load(MOVIE / "movie-1.tif")
    finish()
    assert "3" in panel().ui.movieFactsLabel.text, plain(panel().ui.movieMessage)
    for name in ("FePO4", "LiFePO4"):
        panel().panel.movie.members.add(MOVIE / f"{name}.txt")
    look_at(panel().ui.movieMeasureButton)
    settle()
    picture("tutorial_movie_1_load")


def test_2_lithium():
    measure("Lithium")
    browsers_of(result())[0].SetSelectedItemNumber(8)
    look_at(panel().ui.movieTableView)
    settle()
    picture("tutorial_movie_2_lithium")


def test_3_kinetics():
    measure("Kinetics")
    ui = panel().ui
    ui.movieChartComboBox.setCurrentIndex(ui.movieChartComboBox.findText("Uniformity over composition"))
    ui.movieShowButton.click()
    settle()
    table = {stage.name: stage for stage in stages_of_movie(result())}["movie_kinetics"].tables["particle_kinetics"]
    ui.movieTableComboBox.setCurrentIndex(ui.movieTableComboBox.findText("Kinetics: particle kinetics"))
    ui.movieTableView.selectRow(int(np.nanargmin(table["uniformity"])))
    look_at(ui.movieTableView)
    settle()
    picture("tutorial_movie_3_kinetics")


def test_4_law():
    if not isInstalled("torch"):
        raise SkipTest("the worker finds no torch (set BATTERYCELL_PACKAGES)")
    measure("The reaction's law")
    ui = panel().ui
    for combo, words in (
        (ui.movieLeftComboBox, "Reactivity k [of the mean]"),
        (ui.movieRightComboBox, "Left by the law [σ]"),
    ):
        combo.setCurrentIndex(combo.findText(words))
    ui.movieChartComboBox.setCurrentIndex(ui.movieChartComboBox.findText("Chemical potential μ(c)"))
    ui.movieShowButton.click()
    ui.movieTableComboBox.setCurrentIndex(ui.movieTableComboBox.findText("The reaction's law: law"))
    look_at(ui.movieTableView)
    settle()
    picture("tutorial_movie_4_law")


def test_5_export():
    panel().panel.movie.exportTo(FOLDER)
    settle()
    assert "Written" in plain(panel().ui.movieMessage), plain(panel().ui.movieMessage)


run_tests(dict(globals()))
