"""Start the chat page's server."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from rag.errors import NutgrafError
from rag.settings import Settings, load

HOST = "127.0.0.1"
# The page is for this machine alone, and tells nobody that it is used. Streamlit's garbage collection after every
# run of the page holds Python's lock for a third of a second once torch is loaded: a page that refreshes while the
# reader writes would slow the reader down thirtyfold.
_FLAGS = {
    "runner.postScriptGC": "false",
    "server.address": HOST,
    "server.enableXsrfProtection": "true",
    "server.enableCORS": "true",
    "server.maxUploadSize": "200",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": HOST,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.level": "error",
}


def serve(settings: Settings, port: int) -> NoReturn:
    """Become the server of the chat over `settings.archive`.

    Raises: NutgrafError, when the port is taken.
    """
    page = importlib.util.find_spec("ui.server")
    if page is None or page.origin is None:
        raise NutgrafError("the chat page is not installed", "install the project: pip install -e .")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if probe.connect_ex((HOST, port)) == 0:
            raise NutgrafError(f"port {port} on this machine is taken", f"stop what runs there, or: --port {port + 1}")
    sys.stderr.write(f"The chat opens at http://{HOST}:{port} (Ctrl+C ends it)\n")
    here = {"server.port": str(port), "theme.base": str(Path(page.origin).with_name("theme.toml"))}
    flags = [f"--{name}={value}" for name, value in {**_FLAGS, **here}.items()]
    command = [sys.executable, "-m", "streamlit", "run", page.origin, *flags]
    os.environ["NUTGRAF_HOME"] = str(settings.home)
    # Only where --archive names it: what the environment says, the page of settings cannot change.
    if load({"home": settings.home}).archive != settings.archive:
        os.environ["NUTGRAF_ARCHIVE"] = str(settings.archive)
    # In place of this process: whoever ends it, ends the server.
    os.execv(command[0], command)  # noqa: S606
