"""Who published a text and when, from the lines around it: the lines at its head, its dateline and its foot.

Layout decides and not words: a short line holds little but a full date and names. A name alone may be an author, a
place or a rubric. It is the outlet's if something else in the text agrees, or if its place allows nothing else. Else
it is a candidate, which other articles may confirm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from rag.reading.dates import FoundDate, find_dates, is_weekday
from rag.types import PublishedDate

_MAX_LINES, _LEAD_PARAGRAPHS, _FOOT_LINES = 12, 3, 2
_MAX_LINE_CHARS = 160
_MAX_WORDS, _MAX_SPELLING_WORDS = 6, 8
# The rubric, the edition or the number of the issue beside an outlet and a day.
_MAX_RUBRIC_WORDS, _MAX_MASTHEAD_LINES = 3, 3
_MAX_LONE_WORDS = 4
_MAX_NAME_CHARS = 60
# Of 207 news texts a third or less of the words of 97% of the outlets stand in the prose in small letters, but more
# than a third of the words of half the short headlines.
_STEM_CHARS, _MAX_REPEATED = 5, 1 / 3
# A title may be as long as a sentence; only prose is longer or ends like one.
_MIN_SENTENCE_CHARS = 60
# Where an outlet beside a date was found.
BESIDE_DATE = "the line with the date"
_STRONG = re.compile(r"\s*[|·•–—]\s*|\s+(?:-{1,2}|/)\s+|\s{2,}|\t")
_WEAK = re.compile(r"(?:,|;|:|(?<=\w{3})\.)(?:\s+|$)")
_NOT_IN_NAMES = re.compile(r"[.!?:;,|()\"“”]\s|[!?:;,]$")
_BRACKETS = re.compile(r"\s*[()]\s*")
_CLOCK = re.compile(r"^[\s,]*(?:T?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,5}\b)?)", re.IGNORECASE)
_BY = re.compile(r"^by\s+(?=\S)", re.IGNORECASE)
# "From the Tarn Post", "Tarn Post | Updated: 5 May".
_BEFORE_NAME = re.compile(r"^\w+ the (?=[A-Z]\S* [A-Z])")
_LABEL = re.compile(r"(?<=[|·•–—])\s*\w+:\s+$")
_ARTICLE = re.compile(r"^the\s")
_WORD = re.compile(r"\w{3,}")
_PLACE = re.compile(r"[A-Z][A-Z .'’-]+")
_HEAD = re.compile(r"\s*(?:.{0,120}?[\w).])?(?=\s*(?:--|[–—:])|\s+-\s)")
_HOST = re.compile(r"(?:@|//|\bwww\.)((?:[\w-]{1,60}\.){1,5}[\w-]{2,20})")
_RIGHTS = re.compile(r"(?:©|\(c\))\s*(?:\d{4}\s*)?", re.IGNORECASE)


class Told(NamedTuple):
    """A value and the place that tells it."""

    value: str
    where: str


@dataclass(slots=True)
class Masthead:
    """What the lines around a text tell; `used` are the indices of lines that hold nothing else.

    `candidate` stands beside the day, and may be the outlet's, an author's or a place's.
    """

    outlet: Told | None = None
    published: tuple[PublishedDate, str] | None = None
    author: str | None = None
    candidate: str | None = None
    used: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Line:
    """A short line at the head: its full date, the name next to it and the other parts beside it, in order."""

    at: int
    text: str
    date: PublishedDate | None = None
    beside: str = ""
    parts: tuple[str, ...] = ()


class _Text(NamedTuple):
    """What a name is checked against: the prose, its hosts, the agency of its dateline and names told elsewhere."""

    prose: str
    foot: tuple[str, ...]
    hosts: frozenset[str]
    known: frozenset[str]
    said: frozenset[str]

    def repeats(self, line: str) -> float:
        """Return the share of a line's words that the prose has in small letters, as it has those of a headline."""
        words = _WORD.findall(_ARTICLE.sub("", line.casefold()))
        return sum(word[:_STEM_CHARS] in self.said for word in words) / max(1, len(words))

    def agrees(self, name: str) -> bool:
        """Return whether something beside its place says that a name is an outlet's."""
        words, key = name.split(), letters(name)
        if key in self.known or (words[0].casefold() == "the" and len(words) > 1):
            return True
        if any(spells(name, host) for host in self.hosts):
            return True
        # A paper calls itself by the end of its name: "told the Courier".
        tails = (" ".join(words[at:]) for at in range(1, len(words)))
        return any(re.search(rf"\b[Tt]he {re.escape(tail.title())}\b", self.prose) for tail in tails)

    def is_local(self, name: str) -> bool:
        """Return whether a name begins with a word that the prose uses alone, as it does a town and no first name."""
        town = re.escape(name.split()[0].title())
        alone = re.compile(rf"(?:^|[a-z,;] ){town}\b(?!['’]?\s[A-Z])", re.MULTILINE)
        return alone.search(self.prose) is not None


