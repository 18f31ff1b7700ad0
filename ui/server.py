"""The chat's server: Streamlit behind `ui.door`, with a Content-Security-Policy. `nutgraf chat` starts it.

The door stands before every route, Streamlit's own as well. The policy is the second line of defence after the escaping
in `ui.safe`: even markup that got into a page could load nothing from, and send nothing to, another machine.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import safe
from ui.door import OPENING_SECONDS, Door, write_opening

_INDEX = Path(st.__file__).parent / "static" / "index.html"
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The server answers a little later than the app starts.
_BROWSER_DELAY_SECONDS = 0.5
_TOKEN = secrets.token_urlsafe(32)


def content_security(*markup: str) -> str:
    """Return a Content-Security-Policy that allows the inline scripts of `markup` and no others.

    Streamlit writes inline styles, and runs its components in workers and from blobs. All else comes from this server.
    """
    rules = {
        "default-src": ("'none'",),
        "script-src": ("'self'", *(name for text in markup for name in inline_hashes(text))),
        "style-src": ("'self'", "'unsafe-inline'"),
        "img-src": ("'self'", "data:", "blob:"),
        "media-src": ("'self'", "blob:"),
        "font-src": ("'self'", "data:"),
        "connect-src": ("'self'",),
        "worker-src": ("'self'", "blob:"),
        "frame-src": ("'self'",),
        "manifest-src": ("'self'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'none'",),
    }
    return "; ".join(" ".join((name, *allowed)) for name, allowed in rules.items())


def inline_hashes(markup: str) -> Sequence[str]:
    """Return the policy's source expression for each inline script of `markup`."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(markup)
    ]


class SecurityHeaders:
    """Middleware that adds the policy to every response."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


@asynccontextmanager
async def _announce(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Print the address with its token; open it where there is a screen, as Streamlit does only for scripts."""
    address = f"http://{st.get_option('browser.serverAddress')}:{st.get_option('server.port')}/?token={_TOKEN}"
    sys.stderr.write(f"The chat is at {address} (Ctrl+C stops it)\n")
    opening = None if st.get_option("server.headless") else write_opening(address)
    if opening:
        _later(_BROWSER_DELAY_SECONDS, lambda: webbrowser.open(opening.as_uri()))
        _later(OPENING_SECONDS, lambda: opening.unlink(missing_ok=True))
    yield {}
    if opening:
        opening.unlink(missing_ok=True)


def _later(seconds: float, act: Callable[[], object]) -> None:
    timer = Timer(seconds, act)
    timer.daemon = True
    timer.start()


app = st.App(
    Path(__file__).parent / "app.py",
    lifespan=_announce,
    middleware=[
        Middleware(SecurityHeaders, content_security(_INDEX.read_text(encoding="utf-8"), *safe.SCRIPTS)),
        Middleware(Door, _TOKEN),
    ],
)
