"""From passages to the checked answer: choose -> write -> check, or refuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from rag.answering import choosing, refusing, writing
from rag.answering.composing import Composition
from rag.answering.counting import CountedJudge
from rag.answering.evidence import Choice
from rag.models.loaded import Models
from rag.settings import Settings
from rag.types import Answer, Found, Hit, Question, Step, Trace, Verdict


def stream(
    question: Question,
    asked: Question,
    hits: tuple[Hit, ...],
    models: Models,
    settings: Settings,
    began: float,
    stopped: Callable[[], bool] = lambda: False,
    waiting: Callable[[int], None] = lambda _place: None,
    outside: str = "",
) -> Iterator[Step]:
    """Yield what was found, then each sentence as soon as it is checked, then the whole answer.

    `asked` is the question as it was understood; `began` is a reading of `time.perf_counter()`; `outside`: why no
    article is inside the question's filters, "" where one is; the rest is as in `Assistant.stream`. Raises: ModelError.
    """
    judge = CountedJudge(models.judge())
    choice = choosing.choose(asked.text, hits, judge, settings.caution)
    chosen = time.perf_counter()
    yield Found(hits)
    composition = Composition(question, asked.text, hits)
    draft = writing.Draft()
    for verdict in _verdicts(asked, choice, models, settings, stopped, waiting, draft):
        yield composition.say(verdict, choice.evidence)
    trace = Trace(
        encoder=settings.encoder,
        judge=settings.judge,
        reader=settings.reader,
        retrieve_seconds=chosen - began,
        first_token_seconds=draft.began - began if draft.began else None,
        total_seconds=time.perf_counter() - began,
        prompt_tokens=draft.prompt_tokens,
        written_tokens=draft.written_tokens,
        judged_pairs=judge.pairs,
        draft=draft.text,
        unknown_markers=draft.unknown_markers,
        stopped=stopped(),
    )
    yield composition.answer(trace, refusing.refusal(asked, hits, choice, outside), choice)


def _verdicts(
    question: Question,
    choice: Choice,
    models: Models,
    settings: Settings,
    stopped: Callable[[], bool],
    waiting: Callable[[int], None],
    draft: writing.Draft,
) -> Iterator[Verdict]:
    if choice.manner != "plain":
        yield from writing.quote(choice.evidence, choice.manner)
    elif choice.evidence:
        limit = settings.answer_tokens
        yield from writing.write(question.text, choice.evidence, models.reader(), limit, stopped, waiting, draft)


def last(steps: Iterator[Step]) -> Answer:
    """The answer that a stream ends with."""
    for step in steps:
        if isinstance(step, Answer):
            return step
    raise AssertionError("a stream ends with its answer")
