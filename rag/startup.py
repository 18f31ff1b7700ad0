"""What must be done before anything else is imported: `rag/__init__.py` imports this first."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

# Set before any dependency reads them: no usage statistics are sent,
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
# and downloads use plain HTTP, which can be cancelled.
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")

# While the command line is being imported, Ctrl+C ends it without a traceback; `rag.cli.main` then takes over.
_IS_COMMAND = Path(sys.argv[0]).name == "nutgraf" or sys.orig_argv[1:3] == ["-m", "rag"]
if _IS_COMMAND and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
