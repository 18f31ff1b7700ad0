"""The models a question needs, each loaded when first asked for; and the models to choose from on this machine."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from embeddings import ComposedJudge, CrossEncoder, Encoder, Judge, SentenceEncoder
from embeddings.encoder import native_bfloat16
from rag.errors import ModelCorrupt
from rag.models import hub, weights
from rag.models.catalogue import Model
from rag.models.modes import Modes
from rag.models.reader import LlamaReader, Reader
from rag.progress import Progress, ignore
from rag.settings import Settings, overridden_by

# The encoder under a judge whose weights name none.
_JUDGE_BASE = "all-MiniLM-L6-v2"
# It finds the span of an answer, which a cross-encoder cannot.
_SPAN_JUDGE = "nutgraf-judge"
# The setting `reader` for answers that are quotes alone.
NO_READER = "none"
# The check of claims is calibrated on its cosines and the modes on its vectors, whichever encoder the archive uses.
_SMALL_ENCODER = "all-MiniLM-L6-v2"

Fit = Literal["fits", "tight", "too large"]


class Models:
    """The encoder, the judge and the reader that the settings name. Thread-safe; each is loaded once."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
        reader: Reader | None = None,
    ) -> None:
        """Models that are given are used instead of those that the settings name."""
        self.settings = settings
        self._encoder = encoder
        self._other_encoder: Encoder | None = None
        self._judge = judge
        self._first_judge: Judge | None = None
        self._reader = reader
        self._loading = threading.Lock()

    def with_settings(self, settings: Settings) -> Models:
        """The models that `settings` name; loaded ones that stay the same are shared."""
        old = self.settings
        with self._loading:
            same_reader = (old.reader, old.context_tokens, old.threads) == (
                settings.reader,
                settings.context_tokens,
                settings.threads,
            )
            models = Models(
                settings,
                self._encoder if old.encoder == settings.encoder else None,
                self._judge if old.judge == settings.judge else None,
                self._reader if same_reader else None,
            )
            models._other_encoder = self._other_encoder
            models._first_judge = self._first_judge
            return models

    def warm(self) -> None:
        """Load all three. Raises: ModelError."""
        self.encoder()
        self.judge()
        self.first_judge()
        self.reader()

    def encoder(self) -> Encoder:
        """Raises: ModelError."""
        with self._loading:
            if self._encoder is None:
                self._encoder = _load_encoder(self.settings.encoder)
            return self._encoder

    def claim_encoder(self) -> Encoder | None:
        """The encoder that compares claims with their evidence; None if a cross-encoder decides. Raises: ModelError."""
        judge = self.judge()
        if isinstance(judge, ComposedJudge) and judge.opinion == "supports":
            return None
        return self.small_encoder()

    def modes(self) -> Modes:
        """Raises: ModelError."""
        return Modes(self.small_encoder())

    def small_encoder(self) -> Encoder:
        """The encoder that distances are fitted to, whichever the archive uses. Raises: ModelError."""
        if self.settings.encoder == _SMALL_ENCODER:
            return self.encoder()
        with self._loading:
            if self._other_encoder is None:
                self._other_encoder = _load_encoder(_SMALL_ENCODER)
            return self._other_encoder

    def judge(self) -> Judge:
        """Raises: ModelError."""
        with self._loading:
            if self._judge is None:
                self._judge = _load_judge(self.settings.judge)
            return self._judge

    def first_judge(self) -> Judge | None:
        """The small judge, which picks what a larger one reads; None if it is the judge itself. Raises: ModelError."""
        if self.settings.judge == _SPAN_JUDGE:
            return None
        with self._loading:
            if self._first_judge is None:
                self._first_judge = _load_judge(_SPAN_JUDGE)
            return self._first_judge

    def reader(self) -> Reader | None:
        """None if the setting is `none`. Call this only to write: it loads llama.cpp. Raises: ModelError."""
        with self._loading:
            if self._reader is None and self.settings.reader != NO_READER:
                found = weights.find(self.settings.reader, "reader")
                context, threads = self.settings.context_tokens, self.settings.threads
                self._reader = LlamaReader(found.path, found.model.id, context, threads)
            return self._reader