def read(
    lines: list[str], lang: str | None, title: str = "", author: str | None = None, running: tuple[str, ...] = ()
) -> Masthead:
    """Read the lines of a text. `title` and `author` are known from elsewhere, `running` are lines on every page."""
    head = list(_head(lines, lang))
    start = head[-1].at + 1 if head else 0
    prose = [line.strip() for line in lines[start:] if line.strip()]
    starts = (*(line.text for line in head), *prose[:_LEAD_PARAGRAPHS])
    dateline = next(filter(None, (read_dateline(start, lang) for start in starts)), None)
    foot = tuple(prose[-_FOOT_LINES:])
    rights = (leading_name(_RIGHTS.split(line, maxsplit=1)[1]) for line in foot if _RIGHTS.search(line))
    # "The Tarn Post is published every day."
    named = (name for name in map(leading_name, foot) if name.startswith("The "))
    told = (*running, *rights, *named, dateline.outlet if dateline else "")
    text = _Text(
        prose="\n".join(prose),
        foot=foot,
        hosts=frozenset(_HOST.findall("\n".join(lines))),
        known=frozenset(map(letters, filter(None, told))),
        said=frozenset(word[:_STEM_CHARS] for word in _WORD.findall("\n".join(prose)) if word == word.lower()),
    )
    names = [name for name in running if is_name(name) and letters(name) != letters(title)]
    return _Reading(head, text, title, author, lang).conclude(dateline, names)


def letters(name: str) -> str:
    """Reduce a name to its letters, without case and without a leading "The"."""
    return re.sub(r"\W|_", "", _ARTICLE.sub("", name.casefold()))


def spells(name: str, host: str) -> bool:
    """Return whether a part of a host is made of words of a name, in order, or of its initials: `norrapost.example`."""
    # Few words: the ways to choose among them double with each.
    words = re.findall(r"\w+", name.casefold())[:_MAX_SPELLING_WORDS]
    bare = words[1:] if words[:1] == ["the"] else words
    if not bare:
        return False
    labels = [re.sub(r"\W", "", label) for label in host.casefold().split(".")[:-1]]
    return any(
        _made_of(label, words) >= min(2, len(bare)) or (len(words) > 2 and label == "".join(word[0] for word in words))
        for label in labels
    )


def _made_of(label: str, words: list[str]) -> int:
    """Return how many of the words, in order and without others, make the label; 0 if they do not."""
    if not words:
        return 0
    with_first = label.startswith(words[0]) and (
        1 if label == words[0] else 1 + rest if (rest := _made_of(label[len(words[0]) :], words[1:])) else 0
    )
    return max(with_first or 0, _made_of(label, words[1:]))


# Lines at the head


def _head(lines: list[str], lang: str | None) -> Iterator[_Line]:
    """Yield the lines before the prose."""
    shown = [(at, line.strip()) for at, line in enumerate(lines) if line.strip()]
    for at, line in shown[:_MAX_LINES]:
        is_sentence = line.endswith((".", "!", "?", "”", '"')) and len(line) > _MIN_SENTENCE_CHARS
        if is_sentence or len(line) > _MAX_LINE_CHARS:
            return
        yield _dated_line(at, line, lang) or _Line(at, line)


def _dated_line(at: int, line: str, lang: str | None) -> _Line | None:
    """Parse a line that says little but a full date; None for others, such as a title that mentions a day."""
    found = next((found for found in find_dates(line, lang) if found.value.day_known), None)
    if found is None:
        return None
    before, after = _without_weekday(line[: found.start], lang), _CLOCK.sub("", line[found.end :])
    if (weekday := re.match(r"[\s(]+(\w+)\)?(?!\w)", after)) and is_weekday(weekday[1], lang):
        after = after[weekday.end() :]
    before = _LABEL.sub(" ", before)
    left, right = _parts(before), _parts(after)
    touching = before.strip() and not re.search(r"[|·•–—/(,;:.-]\s*$|\s{2,}$", before)
    if after.strip(" .)") and not re.match(r"\s*[|·•–—/(,;:.)-]", after):
        return None
    parts = tuple(part for group in (*left, *right) for part in group)
    if any(len(part.split()) > _MAX_WORDS for part in parts) or (touching and left and not is_name(left[-1][-1])):
        return None
    # After the date, a word or two are the edition or a rubric.
    is_short = not left and sum(len(part.split()) for part in parts) <= _MAX_RUBRIC_WORDS
    if not is_short and not any(_may_stand_by_date(part) for part in parts):
        return None
    # What is labelled is not the paper, and words without a capital are a sentence.
    if re.search(r":\s", before) or any(len(part.split()) > 3 and part.islower() for part in parts):
        return None
    # Of "Jane Roe, Home Affairs, 5 May" neither part is beside the date alone.
    near = left[-1] if left else right[0] if right else ()
    beside = near[0] if len(near) == 1 else ""
    names = [part for part in parts if is_name(part)]
    return _Line(at, line, found.value, names[0] if len(names) == 1 and not is_name(beside) else beside, parts)


