"""A Hugging Face on loopback, and a package index: the part of their protocols that a download needs, and failures."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

COMMIT = "c0ffee" * 6 + "beef"
_PULL = """
import json, sys
from rag.models import hub, weights
from rag.errors import NutgrafError
hub._REACH_SECONDS = float(sys.argv[3])
calls = []

def progress(done):
    calls.append(done)
    if done.things >= float(sys.argv[4]):
        raise NutgrafError("stopped")

try:
    found = weights.pull(sys.argv[1], offline=sys.argv[2] == "offline", progress=progress)
    print(json.dumps({"role": found.model.role, "path": str(found.path), "origin": found.origin,
                      "sha256": found.sha256, "progress": calls}))
except NutgrafError as error:
    print(json.dumps({"error": type(error).__name__, "text": str(error), "hint": error.hint}))
"""


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Hub:
    """`repositories`: name -> file -> content. `sent` replaces a content on the wire.

    The first transfer of a content in `interrupted` ends after that many bytes. `requests` are `METHOD path`, and
    `ranges` every Range header.
    """

    url: str = ""
    cdn: str = ""
    repositories: dict[str, dict[str, bytes]] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    sent: dict[bytes, bytes] = field(default_factory=dict)
    interrupted: dict[bytes, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    # Of the package index: package -> wheel -> content. `only_html`: it knows no JSON.
    packages: dict[str, dict[str, bytes]] = field(default_factory=dict)
    only_html: bool = False

    def holds_big(self, file: str) -> bool:
        """Whether the hub stores a file with LFS: the rest has no SHA-256 and comes without a redirect."""
        return file.endswith((".safetensors", ".gguf", ".bin", ".onnx", ".h5"))

    def info(self, repository: str) -> dict[str, object]:
        files: list[dict[str, object]] = []
        for file, content in self.repositories[repository].items():
            entry: dict[str, object] = {"rfilename": file, "size": len(content), "blobId": "0" * 40}
            if self.holds_big(file):
                entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
            files.append(entry)
        return {"id": repository, "sha": COMMIT, "siblings": files}


@contextmanager
def serve() -> Iterator[Hub]:
    """Run a hub on a free port. Files stored with LFS come from another host name, as with the real one."""
    hub = Hub()

    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    hub.cdn = f"http://localhost:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    served: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test output clean."""

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        self.served.requests.append(f"{self.command} {path}")
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)", path):
            self._answer_info(match[1], query)
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._answer_file(match[1], match[2], match[3])
        elif match := re.fullmatch(r"/cdn/([0-9a-f]{64})", path):
            self._send_content(next(c for c in self._contents() if sha256(c) == match[1]))
        elif match := re.fullmatch(r"/simple/([^/]+)/", path):
            self._answer_package(match[1])
        elif match := re.fullmatch(r"/wheels/([^/]+)/([^/]+)", path):
            self._send_content(self.served.packages[match[1]][match[2]])
        else:
            self._send(404)

    def _answer_package(self, package: str) -> None:
        wheels = self.served.packages.get(package)
        if wheels is None:
            self._send(404)
        elif self.served.only_html:
            links = [
                f'<a href="../../wheels/{package}/{name}#sha256={sha256(it)}">{name}</a>' for name, it in wheels.items()
            ]
            self._send(200, {"Content-Type": "text/html"}, f"<!DOCTYPE html><body>{''.join(links)}</body>".encode())
        else:
            files = [
                {
                    "filename": name,
                    "url": f"/wheels/{package}/{name}",
                    "size": len(it),
                    "hashes": {"sha256": sha256(it)},
                }
                for name, it in wheels.items()
            ]
            kind = "application/vnd.pypi.simple.v1+json"
            self._send(200, {"Content-Type": kind}, json.dumps({"name": package, "files": files}).encode())

    def _contents(self) -> Iterator[bytes]:
        for files in self.served.repositories.values():
            yield from files.values()

    def _answer_info(self, repository: str, query: str) -> None:
        if repository not in self.served.repositories:
            self._send(404, {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
        elif "blobs=true" not in query.lower():
            self._send(400, {"X-Error-Message": "this hub expects blobs=true"})
        else:
            body = json.dumps(self.served.info(repository)).encode()
            self._send(200, {"Content-Type": "application/json"}, body)

    def _answer_file(self, repository: str, revision: str, file: str) -> None:
        content = self.served.repositories.get(repository, {}).get(file)
        if repository in self.served.gated:
            self._send(401, {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"})
        elif content is None or revision not in ("main", COMMIT):
            self._send(404, {"X-Error-Code": "EntryNotFound"})
        elif self.served.holds_big(file):
            linked = {"X-Linked-Etag": f'"{sha256(content)}"', "X-Linked-Size": str(len(content))}
            location = f"{self.served.cdn}/cdn/{sha256(content)}"
            self._send(302, {"X-Repo-Commit": COMMIT, "Location": location, **linked})
        else:
            etag = hashlib.sha1(content).hexdigest()
            self._send_content(content, {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"'})

    def _send_content(self, content: bytes, headers: dict[str, str] | None = None) -> None:
        body = self.served.sent.get(content, content)
        headers = {"Accept-Ranges": "bytes", **(headers or {})}
        wanted = self.headers.get("Range")
        if wanted and self.command == "GET":
            self.served.ranges.append(wanted)
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self._send(206, headers, body[start:])
        elif self.command == "GET" and (cut := self.served.interrupted.pop(content, None)):
            self._send(200, headers, body, cut)
        else:
            self._send(200, headers, body)

    def _send(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b"", cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:cut])
        self.close_connection = cut is not None


def forget_hugging_face(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """Make `home` the Hugging Face home, and remove all other settings of this machine for it. Returns the cache."""
    for name in list(os.environ):
        if name.startswith(("HF_", "HUGGINGFACE_", "TRANSFORMERS_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    return home / "hub"


def give_encoder(cache: Path) -> None:
    """Put the encoder of nutgraf-judge-mpnet into the cache; its files are empty, and read only when it is loaded."""
    folder = cache / "models--sentence-transformers--all-mpnet-base-v2"
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    for name in ("config.json", "modules.json", "model.safetensors"):
        (folder / "snapshots" / COMMIT / name).touch()


def pull(
    name: str,
    url: str,
    environment: dict[str, str] | None = None,
    *,
    offline: bool = False,
    reach: float = 5.0,
    stop_at: float = float("inf"),
) -> Any:
    """Run `weights.pull` and return what it found, or `{"error", "text", "hint"}`; cancel it at `stop_at` megabytes."""
    # In a process of its own: huggingface_hub reads HF_ENDPOINT once, when it is imported.
    run = subprocess.run(
        [sys.executable, "-c", _PULL, name, "offline" if offline else "online", str(reach), str(stop_at)],
        env={**os.environ, "HF_ENDPOINT": url, "PIP_INDEX_URL": f"{url}/simple", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
