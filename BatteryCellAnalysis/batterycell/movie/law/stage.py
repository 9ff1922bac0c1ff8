"""What was learned of the reaction's law, as a stage: numbers, tables, what must be told."""

from __future__ import annotations

from batterycell.measured import Stage

from .law import Law
from .numbers import law_numbers, trust_numbers
from .tables import function_table, particle_table, point_table, reservoir_table
from .told import assumed, identified, verdict
from .voltage import told as told_voltage


def law_stage(law: Law) -> Stage:
    """The law, how far it can be trusted, and what was assumed."""
    tables = {
        "law": function_table(law),
        "law_particles": particle_table(law),
        "law_points": point_table(law),
        "law_reservoir": reservoir_table(law),
    }
    notes = (verdict(law), *identified(law), *told_voltage(law), *law.notes, *assumed(law))
    return Stage("movie_law", "The reaction's law", (*law_numbers(law), *trust_numbers(law)), tables, (), notes)
