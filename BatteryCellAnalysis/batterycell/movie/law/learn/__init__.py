"""From movies to the most probable law: unknowns and their priors, curvature, search, draws."""
