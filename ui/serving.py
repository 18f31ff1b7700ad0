"""The chat's server: Streamlit's, with a policy for the browser. `nutgraf chat` starts it with `streamlit run`."""

from __future__ import annotations

import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from ui import policy, scripts

_INDEX = Path(st.__file__).parent / "static" / "index.html"
_LISTENING_SECONDS = 0.5
_POLICY = policy.content_security(_INDEX.read_text(encoding="utf-8"), scripts.SHOW_MARK, scripts.COPY)


@asynccontextmanager
async def _opened(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open a browser where there is a screen, which Streamlit does only for a script."""
    if not st.get_option("server.headless"):
        url = f"http://{st.get_option('browser.serverAddress')}:{st.get_option('server.port')}"
        opening = Timer(_LISTENING_SECONDS, webbrowser.open, (url,))
        opening.daemon = True
        opening.start()
    yield {}


app = st.App(
    Path(__file__).parent / "app.py",
    lifespan=_opened,
    middleware=[Middleware(policy.Guarded, _POLICY)],
)
