"""How well the events of a topic are told: `python -m eval timeline [TOPICS]`.

TOPICS is a file with a topic on each line: `id`, `topic` as a user would type it, `held`, and `events`. An event has

    day     2024-02-05, 2024-02 or 2024; several that are right, the event's own first, separated by `|`
    gold    the words that tell it: [{"article_id", "quote"}], as in questions.jsonl
    must    true if a good timeline has it; the others may be listed, and need not be

An event that is listed is true if its quote overlaps the gold of an event that no other listed one was taken for. What
tells none, or one that is listed already, counts against the precision. The measures:

    recall        of the events that a timeline must have, those listed
    precision     of the events listed, those that are true
    day_right     of the true ones, those with a right day: all parts agree that both give, the month at least
    stated        of the true ones, those whose day was read from the sentence
    stated_right  of these, those with a right day
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from eval import files, runs
from eval import report as reports
from eval.answers import SETS, ingest, row_ids
from eval.cases import Case, Span, gold_span, locate, sample
from eval.files import Row
from eval.report import Wrong
from eval.runs import ArchiveOption, HeldOption, Job, JsonOption, LimitOption, ReportOption, SeedOption
from eval.scores import Scores
from eval.tables import console
from rag import Assistant, InputError, PublishedDate, Question

_TOPICS = SETS["news"].questions.with_name("timelines.jsonl")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a topic and the words that tell it."""

    day: str
    must: bool
    gold: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    id: str
    text: str
    events: tuple[Happened, ...]
    held: bool

    @property
    def written(self) -> dict[str, Any]:
        return {**asdict(self), "question": self.text}


class Listed(NamedTuple):
    """An event of a timeline: its day as text, whether the sentence gave it, and its quote."""

    day: str
    stated: bool
    quote: Span


def timeline(
    topics: Annotated[Path, typer.Argument(help="A file of topics.")] = _TOPICS,
    archive: ArchiveOption = None,
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json_file: JsonOption = None,
    report: ReportOption = None,
    show_held: HeldOption = False,  # noqa: FBT002
) -> None:
    """Measure how well the events of a topic are told."""
    with runs.reporting(), tempfile.TemporaryDirectory() as temporary:
        job = Job("timeline", seed, json_file, report, show_held=show_held)
        runs.check(job)
        drawn = sample(read_topics(topics), limit, seed)
        uploads = SETS["news"].uploads()
        settings = runs.settings_for({"archive": archive or temporary})
        with Assistant(settings) as assistant:
            if not archive:
                ingest(assistant, uploads)
            drawn = _locate(drawn, assistant, row_ids(uploads))
            records = runs.run(job, drawn, lambda topic: _tell(assistant, topic), assistant.warm, settings)
        wrong = []
        for topic, record in zip(drawn, records, strict=True):
            listed = [Listed(one["day"], one["stated"], Span(**one["quote"])) for one in record["said"]["events"]]
            record["scores"] = score(topic.events, listed)
            wrong += [Wrong(topic.id, words, 1) for words in faults(topic.events, listed)]
        written = reports.conclude(job, settings, records, wrong, {})
        shown = {topic.id for topic in drawn if show_held or not topic.held}
        for one in wrong:
            if one.id in shown:
                console(json_file).print(f"{one.id}: {one.words}", soft_wrap=True)
        reports.write_json(json_file, written)


def read_topics(file: Path) -> tuple[Topic, ...]:
    """Raises: InputError."""
    found = tuple(_topic(row) for row in files.rows(files.find(file, (_TOPICS.name,))))
    if not found or len({topic.id for topic in found}) < len(found):
        raise InputError(f"{file} has no topics, or two with one id", "put one on each line, with an id of its own")
    return found


