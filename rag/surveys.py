"""What many articles tell of one thing: every article that answers, a timeline, a comparison of outlets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rag.types import Article, Evidence, PublishedDate, Question, Testimony

SurveyKind = Literal["timeline", "compare", "find"]


class Survey(NamedTuple):
    """A survey to run: its kind, and its question with filters. `sources` are what `compare` compares."""

    kind: SurveyKind
    question: Question


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every article that answers a question, likeliest first; copies of one story count once.

    `judged` articles were read, the nearest of the `articles` inside the filters. `stopped`: some were left out.
    """

    question: Question
    testimonies: tuple[Testimony, ...]
    judged: int
    articles: int
    stopped: bool = False

    def notice(self, one: Testimony) -> Article | None:
        """Return the article that corrects a testimony; it has one of its own."""
        articles = (other.evidence.article for other in self.testimonies if one.corrected_by)
        return next((article for article in articles if article.id == one.corrected_by), None)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on a `day`: read from the quote if it is `stated`, else the day of publication.

    `outlets` and `articles` (ids) are all that tell the event, the quote's own included; `notice` is the article that
    corrects the quote.
    """

    day: PublishedDate
    stated: bool
    quote: Evidence
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    notice: Article | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of a topic, the question's text, by day, those without a year last; the rest as in `Sweep`."""

    question: Question
    events: tuple[Event, ...]
    judged: int
    articles: int
    stopped: bool = False


def coverage(found: Sweep | Timeline) -> str:
    """Say how many articles there are, and why fewer were read."""
    where = "inside the filters" if found.question.narrowed else "in the archive"
    why = ": copies of one story count once, and of very many articles the nearest are read"
    are = f"{found.articles:,} {'is' if found.articles == 1 else 'are'} {where}"
    return are + (why if found.judged < found.articles and not found.stopped else "")


def correction(quote: Evidence, notice: Article | None) -> str:
    """Say what corrects a quote; "" if nothing does."""
    if notice is None:
        return ""
    return "corrected in this article" if notice.id == quote.article.id else f"corrected since: {notice.outlet_and_day}"


# Whether outlets tell a thing alike, may tell it with other amounts, or one tells it alone.
PieceKind = Literal["alike", "may differ", "alone"]
# In the order that they are shown. Only the last is right in nine of ten cases (docs/decisions/0013).
PIECE_HEADINGS: Mapping[PieceKind, str] = {
    "may differ": "May differ",
    "alike": "May tell the same",
    "alone": "Found in one alone",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What outlets tell of one thing: a quote of each that tells it, in the order of the question's outlets.

    The score of a quote is its cosine with the topic, and `answer` the amount that may differ. `same_words`: the quotes
    are the same word for word. `notices` are the articles that correct the quotes, in their order; a notice that tells
    again what it corrects is its own.
    """

    kind: PieceKind
    outlets: tuple[str, ...]
    quotes: tuple[Evidence, ...]
    notices: tuple[Article | None, ...]
    same_words: bool = False

    @property
    def centrality(self) -> float:
        """How close the quotes are to the topic on average, -1 to 1."""
        return sum(quote.score for quote in self.quotes) / len(self.quotes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What outlets tell of a topic, the most central pieces first.

    `articles` counts those on the topic that were read of each of the `outlets`. `uncertain` sentences are in no piece:
    another outlet may tell the same or not. `stopped`: some were not compared.
    """

    question: Question
    outlets: tuple[str, ...]
    articles: tuple[int, ...]
    pieces: tuple[Piece, ...]
    uncertain: int = 0
    stopped: bool = False

    def of(self, kind: PieceKind) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.kind == kind)
