"""The types of the domain: articles, questions, answers, chats, and the reports of long tasks."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from rag.marks import byline_part, quoted

_QUOTATION_MARKS = str.maketrans({"’": "'", "‘": "'", "“": "", "”": "", '"': ""})
_NOT_CONFIRMED = "Do not use this: the article in the archive does not confirm it."


@dataclass(frozen=True, slots=True, order=True)
class PublishedDate:
    """A publication date, as precise as the article states it; 0 stands for a part that is not stated.

    `str()` gives ISO 8601 if the year is known (`2021-04-08`, `2021-04`, `2021`), else `--04-07` (RFC 6350, section
    4.3.1).
    """

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> PublishedDate:
        """Parse the output of `str()`. Raises: ValueError."""
        if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?", text, re.ASCII):
            raise ValueError(f"{text!r} is no date such as 2021-04-08, 2021-04, 2021 or --04-07")
        year, month, day = (int(part or 0) for part in [*text.replace("--", "-").split("-"), "", ""][:3])
        # Without a year, assume a leap year so that February 29 is valid.
        date(year or 2000, month or 1, day or 1)
        found = cls(year, month, day)
        if str(found) != text:
            raise ValueError(f"{text!r} is no date: its year, month or day is 0")
        return found

    @property
    def day_known(self) -> date | None:
        """The calendar day, or None if any part is missing."""
        if self.year and self.month and self.day:
            return date(self.year, self.month, self.day)
        return None

    @property
    def written(self) -> str:
        """The date for display: `2021-04-08`, or `April 7 (year not stated)`."""
        if self.year:
            return str(self)
        return f"{calendar.month_name[self.month]} {self.day or ''}".strip() + " (year not stated)"

    def __str__(self) -> str:
        month_day = "".join(f"-{part:02d}" for part in (self.month, self.day) if part)
        return f"{self.year:04d}{month_day}" if self.year else f"-{month_day}"


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `published` is the publication date, never the date of ingest.

    `source` is the outlet. `language` is an ISO 639-1 code. `origin` is where it was read from: a path,
    `news.zip!a.txt`, `rows.csv#17`, a URL. `told_by` records where each known metadata field came from, sorted:
    `(("published", "JSON-LD"), ("title", "the first line"))`. `edited` are the fields that the user changed, each with
    what was read, "" for nothing: `(("source", "tarnpost.example"),)`. `candidate` is a name beside the date that may
    be an outlet's, an author's or a place's, where the file names no outlet; `source` is then that name if other
    articles confirm it.
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
    edited: tuple[tuple[str, str], ...] = ()
    candidate: str | None = None

    @property
    def byline(self) -> str:
        """Outlet, author and date for display."""
        day = self.published.written if self.published else "date not stated"
        outlet = self.source or (f"outlet not stated ({self.candidate}?)" if self.candidate else "outlet not stated")
        return " · ".join(byline_part(part) for part in (outlet, self.author, day) if part)

    @property
    def title_and_byline(self) -> str:
        """The title and the byline on one line, for display."""
        return f"{byline_part(self.title)} · {self.byline}"

    @property
    def outlet_and_day(self) -> str:
        """What is shown before a quote; the title, if neither is known."""
        day = self.published.written if self.published else None
        return byline_part(", ".join(filter(None, (self.source, day))) or self.title)


class Span(NamedTuple):
    """The characters of a text from `start` to `end` (exclusive)."""

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
    """An earlier question of a conversation, as it was understood, and its answer's text: "" for a refusal."""

    question: str
    answer: str


