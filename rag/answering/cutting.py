"""Find what may be cut out of a sentence so that the rest still says what the sentence says.

Only what stands between marks and merely adds may go: a clause at the end, a clause or an apposition in the middle, a
date at the beginning. Any other part may be what makes the rest true: "accused of", "in mice", "the wife of".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import days
from rag.english.words import stem, words
from rag.types import Span

_ADDS = (
    r"who|which|whose|whom|where|while|because|since|after|before|part of|with wh(?:om|ich)|including|such as"
    r"|along with|together with|as well as|amid|[a-z]{2,}ing"
)
# Any other ending may be "the advert promised", and where a comma stands shortly before ", and", it may end a list.
_AT_THE_END = re.compile(rf"[,;]\s+(?:{_ADDS}|and)\s")
_IN_A_LIST = re.compile(r"[,;][^,;]{1,60}, and\s$")
_IN_BRACKETS = re.compile(r"\s\((?:[A-Z][A-Z.&-]*|\d[\d\s,.–-]*)\)(?=[\s,.;:])")
# What stands behind it must be the verb of what stands before it, or the two would be joined into one name.
_IN_THE_MIDDLE = re.compile(
    rf"(?<=[A-Za-z0-9’'”\"]),\s+(?:{_ADDS}|an?|the|its|his|her|their|[\w.-]+['’]s)\s[^,;:()“”\"]{{2,120}},"
    r"(?=\s(?:also\s|has\s|had\s|have\s)?(?:said|says|told|tells|has|had|have|was|were|is|are|will|would|did|does"
    r"|do|became|went|won|took|made|came|left|died|met|began|led|held|gave|got|wrote|spoke|called|[a-z]{2,}ed)\b)"
)
# Not "before", "since", "until": what was so before a day may be so no more.
_AT_THE_BEGINNING = re.compile(
    r"(?:(?:On|In|Earlier|Later|Late|Early)\s[^,;:()“”\"]{2,60}"
    r"|Meanwhile|However|Moreover|Furthermore|Additionally|Later|Earlier),\s+(?=\D)"
)
# What is longer is no sentence but a table or a page without full stops.
_MOST_CHARS = 2_000
_YEAR = re.compile(r"\b(?:1[4-9]|20)\d\d\b")
# One of these in what was cut out may take back or put in a mouth what is kept.
_TAKES_BACK = frozenset(
    stem(word)
    for word in """no not never none nobody nothing neither nor cannot if unless until except only provided assuming
    likely unlikely possibly probably perhaps apparently supposedly allegedly reportedly purportedly potentially
    hopefully falsely wrongly mistakenly false untrue wrong lie myth hoax rumour rumor joke almost least
    denied disputed contested expected says said told warns claims suggests alleged announced reported according
    believes thinks assumes vowed pledged urged argues insists asserts contends maintains adds explains writes wrote
    estimates predicts forecasts fears hopes suspects testified acknowledged admitted speculated implied hinted
    accused citing quoted planned proposed should would could might""".split()
)
# They have the stem of "provided" and set no condition.
_PROVIDE = frozenset("provide provides providing".split())


def removable(sentence: str) -> tuple[Span, ...]:
    """What may be cut out, each by itself or with others, in the order of their beginnings.

    What is cut out must hold no doubt that the rest lacks (`hedges`): that depends on what else is cut. Nothing of what
    is too long for a sentence.
    """
    if len(sentence) > _MOST_CHARS:
        return ()
    found = [Span(*cut.span()) for cut in _overlapping(_IN_THE_MIDDLE, sentence)]
    # What goes on behind a part in the middle does not only add.
    middle = {part.start for part in found}
    found += [
        Span(cut.start(), len(sentence))
        for cut in _AT_THE_END.finditer(sentence)
        if cut.start() not in middle and not _IN_A_LIST.search(sentence, 0, cut.end())
    ]
    found += [Span(*cut.span()) for cut in _IN_BRACKETS.finditer(sentence)]
    opening = _AT_THE_BEGINNING.match(sentence)
    if opening and (" " not in opening.group().strip() or _YEAR.search(opening.group()) or days.find(opening.group())):
        found.append(Span(*opening.span()))
    return tuple(sorted(found))


def hedges(text: str) -> set[str]:
    """The negations, conditions, doubts and attributions of a text, as stems."""
    said = words(text)
    found = {word.stem for word in said if word.text.lower() not in _PROVIDE} & _TAKES_BACK
    if any(word.text.lower().replace("’", "'").endswith("n't") for word in said):
        found.add("not")
    return found


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches from every place on, so that one does not hide the next."""
    at = 0
    while found := pattern.search(text, at):
        yield found
        at = found.start() + 1
