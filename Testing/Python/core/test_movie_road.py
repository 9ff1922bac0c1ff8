"""Where kinetics and law begin: folders, stacks and frames give the same lithium, and what is wrong is one line."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.cli import main
from batterycell.errors import InputError, UsageError
from batterycell.export.movie import MovieResult, summarize_movie
from batterycell.export.movie_maps import Grid, write_maps
from batterycell.export.stages import write_json
from batterycell.movie.chemistry import Chemistry, find_chemistry
from batterycell.movie.kinetics import KineticsSettings
from batterycell.movie.law import LawSettings
from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.load import MovieOptions
from batterycell.movie.load.lithium import LithiumOptions, lithium_files, read_lithium
from batterycell.movie.prepare import prepare_movie
from batterycell.movie.recipe import MovieRecipe, load_movie_recipe
from batterycell.movie.settings import ChemistrySettings, PrepareSettings
from batterycell.movie.stage import drift_span
from batterycell.movies import Beside, MovieCall, kept_members, movie_call, run_movie
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.progress import Progress
from movies import end_members, movie_of, small_movie, write_members, write_tiff

TIMES = np.array([0.0, 60.0, 121.5, 180.0])
LABELS = np.zeros((12, 10), np.int32)
LABELS[2:9, 2:8] = 1


def stack() -> np.ndarray:
    rng = np.random.default_rng(3)
    values = np.linspace(0.1, 0.9, 4)[:, None, None] + rng.normal(0, 0.05, (4, *LABELS.shape))
    return np.where(LABELS > 0, values, np.nan).astype(np.float32)


def write_stack(folder: Path, values: np.ndarray | None = None, name: str = "fractions") -> Path:
    path = folder / f"{name}.seq.nrrd"
    values = stack() if values is None else values.astype(np.float32)
    write_sequence(values, (0.05, 0.04), TIMES[: len(values)], ("time", "s"), path)
    return path


@pytest.fixture(scope="module")
def found() -> Chemistry:
    prepared = prepare_movie(movie_of(small_movie()), PrepareSettings(drift=False))
    return find_chemistry(prepared, end_members(), ChemistrySettings(), Progress())


@pytest.fixture(scope="module")
def chemistry(found: Chemistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result folder of a movie's chemistry, without its pictures."""
    folder = tmp_path_factory.mktemp("chemistry") / "lithium"
    folder.mkdir()
    recipe = MovieRecipe(chemistry=ChemistrySettings(least_snr=2.5), members=("FePO4", "LiFePO4"))
    maps = {"lithium_unbounded": found.free, "lithium_sigma": found.sigma, "amount": found.total}
    write_maps(maps, Grid.of_prepared(found.prepared), folder, Progress())
    recipe.save(folder / "recipe.json")
    write_json(folder / "summary.json", summarize_movie(MovieResult(recipe, found.prepared, found)))
    return folder


def test_a_folder_of_chemistry_is_read_back_to_the_last_bit(found: Chemistry, chemistry: Path) -> None:
    wanted, read = LithiumMovie.of_chemistry(found), read_lithium(chemistry)
    for name in ("fraction", "sigma", "labels", "times_s", "amount"):
        np.testing.assert_array_equal(getattr(read, name), getattr(wanted, name))
    assert (read.pixel_um, read.name) == (wanted.pixel_um, wanted.name)
    names = {path.name for path in lithium_files(chemistry)}
    assert {"lithium_unbounded.seq.nrrd", "lithium_sigma.seq.nrrd", "particles.nrrd", "amount.seq.nrrd"} <= names


def test_a_folder_whose_times_nobody_said_has_none_for_kinetics(chemistry: Path, tmp_path: Path) -> None:
    shutil.copytree(chemistry, folder := tmp_path / "copy")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    (folder / "summary.json").write_text(json.dumps({**summary, "times_source": "not stated"}), encoding="utf-8")
    with pytest.raises(InputError, match="not stated"):
        read_lithium(folder)
    read = read_lithium(folder, LithiumOptions(MovieOptions((0.04, 0.04), times="60")))
    assert read.times_s.tolist() == [0, 60, 120, 180] and read.pixel_um == (0.04, 0.04)


def test_maps_of_points_without_times_are_numbered_and_no_numbers_pass_for_seconds(tmp_path: Path) -> None:
    grid = Grid(LABELS, (0.05, 0.05), "test", "test", np.full(4, np.nan))
    name, unit, places = grid.index(4)
    write_sequence(stack(), grid.pixel_um, places, (name, unit), tmp_path / "numbered.seq.nrrd")
    with pytest.raises(InputError, match="not stated"):
        read_lithium(tmp_path / "numbered.seq.nrrd", LithiumOptions(sigma=0.05))


