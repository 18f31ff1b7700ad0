"""Whose words a sentence reports, where a question asks what somebody said."""

from __future__ import annotations

import re

from rag.english import naming, speaking
from rag.search import chunking
from rag.search.words import stems, words
from rag.types import Evidence

# Words between what somebody belongs to and the name: "Russia's veteran foreign minister, Sergei Lavrov".
_APART = 5


def by_another(question: str, item: Evidence) -> bool:
    """Whether the question asks what somebody with a name said, and the sentence tells what another said.

    A country, a firm or a party speaks through its people: the article must call the speaker one of them.
    """
    who = speaking.speech_of(question)
    if who is None or not who[0].isupper():
        return False
    speaker = speaking.speaker(item.text)
    wanted = _forms(who)
    if speaker is None or not wanted:
        return False
    return not (wanted & _forms(speaker) or _belongs(speaker, wanted, item))


def _forms(name: str) -> set[str]:
    own = stems(name)
    return own | {alias for stem in own for alias in naming.aliases(stem)} | _peoples(own)


def _peoples(own: set[str]) -> set[str]:
    """`russian` for `russia`, `indian` for `india`."""
    return {f"{stem}{end}" for stem in own for end in ("n", "an", "i", "s")}


def _belongs(speaker: str, wanted: set[str], item: Evidence) -> bool:
    """Whether a sentence of the article has the wanted name shortly before the speaker's."""
    last = re.findall(r"\w+", speaker)[-1:]
    text = item.article.text
    for span in chunking.sentences(text, item.article.language):
        said = words(text[span.start : span.end])
        places = [at for at, word in enumerate(said) if [word.text] == last]
        if any(word.stem in wanted for at in places for word in said[max(0, at - _APART) : at]):
            return True
    return False
