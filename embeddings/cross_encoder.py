"""A cross-encoder (a reranker or an NLI model) that replaces one of the judge's opinions.

It reads both texts at once and scores each of its labels. It cannot say where an answer is, so it never judges alone.
"""

from __future__ import annotations

import inspect
import json
import logging
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from embeddings.batches import batched, side_by_side
from embeddings.encoder import native_bfloat16
from embeddings.judge import Judge, Judgement, Pair

Opinion = Literal["answers", "supports"]
Features: TypeAlias = dict[str, list[int]]

_ENTAILMENT = "entailment"
_NLI = {_ENTAILMENT, "neutral", "contradiction"}
_WANTED = "expected a ...ForSequenceClassification with one label, or with entailment, neutral and contradiction"
# A tokenizer has one of these; without any, transformers silently makes one that knows no word.
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
# Of a pair, unless the model sets a lower limit.
_MAX_TOKENS = 512
# Some models number positions from 2 on, so two of their positions are never used.
_UNUSED_POSITIONS = 2
# Beyond, the logistic function is 0 or 1; far beyond, it overflows.
_MAX_LOG_ODDS = 100.0
# Of two lengths, so that a model that cannot pad fails when it is loaded.
_PROBE = (Pair("Who?", "Nobody."), Pair("Who said so?", "Nobody said so, and nobody was asked."))


def is_encoder(folder: Path) -> bool:
    """Whether `folder` holds an encoder; sentence-transformers saves cross-encoders in the same layout.

    Raises: ValueError.
    """
    config = folder / "config_sentence_transformers.json"
    kind = _json(config).get("model_type") if config.is_file() else None
    return (folder / "modules.json").is_file() and kind != "CrossEncoder"


def opinion_of(folder: Path) -> Opinion:
    """The opinion that the cross-encoder in `folder` replaces, according to its config.json. Raises: ValueError."""
    return "answers" if len(_labels(folder)) == 1 else "supports"


def check(folder: Path) -> None:
    """Raises: ValueError, if the small files in `folder` show that it is not a usable cross-encoder."""
    _labels(folder)
    if not any(any(folder.glob(pattern)) for pattern in _VOCABULARIES):
        raise ValueError(f"it has no tokenizer: none of {', '.join(_VOCABULARIES)}")


class CrossEncoder:
    """A cross-encoder on disk. Thread-safe. A pair beyond its window is truncated."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Load the safetensors weights in `folder`, without running any code of it. Raises: OSError, ValueError."""
        # Imported here: it takes a second, and checking a model does without.
        import torch

        check(folder)
        labels = _labels(folder)
        self.opinion = opinion_of(folder)
        self.fingerprint = fingerprint
        self._entailment = labels.index(_ENTAILMENT) if self.opinion == "supports" else 0
        self._threads = torch.get_num_threads()
        # A fast tokenizer keeps its padding and truncation as state: threads would change each other's.
        self._tokenizing = threading.Lock()
        with _as_value_errors():
            native = native_bfloat16(torch.cpu.get_capabilities())
            self._model = _model(folder, torch.bfloat16 if native else torch.float32)
            self._tokenizer = _tokenizer(folder, self._model)
            self._window = _window(self._tokenizer, self._model)
            self._inputs = set(inspect.signature(self._model.forward).parameters)
            self.log_odds(_PROBE)

    def log_odds(self, pairs: Sequence[Pair]) -> list[float]:
        """The log-odds of the opinion, in the order of `pairs`. Equal batches give equal bits.

        With one label, its logit; else entailment against the other labels. Raises: ValueError, if one is not finite.
        """
        encoded = [self._encode(pair) for pair in pairs]
        sizes = [len(one["input_ids"]) for one in encoded]
        batches = list(batched(sorted(range(len(pairs)), key=lambda i: (sizes[i], pairs[i])), sizes))
        rows = side_by_side(self._logits, [[encoded[i] for i in batch] for batch in batches], self._threads)
        found: dict[int, float] = {}
        for batch, logits in zip(batches, rows, strict=True):
            found.update(zip(batch, map(self._odds, logits), strict=True))
        return [found[i] for i in range(len(pairs))]

    def _encode(self, pair: Pair) -> Features:
        # NLI models are trained on (text, claim), rerankers on (question, text).
        texts = (pair.text, pair.asked) if self.opinion == "supports" else (pair.asked, pair.text)
        with self._tokenizing:
            found = self._tokenizer(*texts, truncation="longest_first", max_length=self._window)
        return {name: list(values) for name, values in found.items() if name in self._inputs}

    def _logits(self, encoded: list[Features]) -> list[list[float]]:
        with self._tokenizing:
            batch = self._tokenizer.pad(encoded, return_tensors="pt")
        rows: list[list[float]] = self._model(**batch).logits.float().tolist()
        return rows

    def _odds(self, logits: Sequence[float]) -> float:
        if not all(map(math.isfinite, logits)):
            raise ValueError(f"it gives {', '.join(map(str, logits))} instead of numbers")
        here = logits[self._entailment]
        others = [logit - here for at, logit in enumerate(logits) if at != self._entailment]
        top = max(others, default=0.0)
        odds = -top - math.log(sum(math.exp(other - top) for other in others)) if others else here
        return max(-_MAX_LOG_ODDS, min(_MAX_LOG_ODDS, odds))


