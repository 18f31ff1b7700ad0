"""Put the checked sentences together into an answer, or say why there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from embeddings import Judge, Judgement, Pair
from rag.answer import evidence, question, testimony, write
from rag.answer.testimony import Findings
from rag.archive import filters
from rag.archive.edits import outlet_key
from rag.archive.filters import source_names
from rag.models.loaded import Models
from rag.reading import language
from rag.search.copies import Outlets
from rag.settings import Settings
from rag.types import (
    NO_QUESTION,
    Answer,
    Citation,
    Found,
    Hit,
    Mode,
    Question,
    Refusal,
    Said,
    Step,
    Trace,
    Verdict,
)


def stream(
    asked: Question,
    hits: tuple[Hit, ...],
    models: Models,
    settings: Settings,
    began: float,
    stopped: Callable[[], bool] = lambda: False,
    waiting: Callable[[int], None] = lambda _place: None,
    outside: str = "",
    on_topic: Collection[str] = (),
    outlets: Outlets = lambda _quote: (),
    compared: Sequence[str] = (),
) -> Iterator[Step]:
    """Yield what was found, then each sentence as soon as it is checked, then the whole answer.

    `began` is a reading of `time.perf_counter()`; `outside` says why no article is inside the filters, "" if one is;
    `on_topic` are the ids of the articles that the conversation is about; `outlets` names those that ran a quote;
    `compared` are outlets that the question compares; the rest is as in `Assistant.stream`. Raises: ModelError.
    """
    judge = _CountingJudge(models.judge())
    mode = asked.mode or ("comparison" if compared else models.modes().of(asked.text).mode)
    if mode is None:
        hits = ()
    ranked = evidence.rank(question.readings(asked), hits, judge, on_topic, models.first_judge())
    if compared:
        ranked = testimony.of_outlets(ranked, compared)
    findings = testimony.weigh(ranked, outlets, settings.caution, mode or "one", asked.text)
    searched = time.perf_counter()
    yield Found(hits)
    answer = _Composition(asked, hits, outlets, compared)
    draft = write.Draft()
    if findings.quotes:
        reader, limit = models.reader(), settings.answer_tokens
        for verdict in write.sentences(asked.text, findings.quotes, reader, limit, stopped, waiting, draft):
            yield answer.add(verdict, findings)
    trace = Trace(
        encoder=settings.encoder,
        judge=models.judge_name,
        reader=settings.reader,
        retrieve_seconds=searched - began,
        first_token_seconds=draft.began - began if draft.began else None,
        total_seconds=time.perf_counter() - began,
        prompt_tokens=draft.prompt_tokens,
        written_tokens=draft.written_tokens,
        judged_pairs=judge.pairs,
        draft=draft.text,
        unknown_markers=draft.unknown_markers,
        stopped=stopped(),
    )
    yield answer.finish(findings, mode, outside, trace)


def last(steps: Iterator[Step]) -> Answer:
    """Return the answer that a stream ends with."""
    for step in steps:
        if isinstance(step, Answer):
            return step
    raise AssertionError("a stream ends with its answer")


class _CountingJudge:
    """Counts the pairs that the judge reads for one question."""

    def __init__(self, judge: Judge) -> None:
        self.fingerprint = judge.fingerprint
        self.pairs = 0
        self._judge = judge

    def judge(self, pairs: Sequence[Pair]) -> list[Judgement]:
        self.pairs += len(pairs)
        return self._judge.judge(pairs)


class _Composition:
    """An answer in the making. Its markers count from 1 in the order of reading."""

    def __init__(self, asked: Question, hits: tuple[Hit, ...], outlets: Outlets, compared: Sequence[str]) -> None:
        self._question = asked
        self._hits = hits
        self._outlets = outlets
        self._compared = compared
        self._verdicts: list[Verdict] = []
        self._citations: dict[tuple[str, int], Citation] = {}

    def add(self, verdict: Verdict, findings: Findings) -> Said:
        """Add a sentence whose markers count the quotes from 1; return it with the answer's own markers."""
        markers, new, corrected = [], [], ""
        for number in verdict.markers:
            item = findings.quotes[number - 1]
            place = item.place
            corrected = corrected or findings.corrected.get(place, "")
            if place not in self._citations:
                self._citations[place] = Citation(len(self._citations) + 1, item, self._outlets(item))
                new.append(self._citations[place])
            markers.append(self._citations[place].marker)
        said = replace(verdict, markers=tuple(markers), corrected_by=corrected)
        self._verdicts.append(said)
        return Said(said, tuple(new))

    def finish(self, findings: Findings, mode: Mode | None, outside: str, trace: Trace) -> Answer:
        """Return the whole answer, or the refusal where no sentence was added."""
        refusal = None if self._verdicts else self._refusal(findings, outside) if mode else NO_QUESTION
        cited = [citation.evidence for citation in self._citations.values()]
        return Answer(
            question=self._question,
            text=refusal.message if refusal else " ".join(verdict.cited for verdict in self._verdicts),
            verdicts=tuple(self._verdicts),
            citations=tuple(self._citations.values()),
            hits=self._hits,
            refusal=refusal,
            trace=trace,
            asked=question.readings(self._question)[-1],
            short=cited[0].short if cited else "",
            confidence=findings.confidence,
            notes=tuple(self._notes(mode)) if mode else (),
            nearest=findings.nearest,
            mode=mode or "one",
            kind=findings.kind if self._verdicts else "",
            testimonies=findings.testimonies if self._verdicts else (),
        )

    def _refusal(self, findings: Findings, outside: str) -> Refusal:
        if findings.quotes:
            return Refusal("stopped", "Stopped before a sentence was checked.")
        if not self._hits and outside:
            return Refusal("outside_filter", outside)
        if language.foreign(self._question.text):
            return Refusal("language", "The question does not read as English, the only language the judge knows.")
        within = "The articles inside the filters do" if self._question.narrowed else "The archive does"
        return Refusal("not_stated", f"{within} not say.")

    def _notes(self, mode: Mode) -> Iterator[str]:
        cited = {name for one in self._citations.values() for name in source_names(one.evidence.article.source or "")}
        if silent := [name for name in self._compared if self._verdicts and outlet_key(name) not in cited]:
            yield f"No answer was found in articles of: {', '.join(silent)}"
        if self._compared and self._verdicts:
            yield f"Read as a comparison of {' and '.join(self._compared)}; no other outlet was asked."
        elif mode != "one" and self._verdicts:
            yield f"Read as a question for a {mode}: each quote may be a part of the answer."
        if before := question.earlier(self._question):
            yield f"Taken as a follow-up to: {before}"
        if self._hits and self._question.narrowed:
            yield filters.note(self._question)