# The form of reply that a question asks for.
Mode = Literal["one", "list", "history", "comparison"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its filters. `history` holds the earlier exchanges, oldest first.

    Both days are inclusive; `as_of` hides everything published later. `sources` are outlet names and `languages`
    ISO 639-1 codes, both case-insensitive; `stories` are ids as in `Facets`. `passages` is how many to retrieve; None
    leaves it to the settings. `mode` is the form of reply; None leaves it to a classifier.
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
    mode: Mode | None = None

    @property
    def narrowed(self) -> bool:
        dated = self.published_from or self.published_to or self.as_of
        return bool(dated or self.sources or self.languages or self.stories)


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. Ranks count from 1; None if that search did not find it.

    `outlets` are those whose own article of the story holds every sentence of the passage; () if no other does.
    `confirmed` as in `Evidence`.
    """

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    outlets: tuple[str, ...] = ()
    confirmed: bool | None = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of a passage: `article.text[start:end] == text`.

    `score` is how well it answers the question, 0 to 1. `answer` is the short answer as a span of `article.text`.
    `confirmed` is false in a stored answer if no version of the article in the archive has this text there, and None
    if the article is no longer in the archive.
    """

    article: Article
    passage_id: int
    start: int
    end: int
    text: str
    score: float
    answer: Span | None = None
    confirmed: bool | None = True

    @property
    def place(self) -> tuple[str, int]:
        """The article's id and the start: the same for no other sentence of an archive."""
        return self.article.id, self.start

    @property
    def warning(self) -> str:
        """What to know before using the quote, or ""."""
        if self.confirmed is None:
            return "Not checked: the article is no longer in the archive."
        return "" if self.confirmed else _NOT_CONFIRMED

    @property
    def short(self) -> str:
        """The short answer, or ""."""
        return " ".join(self.article.text[self.answer.start : self.answer.end].split()) if self.answer else ""

    def says(self, sentence: str) -> bool:
        """Whether `sentence` is this quote word for word."""
        return _plain(sentence) == _plain(self.text) != ""


def _plain(text: str) -> str:
    """Return the text without what no reader copies exactly: white space, quotation marks, the full stop."""
    return " ".join(text.translate(_QUOTATION_MARKS).split()).rstrip(".")


# What the testimonies make: "" in a refusal.
AnswerKind = Literal["", "one value", "over time", "side by side", "statements"]


@dataclass(frozen=True, slots=True)
class Testimony:
    """An article's own answer. `value` is what its short answer tells: an amount in digits, a day, or its words.

    `unit` is the word after an amount, in one form for all testimonies, or "%". `outlets` as in `Hit`. `agreeing` are
    the ids of other articles that tell the same value. `corrected_by` is the id of the article that corrects it, or "".
    """

    evidence: Evidence
    value: str
    unit: str = ""
    outlets: tuple[str, ...] = ()
    agreeing: tuple[str, ...] = ()
    corrected_by: str = ""


class Support(NamedTuple):
    """The verdict on one claim; `score`, 0 to 1, is how strongly the evidence supports it.

    `unaccounted` are the numbers, dates, names and negations of the claim that the evidence lacks.
    """

    supported: bool
    score: float
    unaccounted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """What the marker `[n]` refers to. `evidence.text` is the exact quote; `outlets` as in `Hit`."""

    marker: int
    evidence: Evidence
    outlets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One checked sentence of an answer. `quoted`: it is the evidence sentence itself.

    `lead` is shown before a quote, such as the outlet and its day. `confirmed` is false in a stored answer if a quote
    it stands for is not confirmed, and None if the sentence cannot be compared with its articles. `corrected_by` is the
    id of the article that corrects what a quote tells, or "".
    """

    text: str
    markers: tuple[int, ...]
    supported: bool
    quoted: bool
    lead: str = ""
    confirmed: bool | None = True
    corrected_by: str = ""

    @property
    def warning(self) -> str:
        """What to know before using the sentence, or ""."""
        if self.confirmed is None:
            return "Not compared with its article."
        return "" if self.confirmed else _NOT_CONFIRMED

    @property
    def shown(self) -> str:
        """The sentence for display. A quote is in quotation marks; nothing in it looks like nutgraf's own marks."""
        parts = (self.lead, "corrected since" if self.corrected_by else "")
        before = f"{', '.join(filter(None, parts))}: " if any(parts) else ""
        return before + (quoted(self.text) if self.quoted else self.text)

    @property
    def cited(self) -> str:
        """The sentence for display, with its markers."""
        return f"{self.shown} {''.join(f'[{marker}]' for marker in self.markers)}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: `kind` for programs, `message` for people."""

    kind: str
    message: str


# The reply to thanks and the like.
NO_QUESTION = Refusal("no_question", "This asks nothing that articles could answer. Ask what they say.")


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer was made: models, seconds and tokens by stage, and the reader's unchecked draft.

    `prompt_tokens` includes the fixed instructions; 0 if the reader was not called. `judged_pairs` counts the pairs of
    texts that the judge scored. `unknown_markers` were written but refer to nothing.
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
    """A checked answer, or a refusal (`refusal` is set and `verdicts` is empty).

    `asked` is the question as it was understood. `short` is the shortest form of the answer, "" in a refusal.
    `confidence`, 0 to 1, is how well the best passage answers, also in a refusal. `notes` are for people: how the
    question was understood, which articles were searched. `nearest` are the best sentences found, best first, also in
    a refusal; of an answer, all that may answer. `disputed` is always False: nothing measured says yet that articles
    disagree. `mode` is the form of reply that the question was taken to ask for. `testimonies` are what the articles
    say, in the order of the quotes, and `kind` is what they make.
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
    nearest: tuple[Evidence, ...] = ()
    mode: Mode = "one"
    kind: AnswerKind = ""
    testimonies: tuple[Testimony, ...] = ()

    @property
    def unquoted(self) -> tuple[Evidence, ...]:
        """The sentences that may answer as well and are not quoted."""
        cited = {one.evidence.place for one in self.citations}
        return () if self.refusal else tuple(one for one in self.nearest if one.place not in cited)

    @property
    def doubtful(self) -> bool:
        """Whether any of its quotes is not what the archive's article says."""
        quotes = [*(citation.evidence for citation in self.citations), *self.nearest]
        compared = [one.confirmed for parts in (self.verdicts, quotes, self.hits) for one in parts]
        return False in compared


@dataclass(frozen=True, slots=True)
class Found:
    """A streaming step: the passages that were retrieved."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A streaming step: one checked sentence, and the citations it uses for the first time."""

    verdict: Verdict
    citations: tuple[Citation, ...]


Step = Found | Said | Answer


@dataclass(frozen=True, slots=True)
class Status:
    """The contents of an archive and the models in use. `stored_encoder` is None in an empty archive.

    `judge_note` says that the judge was chosen automatically and how to get a better one; "" if it was named.
    """

    archive: str
    articles: int
    passages: int
    sources: tuple[str, ...]
    disk_bytes: int
    encoder: str
    judge: str
    judge_note: str
    reader: str
    stored_encoder: str | None


class Suggestion(NamedTuple):
    """A question that the archive answers, and the article it was made from, with its headline."""

    text: str
    article_id: str
    headline: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file or article that could not be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that tells the same story as the older article `of`; `similarity` is up to 1."""

    article_id: str
    of: str
    similarity: float


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The outcome of an ingest by article id. `duplicates` are the near-duplicates among `added` and `updated`.

    `incomplete` are those among them without an outlet or a full day. `stopped`: it was stopped early, so there may be
    more to read.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    duplicates: tuple[Copy, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    stopped: bool = False
    incomplete: tuple[str, ...] = ()


class FacetCount(NamedTuple):
    """How many articles a filter on `value` would leave; None counts the articles where it is unknown.

    If the value is a story, `title` is that of its newest article, and `since` the day of its first, ISO 8601 or "".
    """

    value: str | None
    articles: int
    title: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles pass a question's filters, and how many would pass for each value of each filter.

    Each list ignores the question's own filter of that kind. `months` are `2021-04`, oldest first, and ignore the date
    range but not `as_of`; the others are sorted by count, unknown last. A joint outlet (`AP and dpa`) counts for each
    part and as a whole. `stories` is one page of `stories_total`. `outside` explains which filters leave nothing; ""
    if any article is left.
    """

    articles: int
    sources: tuple[FacetCount, ...]
    months: tuple[FacetCount, ...]
    languages: tuple[FacetCount, ...]
    stories: tuple[FacetCount, ...]
    stories_total: int
    outside: str
