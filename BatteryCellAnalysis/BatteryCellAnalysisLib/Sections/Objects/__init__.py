"""The section "Objects": which labels become objects, their measures, views, corrections and comparisons."""