def test_a_stack_of_fractions_says_its_particles_by_what_it_leaves_out(tmp_path: Path) -> None:
    movie = read_lithium(write_stack(tmp_path), LithiumOptions(sigma=0.05))
    np.testing.assert_array_equal(movie.labels, LABELS)
    np.testing.assert_array_equal(movie.times_s, TIMES)
    assert movie.pixel_um == pytest.approx((0.05, 0.04)) and (movie.sigma == np.float32(0.05)).all()


def test_uncertainties_may_be_one_image_or_one_a_point(tmp_path: Path) -> None:
    path, sigma = write_stack(tmp_path), np.full((4, *LABELS.shape), 0.05)
    sigma[2] = 0.08
    each = read_lithium(path, LithiumOptions(sigma=write_stack(tmp_path, sigma, "each")))
    one = read_lithium(path, LithiumOptions(sigma=write_stack(tmp_path, sigma[:1], "one")))
    assert each.sigma[2, 4, 4] == np.float32(0.08) and one.sigma[2, 4, 4] == np.float32(0.05)
    with pytest.raises(InputError, match="shape"):
        read_lithium(path, LithiumOptions(sigma=write_stack(tmp_path, sigma[:2], "two")))


def test_a_point_without_any_value_is_told(tmp_path: Path) -> None:
    values = stack()
    values[2] = np.nan
    assert "point 3" in read_lithium(write_stack(tmp_path, values), LithiumOptions(sigma=0.05)).notes[0]


@pytest.mark.parametrize(
    ("change", "sigma", "says"),
    [
        (lambda v: v, None, "--sigma"),
        (lambda v: v, 0.0, "zero"),
        (lambda v: np.nan_to_num(v), 0.05, "--mask"),
        (lambda v: v * 1000, 0.05, "--end-member"),
        (lambda v: np.full_like(v, np.nan), 0.05, "no particle"),
        (lambda v: v[:1], 0.05, "too few"),
        (lambda v: v[:2], 0.05, "too few"),
    ],
    ids=["no-sigma", "sigma-zero", "no-outside", "counts", "nothing", "single-frame", "two-frames"],
)
def test_a_stack_that_cannot_be_used_says_why(tmp_path: Path, change: object, sigma: float | None, says: str) -> None:
    path = write_stack(tmp_path, change(stack()))  # type: ignore[operator]
    with pytest.raises(InputError) as wrong:
        read_lithium(path, LithiumOptions(sigma=sigma))
    assert says in f"{wrong.value.message} {wrong.value.hint}"


def test_frames_at_several_energies_are_no_fractions(tmp_path: Path) -> None:
    options = LithiumOptions(MovieOptions(energies="704,708"), 0.05)
    with pytest.raises(InputError, match="several energies"):
        read_lithium(write_stack(tmp_path), options)


def test_a_recipe_of_the_whole_road_is_kept_and_one_of_an_earlier_version_still_loads(tmp_path: Path) -> None:
    recipe = MovieRecipe("movie invert", members=("a", "b"), kinetics=KineticsSettings(5), law=LawSettings(degree=3))
    recipe.save(tmp_path / "recipe.json")
    assert load_movie_recipe(tmp_path / "recipe.json") == recipe
    values = json.loads((tmp_path / "recipe.json").read_text(encoding="utf-8"))
    old = {name: values[name] for name in ("prepare", "chemistry", "members")} | {"verb": "movie chemistry"}
    (tmp_path / "old.json").write_text(json.dumps(old), encoding="utf-8")
    assert load_movie_recipe(tmp_path / "old.json") == MovieRecipe(members=("a", "b"))


@pytest.mark.parametrize(
    "wrong",
    [{"verb": "movie dance"}, {"law": {"degree": 99}}, {"kinetics": {"frames": 1}}, {"law": []}, {"extra": 1}],
)
def test_a_recipe_that_is_none_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps({"verb": "movie invert", **wrong}), encoding="utf-8")
    with pytest.raises(InputError, match="recipe"):
        load_movie_recipe(tmp_path / "recipe.json")


def test_a_recipe_from_a_folder_of_chemistry_holds_the_road_that_led_there(chemistry: Path) -> None:
    from batterycell.movies import kept_recipe

    whole = kept_recipe(MovieRecipe("movie kinetics"), (chemistry,))
    assert whole.members == ("FePO4", "LiFePO4") and whole.chemistry.least_snr == 2.5
    assert whole.verb == "movie kinetics"


