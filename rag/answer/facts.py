"""Read the numbers, dates, names and negations of a text: what a written sentence must not invent.

Numbers and dates are compared by value: "5m", "five million" and "5,000,000" are equal, and so are "Wednesday" and
"7 April 2021" in an article of 8 April 2021. Names are compared by their letters.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from text_to_num import alpha2digit

from rag.search.words import NUMBERS, Word, content, stem, stems, unaccented, words
from rag.types import PublishedDate, Span

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3].lower(): number for name, number in ((n, i) for i, n in enumerate(calendar.month_name) if n)}
_MONTHS["sept"] = 9
_WEEKDAYS = [name.lower() for name in calendar.day_name]
# Upper-case initial: "may" and "march" are verbs.
_MONTH = "|".join([*calendar.month_name[1:], "Sept", *calendar.month_abbr[1:]])
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_UNIT = r"(?:day|week|month|year)"
# "Monday 3 March" is one date.
_ON = rf"(?:(?:{'|'.join(calendar.day_name)}),?\s)?"
# "May 6 last year", unless the year is given.
_WHICH_YEAR = r"(?:\s(?:of\s)?(?P<{}>(?i:last|this|next))\syear\b)?"
_DATE = re.compile(
    rf"""\b(?:
        (?P<iso>\d{{4}}-\d\d-\d\d)
      | {_ON}(?P<day>{_DAY})\s(?:of\s)?(?P<month>{_MONTH})\b\.?(?:,?\s(?P<year>\d{{4}}))?{_WHICH_YEAR.format("which")}
      | {_ON}(?P<month2>{_MONTH})\b\.?\s(?P<day2>{_DAY})\b(?!\s?(?:%|million|billion))(?:,?\s(?P<year2>\d{{4}}))?
        {_WHICH_YEAR.format("which2")}
      | (?P<month3>{_MONTH})\b\.?,?\s(?P<year3>\d{{4}})
      | (?P<month4>(?<=[Ii]n\s)(?:{_MONTH})|(?<=[Ss]ince\s)(?:{_MONTH}))\b
      | (?P<relative>(?i:(?:last|next|this)\s(?:week|month|year)|yesterday|today|tonight|tomorrow
                     |(?:\d+|an?)\s{_UNIT}s?\sago))
      | (?P<weekday>{"|".join(calendar.day_name)})
    )\b""",
    re.VERBOSE,
)
_SCALES = {"hundred": 100, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6, "mln": 10**6}
_SCALES |= {"billion": 10**9, "bn": 10**9, "trillion": 10**12, "tn": 10**12, "dozen": 12, "lakh": 10**5, "crore": 10**7}
_SCALES |= {str(10**power): 10**power for power in (2, 3, 6, 9, 12)}  # text2num turns "5 million" into "5 1000000"
_NUMBER = re.compile(
    rf"""(?<![\w.])(?P<currency>[$€£¥₹]\s?)?(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)
    (?:[\s-]?(?P<scale>{"|".join(sorted(_SCALES, key=len, reverse=True))})s?\b)?
    (?:\s?(?P<percent>%|per\s?cent\b))?(?:st|nd|rd|th)?(?![\w])""",
    re.VERBOSE | re.IGNORECASE,
)
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)
_NUMBER_WORDS = re.compile(
    rf"\b(?:{'|'.join(NUMBERS)})(?:[ -](?:hundred and )?(?:{'|'.join((*NUMBERS, *filter(str.isalpha, _SCALES)))}))*\b",
    re.IGNORECASE,
)
_YEARS = range(1400, 2201)
_SIGNS = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "₹": "rupees"}
# Where the unit of an amount may stand after it.
_UNIT_CHARS = 40
_NEGATIONS = frozenset("no not never none nobody nothing neither nor cannot without".split())
_MIN_SHARED_LETTERS = 4


class Quantity(NamedTuple):
    """A number with its unit: "%", a currency sign, or "" for everything else."""

    value: Decimal
    unit: str

    def rounds_to(self, other: Quantity) -> bool:
        """Whether one may be the other rounded: they differ by less than one in the last digit of either."""
        last = (Decimal(1).scaleb(int(one.normalize().as_tuple().exponent)) for one in (self.value, other.value))
        return self.unit == other.unit and abs(self.value - other.value) < max(last)


@dataclass(frozen=True, slots=True)
class Value:
    """What a short answer tells, for comparing it with others: an amount, a day, names, or other words.

    `words` are the stems of its content words, as it was written. The unit of its quantity is a stem; `unit` is the
    unit as it was written.
    """

    words: frozenset[str]
    quantity: Quantity | None = None
    unit: str = ""
    day: PublishedDate | None = None
    named: bool = False

    @property
    def is_words(self) -> bool:
        """Whether it is neither an amount nor a day nor a name."""
        return not (self.quantity or self.day or self.named)

    def comparable(self, other: Value) -> bool:
        """Whether both tell the same kind of thing: amounts of one unit, days, names, or words."""
        if self.quantity and other.quantity:
            units = {self.quantity.unit, other.quantity.unit} - {""}
            return len(units) < 2
        kinds = [(one.quantity is None, one.day is None, one.named) for one in (self, other)]
        return kinds[0] == kinds[1]

    def equals(self, other: Value) -> bool:
        """Whether both tell the same: equal amounts, days that agree as far as both go, a name or its part."""
        if not self.comparable(other):
            return False
        if self.quantity and other.quantity:
            return self.quantity.value == other.quantity.value
        if self.day and other.day:
            return all(0 in (a, b) or a == b for a, b in zip(_parts(self.day), _parts(other.day), strict=True))
        return self.words <= other.words or other.words <= self.words


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read, each fact with the words that state it, in the order of the text."""

    quantities: tuple[tuple[str, Quantity], ...]
    dates: tuple[tuple[str, PublishedDate | None], ...]
    names: tuple[str, ...]
    negations: tuple[str, ...]


