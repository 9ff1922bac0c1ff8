"""``python -m batterycell.worker JOBFOLDER``."""

import sys
from pathlib import Path

from .jobs import run

if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
