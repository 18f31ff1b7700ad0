"""From chosen evidence to checked sentences: let the reader write, keep what stands, else quote."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answering import beginnings, citing, cutting, deciding
from rag.answering.evidence import Manner
from rag.models.reader import FIXED_TOKENS, Prompt, Reader, build_cut_prompt, build_prompt
from rag.search import chunking
from rag.search.words import stems
from rag.types import Article, Evidence, Verdict
from rag.understanding import kinds

_MAX_WRITTEN = 2
# The longest sentence that is given to be cut: the writer has seen none beyond.
_MOST_CHARS = 500
# An open question ("what is the deadline?") is answered by most of a sentence, not by its first words.
_LEAST_OF_EVIDENCE = 0.6
# A sentence without one was cut short by a limit or a stop.
_SENTENCE_ENDS = (".", "!", ".”", '."', ".'", ".’", ".)")


@dataclass(slots=True)
class Draft:
    """What the reader wrote, as it came, the markers in it that stand for nothing, when it began, and its tokens.

    `began` is a reading of `time.perf_counter()`; `prompt_tokens` are those it was given.
    """

    text: str = ""
    unknown_markers: tuple[int, ...] = ()
    began: float | None = None
    prompt_tokens: int = 0
    written_tokens: int = 0


def write(
    question: str,
    evidence: Sequence[Evidence],
    reader: Reader,
    max_tokens: int,
    stopped: Callable[[], bool],
    waiting: Callable[[int], None],
    draft: Draft,
) -> Iterator[Verdict]:
    """Yield each sentence of the answer as soon as it is checked.

    First what the reader wrote and the evidence supports, then the evidence that is not yet cited, quoted; a reader
    that was trained to cut sentences cuts each in its turn. `draft` is filled on the way. After a stop, only what was
    checked before it is yielded.
    """

    def read(built: Prompt) -> Iterator[str]:
        draft.prompt_tokens += reader.count_prompt_tokens(built)
        return reader.stream(built, max_tokens, stopped, waiting)

    if reader.adapted:
        yield from _cut(question, evidence, read, stopped, draft)
        return
    cited: set[int] = set()
    budget = max(64, reader.context_tokens - max_tokens - FIXED_TOKENS)
    built = build_prompt(question, evidence, reader.count_tokens, budget)
    # No name keeps the stream alive: once the sentences are read, the reader serves the next question.
    for verdict in _checked(question, evidence, read(built), draft):
        cited.update(verdict.markers)
        yield verdict
    if stopped():
        return
    for item, same in _not_cited(evidence, cited):
        yield _quoted(item, same)


def _cut(
    question: str,
    evidence: Sequence[Evidence],
    read: Callable[[Prompt], Iterator[str]],
    stopped: Callable[[], bool],
    draft: Draft,
) -> Iterator[Verdict]:
    """Each piece of evidence as the reader cuts it, where it may be cut and what is left stands; else whole."""
    for item, same in _not_cited(evidence, set()):
        verdict = _quoted(item, same)
        if len(item.text) <= _MOST_CHARS and cutting.removable(item.text):
            # No name keeps the stream alive: the reader serves the next question while this sentence is shown.
            built = build_cut_prompt(question, item.text, item.short)
            left = next(_checked(question, (item,), read(built), draft), None)
            if left and not citing.same_words(left.text, (item,)):
                verdict = replace(left, markers=same)
        if stopped():
            return
        yield verdict


def _not_cited(evidence: Sequence[Evidence], cited: set[int]) -> Iterator[tuple[Evidence, tuple[int, ...]]]:
    """Yield each piece whose marker is not `cited`, with the markers of all that have its words, cited from then on."""
    for marker, item in enumerate(evidence, start=1):
        if marker not in cited:
            same = citing.same_words(item.text, evidence)
            cited.update(same)
            yield item, same


def quote(evidence: Sequence[Evidence], manner: Manner) -> Iterator[Verdict]:
    """Yield each piece of evidence as it stands, after "Yes" or "No", or after its outlet and day."""
    for marker, item in enumerate(evidence, start=1):
        yield replace(_quoted(item, (marker,)), lead=_lead(item, manner))


def _lead(item: Evidence, manner: Manner) -> str:
    if manner in ("Yes", "No"):
        return f"{manner}, by this account" if deciding.attributed(item.text) else manner
    return "" if manner == "story" else _told_by(item.article)


def _told_by(article: Article) -> str:
    day = article.published.written if article.published else None
    return ", ".join(filter(None, (article.source, day))) or article.title


def _quoted(item: Evidence, markers: tuple[int, ...]) -> Verdict:
    text = " ".join(item.text.split())
    begun = beginnings.before(item.article.text, item.start)
    return Verdict(f"… {text}" if begun else text, markers, supported=True, quoted=True)


def _checked(question: str, evidence: Sequence[Evidence], pieces: Iterator[str], draft: Draft) -> Iterator[Verdict]:
    kept: set[str] = set()
    for sentence in _sentences(pieces, draft):
        written = citing.resolve(sentence, len(evidence))
        draft.unknown_markers += written.unknown
        markers = citing.check(written.text, evidence)
        if not markers or written.text in kept or not _answers(written.text, question, evidence[markers[0] - 1]):
            continue
        kept.add(written.text)
        yield Verdict(written.text, markers, supported=True, quoted=False)


def _sentences(pieces: Iterator[str], draft: Draft) -> Iterator[str]:
    """Yield the first written sentences, each as soon as the next one begins; the last may be cut short."""
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


def _answers(sentence: str, question: str, evidence: Evidence) -> bool:
    """Whether a supported sentence is whole and says what was asked: faithful is not yet an answer."""
    said, asked = stems(sentence), stems(question)
    if not sentence.endswith(_SENTENCE_ENDS) or not said - asked or not stems(evidence.short) <= said:
        return False
    if kinds.wanted(question):
        return not kinds.lacking(question, sentence)
    whole = stems(evidence.text)
    return bool(evidence.short) or len(said & whole) >= _LEAST_OF_EVIDENCE * len(whole)
