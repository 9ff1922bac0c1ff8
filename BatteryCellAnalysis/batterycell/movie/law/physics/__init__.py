"""The reaction and its movies: rate law, time steps, derivatives."""
