"""X-ray movies: loaded, measured by the real worker, played, plotted, listed, exported, saved and loaded again."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.movie.load.result import read_movie_results
from batterycell.mrml.movie.results import browsers_of, maps_of, result_of, stages_of_movie
from harness import look_at, picture, plain, run_tests
from moving import FOLDER, choose_members, command_line, loaded, measured, movie_file, same_tables, settle


def test_a_movie_is_loaded_with_what_is_known_of_it():
    widget, ui, node = loaded()
    assert node.GetNumberOfDataNodes() == 36 and node.GetIndexName() == "time"
    assert "36 frames of 48 × 48" in ui.movieFactsLabel.text and "not stated" not in ui.movieFactsLabel.text
    assert not ui.movieMeasureButton.enabled and "end members" in ui.movieMeasureButton.toolTip
    choose_members(widget)
    assert ui.movieMeasureButton.enabled, ui.movieMeasureButton.toolTip
    look_at(ui.movieMeasureButton)
    picture("movie_loaded")


def test_lithium_is_that_of_the_command_line():
    widget, ui, node = measured("Lithium")
    owner = result_of(node)
    assert owner is not None, plain(ui.movieMessage)
    words = [f"--end-member={name}={FOLDER / name}.txt" for name in ("FePO4", "LiFePO4")]
    command_line("movie", "chemistry", movie_file(), *words, "--json", "--out", FOLDER / "truth")
    (truth,) = read_movie_results(FOLDER / "truth")
    (stage,) = stages_of_movie(owner)
    same_tables(stage, truth.stage)
    (browser,) = browsers_of(owner)
    browser.SetSelectedItemNumber(7)
    settle()
    shown = slicer.util.arrayFromVolume(maps_of(owner)["Lithium [Li per metal]"])[0]
    np.testing.assert_array_equal(shown, truth.maps["lithium"].values[7])
    look_at(ui.movieTableView)
    picture("movie_lithium")
    widget.panel.movie.exportTo(FOLDER)
    assert "Written" in plain(ui.movieMessage), plain(ui.movieMessage)
    folder = next(one for one in FOLDER.iterdir() if one.is_dir() and (one / "chemistry").is_dir()) / "chemistry"
    names = [{one.name for one in place.iterdir()} for place in (folder, FOLDER / "truth")]
    assert names[0] == names[1], names[0] ^ names[1]
    for name in ("particles.csv", "frames.csv", "quantities.csv"):
        assert (folder / name).read_text() == (FOLDER / "truth" / name).read_text(), name


run_tests(dict(globals()))