class ComposedJudge:
    """A judge that takes one `opinion` from a cross-encoder, and the span and all else from another judge."""

    def __init__(self, judge: Judge, cross_encoder: CrossEncoder) -> None:
        self._judge = judge
        self._cross_encoder = cross_encoder
        self.opinion = cross_encoder.opinion
        self.fingerprint = f"{judge.fingerprint}+{cross_encoder.fingerprint}"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`. Equal batches give equal bits."""
        judged = zip(self._judge.judge(pairs), self._cross_encoder.log_odds(pairs), strict=True)
        if self._cross_encoder.opinion == "answers":
            return [one._replace(answers=odds) for one, odds in judged]
        return [one._replace(supports=odds) for one, odds in judged]


def _json(path: Path) -> dict[str, Any]:
    """Raises: ValueError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"its {path.name} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"its {path.name} is not one JSON object")
    return found


def _labels(folder: Path) -> list[str]:
    """The labels of the cross-encoder in lower case, in the order of its logits. Raises: ValueError."""
    config = _json(folder / "config.json")
    architectures = config.get("architectures") or []
    if not any(str(one).endswith("ForSequenceClassification") for one in architectures):
        raise ValueError(f"its config.json names {', '.join(map(str, architectures)) or 'no architecture'}; {_WANTED}")
    try:
        named = sorted((int(at), str(label).casefold()) for at, label in dict(config.get("id2label") or {}).items())
    except (TypeError, ValueError) as error:
        raise ValueError(f"its config.json has an id2label that cannot be read: {error}") from error
    labels = [label for _, label in named]
    if [at for at, _ in named] != list(range(len(named))) or (len(labels) != 1 and sorted(labels) != sorted(_NLI)):
        listed = ", ".join(f"{at}: {label}" for at, label in named) or "none"
        raise ValueError(f"its config.json has these labels: {listed}; {_WANTED}")
    return labels


@contextmanager
def _as_value_errors() -> Iterator[None]:
    """Turn every fault of a model's files into a ValueError, with nothing on standard error."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    except SafetensorError as error:
        raise ValueError(f"its weights are damaged: {error}") from error
    # Whatever transformers raises for a config.json or a tokenizer that is hand-made or torn.
    except (
        *(OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError),
        StrictDataclassError,
    ) as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from error
    finally:
        transformers_logging.set_verbosity(verbosity)


def _model(folder: Path, dtype: Any) -> Any:  # noqa: ANN401
    """Raises: ValueError, and whatever transformers does."""
    from transformers import CONFIG_MAPPING, AutoModelForSequenceClassification

    kind = _json(folder / "config.json").get("model_type")
    if kind not in CONFIG_MAPPING:
        raise ValueError(f"transformers knows no model of type {kind}, and code that comes with a model is not run")
    model, found = AutoModelForSequenceClassification.from_pretrained(
        str(folder),
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=dtype,
        ignore_mismatched_sizes=True,
        output_loading_info=True,
    )
    # transformers would use random values in their place.
    missing = sorted([*found["missing_keys"], *(str(name) for name, *_ in found["mismatched_keys"])])
    if missing:
        raise ValueError(f"{len(missing)} of its weights are missing or of another size, {missing[0]} among them")
    return model.eval()


def _tokenizer(folder: Path, model: Any) -> Any:  # noqa: ANN401
    """Raises: ValueError, and whatever transformers does."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    size = model.get_input_embeddings().num_embeddings
    if len(found) > size:
        raise ValueError(f"its tokenizer knows {len(found)} words and its weights {size}")
    return found


def _window(tokenizer: Any, model: Any) -> int:  # noqa: ANN401
    """The maximum number of tokens in a pair."""
    positions = getattr(model.config, "max_position_embeddings", None) or 0
    positions = positions if positions > 0 else math.inf
    limit = tokenizer.model_max_length
    return int(min(_MAX_TOKENS, limit, positions if limit <= positions else positions - _UNUSED_POSITIONS))
