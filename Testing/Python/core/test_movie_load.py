"""Movies and spectral stacks, read from every format that people keep them in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError
from batterycell.movie import Movie
from batterycell.movie.load import MovieOptions, load_movie, read_spectrum
from batterycell.mrml.sequence_nrrd import write_sequence
from movies import small_movie, write_stxm, write_tiff

MADE = small_movie()


def all_frames(movie: Movie) -> np.ndarray:
    return np.concatenate([slab.array for slab in movie.frames.slabs(5000)])


def code_of(path: Path, options: MovieOptions | None = None) -> str:
    with pytest.raises(InputError) as caught:
        load_movie(path, options or MovieOptions())
    assert "\n" not in str(caught.value) and caught.value.hint
    return caught.value.code


def test_pages_of_a_tiff_are_frames_with_times_and_energies_from_the_file_beside(tmp_path: Path) -> None:
    movie = load_movie(write_tiff(MADE, tmp_path / "movie.tif"))
    assert np.array_equal(all_frames(movie), MADE.counts)
    assert movie.index.energies_ev is not None and np.allclose(movie.index.energies_ev, MADE.energies_ev)
    assert movie.index.times_source == "movie.csv"
    assert movie.points().frames.shape == (4, 3)
    assert np.allclose(movie.points().times_s, MADE.times_s.reshape(4, 3).mean(axis=1))


def test_words_win_over_the_file_beside_and_a_few_energies_repeat(tmp_path: Path) -> None:
    path = write_tiff(MADE, tmp_path / "movie.tif")
    movie = load_movie(path, MovieOptions((0.1, 0.1), "2.5", "700,708,710"))
    assert movie.index.times_s is not None and movie.index.times_s[2] == 5.0
    assert movie.points().energies_ev.tolist() == [700.0, 708.0, 710.0]
    assert movie.pixel_um == (0.1, 0.1)


def test_a_folder_of_frames_is_a_movie_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for n, frame in enumerate(MADE.counts[:11]):
        tifffile.imwrite(tmp_path / f"frame{n + 1}.tif", frame)
    (tmp_path / "frames.json").write_text(json.dumps({"energy_keV": (MADE.energies_ev[:11] / 1000).tolist()}))
    movie = load_movie(tmp_path)
    assert np.array_equal(all_frames(movie), MADE.counts[:11])
    assert movie.index.energies_ev is not None and np.allclose(movie.index.energies_ev, MADE.energies_ev[:11])


def test_frames_of_different_sizes_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "frame1.tif", MADE.counts[0])
    tifffile.imwrite(tmp_path / "frame2.tif", MADE.counts[0][:-1])
    assert code_of(tmp_path) == "slice-odd"
    with tifffile.TiffWriter(tmp_path / "pages.tif") as tiff:
        for frame in (MADE.counts[0], MADE.counts[0][:-1]):
            tiff.write(frame, contiguous=False)
    assert code_of(tmp_path / "pages.tif") == "slice-odd"


def test_pages_of_different_types_are_refused_not_wrapped(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "pages.tif", np.full((16, 16), 200, np.uint8))
    tifffile.imwrite(tmp_path / "pages.tif", np.full((16, 16), 4000, np.uint16), append=True)
    assert code_of(tmp_path / "pages.tif") == "slice-odd"


def test_three_frames_that_were_written_as_colours_of_a_page_are_three_frames(tmp_path: Path) -> None:
    path = tmp_path / "movie.tif"
    tifffile.imwrite(path, MADE.counts[:3].astype(np.uint16), photometric="rgb")
    movie = load_movie(path, MovieOptions((0.1, 0.1), "1"))
    assert np.array_equal(all_frames(movie), MADE.counts[:3])


def test_slicers_sequence_of_images_comes_back_with_its_times_and_pixel_size(tmp_path: Path) -> None:
    path = tmp_path / "maps.seq.nrrd"
    write_sequence(MADE.counts[:4], (0.05, 0.06), np.array([0.0, 1.5, 3.0, 9.0]), ("time", "s"), path)
    movie = load_movie(path)
    assert np.array_equal(all_frames(movie), MADE.counts[:4])
    assert movie.index.times_s is not None and movie.index.times_s.tolist() == [0.0, 1.5, 3.0, 9.0]
    assert movie.pixel_um == pytest.approx((0.05, 0.06))


def test_slicer_itself_reads_the_sequence(tmp_path: Path) -> None:
    import slicer
    from batterycell.mrml.volumes import volume_from_node

    path = tmp_path / "maps.seq.nrrd"
    write_sequence(MADE.counts[:3], (0.05, 0.06), np.array([0.0, 1.5, 3.0]), ("time", "s"), path)
    scene, storage = slicer.vtkMRMLScene(), slicer.vtkMRMLVolumeSequenceStorageNode()
    scene.AddNode(storage)
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode")
    storage.SetFileName(str(path))
    assert storage.ReadData(node)
    assert [float(node.GetNthIndexValue(n)) for n in range(node.GetNumberOfDataNodes())] == [0.0, 1.5, 3.0]
    volume = volume_from_node(node.GetNthDataNode(1))
    assert np.array_equal(volume.array[0], MADE.counts[1])
    assert volume.voxel_size_um[1:] == pytest.approx((0.05, 0.06))


def test_a_nexus_file_says_frames_energies_times_and_pixel_size(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "stack.nxs"
    with h5py.File(path, "w") as file:
        group = file.create_group("entry/counter0")
        group.attrs["signal"] = "data"
        group["data"] = MADE.counts
        group["dark"] = np.zeros((2, 3, 4))
        group["energy"] = MADE.energies_ev / 1000
        group["energy"].attrs["units"] = "keV"
        group["time"] = MADE.times_s + 100
        for name, length in (("sample_y", 44), ("sample_x", 48)):
            group[name] = np.arange(length) * 50.0
            group[name].attrs["units"] = "nm"
    movie = load_movie(path)
    assert np.array_equal(all_frames(movie), MADE.counts)
    assert movie.index.energies_ev is not None and np.allclose(movie.index.energies_ev, MADE.energies_ev)
    assert movie.index.times_s is not None and movie.index.times_s[0] == 0.0
    assert movie.pixel_um == pytest.approx((0.05, 0.05))


def test_an_hdf5_file_with_several_stacks_asks_which(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "two.h5"
    with h5py.File(path, "w") as file:
        file["a"], file["b"] = MADE.counts, MADE.counts[:2]
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/a")
    assert code_of(path) == "hdf5-dataset"
    assert load_movie(path, MovieOptions(dataset="b")).count == 2
    assert code_of(path, MovieOptions(dataset="elsewhere")) == "hdf5-dataset"


def test_numbers_of_an_hdf5_file_that_lie_in_other_files_are_not_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    (tmp_path / "private.bin").write_bytes(bytes(4096))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["a"] = MADE.counts
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file.create_dataset("a", (2, 16, 16), "u1", external=[(str(tmp_path / "private.bin"), 0, 512)])
    layout = h5py.VirtualLayout(MADE.counts.shape, MADE.counts.dtype)
    layout[:] = h5py.VirtualSource("other.h5", "a", MADE.counts.shape)
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        file.create_virtual_dataset("a", layout)
    assert [code_of(tmp_path / f"{name}.h5") for name in ("raw", "virtual")] == ["hdf5-elsewhere"] * 2


def test_a_damaged_hdf5_file_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    (tmp_path / "bad.h5").write_bytes(b"nothing")
    assert code_of(tmp_path / "bad.h5") == "image-unreadable"


def test_a_stack_of_the_beamline_says_energies_times_pixel_size_and_photons(tmp_path: Path) -> None:
    movie = load_movie(write_stxm(MADE, tmp_path, 6))
    assert np.allclose(all_frames(movie), MADE.counts[:6])
    assert movie.index.energies_ev is not None and np.allclose(movie.index.energies_ev, MADE.energies_ev[:6])
    assert movie.index.times_s is not None and movie.index.times_s.tolist() == [60.0 * n for n in range(6)]
    assert movie.pixel_um == pytest.approx((0.05, 0.05)) and movie.counts_per_unit == 10.0
    assert load_movie(tmp_path).count == load_movie(tmp_path / "stack_a003.xim").count == 6


def test_a_stack_with_a_missing_or_cut_off_frame_is_refused(tmp_path: Path) -> None:
    path = write_stxm(MADE, tmp_path, 6)
    whole = (tmp_path / "stack_a002.xim").read_text()
    (tmp_path / "stack_a002.xim").write_text(whole[: len(whole) // 2 - 3])
    assert code_of(path) == "slice-odd"
    (tmp_path / "stack_a002.xim").unlink()
    assert code_of(path) == "movie-frames"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (MovieOptions(energies="700,701"), "movie-energies-count"),
        (MovieOptions(energies="red"), "movie-energies"),
        (MovieOptions(energies="700,-701,702"), "movie-energies"),
        (MovieOptions(times="soon"), "movie-times"),
    ],
)
def test_times_and_energies_that_do_not_fit_are_refused(tmp_path: Path, options: MovieOptions, code: str) -> None:
    made = write_tiff(MADE, tmp_path / "movie.tif", side=False)
    if code == "movie-energies-count":
        options = MovieOptions(energies="700,701,702,703,704")
    assert code_of(made, options) == code


def test_points_in_time_need_the_same_energies(tmp_path: Path) -> None:
    path = write_tiff(MADE, tmp_path / "movie.tif", side=False)
    energies = [700.0, 705.0, 710.0, 700.0, 706.0, 710.0, *[700.0, 705.0, 710.0] * 2]
    movie = load_movie(path, MovieOptions(energies=",".join(map(str, energies))))
    with pytest.raises(InputError, match="705"):
        movie.points()


def test_a_scan_that_was_cut_off_is_left_out_and_counted(tmp_path: Path) -> None:
    path = write_tiff(MADE, tmp_path / "movie.tif", side=False)
    energies = ",".join(map(str, [700.0, 701.0, 702.0, 703.0, 704.0] * 2 + [700.0, 701.0]))
    points = load_movie(path, MovieOptions(energies=energies)).points()
    assert points.frames.shape == (2, 5) and points.left_out == 2


def test_what_is_no_movie_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert code_of(tmp_path / "a.txt") == "unknown-format"
    assert code_of(tmp_path / "gone.tif") == "not-found"
    assert code_of(tmp_path) == "no-images"


def test_a_spectrum_is_read_past_its_header_and_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("energy_eV,od\n701,0.2\n700,0.1\n")
    energies, values = read_spectrum(path)
    assert energies.tolist() == [700.0, 701.0] and values.tolist() == [0.1, 0.2]
    path.write_text("nothing here\n")
    with pytest.raises(InputError, match="no spectrum"):
        read_spectrum(path)
