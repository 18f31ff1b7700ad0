"""Find what a text says of days, weeks, months and years, and tell which they are from its publication date.

A weekday without a date is one within seven days of the publication, and a date without a year one of the same year:
which, the tense says (Associated Press Stylebook, "time element" and "dates"). So after a verb of the past it is the
nearest on or before the day of publication, after one of the future the nearest on or after it, and where the tense
says neither, it is not told.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from rag.reading import dates
from rag.search.words import NUMBERS
from rag.types import PublishedDate, Span

_WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
_MONTHS = "|".join([*calendar.month_name[1:], "Sept", *calendar.month_abbr[1:]])
_COUNTS = "|".join(word for word in NUMBERS if word != "zero")
_PATTERN = re.compile(
    rf"""\b(?:
        (?P<weekday>(?:(?i:last|next|this)\s)?(?:{"|".join(calendar.day_name)})(?!s\b)
                   |(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.)
      | (?P<day>(?i:today|tonight|yesterday|tomorrow|this\s(?:morning|afternoon|evening)|last\snight)\b)
      | (?P<relative>(?:(?i:earlier|later)\s)?(?i:last|this|next)\s(?i:week|month|year)\b)
      | (?P<ago>(?P<rough>(?i:about|around|nearly|almost|over|than|some|roughly|least)\s)?
                (?P<count>(?i:an?|{_COUNTS})|\d{{1,3}})\s(?P<unit>(?i:day|week|month|year))s?\s(?i:ago)\b)
      | (?P<of_year>(?:{_MONTHS})\.?,?\s(?:of\s)?\d{{4}}\b(?![.,]\d))
      | (?P<month>(?:(?i:last|next|this)\s)?(?:{_MONTHS})(?!\w))
    )""",
    re.VERBOSE,
)
# "April 7-9", "6 and 7 October 2021"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TWO_DAYS = rf"{_DAY}(?:\s?[-–—]\s?|\s(?:to|and|or|until|through)\s(?:the\s)?){_DAY}"
_SPREAD = re.compile(
    rf"(?<![\w.,:/-])(?:(?P<month>{_MONTHS})\.?\s{_TWO_DAYS}|{_TWO_DAYS}\s(?:of\s)?(?P<month_after>{_MONTHS}))"
    r"(?:,?\s(?P<year>\d{4}))?(?!\w|[.,:]\d)"
)
# "May" and "March" are months only after such a word.
_OF_A_MONTH = re.compile(
    r"\b(?:in|last|next|this|since|until|till|by|of|early|late|mid|during|from|to|through|and|between|before|after)"
    r"[\s-]$",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_WEEKDAY_OF = re.compile(r",?\s(?:the\s)?|\s?\(")
_SENTENCE_END = re.compile(r"[;!?]|\.\s+(?=[A-Z“\"])")
_NEAR_CHARS, _DETERMINER_CHARS = 160, 8
# So that "February 29" is a day.
_LEAP_YEAR = 2000
# "A May 1 deadline", "the Friday vote": its tense is not that of the verb beside it.
_DETERMINED = re.compile(r"\b(?:an?|the|this|its?|his|her|their|our)\s$", re.IGNORECASE)
_NOUN = re.compile(r"\s[a-z]")
_FUTURE = re.compile(
    r"\b(?:(?:will|won['’]t|would|shall)\b|(?:(?<=\bis\s)|(?<=\bare\s)|(?<=\bbe\s)|(?<=['’]s\s))"
    r"(?:to|due|set|expected|scheduled|slated|planned|likely)\b|(?:plan|hope|expect|aim|want|vow|promise)(?:s|ed)?\sto\b"
    r"|going\sto\b|until\b|ahead\sof\b|upcoming\b|next\b|tomorrow\b)(?:\sbe(?:\s\w+ed)?)?|['’]ll\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|had|has|have|did|said|told|met|came|went|won|lost|fell|rose|began|held|took|made|gave|left|found"
    r"|shot|struck|broke|became|ran|saw|got|spoke|wrote|sent|flew|sank|drew|led|beat|paid|sold|bought|brought|fought"
    r"|caught|taught|thought|built|swore|quit|dead|since|(?!need|feed|speed|indeed|exceed|succeed|proceed)\w+ed)\b",
    re.IGNORECASE,
)
# The future of the past may be over or to come.
_EITHER = re.compile(r"\b(?:was|were)\s(?:to|due|set|expected|scheduled|slated|planned|likely)\b", re.IGNORECASE)


class Day(NamedTuple):
    """A day or a longer time that a text names: `first` to `last`, both included; None where it is not told which.

    `form` is what two mentions are compared by: `2021-04-07`, `--04-07`, `wednesday`, `last week`.
    """

    span: Span
    form: str
    first: date | None = None
    last: date | None = None


def find(text: str, published: PublishedDate | None = None) -> tuple[Day, ...]:
    """Every mention of a day, week, month or of a year by name ("last year") in `text`, in order.

    A year in digits alone is left to those who read numbers.
    """
    if published and dates.valid_date(published.year) is None:
        published = None
    dated = list(_dated(text, published))
    taken = [day.span for day in dated]
    others = [
        day
        for match in _PATTERN.finditer(text)
        if not any(span.start < match.end() and match.start() < span.end for span in taken)
        and (day := _named(match, published))
    ]
    return tuple(sorted(_beside(text, others, dated), key=lambda day: day.span))


def _dated(text: str, published: PublishedDate | None) -> Iterator[Day]:
    # The search for dates takes its time, and without a digit there is none.
    if not _DIGIT.search(text):
        return
    spreads = list(_SPREAD.finditer(text))
    for match in spreads:
        month = dates.month_number(match["month"] or match["month_after"], "en")
        for number in re.finditer(r"(?<!\d)\d{1,2}(?!\d)", match.group()):
            value = dates.valid_date(int(match["year"] or _LEAP_YEAR), month, int(number.group()))
            if value and value.day:
                span = Span(match.start() + number.start(), match.start() + number.end())
                yield _on(value if match["year"] else PublishedDate(0, value.month, value.day), text, span, published)
    for found in dates.find_dates(text, "en"):
        said, value = text[found.start : found.end].rstrip("."), found.value
        # "08/04/2021" says no more than its year, "may 5" is no date, and "in May. 5 others" are two sentences.
        if not value.day or said.islower() or re.search(r"(?:[a-z]{4,}|May)\.", said.replace("Sept.", "")):
            continue
        if not any(match.start() < found.end and found.start < match.end() for match in spreads):
            yield _on(value, text, Span(found.start, found.start + len(said)), published)


def _on(value: PublishedDate, text: str, span: Span, published: PublishedDate | None) -> Day:
    day = value.day_known or (_of_tense(value, published, _tense(text, span)) if published else None)
    return Day(span, str(value), day, day)


def _of_tense(value: PublishedDate, published: PublishedDate, tense: str) -> date | None:
    """A day without a year, as the tense says."""
    if not published.month or not tense:
        return None
    on = (published.month, published.day) if published.day else (published.month, value.day)
    later, earlier = (value.month, value.day) > on, (value.month, value.day) < on
    year = published.year - (later and tense == "past") + (earlier and tense == "future")
    checked = dates.valid_date(year, value.month, value.day)
    return checked.day_known if checked else None


def _named(match: re.Match[str], published: PublishedDate | None) -> Day | None:
    said, span = " ".join(match.group().lower().split()), Span(*match.span())
    known = published or PublishedDate(0)
    on = known.day_known
    if match["weekday"]:
        which, _, name = said.rpartition(" ")
        number = next(at for at, weekday in enumerate(_WEEKDAYS) if weekday.startswith(name.rstrip(".")[:3]))
        day = on and _weekday(number, on, which, _tense(match.string, span))
        return Day(span, _WEEKDAYS[number], day, day)
    if match["day"]:
        shift = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(said, 0)
        day = on and on + timedelta(days=shift)
        return Day(span, said if shift else "today", day, day)
    if match["relative"]:
        return _relative(span, said, known)
    if match["ago"]:
        word = match["count"].lower()
        count = int(word) if word.isdigit() else NUMBERS.get(word, 1)
        unit = match["unit"].lower()
        bounds = None if match["rough"] else _around(known, unit, -count)
        return Day(span, f"{count} {unit} ago", *(bounds or (None, None)))
    return _month(match, span, known)


def _weekday(number: int, on: date, which: str, tense: str) -> date | None:
    back, ahead = (on.weekday() - number) % 7, (number - on.weekday()) % 7
    monday = on - timedelta(days=on.weekday())
    if which == "this":
        return monday + timedelta(days=number)
    if which == "last":
        # For some it is the nearest, for others the one of the week before.
        day = on - timedelta(days=back or 7)
        return day if day < monday else None
    if which == "next":
        day = on + timedelta(days=ahead or 7)
        return day if day > monday + timedelta(days=6) else None
    return {"past": on - timedelta(days=back), "future": on + timedelta(days=ahead)}.get(tense)


def _relative(span: Span, said: str, known: PublishedDate) -> Day:
    """ "last week", "earlier this year"."""
    *part, which, unit = said.split()
    bounds = _around(known, unit, {"last": -1, "this": 0, "next": 1}[which])
    on = known.day_known
    if bounds and on and which == "this" and part:
        bounds = (bounds[0], on) if part == ["earlier"] else (on, bounds[1])
    return Day(span, f"{which} {unit}", *(bounds or (None, None)))


def _around(known: PublishedDate, unit: str, shift: int) -> tuple[date, date] | None:
    """The day, week from Monday (ISO 8601), month or year that is `shift` of them away from the publication."""
    on = known.day_known
    if unit in ("day", "week"):
        if on is None:
            return None
        first = on if unit == "day" else on - timedelta(days=on.weekday())
        first += timedelta(days=shift * (1 if unit == "day" else 7))
        return first, first + timedelta(days=0 if unit == "day" else 6)
    if not known.year or (unit == "month" and not known.month):
        return None
    if unit == "year":
        return _of_month(known.year + shift, 0)
    year, month = divmod(known.year * 12 + known.month - 1 + shift, 12)
    return _of_month(year, month + 1)


def _of_month(year: int, month: int) -> tuple[date, date] | None:
    """The first and last day of a month, or of a year where `month` is 0."""
    if dates.valid_date(year) is None:
        return None
    last = month or 12
    return date(year, month or 1, 1), date(year, last, calendar.monthrange(year, last)[1])


def _month(match: re.Match[str], span: Span, known: PublishedDate) -> Day | None:
    if match["of_year"]:
        name, year = re.split(r"\W", match.group(), maxsplit=1)[0], int(match.group()[-4:])
        bounds = _of_month(year, dates.month_number(name, "en"))
        return Day(span, str(PublishedDate(year, dates.month_number(name, "en"))), *bounds) if bounds else None
    which, _, name = match["month"].lower().rpartition(" ")
    if not which and name in ("may", "march") and not _OF_A_MONTH.search(match.string[: span.start][-10:]):
        return None
    number = dates.month_number(name, "en")
    year = _year(number, known, which or _tense(match.string, span)) if known.year and known.month else 0
    return Day(span, str(PublishedDate(0, number)), *(_of_month(year, number) or (None, None)))


def _year(month: int, known: PublishedDate, which: str) -> int:
    """The year of a month by name, 0 where it is not told."""
    earlier, later = month < known.month, month > known.month
    if which == "last":
        return 0 if earlier else known.year - 1
    if which == "next":
        return 0 if later else known.year + 1
    years = {"this": known.year, "past": known.year - later, "future": known.year + earlier}
    return years.get(which, 0)


def _beside(text: str, others: list[Day], dated: list[Day]) -> Iterator[Day]:
    """All of them; a weekday beside a date is that day, if it is one."""
    yield from dated
    for day in others:
        date_of = [
            one
            for one in dated
            if day.form in _WEEKDAYS
            and (
                _WEEKDAY_OF.fullmatch(text, day.span.end, one.span.start)
                or _WEEKDAY_OF.fullmatch(text, one.span.end, day.span.start)
            )
        ]
        if date_of:
            that = date_of[0].first
            same = that if that and that.weekday() == _WEEKDAYS.index(day.form) else None
            yield day._replace(first=same, last=same)
        else:
            yield day


def _tense(text: str, span: Span) -> str:
    """ "past" or "future" by the verb nearest to a place, those before it first; "" where none tells."""
    if _DETERMINED.search(text[: span.start][-_DETERMINER_CHARS:]) and _NOUN.match(text, span.end):
        return ""
    before = _SENTENCE_END.split(text[max(0, span.start - _NEAR_CHARS) : span.start])[-1]
    after = _SENTENCE_END.split(text[span.end : span.end + _NEAR_CHARS])[0]
    for near, last in ((before, True), (after, False)):
        cues = [
            (match.end() if last else -match.start(), rank, tense)
            for rank, (pattern, tense) in enumerate(((_PAST, "past"), (_FUTURE, "future"), (_EITHER, "")))
            for match in pattern.finditer(near)
        ]
        if cues:
            return max(cues)[2]
    return ""
