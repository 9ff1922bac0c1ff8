"""Project folders: what people and programs put there becomes a dataset, or one sentence that says why not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError
from batterycell.io.segments import Segment, read_segments, write_segments
from batterycell.mrml.files import read_volume, write_volume
from batterycell.segment import Frame, Image, SegmentClass, TrainSettings
from batterycell.segment.data import make_dataset, read_project, write_project
from batterycell.segment.data.grid import Grid, sample_grey, sample_labels
from batterycell.volume import Volume
from made_project import CLASSES, SIZE, grey, make_folder, painted, read, save_json, save_picture, two_sizes
from PIL import Image as Picture

SETTINGS = TrainSettings()
DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def test_each_labelled_picture_is_a_mixed_frame(folder: Path) -> None:
    save_picture(folder / "images" / "unlabelled.png", grey())
    project = read(folder)
    assert [image.name for image in project.images] == ["a", "b", "unlabelled"]
    assert [(frame.name, frame.image, frame.role, frame.full) for frame in project.frames] == [
        ("a", "a", "mixed", False),
        ("b", "b", "mixed", False),
    ]
    assert [one.name for one in project.classes] == ["class 1", "class 2"]
    assert project.images[0].voxel_size_um == pytest.approx(SIZE)
    assert np.array_equal(project.labels["a"].array[0], painted(0, 1, 2))


def test_fully_labelled_pictures_have_zero_as_a_class(folder: Path) -> None:
    project = read(folder, full=True)
    assert [one.name for one in project.classes] == ["background", "class 1", "class 2"]
    assert np.array_equal(project.labels["a"].array[0], painted(0, 1, 2) + 1)


def test_masks_of_0_and_255_are_two_classes(folder: Path) -> None:
    for name in ("a", "b"):
        save_picture(folder / "labels" / f"{name}.png", painted(0, 255))
    with pytest.raises(InputError, match=r"no value but 255.*--full"):
        read(folder)
    assert set(np.unique(read(folder, full=True).labels["a"].array)) == {1, 2}


def test_classes_json_names_colours_and_values(folder: Path) -> None:
    classes = [{"name": "pore", "color": "#101010", "value": 2}, {"name": "particle", "color": "#202020", "value": 1}]
    save_json(folder / "classes.json", classes)
    project = read(folder)
    assert project.classes == (SegmentClass("pore", "#101010"), SegmentClass("particle", "#202020"))
    assert np.array_equal(project.labels["a"].array[0], np.array([0, 2, 1])[painted(0, 1, 2)])


def test_full_labels_begin_at_zero_where_there_are_as_many_classes(folder: Path) -> None:
    save_json(folder / "classes.json", {"classes": [{"name": name} for name in ("pore", "particle", "binder")]})
    assert np.array_equal(read(folder, full=True).labels["a"].array[0], painted(0, 1, 2) + 1)
    save_json(folder / "classes.json", [{"name": name} for name in ("background", "particle")])
    project = read(folder, full=True)
    assert np.array_equal(project.labels["a"].array[0], painted(0, 1, 2))
    samples = make_dataset(project, SETTINGS).samples
    assert np.array_equal(samples[0].labels[0] > 0, samples[0].labels[0] >= 1)  # what is left after the division


def test_pictures_without_a_voxel_size_ask_for_it(folder: Path) -> None:
    with pytest.raises(InputError, match=r"voxel size of .*a.png is unknown.*--voxel-size"):
        read_project(folder)
    save_json(folder / "project.json", {"voxel_size_um": [0.1, 0.02, 0.02], "images": {"b": {"voxel_size_um": SIZE}}})
    assert read_project(folder).images[0].voxel_size_um == pytest.approx(SIZE)


def test_a_palette_picture_holds_labels_not_colours(folder: Path) -> None:
    picture = Picture.fromarray(painted(0, 1, 2)).convert("P")
    picture.putdata(painted(0, 1, 2).ravel().tolist())
    picture.putpalette([0, 0, 0, 200, 30, 30, 30, 200, 30])
    picture.save(folder / "labels" / "a.png")
    assert np.array_equal(read(folder).labels["a"].array[0], painted(0, 1, 2))


def test_channels_lie_in_folders(tmp_path: Path) -> None:
    for channel in ("se", "bse"):
        save_picture(tmp_path / "images" / channel / "a.png", grey(len(channel)))
    save_picture(tmp_path / "labels" / "a.png", painted(1, 2))
    image = read(tmp_path).images[0]
    assert image.channel_names == ("bse", "se")
    assert np.array_equal(image.channels[1].array[0], grey(2))
    assert make_dataset(read(tmp_path), SETTINGS).samples[0].image.shape == (2, 1, 48, 64)


def stack(folder: Path) -> Image:
    """An NRRD volume with two runs of painted slices in a segmentation cropped to them."""
    volume = Volume.from_stack(grey(shape=(9, 30, 40)), (60.0, 30.0, 30.0), "made", "cell")
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    write_volume(volume, folder / "images" / "cell.nrrd")
    labels = np.zeros((9, 30, 40), np.uint8)
    labels[2, 3:9, 5:20], labels[2:4, 20:25, 5:20], labels[6, 10:12] = 2, 1, 2
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, 3] = volume.to_ras([0, 3, 2])
    cropped = Volume(labels[2:8, 3:28].copy(), matrix, "", "cell")
    segments = [Segment("cathode", "#E69F00", 1), Segment("anode overhang", "#F0E442", 2)]
    write_segments(cropped, segments, folder / "labels" / "cell.seg.nrrd")
    return Image("cell", (replace(volume, array=labels),))


def test_segmentations_bring_names_and_colours_and_lie_where_they_lie(tmp_path: Path) -> None:
    truth = stack(tmp_path).grid.array
    project = read_project(tmp_path)
    assert project.classes == (SegmentClass("cathode", "#E69F00"), SegmentClass("anode overhang", "#F0E442"))
    assert np.array_equal(project.labels["cell"].array, truth)
    assert [frame.name for frame in project.frames] == ["cell 3-4", "cell 7"]
    samples = make_dataset(project, replace(SETTINGS, validation_part=0.0)).samples
    assert np.array_equal(samples[0].labels, truth[2:4]) and np.array_equal(samples[1].labels, truth[6:7])


def test_full_segmentations_get_a_background(tmp_path: Path) -> None:
    truth = stack(tmp_path).grid.array
    project = read_project(tmp_path, full=True)
    assert [one.name for one in project.classes] == ["background", "cathode", "anode overhang"]
    sample = make_dataset(project, replace(SETTINGS, validation_part=0.0)).samples[1]
    assert np.array_equal(sample.labels, truth[6:7] + 1 + (truth[6:7] > 0) * 0)


def test_segments_follow_classes_json_by_name(tmp_path: Path) -> None:
    truth = stack(tmp_path).grid.array
    names = ["Anode Overhang", "background", "cathode"]
    save_json(tmp_path / "classes.json", [{"name": name} for name in names])
    assert np.array_equal(read_project(tmp_path).labels["cell"].array, np.array([0, 3, 1])[truth])
    save_json(tmp_path / "classes.json", [{"name": name} for name in names[1:]])
    with pytest.raises(InputError, match=r"segment anode overhang in .* is none of the 2 classes: background, cathode"):
        read_project(tmp_path)


def test_labels_painted_outside_the_image_are_counted(tmp_path: Path) -> None:
    stack(tmp_path)
    path = tmp_path / "labels" / "cell.seg.nrrd"
    labels, segments = read_segments(path)
    matrix = labels.ijk_to_ras.copy()
    matrix[:3, 3] += [0, 0, 5 * 0.06]
    write_segments(replace(labels, ijk_to_ras=matrix), segments, path)
    with pytest.raises(InputError, match=r"80 of 320 voxels painted in .*cell.seg.nrrd lie outside the image cell"):
        read_project(tmp_path)


@pytest.mark.parametrize("x", [-0.02, 0.02], ids=["left-handed", "right-handed"])
def test_a_project_survives_the_disk(tmp_path: Path, x: float) -> None:
    random = np.random.default_rng(0)
    matrix = np.diag([x, 0.03, 0.04, 1.0])
    matrix[:3, 3] = [1, -2, 3]
    images, labels, frames = [], {}, []
    for name in ("cell: 1/2", "cell: 1?2", "Zelle"):
        volumes = [Volume(random.normal(size=(4, 20, 30)).astype("f4"), matrix, "", name) for _ in range(2)]
        images.append(Image(name, tuple(volumes), ("BSE", "SE")))
        labels[name] = replace(volumes[0], array=random.integers(0, 3, (4, 20, 30)).astype(np.uint8))
        frames.append(Frame.of_slice(f"frame of {name}", name, volumes[0], 2).with_role("validation"))
    del labels["Zelle"]
    for _ in range(2):  # the second time it replaces the first
        write_project(tmp_path / "p", images, labels, frames, CLASSES)
    again = read_project(tmp_path / "p")
    assert (again.classes, again.frames) == (CLASSES, tuple(frames))
    assert (set(again.labels), again.images[0].channel_names) == (set(labels), ("BSE", "SE"))
    for image in images:
        # Slicer turns left-handed axes round, so that values are compared where they lie.
        grid, same = Grid.of(image.grid), again.image(image.name)
        for one, other in zip(image.channels, same.channels, strict=True):
            assert np.array_equal(sample_grey(other, grid), one.array)
        if image.name in labels:
            assert np.array_equal(sample_labels(again.labels[image.name], grid), labels[image.name].array)


def test_frames_json_says_what_counts(folder: Path) -> None:
    frames = [
        {"image": "a", "slice": 0, "role": "training", "name": "one"},
        {"image": "b", "start": [0, 10, 20], "stop": [1, 40, 60], "role": "validation"},
        {"image": "b", "slice": 0, "role": "monitoring"},
    ]
    save_json(folder / "frames.json", {"frames": frames})
    project = read(folder)
    assert [frame.name for frame in project.frames] == ["one", "frame 2", "frame 3"]
    samples = make_dataset(project, SETTINGS).samples
    assert [sample.role for sample in samples] == ["training", "validation", "monitoring"]
    assert np.array_equal(samples[1].image[0, 0], grey()[10:40, 20:60])
    assert np.array_equal(samples[1].labels[0], painted(0, 1, 2)[10:40, 20:60])


def test_tiff_stacks_and_their_labels_belong_together_by_place_in_the_stack(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    labels = painted(0, 1, 2, shape=(5, 20, 30))
    labels[[0, 3]] = 0
    tifffile.imwrite(tmp_path / "images" / "cell.tif", grey(shape=(5, 20, 30)))
    tifffile.imwrite(tmp_path / "labels" / "cell.tif", labels)
    project = read(tmp_path)
    assert np.array_equal(project.labels["cell"].array, labels)
    assert [frame.name for frame in project.frames] == ["cell 2-3", "cell 5"]
    save_picture(tmp_path / "images" / "Cell 5.png", grey())
    save_picture(tmp_path / "labels" / "Cell 5.png", painted(1, 2))
    assert [frame.name for frame in read(tmp_path).frames] == ["Cell 5", "cell 2-3", "cell 5_2"]


@pytest.mark.parametrize(("start", "stop"), [((0, 7, 4), (5, 8, 30)), ((0, 3, 11), (5, 20, 12))])
def test_planes_through_a_stack_are_seen_from_the_front(
    tmp_path: Path, start: tuple[int, int, int], stop: tuple[int, int, int]
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    stack, labels = grey(shape=(5, 20, 30)), painted(0, 1, 2, shape=(5, 20, 30))
    tifffile.imwrite(tmp_path / "images" / "cell.tif", stack)
    tifffile.imwrite(tmp_path / "labels" / "cell.tif", labels)
    save_json(tmp_path / "frames.json", [{"image": "cell", "start": start, "stop": stop, "role": "training"}])
    (sample,) = make_dataset(read(tmp_path), SETTINGS).samples
    block = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    assert np.array_equal(sample.image[0, 0], np.squeeze(stack[block]))
    assert np.array_equal(sample.labels[0], np.squeeze(labels[block]))


def test_folders_of_slices_are_images_where_labels_have_their_name(tmp_path: Path) -> None:
    labels = painted(0, 1, 2, shape=(4, 20, 30))
    for n in range(4):
        save_picture(tmp_path / "images" / "scan 1" / f"im{n}.png", grey(n, (20, 30)))
        save_picture(tmp_path / "labels" / "scan 1" / f"im{n}.png", labels[n])
    save_picture(tmp_path / "images" / "scan 2.png", grey())
    project = read(tmp_path)
    assert [(image.name, image.grid.array.shape) for image in project.images] == [
        ("scan 1", (4, 20, 30)),
        ("scan 2", (1, 48, 64)),
    ]
    assert np.array_equal(project.labels["scan 1"].array, labels)


def test_files_whose_names_count_on_are_read_one_by_one(tmp_path: Path) -> None:
    for n in range(3):
        write_volume(Volume.from_stack(grey(n, (4, 20, 30)), SIZE, "made"), tmp_path / f"im{n}.nrrd")
    assert np.array_equal(read_volume(tmp_path / "im1.nrrd").array, grey(1, (4, 20, 30)))


def test_frames_of_several_resolutions_meet_at_the_finest() -> None:
    fine, coarse = make_dataset(two_sizes(60.0), SETTINGS).samples
    assert np.array_equal(fine.image[0, 0], grey(shape=(3, 40, 40))[1])
    assert (coarse.labels.shape, coarse.voxel_size_um) == ((1, 80, 80), pytest.approx((60.0, 30.0, 30.0)))
    given = make_dataset(two_sizes(60.0), SETTINGS, voxel_size_um=(60.0, 60.0, 60.0)).samples
    assert [sample.labels.shape for sample in given] == [(1, 20, 20), (1, 40, 40)]


def test_two_and_a_half_dimensions_bring_neighbouring_slices() -> None:
    sample = make_dataset(two_sizes(30.0), TrainSettings(dimension="2.5d")).samples[0]
    assert sample.margin == 1
    assert np.array_equal(sample.image[0], grey(shape=(3, 40, 40)))


@pytest.mark.real
def test_a_real_stack_with_two_detectors_is_a_project(tmp_path: Path) -> None:
    source = DATA / "fibsem_lco"
    if not source.is_dir():
        pytest.skip(f"no real data at {source}")
    places = {"se": "images/se", "bse": "images/bse", "mask": "labels"}
    for kind, place in places.items():
        (tmp_path / place).mkdir(parents=True)
        for path in sorted((source / kind).iterdir())[:10]:
            (tmp_path / place / path.name).symlink_to(path)
    dataset = make_dataset(read(tmp_path, full=True), SETTINGS)
    assert dataset.channel_names == ("bse", "se")
    assert len(dataset.samples) == 10 and len(dataset.of_role("validation")) == 2
    assert all(sample.labels.min() == 1 and sample.labels.max() == 2 for sample in dataset.samples)
