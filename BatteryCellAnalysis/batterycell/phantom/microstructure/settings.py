"""What a generated electrode is made of."""

from __future__ import annotations

from dataclasses import dataclass

from batterycell.phantom.checks import require, require_numbers

# Of a packing of overlapping ellipsoids; denser ones merge into one body.
MOST_ACTIVE = 0.75
MOST_SOLID = 0.97


@dataclass(frozen=True)
class Particles:
    """Roundish particles of active material, many touching, some cracked.

    Args:
        fraction: Of the volume, without cracks and voids.
        median_um: Median diameter by number of a lognormal distribution.
        spread: Its standard deviation, of the logarithm.
        largest_um: No particle is larger.
        aspect: Smallest ratio of a particle's axes.
        lumps: Deviation of the surface from the ellipsoid, as a part of the median radius.
        cracked: Part of the particles with cracks.
        crack_um: Mean width of a crack.
        voids: Part of the particles' volume that is small voids.
        void_um: Size of such a void.
        settled: Whether they are pushed apart until they hardly overlap, as in a real dense packing. Else they are
            dropped where there is room, and all grow until they fill the wanted fraction: cheaper; dense ones merge.
    """

    fraction: float = 0.58
    median_um: float = 3.2
    spread: float = 0.4
    largest_um: float = 8.0
    aspect: float = 0.8
    lumps: float = 0.06
    cracked: float = 0.2
    crack_um: float = 0.15
    voids: float = 0.004
    void_um: float = 0.25
    settled: bool = False

    def __post_init__(self) -> None:
        require_numbers(self)
        require(0 < self.fraction <= MOST_ACTIVE, f"A part of {self.fraction} cannot be particles.", "Give 0 to 0.75.")
        sizes = (self.median_um, self.largest_um, self.crack_um, self.void_um)
        require(min(sizes) > 0, "A size of the particles is not above 0.", "Give all sizes in µm.")
        require(self.largest_um >= self.median_um, "The largest particle is below the median.", "Raise largest_um.")
        require(0 <= self.spread <= 1 and 0 <= self.lumps <= 0.2, "Spread or lumps are too large.", "Lower them.")
        require(0.3 <= self.aspect <= 1, f"An aspect of {self.aspect} is no roundish particle.", "Give 0.3 to 1.")
        require(
            0 <= self.cracked <= 1 and 0 <= self.voids <= 0.3, "Part of cracks or voids is no part.", "Give 0 to 1."
        )


@dataclass(frozen=True)
class Binder:
    """The carbon-binder domain: webs at contacts, coatings and clumps, with pores of its own.

    Args:
        fraction: Of the volume, without its pores: binder and additive together.
        additive: Part of it that is conductive additive; 0 makes three phases instead of four.
        porosity: Pores inside the domain, as a part of it.
        pore_um: Size of these pores.
        clump_um: Size of the domain's clumps.
        affinity: How much more of it lies at the particles' contacts and surfaces than anywhere else; 0 for nowhere.
        additive_um: Size of the regions of additive.
    """

    fraction: float = 0.27
    additive: float = 0.0
    porosity: float = 0.06
    pore_um: float = 0.5
    clump_um: float = 1.5
    affinity: float = 1.5
    additive_um: float = 0.6

    def __post_init__(self) -> None:
        require_numbers(self)
        require(0 < self.fraction < 1, f"A part of {self.fraction} cannot be binder.", "Give a number from 0 to 1.")
        require(0 <= self.additive < 1, f"A part of {self.additive} cannot be additive.", "Give a number from 0 to 1.")
        require(0 <= self.porosity <= 0.7, f"Binder with {self.porosity} of pores is none.", "Give 0 to 0.7.")
        sizes = (self.pore_um, self.clump_um, self.additive_um)
        require(min(sizes) > 0, "A size of the binder is not above 0.", "Give all sizes in µm.")
        require(self.affinity >= 0, "Affinity cannot be negative.", "Give 0 or more.")


@dataclass(frozen=True)
class Microstructure:
    """An electrode.

    Args:
        particles: Its active material.
        binder: Its carbon-binder domain.
        voxel_um: Edge of a voxel.
        variation: Relative standard deviation of the fractions from image to image.
    """

    particles: Particles = Particles()
    binder: Binder = Binder()
    voxel_um: float = 0.05
    variation: float = 0.06

    def __post_init__(self) -> None:
        require_numbers(self)
        require(self.voxel_um > 0, f"A voxel of {self.voxel_um} µm is none.", "Give its edge in µm.")
        require(0 <= self.variation <= 0.2, f"A variation of {self.variation} is too large.", "Give 0 to 0.2.")
        median = self.particles.median_um / self.voxel_um
        require(4 <= median <= 400, f"Particles are {median:.3g} voxels wide.", "Give voxels 4 to 400 times smaller.")
        most = self.particles.fraction + self.binder.fraction / (1 - self.binder.porosity)
        require(most <= MOST_SOLID, f"Particles and binder fill {most:.2f} of the volume.", "Lower one of them.")

    @property
    def phases(self) -> int:
        """Three, or four with additive."""
        return 4 if self.binder.additive else 3
