"""Account for a claim by its evidence: every number, date, name and negation of it must be there, however written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rag.english import days, figures, naming, polarity
from rag.english.days import Day
from rag.english.figures import Figure, Known
from rag.search.words import NUMBERS, Word, words
from rag.types import PublishedDate, Span

_YEARS = range(1400, 2201)
# They say nothing of who is meant, or are written in full elsewhere.
_ABBREVIATED = frozenset(
    "mr mrs ms miss dr prof sir gov sen rep gen col lt sgt capt st jr sr co corp inc ltd plc llc".split()
)
_TITLES = frozenset(
    """president minister prime secretary senator chancellor premier king queen prince princess pope general judge
    justice chief mayor governor director captain colonel professor former chairman chairwoman ceo""".split()
)
# Words that open sentences and name nothing, though no function word is among them.
_OPENERS = frozenset(
    """according across additional additionally afterwards age ago ahead air almost along already although amid
    among amongst and animal annual another anti anyone army around art article aside attack back bank based because
    besides beyond blood border business call cancer car central child children city coal common company compared
    consequently control corn cost country court crime critics currently death demand democracy despite different
    domestic drug due earlier early earth eastern education eight election elsewhere employee even eventually every
    everyone everything evidence ex except family far farmer female fifth figure film final finally fire first
    fiscal five flight flood folk following food football foreign former four fourth free fuel full furthermore gas
    general given global gold good government great greater half health heart heat heavy high higher historian
    history home homeless horse hospital hotel house housing however human ice illegal important in including indeed
    individual industry information instead international invest its job key labor labour land language large larger
    last late later latest law lead left less let life like likely likewise little local long low lower main
    mainstream major make male management many market mass may maybe meanwhile men mid might military million minor
    mobile modern money moreover most much multiple music national natural near nearly never nevertheless new next
    night nine nobody non none nonetheless northern note nothing now nowadays nuclear official often oil old older
    one opposite otherwise over overall owner parliament part patient peace people perhaps person plan play police
    popular population post power pre price prior prison private pro prominent protest public radio rain rather
    reader rebel recent record regarding regardless relief religion report rescue research rice right rising road
    safety school science scientific sea second secondary see seven several sex share shipwreck short similar simple
    since six small smaller snow so social society soil soldier some somebody someone something sometimes soon
    southern space sport stage state steel still stock storm strong student sub subsequent such sugar summer supply
    support tax teacher technology television ten terror then thereafter therefore third though three throughout
    thus time today together tomorrow tonight total tourism toward towards trade traffic travel turnout two type
    unlike upon upper use user using usually various via victim violent volcano voter war water weather well western
    whatever whenever whereas wherever while whilst winter woman women work worker world worldwide yesterday yet
    young youth""".split()
)
_ORDINARY_END = re.compile(
    r"(?:ing|ed|ly|tion|sion|ment|ness|ity|ance|ence|ism|ful|ous|ive|able|ible|ical|ural|onal|ental|[ct]ial|ular|[^sui]s)$"
)
_SINGULAR = frozenset(("is", "was", "has", "'s", "does"))
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“\"‘(\[—–•*-]|\n)[\s“\"'‘(\[]*$")
_BETWEEN = re.compile(r"\s+|-|\.\s+|\s+[A-Z]\.\s+")
_COORDINATED = re.compile(r"\s+(?:and|&|or)\s+|,\s+(?:and\s+)?|/")
# What a people, a language or an adjective is called after its country; the stems are without their last letters.
_OF_A_COUNTRY = re.compile(r"(?:i|is|an|ian|n|ish|es|ese|ean|ic|ist|ues|man|s)")
_COUNTRY_ENDS = re.compile(r"(?:|a|o|e|y|i|ia|ain|en|ey|al|an|land|us)")
_ROOT_LETTERS = 4


class _Evidence(NamedTuple):
    """What there is to account with. `runs` are the names as they stand, word beside word."""

    figures: Known
    days: tuple[Day, ...]
    forms: frozenset[str]
    initials: frozenset[str]
    acronyms: frozenset[str]
    runs: tuple[tuple[str, ...], ...]


def unaccounted(claim: str, evidence: str, published: PublishedDate | None = None) -> tuple[str, ...]:
    """What of `claim` the evidence does not have, in the order of the claim: numbers, dates, names, negations.

    `published` is the publication date of the evidence: days such as "Wednesday" are told from it, in both texts.
    """
    claim, evidence = unicodedata.normalize("NFC", claim), unicodedata.normalize("NFC", evidence)
    there = _read(evidence, published)
    dated = days.find(claim, published)
    counted = _outside(figures.figures(claim), dated)
    gaps = [day.span for day in dated if not _is_told(day, there)]
    gaps += [figure.span for figure in counted if not figure.weak and not _is_counted(figure, there)]
    taken = [*(day.span for day in dated), *(figure.span for figure in counted)]
    gaps += _unnamed(claim, taken, there)
    gaps += polarity.opposed(claim, evidence)
    return tuple(dict.fromkeys(claim[span.start : span.end] for span in sorted(set(gaps))))


@lru_cache(maxsize=256)
def _read(evidence: str, published: PublishedDate | None) -> _Evidence:
    dated = days.find(evidence, published)
    said = words(evidence)
    return _Evidence(
        figures.known(_outside(figures.figures(evidence), dated)),
        dated,
        # "us" is no "US".
        frozenset(_form(word) for word in said if not word.function),
        frozenset(naming.initials(said)),
        frozenset(_form(word) for word in said if word.text.isupper()),
        tuple(tuple(_form(word) for word in run) for run in _joined(evidence, said)),
    )


def _outside(found: Sequence[Figure], dated: Sequence[Day]) -> list[Figure]:
    """The numbers that are no part of a date."""
    return [
        figure
        for figure in found
        if not any(day.span.start < figure.span.end and figure.span.start < day.span.end for day in dated)
    ]


# Numbers and dates


def _is_counted(figure: Figure, there: _Evidence) -> bool:
    if figures.is_known(figure, there.figures):
        return True
    spans = [_span_of(reading) for reading in figure.readings]
    return any(span and _within(*span, there.days) for span in spans)


def _span_of(reading: figures.Reading) -> tuple[date, date] | None:
    """The days of a number that may be a year, or of a decade."""
    value, unit = reading
    if isinstance(value, str) or value.denominator > 1 or int(value) not in _YEARS or unit not in ("", "decade"):
        return None
    return date(int(value), 1, 1), date(int(value) + (9 if unit else 0), 12, 31)


def _is_told(day: Day, there: _Evidence) -> bool:
    if any(day.form == other.form for other in there.days):
        return True
    if day.first and day.last and _within(day.first, day.last, there.days):
        return True
    # A day or month of no certain year is told by one of any year.
    return day.form.startswith("--") and any(
        re.sub(r"^(?:-|\d{4})(?=-)", "", form).startswith(day.form[1:])
        for other in there.days
        for form in (other.form, str(other.first) if other.first == other.last else "")
    )


def _within(first: date, last: date, told: Sequence[Day]) -> bool:
    return any(day.first and day.last and first <= day.first and day.last <= last for day in told)


# Names


def _unnamed(claim: str, taken: Sequence[Span], there: _Evidence) -> Iterator[Span]:
    said = words(claim)
    named = [word for word in _named(claim, said) if not any(s.start < word.end and word.start < s.end for s in taken)]
    missing = {word for word in named if not _is_named(word, there)}
    runs = _joined(claim, said)
    for run in runs:
        missing -= set(_abbreviated(run, there))
    yield from (Span(word.start, word.end) for word in missing)
    for run in runs:
        for one, other in pairwise(run):
            plain = {one, other}.issubset(named) and not {one, other} & missing
            if plain and _BETWEEN.fullmatch(claim, one.end, other.start) and _recombined(one, other, there):
                yield Span(one.start, other.end)


def _named(claim: str, said: Sequence[Word]) -> Iterator[Word]:
    """The words of a claim that name something."""
    if _is_headline(said):
        return
    for at, word in enumerate(said):
        lowered = word.bare
        if not _capital(word) or lowered in naming.CALENDAR or lowered in NUMBERS or lowered in _ABBREVIATED:
            continue
        after = said[at + 1] if at + 1 < len(said) else None
        if _SENTENCE_START.search(claim[max(0, word.start - 6) : word.start]) and _is_opener(lowered, word, after):
            continue
        yield word


def _capital(word: Word) -> bool:
    """Whether it has a capital letter and is neither a function word nor an initial."""
    letters = word.text.replace(".", "")
    return any(map(str.isupper, letters)) and len(letters) > 1 and not word.function and not word.numeric


def _is_opener(lowered: str, word: Word, after: Word | None) -> bool:
    """Whether the first word of a sentence may be an ordinary word."""
    if lowered in _OPENERS:
        return True
    if word.text.isupper() or naming.aliases(_form(word)) or (after and _capital(after)):
        return False
    singular = after is not None and after.text.lower() in _SINGULAR
    return bool(_ORDINARY_END.search(lowered)) and not (lowered.endswith("s") and singular)


def _is_headline(said: Sequence[Word]) -> bool:
    """Whether every word has its capital, so that none tells a name."""
    content = [word for word in said if not word.function and not word.numeric]
    return len(content) > 3 and all(any(map(str.isupper, word.text)) for word in content)


def _is_named(word: Word, there: _Evidence) -> bool:
    form = _form(word)
    if form in there.forms or (word.text.isupper() and form in there.initials):
        return True
    if any(alias in there.forms or alias in there.initials for alias in naming.aliases(form)):
        return True
    return any(_same_root(form, other) for other in there.forms)


def _abbreviated(run: Sequence[Word], there: _Evidence) -> Iterator[Word]:
    """The words of a name that goes by its initials in the evidence, or by an alias of them."""
    for count in range(2, min(len(run), 5) + 1):
        for at in range(len(run) - count + 1):
            initials = "".join(word.text[0].lower() for word in run[at : at + count])
            if initials in there.acronyms or any(alias in there.forms for alias in naming.aliases(initials)):
                yield from run[at : at + count]


def _same_root(one: str, other: str) -> bool:
    """Whether one is called after the other: Pakistan, Pakistani; China, Chinese."""
    if one[:_ROOT_LETTERS] != other[:_ROOT_LETTERS] or min(len(one), len(other)) < _ROOT_LETTERS:
        return False
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = one[shared:], other[shared:]
    return any(_OF_A_COUNTRY.fullmatch(a) and _COUNTRY_ENDS.fullmatch(b) for a, b in (ends, ends[::-1]))


def _recombined(one: Word, other: Word, there: _Evidence) -> bool:
    """Whether two names stand side by side that the evidence has only with other partners."""
    first, second = _form(one), _form(other)
    if {first, second} & _TITLES or one.text.isupper() or other.text.isupper():
        return False
    if any(first in run and second in run for run in there.runs):
        return False
    followed = any(first in run[:-1] for run in there.runs)
    preceded = any(second in run[1:] and run[run.index(second) - 1] not in _TITLES for run in there.runs)
    return followed and preceded


def _joined(text: str, said: Sequence[Word]) -> list[list[Word]]:
    """Names that stand side by side, or joined by "and" or a comma, as one run."""
    runs: list[list[Word]] = []
    previous: Word | None = None
    for word in said:
        if not _capital(word):
            continue
        gap = text[previous.end : word.start] if previous else ""
        if previous and (_BETWEEN.fullmatch(gap) or _COORDINATED.fullmatch(gap)):
            runs[-1].append(word)
        else:
            runs.append([word])
        previous = word
    return runs


def _form(word: Word) -> str:
    return word.stem.replace("'", "")
