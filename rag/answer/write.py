"""From evidence to sentences: quotes, unless a reader writes and its words pass the check.

No answer depends on a reader: whatever it leaves out or gets wrong, the evidence is quoted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.answer import check
from rag.models.reader import FIXED_TOKENS, Reader, build_prompt
from rag.search import chunking
from rag.types import Evidence, Verdict

_MAX_WRITTEN = 2


@dataclass(slots=True)
class Draft:
    """What the reader wrote, unchecked, for the trace. `began` is a reading of `time.perf_counter()`."""

    text: str = ""
    unknown_markers: tuple[int, ...] = ()
    began: float | None = None
    prompt_tokens: int = 0
    written_tokens: int = 0


def sentences(
    question: str,
    evidence: Sequence[Evidence],
    reader: Reader | None,
    max_tokens: int,
    stopped: Callable[[], bool],
    waiting: Callable[[int], None],
    draft: Draft,
) -> Iterator[Verdict]:
    """Yield each sentence of the answer as soon as it is checked; `draft` is filled on the way.

    First what the reader wrote and the check accepts, then a quote of every piece of evidence not cited by then.
    After a stop nothing more is yielded. Raises: GenerationFailed.
    """
    cited: set[int] = set()
    if reader:
        for verdict in _written(question, evidence, reader, max_tokens, stopped, waiting, draft):
            cited.update(verdict.markers)
            yield verdict
    several = len({item.article.id for item in evidence}) > 1
    for marker, item in enumerate(evidence, start=1):
        if stopped():
            return
        if marker not in cited:
            # Outlets that run one wire report are cited together.
            same = check.quoted(item.text, evidence)
            cited.update(same)
            lead = item.article.outlet_and_day if several else ""
            yield Verdict(" ".join(item.text.split()), same, supported=True, quoted=True, lead=lead)


def _written(
    question: str,
    evidence: Sequence[Evidence],
    reader: Reader,
    max_tokens: int,
    stopped: Callable[[], bool],
    waiting: Callable[[int], None],
    draft: Draft,
) -> Iterator[Verdict]:
    budget = max(64, reader.context_tokens - max_tokens - FIXED_TOKENS)
    built = build_prompt(question, evidence, reader.count_tokens, budget)
    draft.prompt_tokens = reader.count_prompt_tokens(built)
    kept: set[str] = set()
    for sentence in _split(reader.stream(built, max_tokens, stopped, waiting), draft):
        text, unknown = check.without_markers(sentence, len(evidence))
        draft.unknown_markers += unknown
        markers = check.quoted(text, evidence)
        if markers and text not in kept:
            kept.add(text)
            yield Verdict(text, markers, supported=True, quoted=False)


def _split(pieces: Iterator[str], draft: Draft) -> Iterator[str]:
    """Yield the first sentences, each as soon as the next one begins; the last may have been cut off by a limit."""
    done, text = 0, ""
    for piece in pieces:
        draft.began = draft.began or time.perf_counter()
        draft.text += piece
        draft.written_tokens += 1
        text += piece
        spans = chunking.sentences(text)
        for span in spans[done:-1]:
            yield text[span.start : span.end]
            done += 1
            if done == _MAX_WRITTEN:
                return
    for span in chunking.sentences(text)[done:_MAX_WRITTEN]:
        yield text[span.start : span.end]
