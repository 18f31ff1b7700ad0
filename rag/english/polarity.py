"""Find where a claim says the opposite of its evidence: a negation, or "rose" for "fell".

Each clause of the claim is held against the clause of the evidence with the most words in common. A negation reaches
the two words after it that carry meaning (as in NegEx: Chapman et al., "A simple algorithm for identifying negated
findings and diseases in discharge summaries", 2001, which lets it reach five words of any kind).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rag.search.words import Word, stem, words
from rag.types import Span

_CLAUSE_END = re.compile(
    r"[.!?;:]+[\"”’)\]]*\s+|\n+|—|\s[-–]\s|,?\s(?=(?:but|although|though|while|whereas|however|because|yet)\s)"
    r"|,\s(?=(?:which|who|whose|and|so|or)\s)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]|\n")
_NOT = frozenset(
    "not no never without none nobody nothing neither nor nowhere cannot denied denies deny denying denial".split()
)
_CONTRACTED = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|sha|should|might|must|need|ai)n't"
)
# Negations only before "to".
_NOT_TO = frozenset(stem(word) for word in "refused failed failure declined refusal unable".split())
_NO_NEGATION = re.compile(
    r"\b(?:(?:not|\w+n['’]t) (?:only|just|merely|simply)|not (?:least|to mention|until|counting|including)|nothing but"
    r"|no (?:doubt|matter|wonder|less|fewer|sooner|(?:more|later|earlier) than)|(?:whether|if) (?:or )?not"
    r"|without (?:a )?doubt|nos?\.?\s?\d)",
    re.IGNORECASE,
)
# They say no as well, though a text with one of them need not: they account for a negation and make none.
_LIKE_NOT = frozenset(
    stem(word)
    for word in """lack lacked absent absence decline declined reject rejected ban banned block blocked prevent
    prevented avoid avoided stop stopped halt cancel cancelled canceled refute refuted dismissed hardly barely scarcely
    rarely seldom few little impossible difficult hard unable
    missing instead except only against opposed refuse refused fail failed
    failure false free wrong illegal prohibit prohibited forbid forbidden end ended""".split()
)
_PREFIX = re.compile(r"(?:un|in|im|il|ir|dis|non)(?=\w{3})")
_OPPOSITES = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        (
            "rise rises rose risen rising grow grows grew grown climbed climbs jumped jumps soared surged",
            "fall falls fell fallen falling shrank dropped drops plunged slumped plummeted sank",
        ),
        ("increase increases increased increasing", "decrease decreases decreased decreasing"),
        ("gain gains gained", "lose loses lost loss losses"),
        ("win wins won winning", "lose loses lost losing"),
        ("up", "down"),
        ("more", "less fewer"),
        ("most", "least fewest"),
        ("higher", "lower"),
        ("highest", "lowest"),
        ("larger bigger greater", "smaller"),
        ("largest biggest greatest", "smallest"),
        ("before", "after"),
        ("above", "below"),
        ("over", "under"),
        ("first", "last"),
        ("older", "younger"),
        ("oldest", "youngest"),
        ("best", "worst"),
        ("better", "worse"),
        ("north northern", "south southern"),
        ("east eastern", "west western"),
        ("accepted accepts approved approves", "rejected rejects"),
        ("support supports supported", "oppose opposes opposed"),
        ("guilty convicted", "innocent acquitted"),
    )
)
# Each word with those that say the same and those that say the opposite.
_OPPOSED = {
    word: [pair for pair in (*_OPPOSITES, *(two[::-1] for two in _OPPOSITES)) if word in pair[0]]
    for word in frozenset().union(*(one | other for one, other in _OPPOSITES))
}
# Not the opposite of "first": what last happened nine years ago happens for the first time in nine years.
_LAST_TIME = re.compile(
    r"\blast (?:(?:\w+ )?(?:week|month|year|night|season|summer|winter|spring|autumn|\w+day)s?|such|time"
    r"|\w+ed|came|went|saw|met|was|were|had|did|took|made|held|won|spoke)\b",
    re.I,
)
_REACH = 2
# Verbs whose past has another stem.
_BASES = {
    stem(past): stem(base)
    for base, *pasts in map(
        str.split,
        """be was were been;become became;begin began begun;break broke broken;bring brought;build built;buy bought
        catch caught;choose chose chosen;come came;do did done;draw drew drawn;drive drove driven;fall fell fallen
        feel felt;fight fought;find found;fly flew flown;get got;give gave given;go went gone;grow grew grown
        hear heard;hold held;keep kept;know knew known;lead led;leave left;lose lost;make made;meet met;pay paid
        rise rose risen;run ran;say said;see saw seen;sell sold;send sent;shoot shot;sing sang sung;sink sank sunk
        speak spoke spoken;spend spent;stand stood;steal stole stolen;strike struck;take took taken;teach taught
        tell told;think thought;throw threw thrown;wear wore worn;win won;write wrote written""".replace(
            "\n", ";"
        ).split(";"),
    )
    for past in pasts
}
# With fewer of its words in common, no clause of the evidence is the one that a clause of the claim is about.
_SHARED = 0.5


class Clause(NamedTuple):
    """A clause: its words, those that carry meaning, its negations, and the stems that they reach and do not."""

    content: tuple[Word, ...]
    stems: frozenset[str]
    negations: tuple[tuple[Word, frozenset[str]], ...]
    reached: frozenset[str]
    free: frozenset[str]
    like_not: bool
    sentence: int
    texts: frozenset[str]
    words: tuple[Word, ...]


def opposed(claim: str, evidence: str) -> tuple[Span, ...]:
    """The places of `claim` that the clauses of `evidence` that are nearest to them deny, or do not deny as it does."""
    there = _clauses_of(evidence)
    return tuple(Span(word.start, word.end) for clause in _clauses(claim) for word in _opposed(clause, there))


def _opposed(clause: Clause, there: tuple[Clause, ...]) -> list[Word]:
    if not clause.stems or not there:
        return []
    shared = [len(clause.stems & other.stems) for other in there]
    near = [at for at, count in enumerate(shared) if count == max(shared)]
    told, whole = max(shared) >= _SHARED * len(clause.stems), max(shared) == len(clause.stems)
    nearest = [there[at] for at in near]
    if clause.negations:
        # What one clause does not tell whole may be told in several, and the negation stand in another of them.
        sentences = {other.sentence for other in nearest}
        candidates = [
            other
            for at, other in enumerate(there)
            if at in near or not told or (not whole and other.sentence in sentences)
        ]
        if not any(_denies(other, clause) for other in candidates):
            return [clause.negations[0][0]]
    if whole:
        return _misplaced(clause, nearest) or _turned(clause, nearest)
    if not told or clause.negations:
        return []
    if clause.like_not or any(not _reached(clause, other) for other in nearest):
        return _turned(clause, nearest)
    return _reached(clause, nearest[0])[:1]


def base(word: Word) -> str:
    """The stem of a word, of a verb's irregular past that of its base: `go` for "went"."""
    return _BASES.get(word.stem, word.stem)


