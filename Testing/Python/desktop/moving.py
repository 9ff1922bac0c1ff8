"""What the desktop tests of movies share: a generated movie, loading, measuring, the command line beside it."""

import os
import subprocess
import tempfile
from pathlib import Path

import batterycell
import numpy as np
import slicer
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.phantom.movie import MovieSpec, iron_l_edge, make_movie
from BatteryCellAnalysisLib.Work.QtProcess import pythonExecutable
from harness import open_module, plain, show_only, wait_until

FOLDER = Path(tempfile.mkdtemp())
SPEC = MovieSpec(shape=(48, 48), times=12, particles=2, drift_px=1.0)


def movie_file(name="movie"):
    """A generated movie with its times and energies beside it, and the spectra of its end members."""
    path = FOLDER / f"{name}.seq.nrrd"
    if not path.exists():
        made = make_movie(SPEC, 1)
        pixel = (SPEC.pixel_um, SPEC.pixel_um)
        write_sequence(made.counts.astype(np.float32), pixel, made.times_s, ("time", "s"), path)
        rows = zip(made.times_s.tolist(), made.energies_ev.tolist(), strict=True)
        lines = ["time_s,energy_eV", *(f"{time!r},{energy!r}" for time, energy in rows)]
        (FOLDER / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
        energies = np.linspace(700.0, 715.0, 151)
        for member, density in zip(("FePO4", "LiFePO4"), iron_l_edge(energies), strict=True):
            np.savetxt(FOLDER / f"{member}.txt", np.column_stack([energies, density]))
    return path


def settle():
    for _ in range(5):
        slicer.app.processEvents()


def finish(widget):
    """Wait until the worker is done and its result is shown."""
    wait_until(lambda: not widget.panel.movie.job.isRunning)
    settle()


def loaded():
    """The panel with a movie."""
    widget = open_module()
    show_only(widget, "Movie")
    widget.panel.movie.load(movie_file())
    finish(widget)
    node = widget.panel.parameters.movieSequence
    assert node is not None, plain(widget.ui.movieMessage)
    return widget, widget.ui, node


def choose_members(widget):
    """Choose the end members of the generated movie."""
    for name in ("FePO4", "LiFePO4"):
        widget.panel.movie.members.add(FOLDER / f"{name}.txt")
    settle()


def measured(reach="Lithium"):
    """The panel with a movie that was measured so far."""
    widget, ui, node = loaded()
    choose_members(widget)
    widget.panel.parameters.movieReach = reach
    settle()
    assert ui.movieMeasureButton.enabled, ui.movieMeasureButton.toolTip
    ui.movieMeasureButton.click()
    assert ui.movieProgressRow.visible, plain(ui.movieMessage)
    finish(widget)
    return widget, ui, node


def command_line(*words):
    """Run the command line with the worker's packages."""
    code = (
        "import sys; from batterycell.worker.packages import add_packages as a; a(); from batterycell.cli import main"
    )
    words = [pythonExecutable(), "-c", f"{code}; sys.exit(main(sys.argv[1:]))", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(Path(batterycell.__file__).parents[1])}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def law_folder():
    """Generated movies of a known law, as files."""
    path = FOLDER / "law"
    if not path.exists():
        words = "--preset small --seed 1 --lithium --json --out"
        command_line("phantom", "movie", *words.split(), path)
    return path


def same_tables(found, truth, digits=None):
    """Whether two stages hold the same numbers, to the last bit or to so many digits, as Slicer's table files do."""
    assert set(found.tables) == set(truth.tables)
    for name, table in truth.tables.items():
        assert [one.name for one in table.columns] == [one.name for one in found.tables[name].columns]
        for column in table.columns:
            same_values(found.tables[name][column.name], table[column.name], digits)
    same_values(*([one.value for one in stage.quantities] for stage in (found, truth)), digits)
    if digits is None:
        assert [repr(one) for one in found.quantities] == [repr(one) for one in truth.quantities]


def same_values(found, truth, digits):
    if digits is None or np.asarray(truth).dtype.kind != "f":
        np.testing.assert_array_equal(found, truth)
    else:
        np.testing.assert_allclose(found, truth, rtol=10.0**-digits)