def _without_weekday(before: str, lang: str | None) -> str:
    found = re.search(r"[\s(]?(\w+)\.?,?\s*$", before)
    if found is None or not (is_weekday(found[1], lang) or is_weekday(found[1], "en")):
        return before
    rest = before[: found.start(1)]
    # "The Sun" ends in a weekday too.
    return before if rest.strip() and len(letters(rest)) < 2 else rest


def _parts(text: str) -> list[tuple[str, ...]]:
    """Split what stands beside a date: groups between strong separators, each of parts between commas and stops."""
    groups = (group for piece in _BRACKETS.split(text) for group in _STRONG.split(piece))
    found = (tuple(_BEFORE_NAME.sub("", part.strip(" *_.,;:-")) for part in _WEAK.split(group)) for group in groups)
    return [kept for group in found if (kept := tuple(filter(None, group)))]


def _may_stand_by_date(part: str) -> bool:
    # A page number, a place or a name.
    return bool(re.search(r"\d", part)) or (part.isalpha() and part[0].isupper()) or is_name(_BY.sub("", part))


def is_name(text: str) -> bool:
    """Return whether a text looks like a name of several words, most of them capitalized."""
    words = text.split()
    count = sum(not word.isdigit() for word in words)
    if not 2 <= count <= _MAX_WORDS or len(text) > _MAX_NAME_CHARS or _NOT_IN_NAMES.search(text):
        return False
    lower = sum(word[0].islower() for word in words)
    return words[0][0].isupper() and lower * 3 <= len(words)


# Datelines


class Dateline(NamedTuple):
    """What `TARN, Feb 20 (Meridian Wire) - ` tells; `name` is its first part, a place or in some papers the outlet."""

    name: str
    date: PublishedDate | None
    outlet: str


def read_dateline(paragraph: str, lang: str | None) -> Dateline | None:
    """Parse what stands before the dash at the start of a paragraph, or on a line of its own."""
    found = _HEAD.match(paragraph[:_MAX_LINE_CHARS])
    head = found.group().strip() if found else paragraph.strip() if len(paragraph) < _MAX_NAME_CHARS else ""
    place = _PLACE.match(head)
    if not head or (place is None and not head.startswith("(")):
        return None
    dated: FoundDate | None = next(find_dates(head, lang), None)
    before, after = (head[: dated.start], head[dated.end :]) if dated else (head, "")
    bracket = re.search(r"\(([^\W\d_][^\W_]*(?:[ .&'’-]{1,2}[^\W\d_]+){0,5})\)\s*$", after or before)
    if bracket and not found and not is_name(bracket[1]):
        return None
    if dated and not bracket:
        outlet = after.strip(" .,")
    else:
        outlet = bracket[1] if bracket else ""
        before = before if dated or not bracket else before[: bracket.start()]
        after = after[: bracket.start()] if dated and bracket else after
        if after.strip(" .,"):
            return None
    places = [part for part in re.split(r"\s*,\s*", _without_weekday(before, lang).strip(" ,")) if part]
    if outlet and not (outlet[0].isupper() and len(outlet.split()) <= _MAX_WORDS):
        return None
    if any(len(part.split()) > _MAX_WORDS or part[0].islower() for part in places) or not (dated or outlet):
        return None
    return Dateline(places[0] if places else "", dated.value if dated else None, outlet)


# What the lines tell together


