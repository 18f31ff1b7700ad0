"""The models a question needs, each loaded when first asked for; and the models to choose from on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import psutil

from embeddings import ComposedJudge, CrossEncoder, Encoder, FormEncoder, Judge, SentenceEncoder
from embeddings.encoder import native_bfloat16
from rag.errors import ModelCorrupt, ModelError, ModelMissing
from rag.models import hub, weights
from rag.models.catalogue import Model, Role
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
# The setting `judge` for the best of nutgraf's own judges that this machine has and can hold.
AUTO_JUDGE = "auto"
_LARGER_JUDGE = "nutgraf-judge-mpnet"
# Of all memory, and not of what happens to be free: the same question must be judged by the same model.
_MAX_MEMORY_SHARE = 0.25
# The check of claims is calibrated on its cosines and the modes on its layers, whichever encoder the archive uses.
_SMALL_ENCODER = "all-MiniLM-L6-v2"

Fit = Literal["fits", "tight", "too large"]


class Models:
    """The encoder, the judge and the reader that the settings name. Thread-safe; each is loaded once.

    `judge_name` and `judge_note` are what `choose_judge` said when this was made.
    """

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
        self._modes: Modes | None = None
        self._loading = threading.Lock()
        self.judge_name, self.judge_note = choose_judge(settings.judge)

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
                reader=self._reader if same_reader else None,
            )
            if models.judge_name == self.judge_name:
                models._judge = self._judge
            models._other_encoder = self._other_encoder
            models._first_judge = self._first_judge
            models._modes = self._modes
            return models

    def warm(self) -> None:
        """Load all of them, first what a question waits for before it is begun. Raises: ModelError."""
        self.modes()
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
        with self._loading:
            if self._modes is None:
                self._modes = Modes(FormEncoder(weights.find(_SMALL_ENCODER, "encoder").path))
            return self._modes

    def small_encoder(self) -> Encoder:
        """The encoder whose cosines thresholds are fitted on, whichever the archive uses. Raises: ModelError."""
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
                self._judge = _load_judge(self.judge_name)
            return self._judge

    def first_judge(self) -> Judge | None:
        """The small judge, which picks what a larger one reads; None if it is the judge itself. Raises: ModelError."""
        if self.judge_name == _SPAN_JUDGE:
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


class ChosenJudge(NamedTuple):
    """The judge that a setting stands for on this machine now; `note` says that it is automatic, "" if it was named."""

    name: str
    note: str


def choose_judge(setting: str) -> ChosenJudge:
    """Choose the judge for `auto`: the larger one, if its encoder is here and it takes a quarter of the memory at most.

    Nothing is hashed: damaged weights are an error when they are loaded, as if they had been named.
    """
    if setting != AUTO_JUDGE:
        return ChosenJudge(setting, "")
    larger = _larger_judge()
    if not _has_room(larger):
        total = machine_memory().total / 1e9
        return ChosenJudge(_SPAN_JUDGE, f"auto; {total:.1f} GB of memory is too little for {larger.id}")
    if not larger.origin:
        return ChosenJudge(_SPAN_JUDGE, f"auto; better: nutgraf models pull {larger.id}")
    return ChosenJudge(larger.id, "auto")


def _larger_judge() -> ModelOffer:
    return next(offer for offer in available_models() if offer.id == _LARGER_JUDGE)


def _has_room(judge: ModelOffer) -> bool:
    return judge.ram_bytes <= machine_memory().total * _MAX_MEMORY_SHARE


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

    `repository` is where it can be downloaded, "" for one that comes with nutgraf; `file` is its weights there;
    `in_chunks` says that the Python package index has it too. For a judge whose encoder is missing, they and
    `size_bytes` are the encoder's.
    """

    id: str
    role: str
    licence: str
    size_bytes: int
    ram_bytes: int
    origin: str
    repository: str
    file: str
    in_chunks: bool

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
        in_chunks=source.chunks is not None,
    )


def download_model(name: str, settings: Settings, progress: Progress = ignore) -> str:
    """Download a model as `nutgraf models pull` does and return its role. `progress` counts megabytes.

    Raising from `progress` cancels the download. Raises: ModelError.
    """
    return weights.pull(name, offline=settings.offline, progress=progress).model.role


def download_chosen(settings: Settings, progress: Progress, told: Callable[[str], None]) -> None:
    """Download the models that the settings name and this machine lacks; `told` is called with lines for the user.

    For the judge `auto` it is the larger one, if memory allows; where it cannot be had, a line says so.
    Raises: ModelError, if a model that is named cannot be had.
    """
    for role in get_args(Role):
        name = getattr(settings, role)
        if role == "judge" and name == AUTO_JUDGE:
            _download_larger_judge(settings, progress, told)
        elif name != NO_READER and not _is_there(name, role):
            weights.pull(name, offline=settings.offline, progress=progress, told=told, role=role)


def _is_there(name: str, role: Role) -> bool:
    try:
        found = weights.find(name, role)
        if role == "judge" and found.path.is_file():
            find_base(found)
    except ModelMissing:
        return False
    return True


def _download_larger_judge(settings: Settings, progress: Progress, told: Callable[[str], None]) -> None:
    larger = _larger_judge()
    if larger.origin or not _has_room(larger):
        told("the judge is {} ({})".format(*choose_judge(AUTO_JUDGE)))
        return
    why = f"with it the judge {larger.id} finds more right answers (to do without: make run JUDGE={_SPAN_JUDGE})"
    try:
        weights.pull(
            larger.id, offline=settings.offline, progress=progress, told=lambda line: told(f"{line}, once: {why}")
        )
    except ModelError as error:
        told(f"the judge is {_SPAN_JUDGE}: {error}")


def offline_reason(settings: Settings, *, hub_only: bool = False) -> str:
    """The setting or environment variable that forbids the network, "" if none does.

    With `hub_only` those count too that forbid it only to Hugging Face's tools.
    """
    if settings.offline:
        return overridden_by("offline") or "the setting offline"
    return (hub.offline_variable() or "") if hub_only else ""
