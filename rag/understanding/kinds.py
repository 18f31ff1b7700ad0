"""What kind of answer a question asks for, and whether a sentence gives one."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import takewhile

from rag.english import clauses, verbs
from rag.search.words import Word, content, stem, stems, words
from rag.types import Span

# "when" and "where" ask only where no other question word stands before them.
_FIRST = r"^(?:(?!\b(?:what|which|who|how|why)\b).)*"
_WANTED = (
    (
        "money",
        r"how much\b.*\b(cost|worth|price|pay|paid|spend|spent|money|invest|value|fined?|earn|owe|budget)"
        r"|how expensive\b|what\b.*\b(price|cost|salary|budget|fee)\b|how much (is|are|was|were) (the|an?) [\w -]+\W*$",
    ),
    ("length", r"how long\b|how many (years?|months?|weeks?|days?|hours?|minutes?|decades?)\b"),
    (
        "number",
        r"how (many|much|old|far|tall|high|large|big|fast|deep|often)\b|(what|which) (number|percentage|share)\b",
    ),
    ("date", _FIRST + r"\bwhen\b|(what|which) (year|date|day|weekday|month|decade|century)\b"),
    ("name", r"\bwho(m|se)?\b|(what|which) (person|man|woman|president|minister|leader|company|outlet)\b"),
    (
        "place",
        _FIRST + r"\bwhere\b|\bwhen and where\b|\band where\b"
        r"|(what|which|two|three) (city|cities|country|countries|place|places|state|town|nation)\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _WANTED)
_MONTHS = frozenset(
    """january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday""".split()
)
_UNITS = frozenset(
    stem(unit)
    for unit in """year month week day hour minute second decade century metre meter kilometre kilometer km mile
    foot feet yard inch""".split()
)
_CURRENCY = re.compile(
    r"[$€£¥₹]|\b(dollars?|euros?|pounds?|rupees?|yen|yuan|roubles?|rubles?|pesos?|francs?|crowns?|cents|liras?|dinars?"
    r"|dirhams?|riyals?|shekels?|kron(?:er|or)|naira|baht|zloty|taka|ringgit)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"\bhow much (?:money |is |are |was |were |do |does |did |will |would |must |should |has |have |had |can |could )"
    r"(?:.*\b)?(?:costs?|pays?|paid|spend|spent|owed?)\b",
    re.IGNORECASE,
)
# A number of these is a number of things: 5 million doses.
_COUNTED = re.compile(r"\s+(?:(?:million|billion|thousand)\s+)?(?P<things>[a-z]+s)\b")
_NO_THINGS = frozenset("times percents points degrees pence cents".split())
_QUANTITY = re.compile(
    r"\b(dozens?|hundreds?|thousands?|millions?|billions?|half|third|quarter|twice|once|several|both|couple)\b",
    re.IGNORECASE,
)
_RELATIVE_DATE = re.compile(
    r"\b(today|yesterday|tomorrow|tonight|(last|next|this|later this|earlier this) (year|month|week|spring|summer"
    r"|autumn|fall|winter)|ago|centur(y|ies)|\d{2,4}s)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")

_SIZES = {word: str(size) for size, word in enumerate("two three four five six seven eight nine ten".split(), start=2)}
_COUNT = rf"(?:{'|'.join(_SIZES)}|[2-9]|[1-9]\d)"
_SIZE = re.compile(
    r"\b(?:which|what(?: (?:are|were))?|name|list|give(?: me)?|identify|mention)(?: the)?(?: top| first| main)?"
    rf" (?P<count>{_COUNT})\b(?! (?:percent|per cent|million|billion|years? ago))",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^(?:please |can you |could you )*(?:(?:list|enumerate)\b|(?:name|give(?: me)?|identify|mention) "
    rf"(?:(?:all|some|any|every|each|{_COUNT}|the {_COUNT})\b|(?:the |a few |several )?(?:[\w-]+ ){{0,2}}?[\w-]+s\b))"
    r"|\bwho (?:all|else all)\b|\bwhat (?:all|are all)\b|\ba list of\b|^between (?:which|what)\b",
    re.IGNORECASE,
)
_STORIES = (
    r"what(?:['’]s| is| was|s)? (?:has |had |exactly |else )?(?:happen(?:ed|ing|s)?|going on|went on|gone on)\b",
    r"what (?:has|had) been (?:happening|going on)\b",
    r"how did (?:it|this|that) (?:all )?(?:happen|come about)\b",
    r"how did the .* (?:unfold|develop)\b",
    r"what(?:['’]s| is| are|s) (?:this|it|that|the (?:article|story|report|text|piece|news)|(?:these|the) articles)"
    r" (?:all )?about\b",
    r"(?:summari[sz]e|outline|recap|sum up|describe|explain)\b",
    r"(?:give|write|provide|make)(?: me| us)? (?:a|an|the) (?:\w+ )?"
    r"(?:summary|overview|recap|outline|account|rundown|timeline|background)\b",
    r"tell (?:me|us) (?:(?:more|everything|something|all|the story|the background) )?(?:about|of)\b",
    r"tell (?:me|us) (?:more\W*$|what (?:happened|went on)\b)",
    r"what(?:['’]s| is| are|s) (?:the )?(?:latest|newest|new|news)(?: (?:news|developments?|updates?))?"
    r"(?=\W*$| (?:on|in|about|from|with|of)\b)",
    r"(?:the |any )?(?:latest|news|updates?) (?:on|about|from)\b",
    r"what do (?:we|you|the articles|they) (?:know|say) about\b",
    r"what(?:['’]s| is| was) the (?:\w+ )?(?:story|summary|background|gist|upshot)\b",
)
_STORY = re.compile(
    rf"^(?:and |so |please |ok |can you |could you |would you )*(?:{'|'.join(_STORIES)})", re.IGNORECASE
)


def wanted(question: str) -> tuple[str, ...]:
    """The kinds that `question` asks for; empty for an open question such as "what happened?"."""
    found = [kind for kind, pattern in _PATTERNS if pattern.search(question)]
    if "number" in found and ("money" in found or "length" in found):
        found.remove("number")
    return tuple(found)


def lists(question: str) -> bool:
    """Whether the answer is a list: "Which countries ...", "Name the ...", "What are the names of ..."."""
    if _LIST.search(question.strip()):
        return True
    shape = clauses.shape(question)
    if shape is None or not {word.lower() for word in shape.lead[:2]} & {"which", "what", "who"}:
        return False
    if not shape.auxiliary:
        # "What happens", "what sparked": a verb.
        first = shape.rest[0].lower()
        verb = verbs.participle(first) or verbs.base(first.removesuffix("s"))
        noun = shape.lead[-1].lower() == "which" or (shape.lead[-1].lower() == "what" and not verb)
        return noun and clauses.several(_subject(shape.rest))
    nouns = shape.lead[1:] or shape.rest
    named = [*takewhile(lambda word: word.lower() not in clauses.PREPOSITIONS | {"that", "who"}, nouns)]
    asks = len(shape.lead) > 1 or shape.auxiliary in ("are", "were")
    return asks and bool(named) and clauses.several(named[-1])


def list_size(question: str) -> int | None:
    """How many a list question asks for: 2 in "Which two cities ..."; None where it does not say."""
    if not lists(question):
        return None
    found = _SIZE.search(question)
    return int(_SIZES.get(found["count"].lower(), found["count"])) if found else None


def tells_story(question: str) -> bool:
    """Whether the answer is a story: "What happened ...", "Tell me about ...", "What's the latest on ..."."""
    return bool(_STORY.search(" ".join(question.split())))


def states(kind: str, text: str, asked: Set[str]) -> bool:
    """Whether `text` holds something of that kind beyond the words (stems) already `asked`."""
    said = content(text)
    new = [word for word in said if word.stem not in asked]
    if kind == "money":
        return priced(text) and any(word.numeric for word in new)
    if kind == "length":
        return any(word.stem in _UNITS or _dates(word) for word in said)
    if kind == "number":
        return any(_counts(said, at, asked) for at in range(len(said))) or bool(_QUANTITY.search(text))
    if kind == "date":
        return any(_dates(word) for word in said) or bool(_RELATIVE_DATE.search(text))
    return any(word.capitalised and not _dates(word) for word in new)


def lacking(question: str, text: str) -> tuple[str, ...]:
    """The kinds that `question` asks for and `text` does not state."""
    asked = stems(question)
    return tuple(kind for kind in wanted(question) if not states(kind, text, asked))


def priced(text: str) -> bool:
    """Whether it names money in a currency that is known here."""
    return bool(_CURRENCY.search(text))


def counts_things(question: str, text: str, answer: Span) -> bool:
    """Whether a price is asked for and the answer of a sentence `text` is a number of things in it: 5 million doses.

    Of a currency that nobody here knows the number stands alone, or behind its name or sign.
    """
    if not _PRICE.search(question) or priced(text):
        return False
    numbers = [word for word in content(text) if word.numeric and word.start < answer.end and answer.start < word.end]
    things = [_COUNTED.match(text, word.end) for word in numbers]
    return any(found and not _unit(found["things"]) for found in things)


def _unit(noun: str) -> bool:
    return stem(noun) in _UNITS or noun in _NO_THINGS or not clauses.several(noun)


def targets(question: str) -> frozenset[str]:
    """The stems of what a question wants identified: `equipment` in "what exactly is the equipment?".

    Empty where the question asks for something else (who, when, what somebody did).
    """
    if wanted(question):
        return frozenset()
    asked = [word.text.lower() for word in words(question)]
    if re.match(r"\W*(please\s+)?(describe|specify|identify|detail)\b", question, re.IGNORECASE):
        return frozenset(word.stem for word in content(question)[1:])
    wh = next((at for at, word in enumerate(asked) if word in ("what", "what's", "what’s", "which")), None)
    if wh is None:
        return frozenset()
    rest = [word for word in words(question)[wh + 1 :] if word.stem != stem("exactly")]
    verb = next((at for at, word in enumerate(rest) if word.text.lower() in _AUXILIARIES), len(rest))
    copula = asked[wh] in ("what's", "what’s") or (verb < len(rest) and rest[verb].text.lower() in _COPULAS)
    before = [word for word in rest[:verb] if not word.function]
    named = before or ([word for word in rest if not word.function] if copula else [])
    return frozenset(word.stem for word in named)


_COPULAS = frozenset("is are was were".split())
_AUXILIARIES = _COPULAS | frozenset("do does did will would can could should has have had may might".split())


def _subject(said: Sequence[str]) -> str:
    """The noun that `said`, all behind "which" or "what", begins with; "" where there is none."""
    noun = ""
    for word in map(str.lower, said):
        verb = verbs.participle(word) or (word.endswith("s") and verbs.base(word.removesuffix("s")))
        verb = verb or (clauses.several(noun) and verbs.base(word))
        if word in clauses.PREPOSITIONS | {"that", "who"} or (verb and noun):
            break
        noun = "" if word == "which" else word
    return noun


def _counts(said: tuple[Word, ...], at: int, asked: Set[str]) -> bool:
    """Whether the word is a number that counts: not a year, not the day of a month, not already asked."""
    word = said[at]
    if not word.numeric or word.stem in asked or _year(word):
        return False
    beside = said[max(at - 1, 0) : at] + said[at + 1 : at + 2]
    return not any(_month(other) for other in beside)


def _month(word: Word) -> bool:
    return word.capitalised and word.text.lower() in _MONTHS


def _dates(word: Word) -> bool:
    return _month(word) or _year(word)


def _year(word: Word) -> bool:
    """Whether it is written as a year is: 1,800 gallons are none."""
    return bool(_YEAR.fullmatch(word.text))
