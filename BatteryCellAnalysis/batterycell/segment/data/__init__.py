"""From projects, images and frames to what a network learns from."""
