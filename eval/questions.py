"""The questions of a fixed set: what to ask of an archive, and what is right.

A line of `questions.jsonl` has `id`, `question`, `answers`, and may have `history`, `from`, `to`, `as_of`, `sources`,
`languages`, `stories`, `gold`, `type` and `note`, and nothing else. `answers` are accepted wordings of the short
answer, none where a refusal is right; `history` is `[{"question", "answer"}]`, the oldest first, the answer "" for a
refusal; `from` and `to` are days, both included, and `as_of` is the day to ask from; `gold` is
`[{"article_id", "start", "end"}]`, the sentences that answer, in characters of the article's text; `note` is for
people, and is not read.

The archive makes an article's id of where it was read, so the same file has another id on another machine. A gold
`article_id` is therefore the id, or the end of the article's origin: the name of its file (`visit.txt`), the member of
a packed file, or the key of its row (`17` of `rows.csv#17`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from eval import files
from eval.cases import Extent, whole
from eval.files import Row
from rag import Article, Exchange, InputError, Question

_QUESTIONS = "questions.jsonl"
_FILTERS = ("from", "to", "as_of", "sources", "languages", "stories")
_KEYS = ("id", "question", "answers", "history", *_FILTERS, "gold", "type", "note")
_GOLD_KEYS, _HISTORY_KEYS = ("article_id", "start", "end"), ("question", "answer")
# What may stand before the end of an origin: `folder/name`, `packed!member`, `file#key`, `upload:name`.
_BEFORE_AN_END = ("/", "\\", "!", "#", ":")


class Gold(NamedTuple):
    """A sentence that answers; `text` is "" until `locate` has found it."""

    article_id: str
    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A question for an archive, as it was in its conversation, and what is right."""

    id: str
    question: str
    answers: tuple[str, ...]
    history: tuple[Exchange, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    as_of: date | None = None
    gold: tuple[Gold, ...] = ()
    type: str = ""

    @property
    def mode(self) -> str:
        """None: the answers say what is right."""
        return ""

    @property
    def answerable(self) -> bool:
        """Whether a refusal is wrong."""
        return bool(self.answers)

    @property
    def asked(self) -> Question:
        """What the assistant is asked."""
        return Question(
            self.question,
            published_from=self.published_from,
            published_to=self.published_to,
            sources=self.sources,
            languages=self.languages,
            stories=self.stories,
            as_of=self.as_of,
            history=self.history,
        )

    @property
    def written(self) -> dict[str, Any]:
        """The case as JSON, by the keys of its file."""
        # Only where they are set: reports and baselines of before there were these know a case by what is written.
        later = {
            "as_of": str(self.as_of) if self.as_of else None,
            "languages": list(self.languages),
            "stories": list(self.stories),
        }
        return {
            "id": self.id,
            "question": self.question,
            "answers": list(self.answers),
            "history": [exchange._asdict() for exchange in self.history],
            "from": str(self.published_from) if self.published_from else None,
            "to": str(self.published_to) if self.published_to else None,
            "sources": list(self.sources),
            "gold": [gold._asdict() for gold in self.gold],
            "type": self.type,
            **{name: value for name, value in later.items() if value},
        }

    def is_gold(self, quote: Extent) -> bool:
        """Whether it shares a character with a sentence that answers."""
        return any(
            one.article_id == quote.article_id and quote.start < one.end and one.start < quote.end for one in self.gold
        )


def read_queries(path: Path) -> tuple[Query, ...]:
    """Read a file, or a folder that holds `questions.jsonl`. Raises: InputError, naming the file and the line."""
    file = files.find(path, (_QUESTIONS,))
    return whole(file, ((_query(row), row.place) for row in files.rows(file)))


def locate(queries: Sequence[Query], articles: Iterable[Article]) -> tuple[Query, ...]:
    """The queries with the ids and the texts of their gold sentences as the archive has them.

    Raises: InputError, where a gold sentence is of no article or of several, or ends beyond its article.
    """
    wanted = {gold.article_id for query in queries for gold in query.gold}
    by_id: dict[str, Article] = {}
    by_end: dict[str, list[Article]] = {}
    for article in articles:
        if article.id in wanted:
            by_id[article.id] = article
        for end in _ends(article.origin) & wanted:
            by_end.setdefault(end, []).append(article)
    found = {name: [by_id[name]] if name in by_id else by_end.get(name, []) for name in wanted}
    return tuple(replace(query, gold=tuple(_located(query, gold, found) for gold in query.gold)) for query in queries)


def _located(query: Query, gold: Gold, found: dict[str, list[Article]]) -> Gold:
    there, place = found[gold.article_id], f"case {query.id!r}: the gold article {gold.article_id!r}"
    if not there:
        raise InputError(f"{place} is not in the archive", "name another --archive, or add the article to this one")
    if len(there) > 1:
        raise InputError(f"{place} may be {there[0].id} or {there[1].id}", "give the id of the one that is meant")
    article = there[0]
    if gold.end > len(article.text):
        raise InputError(
            f"{place} has {len(article.text):,} characters, and the sentence ends at {gold.end:,}",
            "the article is another version: count again",
        )
    return Gold(article.id, gold.start, gold.end, article.text[gold.start : gold.end])


def _ends(origin: str) -> set[str]:
    return {origin, *(origin[at + 1 :] for at, char in enumerate(origin) if char in _BEFORE_AN_END)}


def _query(row: Row) -> Query:
    row.only(_KEYS)
    given = row.values
    return Query(
        id=row.text("id"),
        question=row.text("question"),
        answers=row.texts("answers"),
        history=tuple(map(_exchange, row.inner("history", "earlier question"))) if "history" in given else (),
        published_from=_day(row, "from"),
        published_to=_day(row, "to"),
        sources=row.texts("sources") if "sources" in given else (),
        languages=row.texts("languages") if "languages" in given else (),
        stories=row.texts("stories") if "stories" in given else (),
        as_of=_day(row, "as_of"),
        gold=tuple(map(_gold, row.inner("gold", "gold sentence"))) if "gold" in given else (),
        type=row.text("type", ""),
    )


def _exchange(row: Row) -> Exchange:
    row.only(_HISTORY_KEYS)
    return Exchange(row.text("question"), row.text("answer"))


def _gold(row: Row) -> Gold:
    row.only(_GOLD_KEYS)
    start, end = (_offset(row, name) for name in ("start", "end"))
    if start >= end:
        raise InputError(f"{row.place} runs from {start} to {end}", "`end` is the character after the last")
    return Gold(row.text("article_id"), start, end)


def _offset(row: Row, name: str) -> int:
    found = row.values.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise InputError(f"{row.place}: `{name}` is {found!r:.40}", "it is a number of characters")
    return found


def _day(row: Row, name: str) -> date | None:
    told = row.text(name, "")
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise InputError(f"{row.place}: `{name}` is {told!r:.40}", "it is a day such as 2021-04-08") from None
