"""X-ray movies: the law learned by pressing the button is that of the command line; movies in HDF5 files."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.movie.law.settings import LawSettings
from batterycell.movie.load.result import read_movie_results
from batterycell.mrml.movie.results import maps_of, result_of, stages_of_movie
from BatteryCellAnalysisLib.Requirements import isInstalled
from BatteryCellAnalysisLib.Sections.Movie import Settings
from BatteryCellAnalysisLib.Work.OwnPackages import packagesFolder
from harness import look_at, open_module, picture, plain, run_tests, show_only, wait_until
from moving import FOLDER, SPEC, command_line, finish, same_tables, settle

QUICK, STEPS = {"degree": 2, "rounds": 1, "samples": 8}, 4
LEGIBLE_PX = 15


def test_the_law_of_two_movies_is_that_of_the_command_line():
    if not isInstalled("torch"):
        raise SkipTest("the worker finds no torch (set BATTERYCELL_PACKAGES)")
    words = "--preset small --size 12 --frames 9 --c-rates 1,3 --lithium --json --out"
    command_line("phantom", "movie", *words.split(), FOLDER / "quick")
    movies = [FOLDER / "quick" / f"lithium-{n}" for n in (1, 2)]
    volts = [FOLDER / "quick" / f"voltage-{n}.csv" for n in (1, 2)]
    law = {**QUICK, "iterations": STEPS, "same_particles": True}
    recipe = json.dumps({"verb": "movie invert", "law": law})
    (FOLDER / "quick.json").write_text(recipe, encoding="utf-8")
    beside = [word for one in volts for word in ("--voltage", one)]
    words = ["--recipe", FOLDER / "quick.json", *beside, "--voltage-sigma", "0.002", "--json"]
    command_line("movie", "invert", *movies, *words, "--out", FOLDER / "truth")
    widget = open_module()
    show_only(widget, "Movie")
    ui, panel = widget.ui, widget.panel
    panel.movie.load(movies[0])
    finish(widget)
    node = panel.parameters.movieSequence
    panel.parameters.movieReach = "The reaction's law"
    panel.parameters.movieOthers = str(movies[1])
    panel.parameters.movieVoltages = str(volts[0])
    settle()
    assert not ui.movieMeasureButton.enabled and "each movie" in ui.movieMeasureButton.toolTip
    panel.parameters.movieVoltages = "; ".join(map(str, volts))
    ui.movieVoltageSigmaSpinBox.value = 0.002
    ui.movieIterationsSpinBox.value = STEPS
    ui.movieSameParticlesCheckBox.checked = True
    ui.movieSettingsGroupBox.collapsed = False
    wait_until(lambda: ui.movieIterationsSpinBox.height > LEGIBLE_PX, 30)
    fields = (ui.movieBeamLineEdit, ui.movieOthersLineEdit, ui.movieVoltagesLineEdit)
    assert min(one.width for one in fields) > 2 * LEGIBLE_PX
    look_at(ui.movieIterationsSpinBox)
    picture("movie_law_settings")
    Settings.LawSettings = partial(LawSettings, **QUICK)
    try:
        settle()
        assert ui.movieMeasureButton.enabled, ui.movieMeasureButton.toolTip
        ui.movieMeasureButton.click()
        finish(widget)
    finally:
        Settings.LawSettings = LawSettings
    owner = result_of(node)
    assert owner is not None, plain(ui.movieMessage)
    (truth,) = (one for one in read_movie_results(FOLDER / "truth") if one.step == "invert")
    found = {stage.name: stage for stage in stages_of_movie(owner)}
    assert set(found) == {"movie_kinetics", "movie_law"}
    same_tables(found["movie_law"], truth.stage)
    assert set(found["movie_law"].tables["law_points"]["movie"]) == {1, 2}
    told = plain(ui.movieMessage)
    assert "law learned" in told and "differs from the stated voltages" in told, told
    assert "did not come to rest" in told and "“Most steps”" in told and "--" not in told, told
    assert np.isfinite(found["movie_law"].tables["law_reservoir"]["difference_mv"]).any()
    shown = slicer.util.arrayFromVolume(maps_of(owner)["Reactivity k [of the mean]"])
    np.testing.assert_array_equal(shown[0], truth.maps["k"].values[0])
    look_at(ui.movieTableView)
    picture("movie_law")


def test_hdf5_is_read_or_what_to_install_is_said():
    widget = open_module()
    show_only(widget, "Movie")
    ui, path = widget.ui, FOLDER / "movie.h5"
    if not isInstalled("h5py"):
        path.write_bytes(b"\x89HDF\r\n\x1a\n")
        widget.panel.movie.load(path)
        finish(widget)
        assert "h5py" in plain(ui.movieMessage) and "--" not in plain(ui.movieMessage), plain(ui.movieMessage)
        return
    frames = write_hdf5(path)
    widget.panel.movie.load(path)
    finish(widget)
    node = widget.panel.parameters.movieSequence
    assert node is not None and node.GetNumberOfDataNodes() == len(frames), plain(ui.movieMessage)
    assert f"{len(frames)} frames" in ui.movieFactsLabel.text and "not stated" not in ui.movieFactsLabel.text
    last = slicer.util.arrayFromVolume(node.GetNthDataNode(len(frames) - 1))
    np.testing.assert_array_equal(last[0], frames[-1])


def write_hdf5(path):
    """A generated movie as NeXus files hold them; its frames."""
    sys.path.append(str(packagesFolder()))
    import h5py
    from batterycell.phantom.movie import make_movie

    made = make_movie(SPEC, 1)
    with h5py.File(path, "w") as file:
        group = file.create_group("entry/data")
        group.attrs["signal"] = "frames"
        group["frames"] = made.counts.astype(np.float32)
        group["time"], group["energy"] = made.times_s, made.energies_ev
        group["time"].attrs["units"], group["energy"].attrs["units"] = "s", "eV"
        for name, length in (("sample_y", SPEC.shape[0]), ("sample_x", SPEC.shape[1])):
            group[name] = SPEC.pixel_um * np.arange(length)
            group[name].attrs["units"] = "um"
    return made.counts.astype(np.float32)


run_tests(dict(globals()))
