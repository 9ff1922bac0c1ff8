"""Movies in a scene: frames and maps as sequences, played in a browser; particles, tables and plots beside them."""
