"""What the columns of the kinetics' tables mean."""

from __future__ import annotations

from batterycell.tables import Column

_PARTICLE = Column("particle", "Particle", "", "Number of the particle.")


def _u(name: str, units: str, of: str) -> Column:
    return Column(name, "Uncertainty (95 %)", units, f"Half width of the interval of {of} by the noise.")


POINT_COLUMNS = (
    _PARTICLE,
    Column("point", "Point", "", "Number of the point in time, from 1."),
    Column("time_s", "Time", "s", "When."),
    Column(
        "half_cycle",
        "Half cycle",
        "",
        "Number of the particle's half cycle, from 1, rests counted.",
    ),
    Column("fraction", "Lithium fraction", "", "Mean of the particle's pixels, thick places counting more."),
    _u("u_fraction", "", "the fraction"),
    Column("c_rate_per_h", "C-rate", "1/h", "Slope of the fraction over time by the local polynomial."),
    _u("u_c_rate_per_h", "1/h", "the C-rate"),
    Column(
        "uniformity",
        "Uniformity",
        "",
        "1 − V / (c̄ (1 − c̄)) with the variance V over the pixels without their noise; empty near full and empty.",
    ),
    _u("u_uniformity", "", "the uniformity"),
    Column("known_percent", "Known", "%", "Share of the particle's metal in pixels whose fraction is known."),
)
HALF_COLUMNS = (
    _PARTICLE,
    Column("half_cycle", "Half cycle", "", "Its number, rests counted, from 1."),
    Column("direction", "Direction", "", "insertion, extraction or rest."),
    Column(
        "first_point",
        "First point",
        "",
        "Number of its first point, from 1; turning points are of both sides.",
    ),
    Column("last_point", "Last point", "", "Number of its last point; turning points are of both sides."),
    Column("start_s", "Start", "s", "Time of its first point."),
    Column("end_s", "End", "s", "Time of its last point."),
    Column("fraction_first", "Fraction first", "", "Mean fraction at its first point."),
    Column("fraction_last", "Fraction last", "", "Mean fraction at its last point."),
    Column("c_rate_per_h", "C-rate", "1/h", "Mean of the C-rate over its time; negative for extraction."),
    _u("u_c_rate_per_h", "1/h", "the C-rate"),
    Column("uniformity", "Uniformity", "", "Mean over its points in time."),
    _u("u_uniformity", "", "the uniformity"),
    Column("front_percent", "Front seen", "%", "Share of the particle's pixels of which it is known when it passed."),
    Column("front_speed_um_per_h", "Front speed", "µm/h", "Median of the pixels whose speed is known."),
    Column("front_speed_q25_um_per_h", "... quarter below", "µm/h", "A quarter of these pixels is slower."),
    Column("front_speed_q75_um_per_h", "... quarter above", "µm/h", "A quarter of these pixels is faster."),
)
COMPOSITION_COLUMNS = (
    Column("composition", "Composition", "", "Mean lithium fraction of the particles at which they are compared."),
    Column("direction", "Direction", "", "insertion, extraction, or difference: insertion minus extraction."),
    Column("particles", "Particles", "", "Particles seen there; of a difference those seen in both directions."),
    Column("uniformity", "Uniformity", "", "Mean uniformity coefficient of these particles, or its difference."),
    Column("u_uniformity", "Uncertainty (95 %)", "", "Half width; from three particles on how far they differ counts."),
    Column("c_rate_per_h", "C-rate", "1/h", "Mean absolute C-rate of these particles, or its difference."),
    Column("u_c_rate_per_h", "Uncertainty (95 %)", "1/h", "Half width; as above."),
)