class _Reading:
    """Weighs the lines at the head, best evidence first."""

    def __init__(self, head: list[_Line], text: _Text, title: str, author: str | None, lang: str | None) -> None:
        self._text, self._lang = text, lang
        at = next((number for number, line in enumerate(head) if title and letters(line.text) == letters(title)), None)
        self._head, self._title, self._title_at = head, title, at
        authors = (name for name in (author, self._byline(), self._signature()) if name)
        self._authors = {letters(name) for name in authors if not text.agrees(name)}
        if not title:
            self._title_at = self._title_below()

    def _title_below(self) -> int | None:
        """Return where the title is if it can only be below the first lines, which hold a name or a place and a day."""
        head, text = self._head, self._text
        day = next((number for number, line in enumerate(head[:_MAX_MASTHEAD_LINES]) if line.date), None)
        if day is None:
            return None
        name = head[0].text if day else head[0].beside
        may_be_place = not day and not is_name(name)
        if _BY.match(name) or not (may_be_place or self._may_be_outlet(name)):
            return None
        if any(is_name(head[number].text) for number in range(1, day)):
            return None
        if not all(map(self._is_rubric, range(1, day))):
            # The outlet above the title and the day below it, unless the first line is what the text is about.
            return 1 if day == 2 and not text.repeats(name) and text.repeats(head[1].text) else None
        at = day + 1
        # Below a rubric the title begins a new block.
        if self._is_rubric(at) and at + 1 < len(head) and not self._is_adjacent(at + 1):
            at += 1
        if at >= len(head) or head[at].date or _BY.match(title := head[at].text) or title.endswith("."):
            return None
        # A name that the text does not repeat is an author's.
        return at if text.repeats(title) or not is_name(title) or len(title.split()) > _MAX_RUBRIC_WORDS else None

    def _may_be_outlet(self, name: str) -> bool:
        """Return whether a name may be an outlet's and not a headline, which is longer and repeated in the text."""
        is_short = len(name.split()) <= _MAX_LONE_WORDS or self._text.agrees(name)
        return is_name(name) and is_short and self._text.repeats(name) <= _MAX_REPEATED

    def _is_rubric(self, number: int) -> bool:
        """Return whether a line directly under another is a word or two in capitals or the number of an issue."""
        if not self._is_adjacent(number):
            return False
        words = [word for word in self._head[number].text.split() if not re.search(r"\d", word)]
        return len(words) <= _MAX_RUBRIC_WORDS and not any(word[0].islower() for word in words)

    def _is_adjacent(self, number: int) -> bool:
        """Return whether no blank line stands above a line."""
        return number < len(self._head) and self._head[number].at == self._head[number - 1].at + 1

    def conclude(self, dateline: Dateline | None, running: list[str]) -> Masthead:
        found = Masthead()
        dated = [line for number, line in enumerate(self._head) if line.date and number != self._title_at]
        for line in dated:
            where = f"the line “{line.text}”" if line.parts else "a date line"
            found.published = found.published or ((line.date, where) if line.date else None)
        if found.published is None and dateline and dateline.date:
            found.published = self._dateline_day(dateline.date)
        name, chosen = self._outlet(dated)
        if name:
            found.outlet = Told(name, BESIDE_DATE if chosen and chosen.date else "a line at the head")
        elif running:
            found.outlet = Told(running[0], "a line on every page")
        elif dateline and (outlet := self._dateline_outlet(dateline)):
            found.outlet = Told(outlet, "the agency in the dateline" if dateline.outlet else "the dateline")
        elif outlet := self._foot_outlet():
            found.outlet = Told(outlet, "the last line")
        self._use(found, dated, chosen)
        return found

    def _outlet(self, dated: list[_Line]) -> tuple[str, _Line | None]:
        others = [line for number, line in enumerate(self._head) if number != self._title_at]
        lone = [line for line in others if not line.date and is_name(line.text)]
        for line in dated:
            for part in sorted(line.parts, key=lambda part: part != line.beside):
                if is_name(part) and letters(part) not in self._authors and self._text.agrees(part):
                    return part, line
        top = next((line for line in lone if self._is_top(line)), None)
        beside = next((line for line in dated if is_name(line.beside) and self._is_outlet_by_date(line, top)), None)
        if top and self._text.agrees(top.text):
            return top.text, top
        if beside:
            return beside.beside, beside
        agreed = next((line for line in lone if self._is_by_date(line) and self._text.agrees(line.text)), None)
        chosen = agreed or top
        return (chosen.text, chosen) if chosen else ("", None)

    def _is_outlet_by_date(self, line: _Line, top: _Line | None) -> bool:
        """Return whether the name beside a date is the outlet's, though nothing else says so."""
        name, number = line.beside, self._head.index(line)
        if letters(name) in self._authors or name in self._text.prose or _BY.match(name):
            return False
        if self._is_top(line):
            return True
        others = [part for part in line.parts if part != name]
        is_credited = bool(self._authors) or any(map(is_name, others)) or self._is_followed_by_name(number)
        return is_credited or (top is None and self._text.is_local(name))

    def _is_followed_by_name(self, number: int) -> bool:
        following = self._head[number + 1].text if number + 1 < len(self._head) else ""
        return is_name(_BY.sub("", following).partition(",")[0])

    def _is_top(self, line: _Line) -> bool:
        """Return whether a name stands above the title, where neither an author nor a subtitle does."""
        return self._title_at is not None and self._head.index(line) < self._title_at

    def _is_by_date(self, line: _Line) -> bool:
        """Return whether a name stands first or next to a date, a byline or the prose."""
        number = self._head.index(line)
        around = self._head[max(0, number - 1) : number + 2]
        return number in (0, len(self._head) - 1) or any(one.date or _BY.match(one.text) for one in around)

    def _byline(self) -> str:
        parts = (part for line in self._head for part in (line.parts or (line.text.partition(",")[0],)))
        return next((_BY.sub("", part) for part in parts if _BY.match(part) and is_name(_BY.sub("", part))), "")

    def _signature(self) -> str:
        """Return the name that stands alone under the text."""
        last = self._text.prose.rpartition("\n")[2]
        return bare if is_name(bare := _BY.sub("", last).strip(" .")) else ""

    def _dateline_day(self, date: PublishedDate) -> tuple[PublishedDate, str]:
        """Complete a day without a year by the same day in the foot."""
        if date.year:
            return date, "the dateline"
        for line in self._text.foot:
            for found in find_dates(line[:_MAX_LINE_CHARS], self._lang):
                if found.value.year and (found.value.month, found.value.day) == (date.month, date.day):
                    return found.value, "the dateline and the last line"
        return date, "the dateline"

    def _dateline_outlet(self, dateline: Dateline) -> str:
        if dateline.outlet:
            return dateline.outlet
        return dateline.name if is_name(dateline.name) and self._text.agrees(dateline.name) else ""

    def _foot_outlet(self) -> str:
        """Return a name in the last lines that an address there spells, or the holder of the rights if it agrees."""
        for line in self._text.foot:
            *_, after = _RIGHTS.split(line, maxsplit=1)
            name = leading_name(after)
            is_spelled = any(spells(name, host) for host in _HOST.findall(line))
            if name and (is_spelled or (after != line and self._text.agrees(name))):
                return name
        return ""

    def _may_be_candidate(self, line: _Line, name: str) -> bool:
        """Return whether what stands beside the day is a name or a capitalized word, and the line not the title."""
        is_title = self._title_at is None and not self._title and line is self._head[0]
        return not is_title and (is_name(name) or (name.isalpha() and name[0].isupper()))

    def _use(self, found: Masthead, dated: list[_Line], chosen: _Line | None) -> None:
        """Mark the lines that tell nothing but the outlet, the day and the author."""
        outlet = found.outlet.value if found.outlet else ""
        if self._title_at is not None:
            title = self._head[self._title_at]
            found.used.update([title.at] if self._title else [line.at for line in self._head if self._is_top(line)])
        for line in dated:
            names = [part for part in line.parts if letters(part) != letters(outlet)]
            credit = _single_name(names)
            name, is_credited = _BY.sub("", credit), bool(_BY.match(credit))
            is_author = is_name(name) and (is_credited or (outlet and name not in self._text.prose))
            is_candidate = line is dated[0] and self._may_be_candidate(line, name)
            if is_author:
                found.author = found.author or name
            elif is_candidate and not outlet and letters(name) not in self._authors:
                found.candidate = name
            if not names or is_author or is_candidate:
                found.used.add(line.at)
        for line in self._head:
            if outlet and letters(line.text) == letters(outlet) and (line is chosen or self._is_by_date(line)):
                found.used.add(line.at)


def _single_name(parts: list[str]) -> str:
    """Return the only part, or the only name among short ones: a rubric, a page or a place may stand beside it."""
    if len(parts) > 1 and all(is_name(part) or len(part.split()) <= _MAX_RUBRIC_WORDS for part in parts):
        parts = [part for part in parts if is_name(part)]
    return parts[0] if len(parts) == 1 else ""


def leading_name(text: str) -> str:
    """Return the capitalized words at the start of a text, two or more, up to the first punctuation."""
    words = text.lstrip(' *_-–—"').split()[: _MAX_WORDS + 1]
    capital = list(takewhile(lambda word: word[0].isupper(), words))
    end = next((at for at, word in enumerate(capital, start=1) if word[-1] in ".,;:|"), len(capital))
    return " ".join(capital[:end]).rstrip(".,;:|") if end > 1 else ""
