"""``python -m batterycell.worker JOBFOLDER``."""

import sys
from pathlib import Path

from .jobs import run
from .packages import add_packages

if __name__ == "__main__":
    add_packages()
    sys.exit(run(Path(sys.argv[1])))