def missing(claim: str, evidence: str, published: PublishedDate | None = None) -> tuple[str, ...]:
    """Return the numbers, dates, names and negations of `claim` that `evidence` lacks.

    `published` is the publication date of the evidence: "Wednesday" and "last month" are resolved from it in both.
    """
    said, there = read(claim, published), read(evidence, published)
    gaps = [text for text, quantity in said.quantities if not _has_quantity(quantity, there)]
    gaps += [text for text, day in said.dates if not _has_date(text, day, there)]
    forms = {_form(word) for word in words(evidence)}
    initials = _initials(evidence)
    gaps += [name for name in said.names if not _has_name(name, forms, initials)]
    if said.negations and not there.negations:
        gaps.append(said.negations[0])
    return tuple(dict.fromkeys(gaps))


def read(text: str, published: PublishedDate | None = None) -> Facts:
    """Read the facts of a text that was published then."""
    digits = alpha2digit(text, "en")
    dated = list(_DATE.finditer(digits))
    return Facts(
        tuple(_quantities(_without(digits, dated))),
        tuple((match.group(), resolve(match, published)) for match in dated),
        tuple(_names(text, [Span(*match.span()) for match in _DATE.finditer(text)])),
        tuple(word.text for word in words(text) if _negates(word)),
    )


def value(text: str, span: Span, published: PublishedDate | None = None) -> Value:
    """Read the value of `text[span.start:span.end]`, words of a text that was published then.

    The first amount counts, else the first day. The unit of an amount without a sign is the content word after it: it
    may stand outside the span, as in "killed 98 people". Four digits without a unit are a year.
    """
    short = text[span.start : span.end]
    said = frozenset(stems(short))
    read_here = read(short, published)
    if read_here.quantities:
        amount, sign = read_here.quantities[0][1]
        unit = _SIGNS.get(sign, sign) or _unit(text, span)
        if not unit and amount in _YEARS:
            return Value(said, day=PublishedDate(int(amount)))
        return Value(said, Quantity(amount, stem(unit)), unit)
    if day := next((day for _, day in read_here.dates if day), None):
        return Value(said, day=day)
    return Value(said, named=bool(said) and all(word.capitalised for word in content(short)))


