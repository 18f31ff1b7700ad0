"""The cases of a test set: questions and claims, with what is right.

`questions.jsonl` is asked of an archive. A line has `id`, `question`, `answers`, and optionally:

    all        a list of lists of wordings: one of each inner list must be given (lists, comparisons, histories)
    wrong      wordings that would be a wrong answer: the sibling's value, the retracted figure, "Yes"
    corrects   words of a sentence that corrects a false premise: quoting it is as right as refusing
    gold       the sentences that answer: [{"article_id", "start", "end"}] or [{"article_id", "quote"}]
    history    the earlier turns: [{"question", "answer"}], oldest first, the answer "" for a refusal
    from, to, as_of, sources, languages, stories    the filters of the question; days as 2021-04-08
    as         the form of reply that is asked for, as in `nutgraf ask --as`
    type       groups the figures;  held: true for the third that is never looked at case by case;  note: not read

`answers` are accepted wordings of the short answer; [] means that a refusal is right. A gold `article_id` is the id of
an article or the end of its origin: a file name (`visit.txt`), `rows.csv#17` by the row's key, or `rows.csv#3` by its
number from 1. A `quote` is found whatever its white space, and must occur once.

`reading.jsonl` brings the passages of each case and takes `history`, `gold` (passage ids) and `type`; `modes.jsonl` has
`expected` instead of `answers`; SQuAD 2.0 JSON is read as `reading.jsonl`; `claims.jsonl` has `claim`, `evidence` and
`supported`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast, get_args

from eval import files
from eval.files import Row
from rag import Article, Exchange, InputError, Mode, Question

ABSTAIN, DISPUTED, TRUSTWORTHY = MODES = ("abstain", "disputed", "trustworthy")
_FILTERS = ("from", "to", "as_of", "sources", "languages", "stories")
_KEYS = (
    "id",
    "question",
    "answers",
    "all",
    "wrong",
    "corrects",
    "gold",
    "history",
    *_FILTERS,
    "as",
    "type",
    "held",
    "note",
)
# What precedes the end of an origin: `folder/name`, `packed.zip!member`, `file#key`, `upload:name`.
_SEPARATORS = ("/", "\\", "!", "#", ":")
MAX_FAULTS = 10


class Span(NamedTuple):
    """Characters `start` to `end` of an article. With `end` 0, a quote that `locate` has yet to find."""

    article_id: str
    start: int = 0
    end: int = 0
    text: str = ""

    def overlaps(self, other: Span) -> bool:
        return self.article_id == other.article_id and self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.article_id == other.article_id and self.start <= other.start and other.end <= self.end


class Source(NamedTuple):
    """A passage that comes with a case; "" where a field is not given."""

    id: str
    text: str
    title: str = ""
    source: str = ""
    published: str = ""


class Identified(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def written(self) -> dict[str, Any]:
        """The case as JSON: all that the result may depend on."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what is right. `mode` is set only in sets that expect a kind of reply instead of an answer."""

    id: str
    asked: Question
    answers: tuple[str, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()
    wrong: tuple[str, ...] = ()
    corrects: tuple[str, ...] = ()
    gold: tuple[Span, ...] = ()
    passages: tuple[Source, ...] = ()
    mode: str = ""
    type: str = ""
    held: bool = False

    @property
    def answerable(self) -> bool:
        return self.mode != ABSTAIN if self.mode else bool(self.answers)

    @property
    def written(self) -> dict[str, Any]:
        asked = self.asked
        days = {"from": asked.published_from, "to": asked.published_to, "as_of": asked.as_of}
        given = {
            "id": self.id,
            "question": asked.text,
            "answers": list(self.answers),
            "all": [list(part) for part in self.parts],
            "wrong": list(self.wrong),
            "corrects": list(self.corrects),
            "gold": [span.article_id if self.passages else span._asdict() for span in self.gold],
            "history": [exchange._asdict() for exchange in asked.history],
            **{name: str(day) if day else None for name, day in days.items()},
            "sources": list(asked.sources),
            "languages": list(asked.languages),
            "stories": list(asked.stories),
            "as": asked.mode or "",
            "passages": [passage._asdict() for passage in self.passages],
            "mode": self.mode,
            "type": self.type,
            "held": self.held,
        }
        return {name: value for name, value in given.items() if value or name in ("id", "question", "answers")}


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, and whether the evidence supports it."""

    id: str
    claim: str
    evidence: str
    supported: bool

    @property
    def written(self) -> dict[str, Any]:
        return asdict(self)


_Any = TypeVar("_Any")
_Case = TypeVar("_Case", bound=Identified)


def read_questions(path: Path) -> tuple[Case, ...]:
    """Read questions for an archive: a file, or a folder with questions.jsonl. Raises: InputError."""
    file = files.find(path, ("questions.jsonl",))
    return _unique(file, ((_question(row), row.place) for row in files.rows(file)))


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read questions that bring their passages; a file that ends in .json is SQuAD's. Raises: InputError.

    Source of SQuAD 2.0: Rajpurkar, Jia and Liang, "Know what you don't know" (2018).
    """
    file = files.find(path, ("reading.jsonl", "modes.jsonl"))
    if file.name.removesuffix(".gz").endswith(".json"):
        return _unique(file, _squad(files.load(file)))
    cases = _unique(file, ((_reading(row), row.place) for row in files.rows(file)))
    if len({bool(case.mode) for case in cases}) > 1:
        raise InputError(f"{file}: some cases have `expected` and others `answers`", "split them into two files")
    return cases


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read claims: a file, or a folder with claims.jsonl. Raises: InputError."""
    file = files.find(path, ("claims.jsonl",))
    return _unique(file, ((_claim(row), row.place) for row in files.rows(file)))


def sample(cases: Sequence[_Any], limit: int | None, seed: int) -> tuple[_Any, ...]:
    """Draw `limit` cases at random and keep their order; all of them if there are no more."""
    if limit is None or limit >= len(cases):
        return tuple(cases)
    return tuple(cases[at] for at in sorted(random.Random(seed).sample(range(len(cases)), limit)))  # noqa: S311


def locate(cases: Sequence[Case], articles: Iterable[Article], rows: Mapping[str, str]) -> tuple[Case, ...]:
    """Resolve every gold span to the article ids, offsets and texts of an archive.

    `rows` maps names such as `rows.csv#3` to article ids. Raises: InputError, naming the spans that are not found.
    """
    found = _by_name(articles, rows, {span.article_id for case in cases for span in case.gold})
    located, faults = [], []
    for case in cases:
        gold = []
        for span in case.gold:
            try:
                gold.append(_located(span, found.get(span.article_id, [])))
            except LookupError as error:
                faults.append(f"case {case.id!r}: {error.args[0]}")
        located.append(replace(case, gold=tuple(gold)))
    if faults:
        more = f" (and {len(faults) - MAX_FAULTS} more)" if len(faults) > MAX_FAULTS else ""
        raise InputError("; ".join(faults[:MAX_FAULTS]) + more, "correct the questions, or name another --archive")
    return tuple(located)


def _by_name(articles: Iterable[Article], rows: Mapping[str, str], wanted: set[str]) -> dict[str, list[Article]]:
    """The articles that each wanted name may mean; an id goes before the end of another article's origin."""
    found: dict[str, list[Article]] = {}
    by_id = {article.id: article for article in articles}
    for article in by_id.values():
        origin = article.origin
        ends = {origin, *(origin[at + 1 :] for at, char in enumerate(origin) if char in _SEPARATORS)}
        for name in ends & wanted:
            found.setdefault(name, []).append(article)
    known = {name: name for name in by_id} | dict(rows)
    return found | {name: [by_id[known[name]]] for name in wanted if known.get(name) in by_id}


def _located(span: Span, articles: Sequence[Article]) -> Span:
    """Raises: LookupError, with the reason."""
    name = f"the gold article {span.article_id!r}"
    if not articles:
        raise LookupError(f"{name} is not in the archive")
    if len(articles) > 1:
        raise LookupError(f"{name} may be {articles[0].id} or {articles[1].id}")
    text = articles[0].text
    start, end = span.start, span.end
    if not end:
        # White space does not count: line breaks differ between formats.
        places = [at for at, char in enumerate(text) if not char.isspace()]
        squeezed, wanted = "".join(text[at] for at in places), "".join(span.text.split())
        if squeezed.count(wanted) != 1:
            raise LookupError(f"{name} contains {span.text[:60]!r} {squeezed.count(wanted)} times, not once")
        at = squeezed.index(wanted)
        start, end = places[at], places[at + len(wanted) - 1] + 1
    if end > len(text):
        raise LookupError(f"{name} has {len(text):,} characters, and the span ends at {end:,}")
    return Span(articles[0].id, start, end, text[start:end])


def _unique(file: Path, found: Iterable[tuple[_Case, str]]) -> tuple[_Case, ...]:
    cases: dict[str, _Case] = {}
    for case, place in found:
        if case.id in cases:
            raise InputError(f"{place}: the id {case.id!r} is already used", "give each case its own id")
        cases[case.id] = case
    if not cases:
        raise InputError(f"{file} contains no case", "put one case on each line")
    return tuple(cases.values())


def _question(row: Row) -> Case:
    row.allow(_KEYS)
    held = row.values.get("held", False)
    if not isinstance(held, bool):
        raise InputError(f"{row.place}: `held` is {held!r:.40}", "it must be true or false")
    sources, languages, stories, wrong, corrects = (
        row.texts(name, optional=True) for name in ("sources", "languages", "stories", "wrong", "corrects")
    )
    parts = row.items("all") if "all" in row.values else []
    asked = Question(
        row.text("question"),
        published_from=day(row, "from"),
        published_to=day(row, "to"),
        sources=sources,
        languages=languages,
        stories=stories,
        as_of=day(row, "as_of"),
        history=_history(row),
        mode=_mode(row),
    )
    return Case(
        row.text("id"),
        asked,
        row.texts("answers"),
        parts=tuple(Row({"all": part}, row.place).texts("all") for part in parts),
        wrong=wrong,
        corrects=corrects,
        gold=tuple(map(gold_span, row.rows("gold", "gold span", optional=True))),
        type=row.text("type", ""),
        held=held,
    )


def _reading(row: Row) -> Case:
    mode = ""
    if not row.values.keys() & {"answers", "expected"}:
        raise InputError(f"{row.place} has neither `answers` nor `expected`", "one of them must say what is right")
    if "answers" not in row.values:
        mode = row.text("expected")
        if mode not in MODES:
            raise InputError(f"{row.place}: `expected` is {mode!r}", f"it must be one of {', '.join(MODES)}")
    passages = _passages(row)
    return Case(
        row.text("id"),
        Question(row.text("question"), history=_history(row)),
        () if mode else row.texts("answers"),
        gold=tuple(_whole(passages, name) for name in row.texts("gold", optional=True)),
        passages=tuple(passages.values()),
        mode=mode,
        type=row.text("type", ""),
    )


def _claim(row: Row) -> Claim:
    supported = row.values.get("supported")
    if not isinstance(supported, bool):
        raise InputError(f"{row.place}: `supported` is {supported!r}", "it must be true or false")
    return Claim(row.text("id"), row.text("claim"), row.text("evidence"), supported)


def _history(row: Row) -> tuple[Exchange, ...]:
    turns = []
    for turn in row.rows("history", "earlier turn", optional=True):
        turn.allow(("question", "answer"))
        turns.append(Exchange(turn.text("question"), turn.text("answer")))
    return tuple(turns)


def gold_span(row: Row) -> Span:
    if "quote" in row.values:
        row.allow(("article_id", "quote"))
        if not row.text("quote").strip():
            raise InputError(f"{row.place}: `quote` is empty", "give the sentence that answers")
        return Span(row.text("article_id"), text=row.text("quote"))
    row.allow(("article_id", "start", "end", "quote"))
    offsets = []
    for name in ("start", "end"):
        offset = row.values.get(name)
        if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
            raise InputError(f"{row.place}: `{name}` is {offset!r:.40}", "it must be a number of characters")
        offsets.append(offset)
    if offsets[0] >= offsets[1]:
        raise InputError(f"{row.place} runs from {offsets[0]} to {offsets[1]}", "`end` is exclusive")
    return Span(row.text("article_id"), offsets[0], offsets[1])


def _whole(passages: Mapping[str, Source], name: str) -> Span:
    """The span of a whole passage; gold that names no passage of the case is never cited."""
    return Span(name, 0, len(passages[name].text) if name in passages else 0)


def _passages(row: Row) -> dict[str, Source]:
    """The passages by id. A repeated one counts once; two texts under one id could not be told apart."""
    found: dict[str, Source] = {}
    for inner in row.rows("passages", "passage"):
        title, source, published = (inner.text(name, "") for name in ("title", "source", "published"))
        passage = Source(inner.text("id"), inner.text("text"), title, source, published)
        if found.setdefault(passage.id, passage).text != passage.text:
            raise InputError(f"{row.place}: two passages have the id {passage.id!r}", "give each its own id")
    return found


def day(row: Row, name: str) -> date | None:
    given = row.text(name, "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError(f"{row.place}: `{name}` is {given!r:.40}", "it must be a day such as 2021-04-08") from None


def _mode(row: Row) -> Mode | None:
    given = row.text("as", "")
    for mode in get_args(Mode):
        if mode == given:
            return cast(Mode, mode)
    if given:
        raise InputError(f"{row.place}: `as` is {given!r:.40}", f"it must be one of {', '.join(get_args(Mode))}")
    return None


def _squad(whole: Row) -> Iterator[tuple[Case, str]]:
    for article in whole.rows("data", "article"):
        title = article.text("title", "")
        for number, paragraph in enumerate(article.rows("paragraphs", f"{title!r}, paragraph"), start=1):
            passage = Source(f"{title}-{number}", paragraph.text("context"), title)
            gold = (Span(passage.id, 0, len(passage.text)),)
            for row in paragraph.rows("qas", "question"):
                given = [answer.text("text") for answer in row.rows("answers", "answer")]
                answers = () if row.values.get("is_impossible") else tuple(dict.fromkeys(given))
                asked = Question(row.text("question"))
                yield Case(row.text("id"), asked, answers, gold=gold, passages=(passage,)), row.place
