"""Measure what a reader writes for evidence and a short answer that are given."""

from __future__ import annotations

from collections.abc import Sequence

from rag import prompt
from rag.answering import citing
from rag.llm import Reader
from training.judge.measuring import f1
from training.writer.targets import Sample

_MOST_TOKENS = 96


def written(reader: Reader, samples: Sequence[Sample]) -> dict[str, float]:
    """Of what is written, the shares that hold the short answer, that name the right evidence and nothing else, and
    that are the target, as token F1.
    """
    held, named, alike = list[bool](), list[bool](), list[float]()
    for one in samples:
        given = prompt.statement(one.question, one.evidence, one.short)
        text = "".join(reader.stream(given, _MOST_TOKENS, lambda: False, lambda _place: None))
        told = citing.resolve(text, len(one.evidence))
        held.append(one.short.casefold() in told.text.casefold())
        named.append(told.known == (one.marker,) and not told.unknown)
        alike.append(f1(told.text, one.target))
    count = len(samples)
    return {"n": count, "holds": sum(held) / count, "right marker": sum(named) / count, "f1": sum(alike) / count}
