"""Which requests the chat's door lets through."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from ui.door import Door

DOOR = Door(PlainTextResponse("inside"), "secret")


def request(path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """Ask the door over HTTP; return the status, the headers and the text."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    given = {"host": "127.0.0.1:8501"} | headers
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }
    # Nothing here waits, so no event loop is needed; the browser tests may have one running.
    with pytest.raises(StopIteration):
        DOOR(scope, receive, send).send(None)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, sent[1]["body"].decode()


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_do_not_get() -> None:
    status, headers, text = request("/?token=secret")

    assert status == 200
    assert "inside" not in text
    name, value = headers["set-cookie"].partition(";")[0].split("=")
    assert name == "nutgraf-chat-8501"
    assert "HttpOnly" in headers["set-cookie"]
    assert "samesite=strict" in headers["set-cookie"].lower()
    assert request(cookie=f"{name}={value}")[2] == "inside"


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=guess", "/?token=s%C3%A9cret", "/?Token=secret", "/?token"])
def test_nothing_opens_without_the_token(path: str) -> None:
    status, headers, text = request(path)

    assert status == 403
    assert "set-cookie" not in headers
    assert "?token=" in text


@pytest.mark.parametrize(
    "cookie", ["", "a", "nutgraf-chat-8501=x", "nutgraf-chat-80=secret", "nutgraf-chat-8501=é", "=;,"]
)
def test_another_cookie_opens_nothing(cookie: str) -> None:
    assert request(cookie=cookie)[0] == 403


@pytest.mark.parametrize("host", ["localhost:8501", "LOCALHOST:8501", "[::1]:8501", "127.0.0.1:8501"])
def test_a_name_of_this_machine_is_served(host: str) -> None:
    assert request(host=host, cookie="nutgraf-chat-8501=secret")[2] == "inside"


def test_the_port_may_be_that_of_a_tunnel_or_the_usual_one() -> None:
    assert request(host="localhost:9000", cookie="nutgraf-chat-9000=secret")[2] == "inside"
    assert request(host="localhost", cookie="nutgraf-chat-80=secret")[2] == "inside"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example:8501",
        "localhost.evil.example",
        "localhost.:8501",
        "me@localhost:8501",
        "localhost:8501/x",
        "localhost:8501,evil.example",
        "localhost:99999",
        "localhost:-1",
        "0.0.0.0:8501",
        "192.0.2.1:8501",
        "[::ffff:192.0.2.1]:8501",
        "2130706433:8501",
        "127.1:8501",
        "[::1",
        "<script>alert(1)</script>",
    ],
)
def test_another_name_is_refused_even_with_the_token(host: str) -> None:
    status, headers, text = request("/?token=secret", host=host, cookie="nutgraf-chat-8501=secret")

    assert status == 403
    assert "set-cookie" not in headers
    assert "inside" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_may_change_something_must_say_that_the_page_itself_sends_it(method: str) -> None:
    cookie = "nutgraf-chat-8501=secret"

    assert request(method=method, cookie=cookie)[0] == 403
    assert request(method=method, cookie=cookie, origin="http://localhost:8501")[0] == 403
    assert request(method=method, cookie=cookie, origin="http://127.0.0.1:8501")[2] == "inside"


@pytest.mark.parametrize(
    "origin", ["null", "", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:8501", "file://"]
)
def test_another_origin_is_refused_for_reading_too(origin: str) -> None:
    assert request(cookie="nutgraf-chat-8501=secret", origin=origin)[0] == 403
