"""Hugging Face: the cache that its tools share on this machine, and downloads into it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.errors import ModelCorrupt, ModelError, ModelMissing
from rag.private_files import atomic_write, make_folder
from rag.progress import Done, Progress

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

_REACH_SECONDS = 5.0
_MEGABYTE = 1_000_000
BY_HAND = "download it another way and give its path"


class _File(NamedTuple):
    """A file to download. The hub publishes the SHA-256 of large files only."""

    sha256: str | None
    size_bytes: int


def cached_snapshot(repository: str, needed: tuple[str, ...]) -> Path | None:
    """The folder of the repository's newest snapshot in the cache, if it has all the `needed` files."""
    folder = repository_folder(repository)
    try:
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return snapshot if all((snapshot / file).is_file() for file in needed) else None


def blob_sha256(file: Path) -> str | None:
    """The SHA-256 of a large file, which the cache uses as its name; None if the cache has no symbolic links."""
    name = file.readlink().name if file.is_symlink() else ""
    return name if re.fullmatch(r"[0-9a-f]{64}", name) else None


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hex; computed again only if the file changed. Raises: ModelCorrupt, if unreadable."""
    try:
        facts = file.stat()
        return _sha256(file.resolve(), facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        raise ModelCorrupt(f"{file} cannot be read: {error.strerror}", "repair or remove it") from error


@lru_cache(maxsize=64)
def _sha256(file: Path, size: int, modified_ns: int) -> str:  # noqa: ARG001
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def offline_variable() -> str | None:
    """The environment variable that forbids Hugging Face's tools the network, if one does."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE"):
            return name
    return None


def download(
    name: str,
    repository: str,
    needed: tuple[str, ...],
    also: re.Pattern[str],
    pinned: str | None,
    progress: Progress,
    told: Callable[[str], None],
    accept: Callable[[Path], object] = lambda _folder: None,
) -> None:
    """Download the `needed` files, and those whose names match `also`, into the cache; verify them by SHA-256.

    The weights are `needed[0]`; `pinned` is their SHA-256 if it is known in advance. `accept` is called with the folder
    once the small files are there: raising from it skips the large ones. `cached_snapshot` finds the files only when
    all are complete and verified. `progress` counts megabytes; raising from it cancels, and leaves no partial file.
    `told` is called with a line when the download begins.
    Raises: ModelMissing, ModelCorrupt, ModelError; their hints name `name` as the model to pull again.
    """
    # Imported here: huggingface_hub's client takes a third of a second, and only downloads need it.
    import httpx2

    try:
        info = _model_info(repository)
        make_folder(hub_folder())
        published = _files_to_download(name, info, needed, also, pinned)
        commit, meter = str(info.sha), Meter(progress, sum(about.size_bytes for about in published.values()))
        blobs = repository_folder(repository) / "blobs"
        missing = sum(about.size_bytes for about in published.values() if not _is_there(blobs, about))
        check_space(name, missing)
        told(f"downloading {name} from Hugging Face, {missing / _MEGABYTE:,.0f} MB")
        small = [file for file, about in published.items() if not about.sha256]
        for file in small:
            _fetch(name, repository, commit, file, published[file], meter)
        accept(repository_folder(repository) / "snapshots" / commit)
        for file in [file for file in published if file not in small]:
            _fetch(name, repository, commit, file, published[file], meter)
        point_to(repository, commit)
    # OSError: huggingface_hub; ValueError: a response that is not JSON; RuntimeError: its transport hf_xet.
    except (OSError, ValueError, RuntimeError, httpx2.HTTPError) as error:
        raise _explain(error, name, repository) from error


def check_space(name: str, needed_bytes: int) -> None:
    """Raises: ModelError, if the disk of the cache, which must exist, has less room than a download needs."""
    folder = hub_folder()
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise ModelError(
            f"{name} needs {needed_bytes / _MEGABYTE:,.0f} MB of disk, and {free / _MEGABYTE:,.0f} MB are free "
            f"in {folder}",
            "free some disk space, or set HF_HOME to a folder on another disk",
        )


def hub_folder() -> Path:
    """The cache of huggingface_hub, found without importing it."""
    found = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    home = os.environ.get("HF_HOME") or f"{os.environ.get('XDG_CACHE_HOME') or '~/.cache'}/huggingface"
    return Path(os.path.expandvars(found or f"{home}/hub")).expanduser()


def repository_folder(repository: str) -> Path:
    return hub_folder() / f"models--{repository.replace('/', '--')}"


def point_to(repository: str, commit: str) -> None:
    """Make this commit the newest snapshot, atomically: the last step of a download."""
    reference = repository_folder(repository) / "refs" / "main"
    reference.parent.mkdir(parents=True, exist_ok=True)
    # A cache that exists may be shared: inside it, all modes are as huggingface_hub gives them.
    with atomic_write(reference, mode=0o666) as file:
        file.write(commit.encode())


