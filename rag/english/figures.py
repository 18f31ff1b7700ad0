"""Read the numbers of a text, however they are written: `5m`, `five million` and `5,000,000` are one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from rag.english import units
from rag.search.words import NUMBERS
from rag.types import Span

_SCALES = {
    **dict.fromkeys(("hundred", "hundreds"), 100),
    **dict.fromkeys(("thousand", "thousands", "k"), 1_000),
    **dict.fromkeys(("lakh", "lakhs"), 100_000),
    **dict.fromkeys(("million", "millions", "m", "mn", "mln"), 1_000_000),
    **dict.fromkeys(("crore", "crores"), 10_000_000),
    **dict.fromkeys(("billion", "billions", "bn", "b", "bln"), 1_000_000_000),
    **dict.fromkeys(("trillion", "trillions", "tn", "trn"), 1_000_000_000_000),
    **dict.fromkeys(("dozen", "dozens"), 12),
}
# After digits they may be a unit as well: 5 m.
_LETTERS = frozenset("kmb")
# By themselves they are no certain number; "several hundred" is "hundreds".
_VAGUE = {word: f"{word.removesuffix('s')}s" for word in _SCALES if len(word) > 3} | {"tens": "tens"}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth""".split(),
        start=1,
    )
} | {f"{word.removesuffix('y')}ieth": value for word, value in NUMBERS.items() if word.endswith("ty")}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4} | {
    f"{word}s": value for word, value in _ORDINALS.items() if 4 <= value <= 12
}
_DECADES = {f"{word.removesuffix('y')}ies": value for word, value in NUMBERS.items() if word.endswith("ty")}
_GLYPHS = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3)}
_COUNTS_AFTER = frozenset("the his her its their our".split())
_CLOCK = {"noon": 12 * 60, "midnight": 0}
# As often no numbers as numbers: "one of them", "at first", "a second".
_WEAK = frozenset(("one", "first", "second"))
_TOKEN = re.compile(
    r"""(?<![\d.,])(?P<clock>\d{1,2}(?:[:.]\d\d)?\s?(?i:[ap])(?:\.(?i:m)\.|(?i:m)\b)|\d{1,2}:\d\d\b
                |\d{4}(?=\s(?:GMT|UTC)\b))
      | (?P<ratio>\d+/\d+)(?![\d/])
      | (?P<code>(?<!\w)[A-Z]{1,5}-\d+[A-Za-z]?(?!\w)|[^\W\d_]+\d\w*)
      | (?P<number>\d{1,3}(?:[,\u00a0\u202f\u2009]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(?P<suffix>[^\W\d_½¼¾⅓⅔]\w*)?
      | (?P<glyph>[½¼¾⅓⅔])
      | (?P<word>[^\W\d_]+)""",
    re.VERBOSE,
)
# A longer row of digits counts nothing.
_LONGEST_CHARS = 40
_MARKER = re.compile(r"\[\d{1,4}\]")
_RANGE = re.compile(r"(?:\s?[-–—]\s?|[\s-](?:to|and|or)[\s-])(?:[A-Z]{0,2}[$€£¥₹])?")
_JOINED = re.compile(r"[\s-]?")


class Reading(NamedTuple):
    """What a number may mean: its value, and of what ("" of anything; "%", a currency, "th", "clock"...)."""

    value: Fraction | str
    unit: str = ""


class Figure(NamedTuple):
    """A number where it stands. `scale`: the million of "5 million"; `weak`: as often it is no number ("one")."""

    span: Span
    readings: frozenset[Reading]
    scale: int = 1
    weak: bool = False


Known = dict[Fraction | str, set[str]]


def figures(text: str) -> tuple[Figure, ...]:
    """Every number of `text` in order; markers such as `[1]` are none."""
    # A marker is blanked, so that the places stay.
    text = _MARKER.sub(lambda match: " " * len(match.group()), text)
    found = list(_Reader(text).read())
    return tuple(_ranged(text, one, after) for one, after in pairwise([*found, None]) if one)


def known(some: Iterable[Figure]) -> Known:
    """The values of numbers, each with the units that it comes in."""
    found: Known = {}
    for figure in some:
        for reading in figure.readings:
            found.setdefault(reading.value, set()).add(reading.unit)
    return found


