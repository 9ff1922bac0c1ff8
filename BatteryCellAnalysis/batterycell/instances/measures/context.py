"""What measures of instances are made from: their context, the slabs they are shown, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from batterycell.slabs import SlabSource
from batterycell.tables import Column
from batterycell.volume import Volume

from .slab import MeasureSlab as MeasureSlab


@dataclass(frozen=True)
class Companions:
    """What is known beside the instances themselves.

    Args:
        dimension: 3, or 2 where each slice is on its own and an instance lies in one slice.
        ijk_to_ras: Shape (4, 4), mm, as of a `Volume`; None: as of a bare stack of slices.
        classes: Class of each instance, shape (count + 1,), entry 0 unused; None where there is but one.
        class_names: Name of each class by its number.
        class_labels: Label volume of the classes, for what touches an instance or is near it.
        images: Grey volumes by name, of the same shape as the instances.
    """

    dimension: int = 3
    ijk_to_ras: NDArray[np.float64] | None = None
    classes: NDArray[np.integer[Any]] | None = None
    class_names: Mapping[int, str] = field(default_factory=dict)
    class_labels: SlabSource | None = None
    images: Mapping[str, SlabSource] = field(default_factory=dict)


class Accumulator(Protocol):
    """A measure while the volume goes by, slab after slab from the first slice to the last.

    One that needs nothing but the runs and the grey values there may say so by a class attribute ``by_rows = True``:
    it is shown a large slice in blocks of rows, which takes less memory. The classes are read where one says
    ``by_class = True``. One with much to do after the last slab may do
    it in a method ``finish(progress)``, which is called before ``result``.
    """

    def add(self, slab: MeasureSlab) -> None:
        """Take in some slices; different accumulators are called at the same time, one never twice at once."""

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns' values by name, each of shape (count,): entry n - 1 is instance n."""


A = TypeVar("A", bound=Accumulator)


@dataclass(frozen=True)
class Context:
    """What a measure may know before the first slab.

    Args:
        count: Number of instances; labels are 1..count, and may have gaps.
        voxel_um: Voxel size (z, y, x) in µm.
        source: The instances themselves, for measures that must look at an object again.
        companions: What is known beside them.
        parts: Accumulators that measures share, by their class.
    """

    count: int
    voxel_um: tuple[float, float, float]
    source: SlabSource
    companions: Companions = field(default_factory=Companions)
    parts: dict[type[Any], Any] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """2 or 3."""
        return self.companions.dimension

    @property
    def ijk_to_ras(self) -> NDArray[np.float64]:
        """Shape (4, 4), mm."""
        given = self.companions.ijk_to_ras
        return Volume.from_stack(np.empty((0, 0, 0)), self.voxel_um, "").ijk_to_ras if given is None else given

    def share(self, kind: Callable[[Context], A]) -> A:
        """The one accumulator of a class in this run, shown every slab once however many measures use it."""
        if kind not in self.parts:
            made = kind(self)
            self.parts[kind] = made  # type: ignore[index]
        return self.parts[kind]  # type: ignore[index,no-any-return]


@dataclass(frozen=True)
class Derived:
    """A measure that is worked out at the end, of what shared accumulators gathered.

    Args:
        compute: Gives the columns' values by name, each of shape (count,).
    """

    compute: Callable[[], dict[str, NDArray[Any]]]
    by_rows: ClassVar[bool] = True

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the shared accumulators are shown the slabs themselves."""

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns' values."""
        return self.compute()


@dataclass(frozen=True)
class Measure:
    """A measure that can be asked for by its name.

    Args:
        name: Machine name.
        title: Name for people.
        columns: Its columns, given the context (names and units differ between 2D and 3D, and with images and classes).
        formula: How it is computed, in one or two sentences.
        source: Where the formula comes from.
        make: Makes its accumulator.
    """

    name: str
    title: str
    columns: Callable[[Context], tuple[Column, ...]]
    formula: str
    source: str
    make: Callable[[Context], Accumulator]
