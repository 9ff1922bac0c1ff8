"""X-ray movies: loaded, measured by the real worker, played, plotted, listed, exported, saved and loaded again."""

import os
import sys
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.movie.load.result import read_movie_results
from batterycell.mrml.movie.results import browsers_of, maps_of, result_of, stages_of_movie
from harness import look_at, open_module, picture, plain, run_tests, show_only
from moving import FOLDER, SPEC, choose_members, command_line, finish, loaded, measured, movie_file, same_tables, settle


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


def test_a_sequence_that_slicer_loaded_is_measured():
    widget = open_module()
    show_only(widget, "Movie")
    ui, panel = widget.ui, widget.panel
    node = slicer.util.loadSequence(str(movie_file()))
    panel.parameters.movieSequence = node
    # Times stand in it, energies do not.
    panel.parameters.movieEnergies = ",".join(f"{one:g}" for one in SPEC.energies_ev)
    choose_members(widget)
    ui.movieMeasureButton.click()
    finish(widget)
    owner = result_of(node)
    assert owner is not None, plain(ui.movieMessage)
    assert "2 particles" in plain(ui.movieMessage)
    assert list(maps_of(owner))[:2] == ["Lithium [Li per metal]", "Lithium, σ [Li per metal]"]


def test_optical_density_is_played_over_time():
    _, ui, node = measured("Optical density")
    owner = result_of(node)
    assert owner is not None, plain(ui.movieMessage)
    (browser,) = browsers_of(owner)
    assert browser.GetNumberOfItems() == 36 and "Optical density" in maps_of(owner)
    look_at(ui.movieTableView)
    picture("movie_density")


def test_a_real_stack_is_measured_with_its_own_references():
    data = os.environ.get("BATTERYCELL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data"
    stack = Path(data) / "stxm_fe_l"
    if not stack.is_dir():
        raise SkipTest(f"{stack} is not there")
    widget = open_module()
    show_only(widget, "Movie")
    ui, panel = widget.ui, widget.panel
    panel.movie.load(stack)
    finish(widget)
    assert "123 energies" in ui.movieFactsLabel.text, (ui.movieFactsLabel.text, plain(ui.movieMessage))
    for name in ("oxidized", "reduced"):
        panel.movie.members.add(stack / f"{name}.t")
    panel.parameters.movieMask = str(stack / "mask_file.msk")
    ui.movieMeasureButton.click()
    finish(widget)
    owner = result_of(panel.parameters.movieSequence)
    assert owner is not None, plain(ui.movieMessage)
    words = [f"--end-member={name}={stack / name}.t" for name in ("oxidized", "reduced")]
    masked = f"--mask={stack / 'mask_file.msk'}"
    command_line("movie", "chemistry", stack, *words, masked, "--json", "--out", FOLDER / "real")
    (truth,) = read_movie_results(FOLDER / "real")
    (stage,) = stages_of_movie(owner)
    same_tables(stage, truth.stage)
    look_at(ui.movieTableView)
    picture("movie_stxm")


run_tests(dict(globals()))