def _model_info(repository: str) -> ModelInfo:
    """Ask Hugging Face once what the repository contains.

    In a thread, because no timeout of the request bounds the DNS lookup and the attempts at each address of the host:
    behind a firewall that drops packets they take minutes.
    """
    import httpx2
    from huggingface_hub import HfApi

    answers: list[ModelInfo | Exception] = []

    def ask() -> None:
        try:
            answers.append(HfApi().model_info(repository, files_metadata=True, timeout=_REACH_SECONDS))
        except (OSError, ValueError, RuntimeError, httpx2.HTTPError) as error:
            answers.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_REACH_SECONDS)
    if not answers:
        raise TimeoutError(f"no answer within {_REACH_SECONDS:g} seconds")
    if isinstance(answers[0], Exception):
        raise answers[0]
    return answers[0]


def _files_to_download(
    name: str, info: ModelInfo, needed: tuple[str, ...], also: re.Pattern[str], pinned: str | None
) -> dict[str, _File]:
    held = {
        entry.rfilename: _File(entry.lfs.sha256 if entry.lfs else None, entry.size or 0)
        for entry in info.siblings or ()
    }
    if absent := [file for file in needed if file not in held]:
        raise ModelMissing(f"{info.id} on Hugging Face has no {absent[0]}", "pull another model")
    weights = held[needed[0]].sha256
    if weights is None:
        raise ModelError(f"Hugging Face publishes no SHA-256 for {info.id}/{needed[0]}", BY_HAND)
    if pinned not in (None, weights):
        raise ModelCorrupt(
            f"Hugging Face has other weights for {name} than the known good ones: "
            f"SHA-256 {str(pinned)[:16]} expected, {weights[:16]} found",
            f"update nutgraf, or {BY_HAND}",
        )
    return {file: about for file, about in held.items() if file in needed or also.fullmatch(file)}


def _is_there(blobs: Path, about: _File) -> bool:
    return bool(about.sha256) and (blobs / str(about.sha256)).is_file()


class Meter:
    """Reports to `progress` how much of all files together has arrived."""

    def __init__(self, progress: Progress, total_bytes: int) -> None:
        self._progress = progress
        self._total_bytes = max(total_bytes, 1)
        self._bytes = 0

    def update(self, file_bytes: int) -> None:
        """Report how much of the current file has arrived."""
        count = self._bytes + file_bytes
        self._progress(Done(min(count / self._total_bytes, 1.0), count // _MEGABYTE))

    def finish_file(self, file_bytes: int) -> None:
        self.update(file_bytes)
        self._bytes += file_bytes

    def bar(self) -> type[Any]:
        """A progress bar class for huggingface_hub that reports here."""
        from huggingface_hub.utils.tqdm import tqdm

        report = self.update

        class Bar(tqdm):
            def update(self, n: float | None = 1) -> bool | None:
                self.n += n
                report(int(self.n))
                return None

            def display(self, msg: str | None = None, pos: int | None = None) -> None:
                """Print nothing: the owner of `progress` shows it."""

        return Bar


def _fetch(name: str, repository: str, commit: str, file: str, about: _File, meter: Meter) -> None:
    from huggingface_hub import hf_hub_download

    sha256 = about.sha256
    folder = repository_folder(repository)
    pointer = folder / "snapshots" / commit / file
    if sha256:
        # huggingface_hub trusts a file that is in the cache, so a damaged one must be removed first.
        for cached in (folder / "blobs" / sha256, pointer):
            if cached.is_file() and sha256_of(cached) != sha256:
                _remove(cached)
    hf_hub_download(repository, file, revision=commit, cache_dir=hub_folder(), tqdm_class=meter.bar())
    if sha256 and (found := sha256_of(pointer)) != sha256:
        _remove(pointer)
        raise ModelCorrupt(
            f"{pointer} arrived corrupt and was removed: SHA-256 {sha256[:16]} expected, {found[:16]} found",
            f"run `nutgraf models pull {name}` again",
        )
    meter.finish_file(about.size_bytes)


def _remove(file: Path) -> None:
    """Remove a file of the cache, and the file it links to before it."""
    if file.is_symlink():
        _remove(file.parent / file.readlink())
    file.unlink(missing_ok=True)


def _explain(error: Exception, name: str, repository: str) -> ModelError:
    import httpx2
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    again = f"run `nutgraf models pull {name}` again"
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    unknown = isinstance(error, RepositoryNotFoundError) and not isinstance(error, GatedRepoError)
    if unknown or status == 404:
        return ModelMissing(
            f"Hugging Face has no {repository}, or it is private",
            "check the name, or set HF_TOKEN to a token with access",
        )
    if status in (401, 403):
        return ModelError(
            f"Hugging Face denies access to {repository}: it is gated, or your token is wrong",
            f"accept its terms on its page, set HF_TOKEN, then {again}",
        )
    if status:
        return ModelError(f"Hugging Face answered {status} for {repository}", f"wait, then {again}")
    reason = (str(error.__cause__ or error).splitlines() or [type(error).__name__])[0]
    if isinstance(error, (httpx2.HTTPError, ConnectionError, TimeoutError, LocalEntryNotFoundError)):
        return ModelError(
            f"Hugging Face cannot be reached: {reason}", f"connect to the network and {again}, or {BY_HAND}"
        )
    return ModelError(f"{name} cannot be downloaded: {reason}", again)
