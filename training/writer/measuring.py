"""Measure what a reader writes for evidence and a short answer that are given."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering import citing
from rag.models.reader import Reader, build_cut_prompt
from training.writer.targets import Sample

_MOST_TOKENS = 160


def written(reader: Reader, samples: Sequence[Sample]) -> dict[str, float]:
    """Of what is written, the shares that hold the short answer, that stand by the sentence (`citing`), that stand and
    are shorter, and that are the target word for word; and how long what stands is, beside its sentence.
    """
    held, stood, shorter, same, lengths = list[bool](), list[bool](), list[bool](), list[bool](), list[float]()
    for one in samples:
        given = build_cut_prompt(one.question, one.sentence, one.short)
        text = "".join(reader.stream(given, _MOST_TOKENS, lambda: False, lambda _place: None)).strip()
        held.append(one.short.casefold() in text.casefold())
        stood.append(citing.supports(one.sentence, text))
        shorter.append(stood[-1] and len(text) < 0.95 * len(one.sentence))
        same.append(text == one.target)
        lengths += [len(text) / len(one.sentence)] if stood[-1] else []
    shares = {"holds": held, "stands": stood, "stands and is shorter": shorter, "is the target": same}
    return {
        "n": len(samples),
        **{name: sum(some) / max(1, len(some)) for name, some in shares.items()},
        "length": sum(lengths) / max(1, len(lengths)),
    }