def _misplaced(clause: Clause, nearest: list[Clause]) -> list[Word]:
    """The first word that clauses with all words of the claim deny and it does not, or that it denies and they do not.

    Only where each of them does so; one that says no in other words is not read that closely.
    """
    denied = [_reached(clause, other)[:1] for other in nearest]
    if all(denied):
        return denied[0]
    return [
        word
        for word, reach in clause.negations
        if reach and all(not reach & other.reached and other.like_not <= clause.like_not for other in nearest)
    ][:1]


def _denies(other: Clause, clause: Clause) -> bool:
    """Whether a clause of the evidence says no in any way: "not happy", "unhappy"."""
    if other.negations or other.like_not:
        return True
    bare = {stem(text[match.end() :]) for text in other.texts if (match := _PREFIX.match(text))}
    return bool(bare & clause.reached)


def _reached(clause: Clause, other: Clause) -> list[Word]:
    """The words of a clause of the claim that a negation of the other reaches."""
    return [word for word in clause.content if word.stem in other.reached - other.free - clause.reached]


def _turned(clause: Clause, near: list[Clause]) -> list[Word]:
    """The words for whose opposites the clauses of the evidence have: each has the opposite and not the word."""
    if any(other.negations for other in near):
        return []
    return [
        word
        for word in clause.words
        for own, opposite in _OPPOSED.get(word.text.lower(), ())
        if word.text.lower() in clause.texts and all(other.texts & opposite and not other.texts & own for other in near)
    ]


@lru_cache(maxsize=256)
def _clauses_of(evidence: str) -> tuple[Clause, ...]:
    return _clauses(evidence)


def _clauses(text: str) -> tuple[Clause, ...]:
    ends = [(match.start(), bool(_SENTENCE_END.match(match.group()))) for match in _CLAUSE_END.finditer(text)]
    harmless = [match.span() for match in _NO_NEGATION.finditer(text)]
    past = [match.start() for match in _LAST_TIME.finditer(text)]
    found: list[Clause] = []
    run: list[Word] = []
    sentence = 0
    for word in words(text):
        while ends and word.start >= ends[0][0]:
            found += [_clause(run, sentence, harmless, past)] if run else []
            run = []
            sentence += ends.pop(0)[1]
        run.append(word._replace(stem=base(word)))
    return (*found, *([_clause(run, sentence, harmless, past)] if run else []))


def _clause(run: list[Word], sentence: int, harmless: list[tuple[int, int]], past: list[int]) -> Clause:
    cues = [
        at
        for at, word in enumerate(run)
        if _negates(word, run[at + 1].text.lower() if at + 1 < len(run) else "")
        and not _titled(run, at)
        and not any(start <= word.start < end for start, end in harmless)
    ]
    content = tuple(word for at, word in enumerate(run) if not word.function and at not in cues)
    # Who or what is named is denied something, and not itself denied.
    deniable = [word for word in content if not word.capitalised]
    reached = {at: [word for word in deniable if word.start > run[at].start][:_REACH] for at in cues}
    denied = {word for some in reached.values() for word in some}
    return Clause(
        content,
        frozenset(word.stem for word in content),
        tuple((run[at], frozenset(word.stem for word in some)) for at, some in reached.items()),
        frozenset(word.stem for word in denied),
        frozenset(word.stem for word in content if word not in denied),
        any(word.stem in _LIKE_NOT for word in run),
        sentence,
        frozenset(word.text.lower() for word in run if word.start not in past),
        tuple(run),
    )


def _titled(run: list[Word], at: int) -> bool:
    """Whether a title begins with a word, which then denies nothing: the song Don't Stop. Headlines begin before it."""
    named = 0 < at < len(run) - 1 and run[at].capitalised and run[at + 1].capitalised
    return named and not run[at - 1].capitalised


def _negates(word: Word, after: str) -> bool:
    text = word.text.lower().replace("’", "'")
    return text in _NOT or bool(_CONTRACTED.fullmatch(text)) or (word.stem in _NOT_TO and after == "to")
