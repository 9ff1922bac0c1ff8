"""Which model is offered first: by the size of pixels to apply, by the names of classes to go on from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from batterycell.pretrain.plan import PRETRAININGS
from batterycell.segment import PRESETS, SegmentClass
from batterycell.segment.model import Model
from batterycell.segment.model.suits import starts_best, suits_best
from made_model import INFO


def model(name: str, size_um: float, kind: str = "shipped", **changes: object) -> Model:
    """A model as the library lists it."""
    info = replace(INFO, name=name, voxel_size_um=(size_um,) * 3, **changes)  # type: ignore[arg-type]
    return Model(info, Path(name), name, kind)


CELL = model("cell", 40.0, pixel_range_um=(20.0, 80.0), classes=PRESETS["cell overhang"])
CATHODE = model("cathode", 0.03, pixel_range_um=(0.02, 0.1), classes=PRESETS["cathode microstructure"])


@pytest.mark.parametrize(
    ("size_um", "name"), [(33.97, "cell"), (10.0, "cell"), (300.0, "cell"), (0.05, "cathode"), (0.5, "cathode")]
)
def test_the_model_of_the_nearest_pixels_is_offered(size_um: float, name: str) -> None:
    found = suits_best([CATHODE, CELL], (2 * size_um, size_um, size_um))
    assert found is not None and found.info.name == name


def test_of_two_that_suit_the_first_is_offered_and_of_none_none() -> None:
    mine = model("mine", 40.0, "own")
    assert suits_best([mine, CELL], (40.0, 40.0, 40.0)) is mine
    assert suits_best([], (1.0, 1.0, 1.0)) is None
    assert suits_best([model("sizeless", 0.0), CELL], (40.0, 40.0, 40.0)) is CELL


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (["background", "cathode", "anode overhang"], "cell"),
        (["Pore", "active material", "binder", "additive"], "cathode"),
        (["active material", "pore"], "cathode"),
        (["background", "crack"], ""),
        (["pore", "a", "b", "c", "d"], ""),
        ([], ""),
    ],
)
def test_a_training_goes_on_from_the_model_that_shares_its_classes(classes: list[str], name: str) -> None:
    found = starts_best([CELL, CATHODE], classes, "2d")
    assert (found.info.name if found else "") == name


def test_a_model_of_another_dimension_is_no_start() -> None:
    names = [one.name for one in PRESETS["cell overhang"]]
    assert starts_best([CELL], names, "3d") is None
    wider = model("wider", 40.0, classes=(*PRESETS["cell overhang"], SegmentClass("can", "#999999")))
    assert starts_best([CELL, wider], [*names, "can"], "2d") is wider


@pytest.mark.parametrize("name", PRETRAININGS)
def test_what_a_shipped_model_tells_apart_is_a_preset_by_the_same_names_and_colours(name: str) -> None:
    assert PRETRAININGS[name]().classes in PRESETS.values()
