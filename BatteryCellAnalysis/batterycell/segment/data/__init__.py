"""From projects, images and frames to what a network learns from."""

from .checks import Problem, find_problems, require_trainable
from .contents import Project
from .dataset import common_voxel_size, make_dataset
from .files import read_dataset, write_dataset
from .levels import measure_levels, measure_quantiles
from .project import read_project
from .sampling import Sampling, frame_grid, sample_frame
from .saving import write_project
from .split import split_mixed

__all__ = [
    "Problem",
    "Project",
    "Sampling",
    "common_voxel_size",
    "find_problems",
    "frame_grid",
    "make_dataset",
    "measure_levels",
    "measure_quantiles",
    "read_dataset",
    "read_project",
    "require_trainable",
    "sample_frame",
    "split_mixed",
    "write_dataset",
    "write_project",
]
