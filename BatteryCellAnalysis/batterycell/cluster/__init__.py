"""Work on many cells, or on the chunks of one volume, spread over the workers of a cluster that already exists."""

from .calls import Answer, Task, run_here
from .connect import Cluster, open_cluster
from .place import ClusterPlace, parse_place
from .spread import run_tasks

__all__ = ["Answer", "Cluster", "ClusterPlace", "Task", "open_cluster", "parse_place", "run_here", "run_tasks"]
