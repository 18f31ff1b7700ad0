"""Who may use a running chat: every route of the real server, as scripts and browsers ask for it."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chat import MILLISECONDS, NEEDS_CHROMIUM, TOKENS
from ui.door import write_opening

ROUTES = [
    ("GET", "/"),
    ("GET", "/library"),
    ("GET", "/static/index.html"),
    ("GET", "/favicon.png"),
    ("GET", "/media/0.png"),
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/script-health-check"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/agent/"),
    ("GET", "/component/x/index.html"),
    ("PUT", "/_stcore/upload_file/x/y"),
    ("DELETE", "/_stcore/upload_file/x/y"),
    ("OPTIONS", "/_stcore/upload_file/x/y"),
    ("GET", "/_stcore/stream"),
    ("GET", "//"),
    ("GET", "/nothing/such"),
]
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def answer(address: str, method: str, path: str, **headers: str | None) -> tuple[int, bytes]:
    """Return status and body for a request like the page's own, but for `headers` (None leaves one out)."""
    netloc = address.removeprefix("http://")
    cookie = f"nutgraf-chat-{netloc.partition(':')[2]}={TOKENS[netloc]}"
    sent = {"Host": netloc, "Origin": address, "Cookie": cookie} | headers
    connection = http.client.HTTPConnection(netloc, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    for name, value in sent.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    found = response.status, b"" if response.status == 101 else response.read()
    connection.close()
    return found


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_a_stranger(address: str, method: str, path: str) -> None:
    def is_locked(**headers: str | None) -> bool:
        return b"<h1>This chat is locked</h1>" in answer(address, method, path, **headers)[1]

    assert is_locked(Cookie=None)
    assert is_locked(Host="evil.example")
    assert is_locked(Origin="http://localhost:1234")
    assert not is_locked()


def test_the_chat_itself_is_spoken_to_by_its_own_page_only(address: str) -> None:
    own = address.removeprefix("http://")
    port = own.partition(":")[2]

    def upgrade(**headers: str | None) -> int:
        return answer(address, "GET", "/_stcore/stream", **UPGRADE, **headers)[0]

    assert upgrade() == 101
    assert upgrade(Host=f"localhost:{port}", Origin=f"http://localhost:{port}") == 101
    assert upgrade(Cookie=None) == 403
    assert upgrade(Cookie=f"nutgraf-chat-{port}=guess") == 403
    assert upgrade(Origin=None) == 403
    assert upgrade(Origin="null") == 403
    assert upgrade(Origin=f"https://{own}") == 403
    assert upgrade(Origin="http://localhost:1234") == 403
    assert upgrade(Host=f"evil.example:{port}", Origin=f"http://evil.example:{port}") == 403


@NEEDS_CHROMIUM
def test_the_file_given_to_the_browser_opens_the_chat(
    browser: Browser, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    opening = write_opening(f"{address}/?token={TOKENS[address.removeprefix('http://')]}")
    assert opening is not None
    assert opening.stat().st_mode & 0o777 == 0o600
    page = browser.new_page()
    page.set_default_timeout(MILLISECONDS)

    page.goto(address)
    expect(page.get_by_role("heading", name="This chat is locked")).to_be_visible()
    page.goto(opening.as_uri())

    expect(page.get_by_placeholder("Ask about your articles")).to_be_visible(timeout=MILLISECONDS)
    assert page.url == f"{address}/"
    (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"].startswith("nutgraf")]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
