"""The section "Cut open": the cell in 3D, how it is rendered, and what is cut away."""