def is_known(figure: Figure, among: Known) -> bool:
    """Whether one of the numbers `among` may be the same; a currency must agree where both state one."""
    return any(units.agree(one.unit, unit) for one in figure.readings for unit in among.get(one.value, ()))


def _ranged(text: str, one: Figure, after: Figure | None) -> Figure:
    """With what the end of a range says of its beginning: "8 to 10 percent", "$5-10 million"."""
    if after is None or one.scale > 1 or not _RANGE.fullmatch(text, one.span.end, after.span.start):
        return one
    shared = {reading.unit for reading in after.readings if reading.unit in ("%", "th", *units.MONEY)} or {""}
    more = {
        Reading(reading.value * after.scale, reading.unit or unit)
        for reading in one.readings
        for unit in shared
        if isinstance(reading.value, Fraction) and reading.unit in ("", *units.MONEY)
    }
    return one._replace(readings=one.readings | more)


class _Reader:
    """Reads the numbers of one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: Sequence[re.Match[str]] = list(_TOKEN.finditer(text))
        self._words = [token.group().lower() if token["word"] else "" for token in self._tokens]
        self._at = 0

    def read(self) -> Iterator[Figure]:
        while self._at < len(self._tokens):
            token, word = self._tokens[self._at], self._words[self._at]
            first = self._at
            self._at += 1
            if token["clock"] or token["ratio"] or token["code"]:
                yield _literal(token)
            elif token["number"] or token["glyph"]:
                yield self._digits(token)
            elif word in NUMBERS:
                yield self._counted(first, Fraction(NUMBERS[word]))
            elif (word in ("a", "an") and self._next(_SCALES, _PARTS)) or (word == "half" and self._next(_SCALES, "a")):
                yield from self._indefinite(first, word)
            elif value := _alone(word):
                counts = first and self._words[first - 1] in _COUNTS_AFTER
                yield Figure(Span(*token.span()), frozenset(value), weak=word in _WEAK and not counts)

    def _next(self, *among: Iterable[str]) -> str:
        """The next word, where it is one of those and belongs to the number."""
        if self._at >= len(self._tokens) or not self._at:
            return ""
        gap = self._tokens[self._at - 1].end(), self._tokens[self._at].start()
        word = self._words[self._at]
        return word if any(word in some for some in among) and _JOINED.fullmatch(self._text, *gap) else ""

    def _indefinite(self, first: int, word: str) -> Iterator[Figure]:
        """ "a million", "half a million", "a third", "half a day"."""
        half = word == "half"
        if half and self._next(("a",)):
            self._at += 1
            if not self._next(_SCALES):
                found = self._united(first, Fraction(1, 2), 1, set())
                united = any(reading.unit for reading in found.readings)
                yield found if united else Figure(Span(*self._tokens[first].span()), frozenset(_alone("half")))
                return
        yield self._counted(first, Fraction(1, 2) if half else Fraction(1))

    def _digits(self, token: re.Match[str]) -> Figure:
        first = self._at - 1
        if token["glyph"]:
            return self._counted(first, _GLYPHS[token["glyph"]])
        if len(token["number"]) > _LONGEST_CHARS:
            return _literal(token)
        value, suffix = Fraction(re.sub(r"[^\d.]", "", token["number"])), (token["suffix"] or "").lower()
        if suffix in ("st", "nd", "rd", "th"):
            return Figure(self._span(first), frozenset({Reading(value, "th")}))
        if suffix == "s":
            return Figure(self._span(first), frozenset(_decade(value)))
        if suffix in _SCALES:
            others = {Reading(value)} if suffix in _LETTERS else set()
            return self._united(first, value * _SCALES[suffix], _SCALES[suffix], others)
        if any(letter.isdigit() for letter in suffix):
            return Figure(self._span(first), frozenset({Reading(token.group().lower(), "code")}))
        if suffix:
            return self._united(first, value, 1, {Reading(token.group().lower(), "code")})
        after = self._tokens[self._at] if self._at < len(self._tokens) else token
        if after["glyph"] and after.start() == token.end():
            value += _GLYPHS[after.group()]
            self._at += 1
        return self._counted(first, value)

    def _counted(self, first: int, value: Fraction) -> Figure:
        """The number that begins with `value`: its tens and ones, scales, part of a whole, unit."""
        spelt = self._words[first] in NUMBERS
        if spelt and value >= 20 and (word := self._next(NUMBERS, _ORDINALS)):
            ones = NUMBERS.get(word) or _ORDINALS.get(word, 0)
            if 0 < ones < 10:
                self._at += 1
                value += ones
                if word in _ORDINALS:
                    return Figure(self._span(first), frozenset({Reading(value, "th")}))
        if part := self._next(_PARTS if value != 1 else {*_PARTS, *_ORDINALS} - {"first", "second"}):
            self._at += 1
            return self._part(first, value, part)
        if self._words[self._at : self._at + 3] == ["and", "a", "half"]:
            self._at += 3
            value += Fraction(1, 2)
        return self._scaled(first, value)

    def _part(self, first: int, value: Fraction, part: str) -> Figure:
        share = value / (_PARTS.get(part) or _ORDINALS[part])
        readings = {Reading(share), Reading(share, "part")}
        if self._words[first] in ("a", "an") and part in _ORDINALS:
            readings.add(Reading(Fraction(_ORDINALS[part]), "th"))
        return Figure(self._span(first), frozenset(readings))

    def _scaled(self, first: int, value: Fraction) -> Figure:
        """ "two hundred and five thousand": what stands before a scale is multiplied, the rest is added."""
        total, scale, others = Fraction(0), 1, {Reading(value)}
        while word := self._next(_SCALES):
            scale = _SCALES[word]
            others = others if word in _LETTERS else set()
            self._at += 1
            total, value = (total, value * scale) if scale in (12, 100) else (total + value * scale, Fraction(0))
            if (
                self._next(("and",))
                and self._words[self._at + 1 : self._at + 2]
                and self._words[self._at + 1] in NUMBERS
            ):
                self._at += 1
            while scale > 12 and (ones := self._next(NUMBERS)):
                value += NUMBERS[ones]
                self._at += 1
        return self._united(first, total + value, scale, others if scale > 1 else set())

    def _span(self, first: int) -> Span:
        return Span(self._tokens[first].start(), self._tokens[self._at - 1].end())

    def _united(self, first: int, value: Fraction, scale: int, others: set[Reading]) -> Figure:
        span = self._span(first)
        unit = units.unit(self._text, span)
        shares = {Reading(value / 100, "part")} if unit == "%" else set()
        weak = self._words[first] == "one" and not unit and scale == 1 and span.end == self._tokens[first].end()
        return Figure(span, frozenset({Reading(value, unit)} | others | shares), scale, weak)


def _alone(word: str) -> set[Reading]:
    """What a word means that is a number by itself."""
    if word in _ORDINALS:
        return {Reading(Fraction(_ORDINALS[word]), "th")}
    if word in _DECADES:
        return _decade(Fraction(_DECADES[word]))
    if word in _CLOCK:
        return {Reading(Fraction(_CLOCK[word]), "clock")}
    if word == "half":
        return {Reading(Fraction(1, 2)), Reading(Fraction(1, 2), "part")}
    return {Reading(_VAGUE[word], "vague")} if word in _VAGUE else set()


def _decade(value: Fraction) -> set[Reading]:
    """The nineties are those of the last century where no other is said."""
    return {Reading(value, "decade")} | ({Reading(value + 1900, "decade")} if value < 100 else set())


def _literal(token: re.Match[str]) -> Figure:
    found = token.group().lower()
    readings = {Reading(found.replace("-", ""), "code")}
    if token["clock"]:
        readings = {Reading(Fraction(minutes), "clock") for minutes in _minutes(found)}
    elif token["ratio"] and int(found.partition("/")[2]):
        readings.add(Reading(Fraction(found)))
    elif "-" in found:
        readings.add(Reading(Fraction(re.findall(r"\d+", found)[0])))
    return Figure(Span(*token.span()), frozenset(readings))


def _minutes(clock: str) -> set[int]:
    """The minutes after midnight; without a.m. or p.m. an hour to 12 may be either."""
    digits = [int(part) for part in re.findall(r"\d+", clock)]
    hour, minute = divmod(digits[0], 100) if clock.isdigit() else (digits[0], (*digits, 0)[1])
    if "m" in clock:
        return {hour % 12 * 60 + minute + (12 * 60 if "p" in clock else 0)}
    return {hour * 60 + minute} | ({hour % 12 * 60 + minute + 12 * 60} if hour <= 12 and clock[0] != "0" else set())
