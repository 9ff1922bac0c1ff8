"""Long work of the desktop, each verb a module of this package, in a process of its own."""

from .jobs import CANCEL_FILE, JOB_FILE, RESULT_FOLDER, VERBS, run, write_job

__all__ = ["CANCEL_FILE", "JOB_FILE", "RESULT_FOLDER", "VERBS", "run", "write_job"]
