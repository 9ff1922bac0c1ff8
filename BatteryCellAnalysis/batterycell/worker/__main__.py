"""``python -m batterycell.worker JOBFOLDER`` or ``python -m batterycell.worker --serve``."""

import sys
from pathlib import Path

from .jobs import run
from .packages import add_packages
from .serve import serve

if __name__ == "__main__":
    add_packages()
    sys.exit(serve(sys.stdin) if sys.argv[1] == "--serve" else run(Path(sys.argv[1])))