def test_folders_of_lithium_need_no_end_members(chemistry: Path, tmp_path: Path) -> None:
    beside = Beside(members=(("a", tmp_path / "a.txt"), ("b", tmp_path / "b.txt")))
    with pytest.raises(UsageError, match="need no end members"):
        run_movie(MovieCall((chemistry,), MovieRecipe("movie kinetics"), beside=beside), tmp_path, Progress())


def test_a_job_of_the_desktop_asks_what_its_words_say(tmp_path: Path) -> None:
    settings = {
        "inputs": ["movie.tif"],
        "recipe": {"verb": "movie chemistry", "members": ["a", "b"], "prepare": {"drift": False}},
        "reading": {"pixel_um": [0.05, 0.04], "times": "60"},
        "beside": {"mask": "mask.png", "sigma": 0.07, "members": [["a", "a.txt"], ["b", "b.txt"]]},
        "keep": str(tmp_path),
    }
    call = movie_call(json.loads(json.dumps(settings)))
    assert call.recipe == MovieRecipe(members=("a", "b"), prepare=PrepareSettings(drift=False))
    assert call.reading == MovieOptions((0.05, 0.04), "60")
    assert call.beside == Beside(None, Path("mask.png"), 0.07, (("a", Path("a.txt")), ("b", Path("b.txt"))))
    with pytest.raises(InputError, match="degree"):
        movie_call({**settings, "recipe": {"verb": "movie invert", "law": {"degree": 99}}})


@pytest.fixture(scope="module")
def fractions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stacks of fractions, and what is wrong with some of them."""
    import tifffile

    folder, values = tmp_path_factory.mktemp("fractions"), stack()
    write_stack(folder, values, "good")
    write_stack(folder, values[:1], "single")
    write_stack(folder, values * 1000, "counts")
    write_stack(folder, np.full_like(values, np.nan), "nothing")
    write_stack(folder, np.nan_to_num(values), "everywhere")
    tifffile.imwrite(folder / "bare.tif", values, photometric="minisblack")
    with tifffile.TiffWriter(folder / "uneven.tif") as tiff:
        for frame in (values[0], values[1, :9]):
            tiff.write(frame, photometric="minisblack", contiguous=False)
    (folder / "empty.msk").write_text("".join(" " * 10 + "\n" for _ in range(12)), "ascii")
    (folder / "broken.seq.nrrd").write_bytes((folder / "good.seq.nrrd").read_bytes()[:700])
    (folder / "half").mkdir()
    shutil.copy(folder / "good.seq.nrrd", folder / "half" / "lithium_unbounded.seq.nrrd")
    return folder


@pytest.mark.parametrize("kind", ["kinetics", "invert"])
@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["good.seq.nrrd"], 3, "--sigma"),
        (["good.seq.nrrd", "--sigma", "0"], 3, "zero"),
        (["good.seq.nrrd", "--sigma", "nothing-there.tif"], 3, "nothing-there.tif"),
        (["good.seq.nrrd", "--sigma", "0.05", "--mask", "empty.msk"], 3, "empty"),
        (["good.seq.nrrd", "--sigma", "0.05", "--recipe", "empty.msk"], 3, "recipe"),
        (["good.seq.nrrd", "--sigma", "0.05", "--times", "-1"], 3, "interval"),
        (["single.seq.nrrd", "--sigma", "0.05"], 3, "too few"),
        (["counts.seq.nrrd", "--sigma", "0.05"], 3, "--end-member"),
        (["nothing.seq.nrrd", "--sigma", "0.05"], 3, "no particle"),
        (["everywhere.seq.nrrd", "--sigma", "0.05"], 3, "--mask"),
        (["bare.tif", "--sigma", "0.05", "--pixel-size", "0.05"], 3, "--times"),
        (["bare.tif", "--sigma", "0.05", "--times", "60"], 3, "--pixel-size"),
        (["uneven.tif", "--sigma", "0.05", "--times", "60", "--pixel-size", "0.05"], 3, "mixes frames"),
        (["broken.seq.nrrd", "--sigma", "0.05"], 3, "damaged"),
        (["half"], 3, "lithium_sigma"),
        (["nothing-there"], 3, "nothing-there"),
        (["half", "--end-member", "a=a.txt", "--end-member", "b=b.txt"], 2, "end-member"),
    ],
)
def test_lithium_that_cannot_be_used_is_one_line(
    fractions: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    words: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(fractions)
    assert main(["movie", kind, *words, "--quiet", "--out", "wrong"]) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error
    assert not list(fractions.glob("wrong*"))


def test_kinetics_of_a_stack_of_other_programs_are_those_of_its_numbers(
    fractions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batterycell.export.movie._draw", lambda result, folder: [])
    out = fractions / "seen"
    words = ["--sigma", "0.05", "--window", "4", "--order", "1", "--quiet", "--out", str(out)]
    assert main(["movie", "kinetics", str(fractions / "good.seq.nrrd"), *words]) == 0
    with (out / "particle_kinetics.csv").open(encoding="utf-8") as file:
        rates = [float(row["c_rate_per_h"]) for row in csv.DictReader(file) if row["c_rate_per_h"]]
    assert np.mean(rates) == pytest.approx(0.8 / (180 / 3600), rel=0.05)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames with what is wrong with some of them."""
    folder, made = tmp_path_factory.mktemp("frames"), small_movie()
    write_members(folder)
    write_tiff(made, folder / "movie.tif")
    write_tiff(made, folder / "bare.tif", side=False)
    write_tiff(replace(made, counts=made.counts * 0), folder / "dark.tif")
    write_tiff(replace(made, counts=np.full_like(made.counts, 65535)), folder / "bright.tif")
    (folder / "uneven.csv").write_text("time_s,energy_eV\n" + "".join(f"{n},{700 + n}\n" for n in range(11)), "ascii")
    np.savetxt(folder / "same.txt", np.loadtxt(folder / "FePO4.txt") * [1, 1.0001])
    (folder / "empty.msk").write_text("".join(" " * 48 + "\n" for _ in range(44)), "ascii")
    return folder


