"""A cross-encoder of sentence-transformers' kind, in the place of one of the judge's opinions.

It reads both texts at once and gives a number for each of its labels. It does not say where an answer stands, so it
never judges alone.
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
_WANTED = "wanted is a ...ForSequenceClassification with one label, or with entailment, neutral and contradiction"
# One of them is there wherever a tokenizer is; without, transformers makes one that knows no word, and says nothing.
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
# Of a pair, where the model itself sets no lower bound.
_MOST_TOKENS = 512
# Some count the places of tokens from 2 on, so that many of their places are no token's.
_UNCOUNTED_PLACES = 2
# Beyond, the logistic function is 0 or 1, and further on it overflows.
_MOST_LOG_ODDS = 100.0
# Of two lengths, so that what a model cannot pad is found out when it is loaded.
_PROBE = (Pair("Who?", "Nobody."), Pair("Who said so?", "Nobody said so, and nobody was asked."))


def is_encoder(folder: Path) -> bool:
    """Whether sentence-transformers takes what is in `folder` for an encoder: it keeps cross-encoders alike.

    Raises: ValueError.
    """
    told = folder / "config_sentence_transformers.json"
    kind = _json(told).get("model_type") if told.is_file() else None
    return (folder / "modules.json").is_file() and kind != "CrossEncoder"


def opinion_of(folder: Path) -> Opinion:
    """Which opinion the cross-encoder in `folder` has, by its config.json alone.

    Raises: ValueError, saying what it tells and what is wanted.
    """
    return "answers" if len(_labels(folder)) == 1 else "supports"


def check(folder: Path) -> None:
    """Raises: ValueError, where the small files in `folder` show already that it holds no cross-encoder to judge by."""
    _labels(folder)
    if not any(any(folder.glob(pattern)) for pattern in _VOCABULARIES):
        raise ValueError(f"it has no tokenizer: none of {', '.join(_VOCABULARIES)}")


class CrossEncoder:
    """A cross-encoder on this machine, for any number of threads; a pair beyond its window is cut off."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Load what is in `folder`, its weights as safetensors and none of its code. Raises: OSError, ValueError."""
        # Imported here: it takes seconds, and whether a model can judge at all is asked without it.
        import torch

        check(folder)
        labels = _labels(folder)
        self.opinion = opinion_of(folder)
        self.fingerprint = fingerprint
        self._entailment = labels.index(_ENTAILMENT) if self.opinion == "supports" else 0
        self._torch = torch
        self._threads = torch.get_num_threads()
        # A fast tokenizer keeps its padding and truncation in itself: two threads would change each other's.
        self._tokenizing = threading.Lock()
        with _explaining():
            native = native_bfloat16(torch.cpu.get_capabilities())
            self._model = _model(folder, torch.bfloat16 if native else torch.float32)
            self._tokenizer = _tokenizer(folder, self._model)
            self._window = _window(self._tokenizer, self._model)
            self._taken = set(inspect.signature(self._model.forward).parameters)
            self.log_odds(_PROBE)

    def log_odds(self, pairs: Sequence[Pair]) -> list[float]:
        """The log-odds of the opinion, in the order of `pairs`. Equal pairs beside equal pairs give equal bits.

        Of one label its logit; of entailment against the other two. Raises: ValueError, where they are no numbers.
        """
        encoded = [self._encoded(pair) for pair in pairs]
        sizes = [len(one["input_ids"]) for one in encoded]
        batches = list(batched(sorted(range(len(pairs)), key=lambda i: (sizes[i], pairs[i])), sizes))
        rows = side_by_side(self._logits, [[encoded[i] for i in batch] for batch in batches], self._threads)
        found: dict[int, float] = {}
        for batch, logits in zip(batches, rows, strict=True):
            found.update(zip(batch, map(self._odds, logits), strict=True))
        return [found[i] for i in range(len(pairs))]

    def _encoded(self, pair: Pair) -> Features:
        # What is claimed comes second in every set of entailments, what is asked comes first in every set of questions.
        texts = (pair.text, pair.asked) if self.opinion == "supports" else (pair.asked, pair.text)
        with self._tokenizing:
            found = self._tokenizer(*texts, truncation="longest_first", max_length=self._window)
        return {name: list(values) for name, values in found.items() if name in self._taken}

    def _logits(self, encoded: list[Features]) -> list[list[float]]:
        """One batch, by one thread: several would wait for each other at every layer."""
        with self._tokenizing:
            batch = self._tokenizer.pad(encoded, return_tensors="pt")
        self._torch.set_num_threads(1)
        try:
            with self._torch.inference_mode():
                rows: list[list[float]] = self._model(**batch).logits.float().tolist()
        finally:
            self._torch.set_num_threads(self._threads)
        return rows

    def _odds(self, logits: Sequence[float]) -> float:
        if not all(map(math.isfinite, logits)):
            raise ValueError(f"it gives {', '.join(map(str, logits))} where numbers are wanted")
        here = logits[self._entailment]
        others = [logit - here for at, logit in enumerate(logits) if at != self._entailment]
        top = max(others, default=0.0)
        odds = -top - math.log(sum(math.exp(other - top) for other in others)) if others else here
        return max(-_MOST_LOG_ODDS, min(_MOST_LOG_ODDS, odds))


class ComposedJudge:
    """A judge that takes its `opinion` from a cross-encoder, and the place of the answer and all else from another."""

    def __init__(self, judge: Judge, cross_encoder: CrossEncoder) -> None:
        self._judge = judge
        self._cross_encoder = cross_encoder
        self.opinion = cross_encoder.opinion
        self.fingerprint = f"{judge.fingerprint}+{cross_encoder.fingerprint}"

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        """Judge each pair, in the order of `pairs`. Equal pairs beside equal pairs give equal bits."""
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
    """The labels of the cross-encoder, in the order of its logits, in small letters. Raises: ValueError."""
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
        told = ", ".join(f"{at}: {label}" for at, label in named) or "none"
        raise ValueError(f"its config.json has these labels: {told}; {_WANTED}")
    return labels


@contextmanager
def _explaining() -> Iterator[None]:
    """Every fault of a model's files as a ValueError, and nothing of it on standard error. Raises: ValueError."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    usual = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    except SafetensorError as error:
        raise ValueError(f"its weights are damaged: {error}") from error
    # Whatever a config.json or a tokenizer that was made by hand, or cut short, leads transformers to.
    except (
        *(OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError),
        StrictDataclassError,
    ) as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from error
    finally:
        transformers_logging.set_verbosity(usual)


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
    # transformers would go on with chance in their place.
    unfit = sorted([*found["missing_keys"], *(str(name) for name, *_ in found["mismatched_keys"])])
    if unfit:
        raise ValueError(f"{len(unfit)} of its weights are missing or of another size, {unfit[0]} among them")
    return model.eval()


def _tokenizer(folder: Path, model: Any) -> Any:  # noqa: ANN401
    """Raises: ValueError, and whatever transformers does."""
    from transformers import AutoTokenizer

    found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    words = model.get_input_embeddings().num_embeddings
    if len(found) > words:
        raise ValueError(f"its tokenizer knows {len(found)} words and its weights {words}")
    return found


def _window(tokenizer: Any, model: Any) -> int:  # noqa: ANN401
    """The most tokens of a pair."""
    places = getattr(model.config, "max_position_embeddings", None) or 0
    places = places if places > 0 else math.inf
    told = tokenizer.model_max_length
    return int(min(_MOST_TOKENS, told, places if told <= places else places - _UNCOUNTED_PLACES))
