"""What a search found, as functions, maps and sentences."""
