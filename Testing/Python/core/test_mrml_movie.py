"""Movies in a scene without a window: results read back, sequences and their browser, plots, places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.export.movie_law import write_law_maps
from batterycell.measured import Quantity, Stage, quantity_table
from batterycell.movie.kinetics.columns import COMPOSITION_COLUMNS
from batterycell.movie.law.stage import law_stage
from batterycell.movie.load import load_movie
from batterycell.movie.load.result import MapStack, MovieFolder, is_movie_result, read_movie_results
from batterycell.movie.stage import FRAME_COLUMNS
from batterycell.mrml.files import write_volume
from batterycell.mrml.movie.chart_lines import charts_of
from batterycell.mrml.movie.charts import chart_of, show_chart
from batterycell.mrml.movie.frames import MovieFacts, add_frames, facts_of
from batterycell.mrml.movie.looks import value_range
from batterycell.mrml.movie.places import particle_at, place_in_particle, place_of_row, row_of
from batterycell.mrml.movie.results import (
    MovieNote,
    add_results,
    browsers_of,
    maps_of,
    note_of,
    remove_results,
    result_of,
    stages_of_movie,
)
from batterycell.mrml.movie.sequences import go_to_time, stack_of, time_of, update_proxies, write_frames
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.sequence_nrrd import write_sequence
from batterycell.progress import Progress
from batterycell.tables import Column, Table, write_csv
from batterycell.volume import Volume
from made_law import fake_law, fake_movie

PIXEL = (0.05, 0.04)
TIMES = np.arange(5, dtype=np.float64) * 60.25
LITHIUM = np.random.default_rng(0).random((5, 12, 16)).astype(np.float32)
LABELS = np.zeros((1, 12, 16), np.uint16)
LABELS[0, 2:5, 2:6], LABELS[0, 7:11, 9:14] = 1, 2
POINTS = Table(
    (
        Column("particle", "Particle", "", "Number."),
        Column("time_s", "Time", "s", "When."),
        Column("fraction", "Lithium fraction", "", "Mean."),
    ),
    {"particle": np.repeat([1, 2], 5), "time_s": np.tile(TIMES, 2), "fraction": np.linspace(0.1, 1 / 3, 10)},
)


def stack(name: str, values: Any, index: tuple[str, str] = ("time", "s"), places: Any = TIMES) -> MapStack:
    return MapStack(name, values, index, np.asarray(places, float), PIXEL)


def found(step: str = "chemistry", **maps: MapStack) -> MovieFolder:
    numbers = (Quantity("movie_particles_count", "Particles", 2.0, 0.0, "", "Made."),)
    stage = Stage(f"movie_{step}", step.title(), numbers, {"particles": POINTS}, (), ("Said.",))
    particles = stack("particles", LABELS, ("number", ""), [1])
    return MovieFolder(Path(), step, "made", stage, particles, {"lithium": stack("lithium", LITHIUM), **maps})


def added(scene: Any, source: Any = None, **maps: MapStack) -> Any:
    return add_results(
        scene, source, [found("chemistry", **maps)], MovieNote("made", ("chemistry",), "", {"steps": ["chemistry"]})
    )


def shown(owner: Any, title: str) -> Any:
    return mrml.volume_from_node(maps_of(owner)[title]).array


def test_maps_are_played_by_time(scene: Any) -> None:
    owner = added(scene)
    (browser,) = browsers_of(owner)
    assert browser.GetNumberOfItems() == 5
    go_to_time(browser, 130.0)
    update_proxies(browser)
    assert time_of(browser) == TIMES[2]
    np.testing.assert_array_equal(shown(owner, "Lithium [Li per metal]")[0], LITHIUM[2])


def test_single_maps_and_fronts_of_half_cycles_are_volumes(scene: Any) -> None:
    k, fronts = LITHIUM[:1], LITHIUM[:2]
    maps = {
        "k": stack("k", k, ("number", ""), [1]),
        "front_time_s": stack("front_time_s", fronts, ("number", ""), [1, 2]),
    }
    owner = added(scene, **maps)
    assert [title.split(" [")[0] for title in maps_of(owner)] == [
        "Lithium",
        "Front passes",
        "Front passes",
        "Reactivity k",
    ]
    np.testing.assert_array_equal(shown(owner, "Front passes [s] · number 2")[0], fronts[1])


def test_what_was_found_replaces_what_was_there(scene: Any) -> None:
    source = add_frames(scene, stack("frames", LITHIUM), MovieFacts("made", 5, (12, 16)), Path("made.tif"))
    before = scene.GetNumberOfNodes()
    owner = added(scene, source)
    count = scene.GetNumberOfNodes()
    again = added(scene, source)
    assert owner.GetScene() is None and result_of(source) is again
    assert scene.GetNumberOfNodes() == count > before
    remove_results(again)
    # What stays are its colours and the folder of its tables.
    assert result_of(source) is None and source.GetScene() is scene
    assert not nodes_of(scene, "vtkMRMLTableNode")


def test_a_saved_scene_holds_the_movie(scene: Any, tmp_path: Path) -> None:
    source = add_frames(
        scene, stack("frames", LITHIUM), MovieFacts("made", 5, (12, 16), notes=("Told.",)), Path("m.tif")
    )
    added(scene, source)
    mrml.save_scene(scene, tmp_path / "scene.mrb")
    again = mrml.new_scene()
    try:
        mrml.load_scene(again, tmp_path / "scene.mrb")
        (owner,) = (one for one in nodes_of(again, "vtkMRMLLabelMapVolumeNode"))
        assert note_of(owner) == MovieNote("made", ("chemistry",), "", {"steps": ["chemistry"]})
        (stage,) = stages_of_movie(owner)
        assert stage.notes == ("Said.",) and len(stage.tables["particles"]) == 10
        frames = next(one for one in nodes_of(again, "vtkMRMLSequenceNode") if facts_of(one))
        assert facts_of(frames) == MovieFacts("made", 5, (12, 16), notes=("Told.",))
        assert result_of(frames) is owner
        np.testing.assert_array_equal(stack_of(frames)[0], LITHIUM)
    finally:
        mrml.close_scene(again)


def test_frames_of_a_scene_are_written_for_the_worker(scene: Any, tmp_path: Path) -> None:
    node = add_frames(scene, stack("frames", LITHIUM), MovieFacts("made", 5, (12, 16)), Path("made.tif"))
    write_frames(node, tmp_path / "movie.seq.nrrd")
    movie = load_movie(tmp_path / "movie.seq.nrrd")
    np.testing.assert_array_equal(movie.frames.read(0, 5), LITHIUM)
    assert movie.index.times_s is not None
    np.testing.assert_array_equal(movie.index.times_s, TIMES)
    assert movie.stated_pixel_um() == pytest.approx(PIXEL)


def test_a_sequence_of_something_else_is_no_movie(scene: Any, tmp_path: Path) -> None:
    empty = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "empty")
    moved = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "moved")
    moved.SetDataNodeAtValue(scene.AddNewNodeByClass("vtkMRMLLinearTransformNode"), "0")
    for node in (empty, moved):
        with pytest.raises(InputError, match=f"{node.GetName()} holds no images"):
            write_frames(node, tmp_path / "movie.seq.nrrd")


def test_a_particle_is_found_where_it_is_seen(scene: Any) -> None:
    owner = added(scene)
    for number in (1, 2):
        place = place_in_particle(owner, number)
        assert place is not None
        world = [0.0, 0.0, 0.0]
        owner.TransformPointToWorld(place, world)
        assert particle_at(owner, world) == number
    assert place_in_particle(owner, 3) is None and particle_at(owner, (1e3, 0.0, 0.0)) == 0


def test_rows_and_times_lead_to_each_other() -> None:
    assert place_of_row(POINTS, 7) == (2, TIMES[2])
    assert (
        row_of(POINTS, 2, TIMES[2] + 3) == 7 and row_of(POINTS, 1, float("nan")) == 0 and row_of(POINTS, 9, 0.0) is None
    )
    numbers = Table(POINTS.columns[:1], {"particle": np.array([1])})
    assert place_of_row(numbers, 0)[0] == 1 and np.isnan(place_of_row(numbers, 0)[1])


def test_a_plot_has_a_line_for_each_particle_and_takes_the_place_of_the_one_before(scene: Any) -> None:
    owner = added(scene)
    stages = stages_of_movie(owner)
    assert list(charts_of(stages)) == ["Lithium over time"]
    for _ in range(2):
        chart = show_chart(owner, stages, "Lithium over time")
    assert chart is chart_of(owner) and chart.GetNumberOfPlotSeriesNodes() == 2
    series = chart.GetNthPlotSeriesNode(1)
    table = mrml.table_from_node(series.GetTableNode())
    np.testing.assert_array_equal(table[series.GetYColumnName()], POINTS["fraction"][5:])
    assert len(nodes_of(scene, "vtkMRMLPlotSeriesNode")) == 2


def test_an_interval_is_drawn_around_a_line_and_a_difference_is_none(scene: Any) -> None:
    data = {"composition": [0.2, 0.4], "exchange_per_h": [1.0, 2.0], "exchange_low_per_h": [0.5, 1.5]}
    data |= {"exchange_high_per_h": [2.0, 2.5], "mu_kt": [np.nan, np.nan], "u_mu_kt": [1.0, 1.0]}
    law = Table(tuple(Column(name, name, "", "") for name in data), {key: np.array(one) for key, one in data.items()})
    values: dict[str, Any] = {column.name: np.ones(3) for column in COMPOSITION_COLUMNS}
    values |= {
        "direction": np.array(["insertion", "extraction", "difference"]),
        "composition": np.array([0.2, 0.4, 0.6]),
    }
    stages = [Stage("movie_law", "Law", (), {"law": law, "uniformity": Table(COMPOSITION_COLUMNS, values)})]
    assert "Chemical potential μ(c)" not in charts_of(stages), "nothing of it is known"
    assert show_chart(added(scene), stages, "Exchange current j0(c)").GetNumberOfPlotSeriesNodes() == 3
    assert show_chart(added(scene), stages, "Uniformity over composition").GetNumberOfPlotSeriesNodes() == 2


def test_signed_maps_have_zero_in_the_middle_and_odd_pixels_do_not_stretch_the_colours() -> None:
    low, high = value_range(np.array([-1.0, 3.0] * 500), signed=True)
    assert low == -high == -3.0
    odd = np.r_[np.linspace(0, 1, 1000), 1e9, np.nan]
    assert value_range(odd)[1] < 1.1 and value_range(np.full(3, np.nan)) == (0.0, 1.0)


def write_result(folder: Path, verb: str = "movie chemistry") -> Path:
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps({"verb": verb, "sample": "made", "notes": ["Said."]}))
    write_csv(quantity_table([found().stage]), folder / "quantities.csv")
    frames = {column.name: np.array([1.0, np.nan]) for column in FRAME_COLUMNS}
    write_csv(Table(FRAME_COLUMNS, {**frames, "frame": np.array([1, 2])}), folder / "frames.csv")
    write_csv(POINTS, folder / "half_cycles.csv")
    write_sequence(LITHIUM, PIXEL, TIMES, ("time", "s"), folder / "lithium.seq.nrrd")
    size = (min(PIXEL), *PIXEL)
    write_volume(Volume.from_stack(LABELS, size, "made", "particles"), folder / "particles.nrrd")
    return folder


def test_a_result_folder_is_read_back_to_the_last_bit(tmp_path: Path) -> None:
    (one,) = read_movie_results(write_result(tmp_path / "result"))
    assert (one.step, one.sample, one.stage.notes) == ("chemistry", "made", ("Said.",))
    np.testing.assert_array_equal(one.maps["lithium"].values, LITHIUM)
    np.testing.assert_array_equal(one.maps["lithium"].places, TIMES)
    np.testing.assert_array_equal(one.particles.values, LABELS)
    assert one.particles.pixel_um == pytest.approx(PIXEL) and one.stage.quantities == found().stage.quantities
    table = one.stage.tables["half_cycles"]
    for name, values in POINTS.data.items():
        np.testing.assert_array_equal(table[name], values)
    assert one.stage.tables["frames"].columns == FRAME_COLUMNS and np.isnan(one.stage.tables["frames"]["time_s"][1])


def test_a_law_comes_into_the_scene_with_its_maps_and_plots(scene: Any, tmp_path: Path) -> None:
    movie = fake_movie()
    stage = law_stage(law := fake_law(movie))
    write_law_maps(law, [movie], tmp_path, Progress())
    write_csv(quantity_table([stage]), tmp_path / "quantities.csv")
    for name, table in stage.tables.items():
        write_csv(table, tmp_path / f"{name}.csv")
    (tmp_path / "summary.json").write_text(json.dumps({"verb": "movie invert", "notes": stage.notes}))
    found = read_movie_results(tmp_path)
    assert found[0].stage.tables["law"].columns == stage.tables["law"].columns
    owner = add_results(scene, None, found, MovieNote("made", ("invert",)))
    titles = [title.split(" [")[0] for title in maps_of(owner)]
    assert titles == ["Reactivity k", "ln k, σ", "Lithium, by the law", "Left by the law"]
    assert [browser.GetNumberOfItems() for browser in browsers_of(owner)] == [movie.points]
    drawn = charts_of(stages_of_movie(owner))
    assert {"Exchange current j0(c)", "Chemical potential μ(c)", "Left by the law"} <= set(drawn)
    for title in drawn:
        assert show_chart(owner, stages_of_movie(owner), title).GetNumberOfPlotSeriesNodes()


def test_steps_are_read_in_the_order_of_the_road(tmp_path: Path) -> None:
    for step in ("kinetics", "chemistry"):
        write_result(tmp_path / step, f"movie {step}")
    assert [one.step for one in read_movie_results(tmp_path)] == ["chemistry", "kinetics"]
    write_result(tmp_path / "kinetics" / "chemistry")
    assert [one.step for one in read_movie_results(tmp_path / "kinetics")] == ["chemistry", "kinetics"]


def test_what_is_no_result_of_a_movie_is_said(tmp_path: Path) -> None:
    assert not is_movie_result(tmp_path)
    with pytest.raises(InputError, match="no result of a movie"):
        read_movie_results(tmp_path)
    folder = write_result(tmp_path / "damaged")
    (folder / "quantities.csv").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_movie_results(folder)