def score(events: Sequence[Happened], listed: Sequence[Listed]) -> Scores:
    """What a topic adds to each measure."""
    taken = match(events, listed)
    true = [(events[at], one) for at, one in zip(taken, listed, strict=True) if at is not None]
    right = [is_right(event.day, one.day) for event, one in true]
    stated = [is_it for is_it, (_, one) in zip(right, true, strict=True) if one.stated]
    must = sum(event.must for event in events)
    return {
        "recall": (float(sum(event.must for event, _ in true)), float(must)),
        "precision": (float(len(true)), float(len(listed))),
        "day_right": (float(sum(right)), float(len(true))),
        "stated": (float(len(stated)), float(len(true))),
        "stated_right": (float(sum(stated)), float(len(stated))),
    }


def match(events: Sequence[Happened], listed: Sequence[Listed]) -> list[int | None]:
    """Return the event that each listed one is taken for: of those it may tell, one of its day, then a `must`."""
    free = set(range(len(events)))
    taken: list[int | None] = []
    for one in listed:
        told = [at for at in sorted(free) if any(span.overlaps(one.quote) for span in events[at].gold)]
        best = max(told, key=lambda at: (is_right(events[at].day, one.day), events[at].must), default=None)
        free -= {best}
        taken.append(best)
    return taken


def is_right(true: str, shown: str) -> bool:
    """Whether a day agrees with one of several as far as both go, and gives the month unless that one does not."""
    parts = shown.split("-")
    return any(
        len(parts) >= min(len(other), 2) and all(a == b for a, b in zip(parts, other, strict=False))
        for other in (day.split("-") for day in true.split("|"))
    )


def faults(events: Sequence[Happened], listed: Sequence[Listed]) -> Iterator[str]:
    """Say in words what is wrong with a timeline."""
    taken = match(events, listed)
    for at, one in zip(taken, listed, strict=True):
        if at is None:
            told = any(span.overlaps(one.quote) for event in events for span in event.gold)
            yield f"{'repeated' if told else 'not an event'}: {one.day} {one.quote.text}"
        elif not is_right(events[at].day, one.day):
            day = one.day if one.stated else f"{one.day} (of publication)"
            yield f"day wrong: {day}, not {events[at].day}: {one.quote.text}"
    for at, event in enumerate(events):
        if event.must and at not in taken:
            yield f"missing: {event.day} {event.gold[0].text}"


def _topic(row: Row) -> Topic:
    row.allow(("id", "topic", "held", "events"))
    events = []
    for event in row.rows("events", "event"):
        event.allow(("day", "must", "gold"))
        gold = tuple(map(gold_span, event.rows("gold", "gold span")))
        if not gold:
            raise InputError(f"{event.place} has no gold", "give the words that tell it")
        day = event.text("day")
        if not all(map(_is_date, day.split("|"))):
            raise InputError(f"{event.place}: `day` is {day!r:.40}", "write 2024-02-05, 2024-02 or 2024")
        events.append(Happened(day, event.values.get("must") is True, gold))
    return Topic(row.text("id"), row.text("topic"), tuple(events), row.values.get("held") is True)


def _is_date(text: str) -> bool:
    try:
        return bool(PublishedDate.parse(text).year)
    except ValueError:
        return False


def _locate(topics: Sequence[Topic], assistant: Assistant, rows: Mapping[str, str]) -> tuple[Topic, ...]:
    """Resolve the gold of every event. Raises: InputError."""
    cases = [
        Case(f"{topic.id}, event {number}", Question(topic.text), gold=event.gold)
        for topic in topics
        for number, event in enumerate(topic.events, start=1)
    ]
    located = iter(locate(cases, assistant.articles(), rows))
    return tuple(
        Topic(
            topic.id,
            topic.text,
            tuple(Happened(event.day, event.must, next(located).gold) for event in topic.events),
            topic.held,
        )
        for topic in topics
    )


def _tell(assistant: Assistant, topic: Topic) -> dict[str, Any]:
    began = time.perf_counter()
    told = assistant.timeline(Question(topic.text))
    events = [
        {
            "day": str(one.day),
            "stated": one.stated,
            "quote": Span(one.quote.article.id, one.quote.start, one.quote.end, one.quote.text)._asdict(),
            "articles": one.articles,
            "corrected_by": one.notice.id if one.notice else "",
        }
        for one in told.events
    ]
    return {"events": events, "seconds": {"timeline": time.perf_counter() - began}}
