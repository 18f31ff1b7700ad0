"""Put a question to every article, not only to the likeliest, and list all that answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.answer import evidence, question, testimony
from rag.models.loaded import Models
from rag.progress import Done, Progress
from rag.search.copies import Outlets
from rag.surveys import Sweep
from rag.types import Evidence, Hit, Question

# So many passages are read, the best ones of the search: about 45 seconds of the small judge on two cores.
MAX_PASSAGES = 6_000
_BATCH = 64
# The place, from 0, of the passage whose score in the search is the measure of the others'.
_MEASURE = 10
# How many of them a larger judge reads again.
_READ_AGAIN = 200


def sweep(
    asked: Question,
    hits: Sequence[Hit],
    articles: int,
    models: Models,
    caution: float,
    progress: Progress,
    stopped: Callable[[], bool],
    outlets: Outlets,
) -> Sweep:
    """Judge every passage and keep those that answer.

    `articles` is how many are inside the filters; `progress` counts passages; `outlets` names those that ran a quote.
    Raises: ModelError.
    """
    lowest = evidence.threshold(caution)
    answering, read = judged(question.readings(asked), hits, lowest, models, progress, stopped)
    return Sweep(
        question=asked,
        testimonies=testimony.of_each_article(answering, outlets),
        judged=len({hit.article.id for hit in hits[:read]}),
        articles=articles,
        stopped=read < len(hits),
    )


def judged(
    readings: Sequence[str],
    hits: Sequence[Hit],
    lowest: float,
    models: Models,
    progress: Progress,
    stopped: Callable[[], bool],
) -> tuple[list[Evidence], int]:
    """Return the sentences with a score of at least `lowest`, best first, and how many passages were read.

    `progress` counts passages; `stopped()` is polled and ends it early. Raises: ModelError.
    """
    judge, first = models.judge(), models.first_judge()
    # Where many articles answer, the best passage of the search is far ahead of what is as good: so it is no measure.
    best = hits[min(_MEASURE, len(hits) - 1)].score + evidence.SEARCH_MARGIN if hits else 0.0
    found, read = list[Evidence](), 0
    for read in range(0, len(hits), _BATCH):
        if stopped():
            break
        found += evidence.rank(readings, hits[read : read + _BATCH], first or judge, best_search=best)
        progress(Done(min(1.0, (read + _BATCH) / len(hits)), min(len(hits), read + _BATCH)))
    else:
        read = len(hits)
    found.sort(key=lambda item: (-item.score, item.place))
    if first:
        passages = {item.passage_id for item in found[:_READ_AGAIN]}
        again = [hit for hit in hits if hit.passage.id in passages]
        found = list(evidence.rank(readings, again, judge, first=first, best_search=best, cascaded=len(again)))
    return [item for item in found if item.score >= lowest], read
