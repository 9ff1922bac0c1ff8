"""Names of slices: natural order, gaps, doubles."""

from __future__ import annotations

from pathlib import Path

import pytest
from batterycell.errors import InputError
from batterycell.io.names import order_slices


def ordered(*names: str) -> list[str]:
    return [path.name for path in order_slices([Path("cell") / name for name in names])]


def refusal(*names: str) -> str:
    with pytest.raises(InputError) as caught:
        ordered(*names)
    return caught.value.message


@pytest.mark.parametrize(
    "names",
    [
        ("im8.tif", "im9.tif", "im10.tif", "im11.tif"),
        ("a_0010.tif", "a_0020.tif", "a_0030.tif"),
        ("cell2_t0930_1.tif", "cell2_t0931_2.tif", "cell2_t0941_3.tif"),
        ("scan_1_16bit.tif", "scan_2_16bit.tif", "scan_3_16bit.tif"),
        ("top.tif", "upper.tif"),
        ("IM1.tif", "im2.tif"),
        ("0.tif", "1.tif"),
        ("only.tif",),
        ("im7.tif",),
    ],
    ids=str,
)
def test_complete_stacks_are_put_in_order(names: tuple[str, ...]) -> None:
    assert ordered(*reversed(names)) == list(names)


def test_missing_numbers_are_named_with_their_zeros() -> None:
    assert refusal("im001.tif", "im002.tif", "im003.tif", "im006.tif") == (
        "cell: 2 missing of 6 slices: im004.tif, im005.tif."
    )


def test_missing_steps_of_ten_are_named() -> None:
    assert "im30.tif" in refusal("im10.tif", "im20.tif", "im40.tif", "im50.tif")


def test_a_gap_that_is_no_whole_step_is_named() -> None:
    assert "im40.tif" in refusal("im10.tif", "im20.tif", "im30.tif", "im45.tif")


def test_the_number_that_counts_is_renumbered_not_another() -> None:
    assert "s3_im3_v2.tif" in refusal(*(f"s3_im{n}_v2.tif" for n in (1, 2, 4, 5)))


def test_many_missing_slices_are_counted_but_not_all_named() -> None:
    message = refusal("im1.tif", "im2.tif", "im3.tif", "im100.tif")
    assert "96 missing" in message
    assert message.endswith("im4.tif, im5.tif, im6.tif, im7.tif, im8.tif ….")


def test_a_number_that_comes_twice_is_named() -> None:
    assert "number 2 comes twice" in refusal("im1.tif", "im2.tif", "im02.tif", "im3.tif")


def test_two_stacks_in_one_folder_are_refused() -> None:
    assert "like b_1.tif" in refusal("a_1.tif", "a_2.tif", "a_3.tif", "b_1.tif", "b_2.tif")
