"""The words of the domain: what an article, a passage, a hit, a citation and an answer are."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class PublishedDate:
    """A publication date as far as the article tells it; 0 stands for a part that it does not tell.

    `str()` gives ISO 8601 where the year is known (`2021-04-08`, `2021-04`, `2021`) and `--04-07`
    (RFC 6350, section 4.3.1) where it is not.
    """

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> PublishedDate:
        """Read what `str()` wrote. Raises: ValueError."""
        if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?", text, re.ASCII):
            raise ValueError(f"{text!r} is no date such as 2021-04-08, 2021-04, 2021 or --04-07")
        year, month, day = (int(part or 0) for part in [*text.replace("--", "-").split("-"), "", ""][:3])
        # A leap year for the yearless, so that February 29 is a day.
        date(year or 2000, month or 1, day or 1)
        found = cls(year, month, day)
        if str(found) != text:
            raise ValueError(f"{text!r} is no date: its year, month or day is 0")
        return found

    @property
    def day_known(self) -> date | None:
        """The calendar day, or None where the article does not tell all of it."""
        if self.year and self.month and self.day:
            return date(self.year, self.month, self.day)
        return None

    @property
    def written(self) -> str:
        """The date as people write it: `2021-04-08`, or `April 7 (year not stated)`."""
        if self.year:
            return str(self)
        return f"{calendar.month_name[self.month]} {self.day or ''}".strip() + " (year not stated)"

    def __str__(self) -> str:
        month_day = "".join(f"-{part:02d}" for part in (self.month, self.day) if part)
        return f"{self.year:04d}{month_day}" if self.year else f"-{month_day}"


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `published` is the real publication date, never the time of reading it.

    `language` is an ISO 639-1 code. `origin` is what it was read from: a path, `news.zip!a.txt`, `rows.csv#17`, an
    address. `told_by` says where each of title, source, published, url, author and language came from, as far as
    they are known: `(("published", "JSON-LD"), ("title", "the first line"))`, sorted.
    """

    id: str
    title: str
    text: str
    content_hash: str
    source: str | None = None
    published: PublishedDate | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    origin: str = ""
    told_by: tuple[tuple[str, str], ...] = ()

    @property
    def byline(self) -> str:
        """Outlet, author and date for people, as far as they are known."""
        day = self.published.written if self.published else "date not stated"
        return " · ".join(part for part in (self.source or "outlet not stated", self.author, day) if part)


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of an article: `article.text[start:end] == text`, always. Offsets count characters."""

    id: int
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


class Exchange(NamedTuple):
    """An earlier question of a conversation, as it stands alone, and the text of its answer: "" for a refusal."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what narrows it. Both days are included; `sources` are outlet names, any case.

    `languages` are ISO 639-1 codes, any case; `stories` are ids as `Facets` has them; `as_of` is the day to ask from:
    what was published later does not count. `passages` is how many to retrieve; None leaves it to the settings.
    `history`: what was said before, oldest first.
    """

    text: str
    published_from: date | None = None
    published_to: date | None = None
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    as_of: date | None = None
    passages: int | None = None
    history: tuple[Exchange, ...] = ()

    @property
    def narrowed(self) -> bool:
        dated = self.published_from or self.published_to or self.as_of
        return bool(dated or self.sources or self.languages or self.stories)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. Ranks count from 1; None where that search did not find it.

    `outlets` ran its article in much the same words, its own outlet included; () where no other article did.
    """

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a passage; `start` and `end` are its characters in `Article.text`.

    `score` says how well it answers the question: 0 (not at all) to 1. `answer` are the characters of `Article.text`
    that are the short answer, where it has one.
    """

    article: Article
    passage_id: int
    start: int
    end: int
    text: str
    score: float
    answer: Span | None = None

    @property
    def short(self) -> str:
        """The short answer, "" where it has none."""
        return " ".join(self.article.text[self.answer.start : self.answer.end].split()) if self.answer else ""


class Support(NamedTuple):
    """Whether a claim stands: `score`, 0 to 1, is how surely the evidence says it.

    `unaccounted` are the numbers, dates, names and negations of the claim that the evidence does not have.
    """

    supported: bool
    score: float
    unaccounted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """What the marker `[n]` stands for. `evidence.text` is the quote, exact; `outlets` as in `Hit`."""

    marker: int
    evidence: Evidence
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence of an answer after the check. `quoted`: it is the evidence sentence itself.

    `lead` goes before a quote: "Yes", or the outlet and its day where several are told apart.
    """

    text: str
    markers: tuple[int, ...]
    supported: bool
    quoted: bool
    lead: str = ""

    @property
    def shown(self) -> str:
        """The sentence as it stands in the answer: a quote in quotation marks, unless it has some of its own."""
        bare = not self.quoted or any(mark in self.text for mark in '“”"')
        before = f"{self.lead}: " if self.lead else ""
        return before + (self.text if bare else f"“{self.text}”")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: `kind` for machines, `message` for people."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What it took: seconds and tokens by stage, the models, and what was written but not shown.

    `prompt_tokens` are all that the reader was given, its fixed instructions included; 0 where it was not asked.
    `judged_pairs` is how many pairs of texts the judge read.
    """

    encoder: str
    judge: str
    reader: str
    retrieve_seconds: float = 0.0
    first_token_seconds: float | None = None
    total_seconds: float = 0.0
    prompt_tokens: int = 0
    written_tokens: int = 0
    judged_pairs: int = 0
    draft: str = ""
    unknown_markers: tuple[int, ...] = ()
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The checked answer, or the refusal (`refusal` is not None and `verdicts` is empty).

    `asked` is the question as it was understood, which after an earlier one may say more than its text; `short` is the
    answer in as few words as it has, "" in a refusal; `confidence`, 0 to 1, is how surely the best passage answers, in
    a refusal too; `notes` are for people: how the question was understood, where the articles disagree (then
    `disputed`, and both sides are quoted), what part of the question is not answered.
    """

    question: Question
    text: str
    verdicts: tuple[Verdict, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    refusal: Refusal | None
    trace: Trace
    asked: str = ""
    short: str = ""
    confidence: float = 0.0
    notes: tuple[str, ...] = ()
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A step of an answer under way: the passages that were found."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A step of an answer under way: one checked sentence, and the citations that its markers newly need."""

    verdict: Verdict
    citations: tuple[Citation, ...]


Step = Found | Said | Answer


@dataclass(frozen=True, slots=True)
class Status:
    """What an archive holds, and the models it is used with. `stored_encoder` is None in an empty archive."""

    archive: str
    articles: int
    passages: int
    sources: tuple[str, ...]
    disk_bytes: int
    encoder: str
    judge: str
    reader: str
    stored_encoder: str | None


class Suggestion(NamedTuple):
    """A question that the archive answers, and the article that it was made from."""

    text: str
    article_id: str
