"""A Slicer that paints a project and keeps it until `test_wizard_autosave` ends it."""

import os
import sys
import time
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import slicer
import wizarding

# That of whoever started this, not one of its own.
os.environ["BATTERYCELL_MODELS"] = os.environ["BATTERYCELL_AUTOSAVES"]
wizarding.open_project().wizard.notices.keeper.save()
# Slicer leaves when a script of its command line ends, and a project that is closed on purpose is not kept.
while True:
    slicer.app.processEvents()
    time.sleep(0.02)
