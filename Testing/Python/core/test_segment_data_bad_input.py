"""Project folders that cannot be used: one sentence that says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError, OutputError
from batterycell.io.segments import read_segments
from batterycell.segment import TrainSettings
from batterycell.segment.data import make_dataset, write_project
from made_project import CLASSES, grey, make_folder, painted, read, save_json, save_picture, two_sizes

SETTINGS = TrainSettings()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def test_a_channel_without_a_partner_is_named(tmp_path: Path) -> None:
    for channel, name in (("se", "a"), ("bse", "a"), ("se", "b")):
        save_picture(tmp_path / "images" / channel / f"{name}.png", grey())
    with pytest.raises(InputError, match=r"se/b.png has no partner in .*bse"):
        read(tmp_path)


def test_channels_and_labels_of_other_sizes_are_both_named(tmp_path: Path) -> None:
    save_picture(tmp_path / "images" / "se" / "a.png", grey())
    save_picture(tmp_path / "images" / "bse" / "a.png", grey(shape=(48, 60)))
    with pytest.raises(InputError, match=r"bse/a.png has 1 × 48 × 60 .* se/a.png has 1 × 48 × 64|se/a.png"):
        read(tmp_path)
    save_picture(tmp_path / "images" / "bse" / "a.png", grey())
    save_picture(tmp_path / "labels" / "a.png", painted(1, 2, shape=(40, 64)))
    with pytest.raises(InputError, match=r"bse/a.png has 1 × 48 × 64 .*labels/a.png has 1 × 40 × 64"):
        read(tmp_path)


def test_overlapping_segments_are_named(tmp_path: Path) -> None:
    fields = {
        f"Segment{n}_{key}": value
        for n, name in enumerate(("cathode", "tab"))
        for key, value in (("Name", name), ("LabelValue", "1"), ("Layer", str(n)), ("Color", "1 0 0"))
    }
    header = "NRRD0004\ntype: uint8\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 4 3 2\n"
    header += "space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\n"
    header += "encoding: raw\nspace origin: (0,0,0)\n" + "".join(f"{key}:={value}\n" for key, value in fields.items())
    layers = np.zeros((2, 3, 4, 2), np.uint8)
    layers[0, 0, :2, 0] = layers[0, 0, 1:, 1] = 1
    path = tmp_path / "x.seg.nrrd"
    path.write_bytes(header.encode() + b"\n" + layers.tobytes())
    with pytest.raises(InputError, match=r"segments cathode and tab of .* share 1 voxels"):
        read_segments(path)
    layers[0, 0, 1, 0] = 0
    path.write_bytes(header.encode() + b"\n" + layers.tobytes())
    assert read_segments(path)[0].array[0, 0].tolist() == [1, 2, 2, 2]
    path.write_bytes(header.encode() + b"\n" + layers.tobytes()[:-9])
    with pytest.raises(InputError, match=r"ends within|cannot be read"):
        read_segments(path)


def test_a_folder_with_other_things_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"thesis.txt"):
        write_project(tmp_path, [], {}, [], CLASSES)
    assert (tmp_path / "thesis.txt").exists()


GOOD = {"image": "a", "slice": 0}
IN_MM = {"image": "a", "centre_mm": [0, 0, 0], "axes": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "size_mm": [1, 1, 1]}


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ({**GOOD, "image": "../../etc/passwd"}, r"image '../../etc/passwd', which is not there"),
        ({"slice": 0}, "image None, which is not there"),
        ({**GOOD, "image": ["a"]}, "not there"),
        ({**GOOD, "role": "teacher"}, "role 'teacher' of the frame frame 1 is none of training"),
        ({**GOOD, "role": []}, "is none of training"),
        ({**GOOD, "full": "yes"}, "true or false"),
        ({**GOOD, "name": 7}, "needs a text"),
        ({**GOOD, "slice": 1}, "lies outside the image a"),
        ({**GOOD, "slice": "first"}, "is not 1 numbers"),
        ({**GOOD, "slice": 10**400}, "is not 1 numbers"),
        ({**GOOD, "slice": float("nan")}, "is not 1 numbers"),
        ({"image": "a"}, "start of the frame frame 1 is not 3 numbers"),
        ({"image": "a", "start": [0, 5, 5], "stop": [1, 5, 9]}, "or is empty"),
        ({**IN_MM, "size_mm": [1, 0, 1]}, "has no size"),
        ({**IN_MM, "size_mm": None}, "size_mm of the frame"),
        ({**IN_MM, "centre_mm": [0, 0, 1e400]}, "centre_mm of the frame"),
        ({**IN_MM, "axes": [[1, 0, 0], [0, 1, 0], [0, 1, 0]]}, "at right angles"),
        ({**IN_MM, "axes": 3}, "three rows"),
        ("a", "no list of frames"),
    ],
)
def test_frames_that_cannot_be_used_say_why(folder: Path, frame: Any, why: str) -> None:
    save_json(folder / "frames.json", [frame])
    with pytest.raises(InputError, match=why):
        read(folder)


@pytest.mark.parametrize("name", ["frames.json", "classes.json", "project.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"3", b'"a"', b"[" * 99999, b'{"frames": 1}', b"[3]"])
def test_damaged_json_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    if name == "project.json" and content.startswith(b'{"'):
        return
    with pytest.raises(InputError, match=name):
        read(folder)


@pytest.mark.parametrize(
    ("classes", "why"),
    [
        ([{"name": "a"}], "1 classes"),
        ([{"name": "a"}, {"name": "a"}], "Two classes"),
        ([{"name": "a"}, {"name": "b", "color": "red"}], "colour"),
        ([{"name": "a"}, {"name": 3}], "needs a name"),
        ([{"name": "a", "value": 1}, {"name": "b"}], "needs a value"),
        ([{"name": "a", "value": 1}, {"name": "b", "value": 1}], "same value"),
        ([{"name": "a", "value": 1}, {"name": "b", "value": -1}], "needs a value"),
        ([{"name": "a", "value": 1}, {"name": "b", "value": 3}], r"value 2 in .*a.png is none of the 2 classes: a, b"),
    ],
)
def test_classes_that_cannot_be_used_say_why(folder: Path, classes: Any, why: str) -> None:
    save_json(folder / "classes.json", classes)
    with pytest.raises(InputError, match=why):
        read(folder)


def test_what_is_missing_in_a_folder_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no project folder"):
        read(tmp_path / "nowhere")
    save_picture(folder / "labels" / "c.png", painted(1, 2))
    with pytest.raises(InputError, match=r"c.png belongs to no image"):
        read(folder)
    for path in (folder / "labels").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="no labels"):
        read(folder)
    (folder / "images").rename(folder / "pictures")
    with pytest.raises(InputError, match="has no folder images"):
        read(folder)
    (folder / "images").mkdir()
    with pytest.raises(InputError, match="There are no images in"):
        read(folder)


def test_labels_that_are_no_labels_are_refused(folder: Path) -> None:
    save_picture(folder / "labels" / "a.png", grey(5))
    with pytest.raises(InputError, match=r"a.png holds \d+ different values, too many"):
        read(folder)
    (folder / "labels" / "a.png").unlink()
    tifffile.imwrite(folder / "labels" / "a.tif", np.full((48, 64), 0.5, np.float32))
    with pytest.raises(InputError, match="fractions"):
        read(folder)
    tifffile.imwrite(folder / "labels" / "a.tif", np.full((48, 64), -1, np.int16))
    with pytest.raises(InputError, match="values from -1 to -1"):
        read(folder)
    (folder / "labels" / "a.tif").write_bytes(b"II*\0 no picture")
    with pytest.raises(InputError, match="not a readable image"):
        read(folder)


def test_nothing_painted_is_said(folder: Path) -> None:
    save_json(folder / "classes.json", [{"name": "a"}, {"name": "b"}])
    for name in ("a", "b"):
        save_picture(folder / "labels" / f"{name}.png", painted(0))
    with pytest.raises(InputError, match="Nothing is painted"):
        read(folder)


def test_names_that_come_twice_are_refused(folder: Path) -> None:
    tifffile.imwrite(folder / "images" / "a.tif", grey())
    with pytest.raises(InputError, match="both called a"):
        read(folder)


def test_resolutions_worlds_apart_are_refused() -> None:
    with pytest.raises(InputError, match="pixels of coarse are 20 times as large as those of fine"):
        make_dataset(two_sizes(600.0), SETTINGS)


def test_images_with_other_channels_do_not_mix() -> None:
    project = two_sizes(30.0)
    fine, coarse = project.images
    double = replace(coarse, channels=coarse.channels * 2, channel_names=("se", "bse"))
    with pytest.raises(InputError, match="fine and coarse have 1 and 2 channels"):
        make_dataset(replace(project, images=(fine, double)), SETTINGS)


def test_a_project_without_frames_is_refused() -> None:
    with pytest.raises(InputError, match="no frame to learn from"):
        make_dataset(replace(two_sizes(30.0), frames=()), SETTINGS)