def _unit(text: str, span: Span) -> str:
    """The content word right after the first number in a span of the text, or ""."""
    digits = alpha2digit(text[span.start : span.end], "en")
    number = _NUMBER.search(digits)
    # Words may lie between in the span itself, as in "29 from 31".
    rest = digits[number.end() :] if number else ""
    found = re.match(r"[ -]([^\W\d_]+)", rest + text[span.end : span.end + _UNIT_CHARS])
    return found[1] if found and not words(found[1])[0].function and not found[1][0].isupper() else ""


def amounts(text: str, within: Span, *, in_words: bool = False) -> Iterator[Span]:
    """Yield where an amount stands in the text, in digits and if wanted in words.

    Dates, ordinals, times of day and numbers after a hyphen, as in COVID-19, are none.
    """
    part = text[within.start : within.end]
    dated = _without(part, list(_DATE.finditer(part)))
    found = [match for match in _NUMBER.finditer(dated) if not _is_no_amount(match)]
    if in_words:
        found += [match for match in _NUMBER_WORDS.finditer(dated) if read(match.group()).quantities]
    for match in sorted(found, key=lambda one: one.start()):
        yield Span(within.start + match.start(), within.start + match.end())


def dates(text: str, within: Span, published: PublishedDate | None) -> Iterator[tuple[Span, PublishedDate]]:
    """Yield where a date stands in the text, published then, and which it is; not those that cannot be known."""
    for match in _DATE.finditer(text, within.start, within.end):
        if day := resolve(match, published):
            yield Span(*match.span()), day


def _is_no_amount(match: re.Match[str]) -> bool:
    before, after = match.string[: match.start()], match.string[match.end() :]
    within = re.search(r"\d[:.]$|\w-$", before) or re.match(r"[:.]\d", after)
    return bool(within or _ORDINAL.search(match.group()))


def resolve(match: re.Match[str], published: PublishedDate | None) -> PublishedDate | None:
    """Return the date that an expression means, as far as it tells; None if that cannot be known."""
    part = match.groupdict()
    if part["iso"]:
        return _checked(*map(int, part["iso"].split("-")))
    month = next((part[name] for name in ("month", "month2", "month3", "month4") if part[name]), None)
    if month:
        number = _MONTHS[month.lower()]
        day = int(re.sub(r"\D", "", part["day"] or part["day2"] or "0"))
        year = int(part["year"] or part["year2"] or part["year3"] or 0)
        which = (part["which"] or part["which2"] or "").lower()
        if which and published and published.year and not year:
            year = published.year + {"last": -1, "next": 1}.get(which, 0)
        return _checked(year or _nearest_year(number, day, published), number, day)
    told = published.day_known if published else None
    return _relative((part["relative"] or part["weekday"]).lower(), told) if told else None


def _nearest_year(month: int, day: int, published: PublishedDate | None) -> int:
    """A date without a year is the one nearest to the publication; 0 if that is not known."""
    if published is None or not published.year:
        return 0
    if not published.month:
        return published.year
    told = published.month + (published.day or 15) / 31
    shift = month + (day or 15) / 31 - told
    return published.year + (shift < -6) - (shift > 6)


def _relative(said: str, told: date) -> PublishedDate | None:
    if said in _WEEKDAYS:
        # News mostly speaks of the week behind it.
        return _of(told - timedelta(days=(told.weekday() - _WEEKDAYS.index(said)) % 7))
    if said in ("yesterday", "today", "tonight", "tomorrow"):
        return _of(told + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(said, 0)))
    unit = re.search(r"week|day|month|year", said)
    if unit is None or unit.group() == "week":
        return None
    # Imported here: it takes half a second, and no answer made of quotes needs it.
    import dateparser

    shifted = said.replace("last ", "1 ").replace("next ", "in 1 ").replace("this ", "0 ")
    if said.startswith(("last ", "this ")):
        shifted += " ago"
    base = datetime.combine(told.replace(day=min(told.day, 28)), datetime.min.time())
    found = dateparser.parse(shifted, languages=["en"], settings={"RELATIVE_BASE": base})
    if found is None:
        return None
    keep = {"day": 3, "month": 2, "year": 1}[unit.group()]
    return PublishedDate(*(found.year, found.month, found.day)[:keep])


