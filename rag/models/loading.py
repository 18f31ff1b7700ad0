"""The models that a question needs, each loaded when it is first asked for."""

from __future__ import annotations

import threading
from pathlib import Path

from embeddings import ComposedJudge, CrossEncoder, Encoder, Judge, SentenceEncoder
from embeddings.encoder import native_bfloat16
from rag.errors import ModelCorrupt
from rag.models import weights as models
from rag.models.llm import LlamaReader, Reader
from rag.settings import Settings

# A judge that names no other is trained over this encoder's word embeddings.
_JUDGE_BASE = "all-MiniLM-L6-v2"
# It points at answers, which no cross-encoder does.
_OWN_JUDGE = "nutgraf-judge"
NO_READER = "none"
# The check of claims is fitted to its cosines, whichever encoder the archive has.
_CLAIM_ENCODER = "all-MiniLM-L6-v2"


class Models:
    """The encoder, the judge and the reader that the settings name. Any thread may ask; each is loaded once."""

    def __init__(
        self,
        settings: Settings,
        encoder: Encoder | None = None,
        judge: Judge | None = None,
        reader: Reader | None = None,
    ) -> None:
        """Whatever is given is taken as it is."""
        self.settings = settings
        self._encoder = encoder
        self._claim_encoder: Encoder | None = None
        self._judge = judge
        self._reader = reader
        self._loading = threading.Lock()

    def changed(self, settings: Settings) -> Models:
        """The models that `settings` name; those that are the same and loaded are shared."""
        old = self.settings
        with self._loading:
            reads_alike = (old.reader, old.context_tokens, old.threads) == (
                settings.reader,
                settings.context_tokens,
                settings.threads,
            )
            models = Models(
                settings,
                self._encoder if old.encoder == settings.encoder else None,
                self._judge if old.judge == settings.judge else None,
                self._reader if reads_alike else None,
            )
            models._claim_encoder = self._claim_encoder
            return models

    def warm(self) -> None:
        """Load all three. Raises: ModelError."""
        self.encoder()
        self.judge()
        self.reader()

    def encoder(self) -> Encoder:
        """Raises: ModelError."""
        with self._loading:
            if self._encoder is None:
                self._encoder = _encoder(self.settings.encoder)
            return self._encoder

    def claim_encoder(self) -> Encoder | None:
        """What claims are held against their evidence with; None where a cross-encoder decides. Raises: ModelError."""
        judge = self.judge()
        if isinstance(judge, ComposedJudge) and judge.opinion == "supports":
            return None
        if self.settings.encoder == _CLAIM_ENCODER:
            return self.encoder()
        with self._loading:
            if self._claim_encoder is None:
                self._claim_encoder = _encoder(_CLAIM_ENCODER)
            return self._claim_encoder

    def judge(self) -> Judge:
        """Raises: ModelError."""
        with self._loading:
            if self._judge is None:
                located, beside = find_judge(self.settings.judge)
                # Imported here: it takes seconds, and most commands never judge.
                from embeddings.network import CrossJudge

                base = find_base(located)
                try:
                    judge: Judge = CrossJudge(base.path, located.path, located.fingerprint)
                except (OSError, ValueError) as error:
                    raise ModelCorrupt(f"the judge cannot be loaded: {error}", "name another judge") from error
                self._judge = _composed(judge, beside) if beside else judge
            return self._judge

    def reader(self) -> Reader | None:
        """None where the setting is `none`. Raises: ModelError."""
        with self._loading:
            if self._reader is None and self.settings.reader != NO_READER:
                located = models.find(self.settings.reader, "reader")
                context, threads = self.settings.context_tokens, self.settings.threads
                self._reader = LlamaReader(located.path, located.model.id, context, threads)
            return self._reader


def arithmetic() -> str:
    """What the encoder and the judge compute in on this machine: the same question may score a little differently."""
    # Imported here: it takes seconds, and most commands never encode.
    import torch

    return "bfloat16" if native_bfloat16(torch.cpu.get_capabilities()) else "float32"


def find_judge(name: str) -> tuple[models.Located, models.Located | None]:
    """The judge, and the cross-encoder that replaces one of its opinions, where `name` is one's. Raises: ModelError."""
    named = models.find(name, "judge")
    return (models.find(_OWN_JUDGE, "judge"), named) if named.path.is_dir() else (named, None)


def find_base(judge: models.Located) -> models.Located:
    """The encoder that a judge of ours was trained over, whichever encoder the archive has. Raises: ModelError."""
    return models.find(judge.model.base or _told_base(judge.path) or _JUDGE_BASE, "encoder")


def _told_base(weights: Path) -> str | None:
    """Raises: ModelCorrupt."""
    # Imported here: it takes seconds, and what ships is known without it.
    from embeddings.network import base_of

    try:
        return base_of(weights)
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"the judge cannot be loaded: {error}", "name another judge") from error


def _encoder(name: str) -> Encoder:
    """Raises: ModelError."""
    located = models.find(name, "encoder")
    try:
        return SentenceEncoder(located.path, located.model.id, located.fingerprint)
    except (OSError, ValueError) as error:
        raise ModelCorrupt(
            f"{located.path} is no model that sentence-transformers can load: {error}", "name another encoder"
        ) from error


def _composed(judge: Judge, beside: models.Located) -> Judge:
    """Raises: ModelCorrupt."""
    try:
        return ComposedJudge(judge, CrossEncoder(beside.path, beside.fingerprint))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(
            f"{beside.path} is no cross-encoder that can be loaded: {error}", "name another judge"
        ) from error