PLAIN = ["--pixel-size", "0.05", "--no-drift", "--counts-per-unit", "1"]
MEMBERS = ["--end-member", "poor=FePO4.txt", "--end-member", "rich=LiFePO4.txt"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bare.tif", *PLAIN, *MEMBERS], "energies"),
        (["movie.tif", *PLAIN, *MEMBERS, "--index", "uneven.csv"], "12 frames"),
        (["dark.tif", *PLAIN, *MEMBERS], ""),
        (["bright.tif", *PLAIN, *MEMBERS], ""),
        (["movie.tif", *PLAIN, *MEMBERS, "--mask", "empty.msk"], "empty"),
        (["movie.tif", *PLAIN, "--end-member", "a=FePO4.txt", "--end-member", "b=same.txt"], "ondition"),
        (["movie.tif", "--end-member", "a=FePO4.txt", "--end-member", "b=LiFePO4.txt"], "--pixel-size"),
        (["nothing.tif", *PLAIN, *MEMBERS], "nothing.tif"),
    ],
    ids=["energies", "counts-of-frames", "dark", "saturated", "mask", "parallel", "pixel-size", "no-file"],
)
def test_frames_that_cannot_be_used_are_one_line(
    frames: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    monkeypatch.chdir(frames)
    assert main(["movie", "chemistry", *words, "--quiet", "--out", "wrong"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and says in error and "fault" not in error
    assert not (frames / "wrong").exists()


def test_spectra_that_are_not_those_of_the_result_are_refused(tmp_path: Path) -> None:
    from batterycell.movies.members import keep_members

    write_members(tmp_path)
    members = tuple((name, tmp_path / f"{name}.txt") for name in ("FePO4", "LiFePO4"))
    (tmp_path / "result").mkdir()
    keep_members(members, (), tmp_path / "result")
    kept = kept_members(tmp_path / "result")
    assert [name for name, _ in kept] == ["FePO4", "LiFePO4"]
    kept[0][1].write_text("700 1\n710 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="not the spectrum"):
        kept_members(tmp_path / "result")


def test_the_span_of_the_drift_has_the_interval_of_the_two_frames_that_lie_farthest_apart() -> None:
    shifts = np.array([[0.0, 0.0], [0.2, -3.0], [0.1, 1.0], [0.0, 0.5]])
    sigma = np.array([[0.01, 0.01], [0.01, 0.3], [0.01, 0.4], [0.01, 0.01]])
    assert drift_span(shifts, sigma) == pytest.approx((4.0, 0.5))
    assert drift_span(shifts * 0, sigma) == (0.0, 0.0)


def test_a_single_point_is_too_few_and_not_without_times() -> None:
    unknown = np.array([np.nan])
    with pytest.raises(InputError, match="too few points"):
        LithiumMovie(stack()[:1], stack()[:1] * 0 + 0.05, LABELS, unknown, (0.05, 0.05), "one")


@pytest.mark.parametrize("mark", ["summary.json", "phantom.json"])
def test_a_folder_of_another_step_is_not_taken_for_frames(tmp_path: Path, mark: str) -> None:
    write_stack(tmp_path, name="optical_density")
    (tmp_path / mark).write_text("{}")
    with pytest.raises(InputError, match="holds no lithium_unbounded") as raised:
        read_lithium(tmp_path, LithiumOptions(sigma=0.07))
    assert "movie chemistry" in raised.value.hint
