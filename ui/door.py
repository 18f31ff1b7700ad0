"""Who may use the chat: the browser that was opened with this start's token, under a name of this machine.

Three things keep others out. The token keeps out the other users and programs of this machine. The `Host` header keeps
out a page elsewhere whose name was pointed at this machine (DNS rebinding): its requests carry its own name. The
`Origin` header keeps out a page at another port of this machine, to which the browser sends the cookie as well.
"""

from __future__ import annotations

import html
import os
import secrets
import tempfile
import time
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>nutgraf</title>
{head}
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }}</style>
</head>
<body><h1>{title}</h1><p>{text}</p></body>
</html>
"""
_LOCKED = (
    "Open the address that <code>nutgraf chat</code> printed: it ends in <code>?token=</code> and a secret, which is "
    'new at each start. If you have opened it already, <a href="/">go to the chat</a>.'
)
# The start of the name of a file that leads a browser to the chat, and how old it is once no browser needs it.
_OPENING = "nutgraf-chat-"
OPENING_SECONDS = 60
_NOT_KEPT = {"Cache-Control": "no-store"}


class Door:
    """Middleware that answers 403 unless a request has the cookie, a loopback `Host` and no foreign `Origin`.

    The address with the token sets the cookie. Browsers keep the cookies of all ports of a host together, so its name
    holds the port by which the browser knows this server.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        refusal = _refusal(scope, asked.headers)
        name = "" if refusal else f"nutgraf-chat-{urlsplit('//' + asked.headers['host']).port or 80}"
        if not refusal and self._is_token(asked.cookies.get(name, "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif not refusal and self._is_token(asked.query_params.get("token", "")):
            # Not a redirect: a browser that comes from elsewhere would follow that without a SameSite=Strict cookie.
            page = HTMLResponse(_opening("/"), headers=_NOT_KEPT)
            page.set_cookie(name, self._token, httponly=True, samesite="strict")
            await page(scope, receive, send)
        else:
            locked = _PAGE.format(title="This chat is locked", text=refusal or _LOCKED, head="")
            await HTMLResponse(locked, 403, headers=_NOT_KEPT)(scope, receive, send)

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())


def _refusal(scope: Scope, headers: Headers) -> str | None:
    """Return why a request is refused whatever its token, as HTML."""
    host = headers.get("host", "")
    if len(headers.getlist("host")) != 1 or not _is_loopback(host):
        return f"It is for this machine alone, and was asked for as {html.escape(host) or 'no host'}."
    origins = headers.getlist("origin")
    # Browsers leave the header out only of what cannot change anything.
    may_lack = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not origins
    if not may_lack and origins != [f"http://{host}"]:
        return f"It takes nothing from other pages; this came from {html.escape(', '.join(origins)) or 'no page'}."
    return None


def _is_loopback(host: str) -> bool:
    """Return whether a `Host` header names this machine. Any port: a tunnel's may differ from the server's."""
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
        valid = parts.netloc == host and parts.username is None and (parts.port is None or parts.port > 0)
        return valid and (name == "localhost" or ip_address(name).is_loopback)
    except ValueError:
        return False


def _opening(address: str) -> str:
    """Return a page that goes on to `address`."""
    address = html.escape(address)
    refresh = f'<meta http-equiv="refresh" content="0; url={address}">'
    return _PAGE.format(title="Opening the chat", text=f'<a href="{address}">Go to the chat</a>', head=refresh)


def write_opening(address: str) -> Path | None:
    """Write a file that leads a browser to `address`; return its path, or None if it cannot be written.

    The command line of a browser can be read by every user of this machine, so the address with its token goes into a
    file that only this user can read. It lies in the home folder because browsers from Snap read no other, and no
    hidden files.
    """
    try:
        _remove_leftovers()
        number, name = tempfile.mkstemp(prefix=_OPENING, suffix=".html", dir=Path.home())
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(_opening(address))
    except OSError:
        return None
    return Path(name)


def _remove_leftovers() -> None:
    """Remove the files that killed chats left behind."""
    for file in Path.home().glob(f"{_OPENING}*.html"):
        if time.time() - file.lstat().st_mtime > OPENING_SECONDS:
            file.unlink(missing_ok=True)
