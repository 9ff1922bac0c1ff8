"""The section "Look": the half-plane at an angle, across the winding, and the cell unrolled."""
