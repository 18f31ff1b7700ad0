"""Passages of other cases that are near a question and do not answer it, as a search brings them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval import runs
from eval.cases import Case, Source
from rag import Assistant, Question, Settings, Upload

_LOOKED_AT = 50


def added(drawn: Sequence[Case], cases: Sequence[Case], number: int, settings: Settings) -> tuple[Case, ...]:
    """Give each case that is drawn the `number` passages of other `cases` that are nearest to its question.

    They come after the case's own passages or, in every other case, instead of these: then a refusal is right. None is
    of a text that the case has itself, or contains one of its answers. Raises: InputError.
    """
    texts = dict.fromkeys((passage.title, passage.text) for case in cases for passage in case.passages)
    rows = "\n".join(json.dumps({"title": title, "text": text}) for title, text in texts)
    with Assistant(settings) as assistant, runs.errors.status("looking for passages near the questions"):
        assistant.ingest([Upload("cases.jsonl", rows.encode())])
        near = [list(_near(assistant, case))[:number] for case in drawn]
    return tuple(
        _with(case, some, instead=bool(at % 2)) for at, (case, some) in enumerate(zip(drawn, near, strict=True))
    )


def _near(assistant: Assistant, case: Case) -> Iterator[Source]:
    own = {" ".join(passage.text.split()) for passage in case.passages}
    answers = [answer.casefold() for answer in case.answers]
    for hit in assistant.search(Question(case.asked.text), _LOOKED_AT):
        text, article = hit.passage.text, hit.article
        if " ".join(article.text.split()) not in own and not any(answer in text.casefold() for answer in answers):
            yield Source(f"{article.id}-{hit.passage.start}", text, article.title)


def _with(case: Case, near: Sequence[Source], *, instead: bool) -> Case:
    if instead:
        return replace(case, answers=(), gold=(), passages=tuple(near), type="noise alone")
    return replace(case, passages=(*case.passages, *near), type="beside noise")