def _of(day: date) -> PublishedDate:
    return PublishedDate(day.year, day.month, day.day)


def _checked(year: int, month: int, day: int) -> PublishedDate | None:
    try:
        date(year or 2000, month or 1, day or 1)
    except ValueError:
        return None
    return PublishedDate(year, month, day)


def _without(text: str, dated: Sequence[re.Match[str]]) -> str:
    """Return the text with spaces in place of its dates, whose digits are no quantities."""
    for match in dated:
        text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return text


def _quantities(text: str) -> Iterator[tuple[str, Quantity]]:
    for match in _NUMBER.finditer(text):
        value = Decimal(match["digits"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
        unit = "%" if match["percent"] else (match["currency"] or "").strip()
        yield match.group().strip(), Quantity(value, unit)


def _has_quantity(wanted: Quantity, there: Facts) -> bool:
    year = int(wanted.value) if wanted.value == wanted.value.to_integral_value() else 0
    if year in _YEARS and not wanted.unit and any(day and day.year == year for _, day in there.dates):
        return True
    return any(
        wanted.value == other.value and (wanted.unit == other.unit or "" in (wanted.unit, other.unit))
        for _, other in there.quantities
    )


def _has_date(text: str, wanted: PublishedDate | None, there: Facts) -> bool:
    """A claim may tell less of a date than the evidence, and not more."""
    return any(
        text.casefold() == other.casefold()
        or (wanted and day and all(a in (0, b) for a, b in zip(_parts(wanted), _parts(day), strict=True)))
        for other, day in there.dates
    )


def _parts(day: PublishedDate) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _names(text: str, dated: Sequence[Span]) -> Iterator[str]:
    """Yield the capitalised words that name something: not those that open a sentence alone, nor parts of dates."""
    said = words(text)
    capitals = sum(word.capitalised for word in said if not word.function)
    if len(said) > 3 and capitals == sum(not word.function for word in said):
        return  # a headline in capitals tells nothing
    for at, word in enumerate(said):
        if not word.capitalised or word.function or len(word.text) == 1:
            continue
        if any(span.start < word.end and word.start < span.end for span in dated):
            continue
        opens = not re.search(r"[\w,;]['’”\")]*\s*$", text[: word.start])
        followed = at + 1 < len(said) and said[at + 1].capitalised and not text[word.end : said[at + 1].start].strip()
        if not opens or followed or word.text.isupper():
            yield word.text


def _has_name(name: str, forms: set[str], initials: set[str]) -> bool:
    form = stem(name).replace("'", "")
    if form in forms or (name.isupper() and unaccented(name).replace(".", "") in initials):
        return True
    # Pakistan and Pakistani, China and Chinese.
    return len(form) >= _MIN_SHARED_LETTERS and any(
        len(other) >= _MIN_SHARED_LETTERS and form[:_MIN_SHARED_LETTERS] == other[:_MIN_SHARED_LETTERS]
        for other in forms
    )


def _form(word: Word) -> str:
    return word.stem.replace("'", "")


def _initials(text: str) -> set[str]:
    """The initials of every two to five capitalised words in a row: "un" for "United Nations"."""
    found, run = set[str](), ""
    for word in words(text):
        if word.capitalised:
            run += unaccented(word.text)[0]
            found.update(run[-size:] for size in range(2, 6) if len(run) >= size)
        elif not word.function:
            run = ""
    return found


def _negates(word: Word) -> bool:
    return word.bare in _NEGATIONS or word.text.lower().replace("’", "'").endswith("n't")
