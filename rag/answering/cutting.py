"""Find what may be cut out of a sentence so that the rest still says what the sentence says.

Only what stands between marks and adds may go: a clause at the end or in the middle, an apposition, the years of a
life, an opening such as "Meanwhile". Conditions, exceptions, what came of it later, lists and dates stay: they may be
what makes the rest true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.search.words import stem, words
from rag.types import Span

# Of the participles only some: "excluding", "barring" and "pending" take back.
_ADDS = (
    r"who|which|whose|whom|because|part of|with wh(?:om|ich)|including|such as|along with|together with|as well as"
    r"|raising|marking|making|bringing|becoming|giving|allowing"
)
_VERB = (
    r"(?:also\s|has\s|had\s|have\s)?(?:said|says|told|tells|has|had|have|was|were|is|are|will|would|can|could|may|might"
    r"|did|does|do|became|went|won|took|made|came|left|died|met|began|led|held|gave|got|wrote|spoke|called|ran|saw|fell"
    r"|rose|lost|sold|bought|[a-z]{2,}ed)\b"
)
_SAID = re.compile(rf"\s{_VERB}")
# There may be nothing but a name before the clause; a plural noun passes for a verb.
_WHOLE = re.compile(rf"\s(?:{_VERB}|[a-z]{{3,}}s\b)")
# Any other ending may be "the advert promised".
_AT_THE_END = re.compile(rf"[,;]\s+(?:{_ADDS})\s")
# What goes on behind it belongs to what stands before it.
_GOES_ON = re.compile(rf",\s{_VERB}|, and\s")
# What stands behind it must be the verb of what stands before it, or the two would be joined into one name.
_IN_THE_MIDDLE = re.compile(
    rf"(?<=[A-Za-z0-9’'”\"]),\s+(?P<begins>{_ADDS}|an?|the|its|his|her|their|[\w.-]+['’]s)\s[^,;:()“”\"]{{2,120}},"
    rf"(?=\s{_VERB})"
)
# An apposition, unlike a clause, has no verb, and stands behind a name.
_APPOSITION = re.compile(r"an?|the|its|his|her|their|[\w.-]+['’]s")
_NAME_BEFORE = re.compile(r"(?:^|\s)[A-Z][\w.’'-]*$")
_OPENED_BY_A_CLAUSE = re.compile(
    r"(?:Since|When|After|Before|If|While|Although|Though|For|As|In|On|At|Because|Once|Until|With|Despite|By|During"
    r"|Under|To|From)\b"
)
_YEARS_OF_A_LIFE = re.compile(r"\s\(\d{4}\s?[–-]\s?\d{4}\)(?=[\s,.;:])")
_AT_THE_BEGINNING = re.compile(r"(?:Meanwhile|Moreover|Furthermore|Additionally),\s+(?=\D)")
# What is longer is no sentence but a table or a page without full stops.
_MOST_CHARS = 1_000
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
# Or one of these, which tell what came of it.
_UNDOES = frozenset(
    stem(word)
    for word in """but however though although later then eventually subsequently appeal quashed overturned annulled
    reversed revised reduced corrected retracted withdrew withdrawn withdraw rejected rejects refuted refutes dismissed
    cancelled canceled revoked lifted stripped taken away smear nonsense fictitious doubt doubts sceptical skeptical
    scepticism skepticism conflicting barring pending depending excluding excepting notwithstanding suspended overruled
    upheld dream""".split()
)
# They have the stem of "provided" and set no condition.
_PROVIDE = frozenset("provide provides providing".split())


def removable(sentence: str) -> tuple[Span, ...]:
    """What may be cut out, each by itself or with others, in the order of their beginnings.

    What is cut out must hold no doubt that the rest lacks (`doubts`): that depends on what else is cut. Nothing of what
    is too long for a sentence.
    """
    if len(sentence) > _MOST_CHARS:
        return ()
    middle = [Span(*cut.span()) for cut in _overlapping(_IN_THE_MIDDLE, sentence) if _is_beside(sentence, cut)]
    taken = {part.start for part in middle}
    found = [*middle, *(Span(*cut.span()) for cut in _YEARS_OF_A_LIFE.finditer(sentence))]
    for cut in _AT_THE_END.finditer(sentence):
        whole = _WHOLE.search(sentence, 0, cut.start()) and not _GOES_ON.search(sentence, cut.end())
        if whole and cut.start() not in taken:
            found.append(Span(cut.start(), len(sentence)))
    if opening := _AT_THE_BEGINNING.match(sentence):
        found.append(Span(*opening.span()))
    return tuple(sorted(found))


def _is_beside(sentence: str, cut: re.Match[str]) -> bool:
    """Whether a part in the middle stands beside the subject, and is not the subject itself."""
    if not _APPOSITION.fullmatch(cut["begins"]):
        return True
    before = sentence[: cut.start()]
    alone = not _OPENED_BY_A_CLAUSE.match(before) and not _SAID.search(cut.group())
    return alone and bool(_NAME_BEFORE.search(before))


def doubts(text: str) -> set[str]:
    """The `hedges` of a text, and its words for what was undone later, as stems."""
    return hedges(text) | ({word.stem for word in words(text)} & _UNDOES)


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
