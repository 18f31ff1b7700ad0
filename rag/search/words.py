"""Words of a text, and the stems by which two words are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

# An accent may be a combining character.
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’][^\W_]+|[\u0300-\u036f]+[^\W_]*)*")
_STEMMER = snowballstemmer.stemmer("english")
_FUNCTION_WORDS = frozenset(
    """a about above after again all also am an and any are aren't as at be been before being below between both
    but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else ever
    few for from further had hadn't has hasn't have haven't having he he'd he'll he's her here here's hers herself
    him himself his how i i'd i'll i'm i've if in into is isn't it it's its itself just let's me more most much my
    myself neither no nor not of off on once only or other ought our ours ourselves out over own per please same shall
    shan't she she'd she'll she's should shouldn't so some such than that that's the their theirs them themselves
    then there there's these they they'd they'll they're they've this those through to too under until up upon us
    very was wasn't we we'd we'll we're we've were weren't what what's when when's where where's whether which while
    who who's whom whose why why's will with within without won't would wouldn't yes you you'd you'll you're you've
    your yours yourself yourselves""".split()
)
# Number words and their values.
NUMBERS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty""".split()
    )
} | {word: 10 * value for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)}

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


class Word(NamedTuple):
    """A word at `text[start:end]`; two words are the same if their stems are."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        """The word in lower case without a possessive ending: `lavrov` for `Lavrov’s`."""
        return self.text.lower().replace("’", "'").removesuffix("'s")

    @property
    def capitalised(self) -> bool:
        return self.text[0].isupper()

    @property
    def numeric(self) -> bool:
        return self.stem[0].isdigit()

    @property
    def function(self) -> bool:
        """Whether it is a function word such as `the`; `US`, `IT` and `WHO` are not."""
        if len(self.text) > 1 and self.text.isupper():
            return False
        return self.text.lower().replace("’", "'") in _FUNCTION_WORDS


def words(text: str) -> tuple[Word, ...]:
    """Return all words of `text` in order."""
    return tuple(
        Word(match.group(), stem(match.group()), match.start(), match.end()) for match in _TOKEN.finditer(text)
    )


def content(text: str) -> tuple[Word, ...]:
    """Return the content words of `text`: all but function words."""
    return tuple(word for word in words(text) if not word.function)


def stems(text: str) -> set[str]:
    """Return the stems of the content words of `text`."""
    return {word.stem for word in content(text)}


def unaccented(text: str) -> str:
    """Return the text in lower case without accents: cordoba, lukasz."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem: the same for `Doses` and `dose`, `five` and `5`, `U.S.` and `US`, `José` and `Jose`."""
    lowered = unaccented(word).replace("’", "'").removesuffix("'s").removesuffix("'")
    if lowered in NUMBERS:
        return str(NUMBERS[lowered])
    if lowered[:1].isdigit():
        return lowered.replace(",", "")
    found: str = _STEMMER.stemWord(lowered.replace(".", ""))
    return found or lowered