def find_judge(name: str) -> tuple[weights.Located, weights.Located | None]:
    """The judge that finds spans, and the cross-encoder beside it if `name` is one. Raises: ModelError."""
    named = weights.find(name, "judge")
    return (weights.find(_SPAN_JUDGE, "judge"), named) if named.path.is_dir() else (named, None)


def find_base(judge: weights.Located) -> weights.Located:
    """The encoder that the judge was trained over, whichever encoder the archive uses. Raises: ModelError."""
    return weights.find(judge.model.base or _stored_base(judge.path) or _JUDGE_BASE, "encoder")


def _stored_base(path: Path) -> str | None:
    # Imported here: it imports torch, and the judges that come with nutgraf do not need it.
    from embeddings.network import base_of

    try:
        return base_of(path)
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"the judge cannot be loaded: {error}", "name another judge") from error


def _load_encoder(name: str) -> Encoder:
    found = weights.find(name, "encoder")
    try:
        return SentenceEncoder(found.path, found.model.id, found.fingerprint)
    except (OSError, ValueError) as error:
        raise ModelCorrupt(
            f"{found.path} is not a model that sentence-transformers can load: {error}", "name another encoder"
        ) from error


def _load_judge(name: str) -> Judge:
    # Imported here: it imports torch, and most commands never judge.
    from embeddings.network import CrossJudge

    found, cross_encoder = find_judge(name)
    base = find_base(found)
    try:
        judge = CrossJudge(base.path, found.path, found.fingerprint)
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"the judge cannot be loaded: {error}", "name another judge") from error
    if cross_encoder is None:
        return judge
    try:
        return ComposedJudge(judge, CrossEncoder(cross_encoder.path, cross_encoder.fingerprint))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(
            f"the cross-encoder {cross_encoder.path} cannot be loaded: {error}", "name another judge"
        ) from error


def compute_dtype() -> str:
    """What the encoder and the judge compute in on this machine; scores differ slightly between the two."""
    # Imported here: it takes a second, and most commands never encode.
    import torch

    return "bfloat16" if native_bfloat16(torch.cpu.get_capabilities()) else "float32"


class MachineMemory(NamedTuple):
    """In bytes; `free` is what can be used now without swapping."""

    total: int
    free: int


def machine_memory() -> MachineMemory:
    """Measure this machine's memory."""
    found = psutil.virtual_memory()
    return MachineMemory(found.total, found.available)


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model of the catalogue; `origin` is where it was found on this machine, "" if it was not.

    `repository` is where it can be downloaded, "" for one that comes with nutgraf; `file` is its weights there. For a
    judge whose encoder is missing, they and `size_bytes` are the encoder's.
    """

    id: str
    role: str
    licence: str
    size_bytes: int
    ram_bytes: int
    origin: str
    repository: str
    file: str

    def fit(self, memory: MachineMemory) -> Fit:
        """Whether it fits in memory: now, only if other programs free some ("tight"), or not at all."""
        if self.ram_bytes <= memory.free:
            return "fits"
        return "tight" if self.ram_bytes <= memory.total // 2 else "too large"


def available_models() -> tuple[ModelOffer, ...]:
    """List every model of the catalogue that a setting can name. Their weights are not verified here."""
    return tuple(_offer(*row) for row in weights.list_models())


def _offer(model: Model, found: weights.Located | None) -> ModelOffer:
    source = model if found else weights.to_download(model)
    return ModelOffer(
        id=model.id,
        role=model.role,
        licence=model.licence,
        size_bytes=source.size_bytes,
        ram_bytes=model.ram_bytes,
        origin=found.origin if found else "",
        repository=source.repository,
        file=source.weights if source.repository else "",
    )


def download_model(name: str, settings: Settings, progress: Progress = ignore) -> str:
    """Download a model as `nutgraf models pull` does and return its role. `progress` counts megabytes.

    Raising from `progress` cancels the download. Raises: ModelError.
    """
    return weights.pull(name, offline=settings.offline, progress=progress).model.role


def offline_reason(settings: Settings, *, hub_only: bool = False) -> str:
    """The setting or environment variable that forbids the network, "" if none does.

    With `hub_only` those count too that forbid it only to Hugging Face's tools.
    """
    if settings.offline:
        return overridden_by("offline") or "the setting offline"
    return (hub.offline_variable() or "") if hub_only else ""
