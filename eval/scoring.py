"""What a case adds to each measure.

A case without a result is wrong in every measure: a wrong answer, and the wrong choice between answering and refusing.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval import measures
from eval.cases import ABSTAIN, DISPUTED, MODES, TRUSTWORTHY, Case
from eval.figures import Share, harmonic, hit
from eval.replies import Reply

NO_RESULT = "no result"


def scores(case: Case, reply: Reply | None) -> dict[str, Share]:
    """What the case adds to each measure that it counts in."""
    found = by_class(MODES, case.mode, mode(reply)) if case.mode else _answer(case, reply)
    return found | _refusal(case, reply) | (_citations(case, reply) if reply else {})


def mode(reply: Reply | None) -> str:
    """The mode of a reply, as `modes.jsonl` names them."""
    if reply is None:
        return NO_RESULT
    if reply.disputed or reply.refused == DISPUTED:
        return DISPUTED
    return ABSTAIN if reply.refused else TRUSTWORTHY


def refuses(case: Case, reply: Reply | None) -> bool:
    """Whether it says that there is no answer. That the passages disagree is a refusal only in a set without modes."""
    if reply is None:
        return case.answerable
    return mode(reply) == ABSTAIN if case.mode else bool(reply.refused)


def confidence(case: Case, reply: Reply | None) -> float:
    """How sure it was that the passages answer; without a result, as wrong as can be."""
    return reply.confidence if reply else float(not case.answerable)


def as_squad(case: Case, score: float, *, refused: bool) -> float:
    """The score as SQuAD 2.0 counts: where there is no answer, 1 for a refusal and 0 for any answer.

    Source: Rajpurkar, Jia and Liang, "Know what you don't know: unanswerable questions for SQuAD" (2018).
    """
    if not case.answers:
        return float(refused)
    return 0.0 if refused else score


def f1(case: Case, reply: Reply | None, *, refused: bool) -> float:
    """F1 of the short answer, or of a refusal in its place."""
    return as_squad(case, measures.f1(reply.short, case.answers) if reply else 0.0, refused=refused)


def by_class(classes: Sequence[str], expected: str, given: str) -> dict[str, Share]:
    """Precision, recall and F1 of each class against the rest."""
    found = {}
    for one in classes:
        if given == one:
            found[f"precision_{one}"] = hit(right=expected == one)
        if expected == one:
            found[f"recall_{one}"] = hit(right=given == one)
        found[f"f1_{one}"] = harmonic(expected=expected == one, given=given == one)
    return found


def _answer(case: Case, reply: Reply | None) -> dict[str, Share]:
    refused = refuses(case, reply)
    exact = measures.exact(reply.short, case.answers) if reply else 0.0
    found = {"em": (as_squad(case, exact, refused=refused), 1.0), "f1": (f1(case, reply, refused=refused), 1.0)}
    if case.answers:
        found["f1_answerable"] = found["f1"]
        found["contains"] = (measures.contains(reply.text, case.answers) if reply and not refused else 0.0, 1.0)
    return found


def _refusal(case: Case, reply: Reply | None) -> dict[str, Share]:
    """Precision, recall and F1 of refusing, and the share of answerable cases that were refused."""
    right, refused = not case.answerable, refuses(case, reply)
    found = {"refusal_f1": harmonic(expected=right, given=refused)}
    found["refusal_recall" if right else "false_refusal"] = hit(right=refused)
    if refused:
        found["refusal_precision"] = hit(right=right)
    return found


def _citations(case: Case, reply: Reply) -> dict[str, Share]:
    """Shares of all sentences, of all their numbers and names, and of the citations of each case."""
    if reply.refused:
        return {}
    bare = sum(not cited or not all(quote.valid for quote in cited) for _, cited in reply.sentences)
    found = {"uncited": (float(bare), float(len(reply.sentences)))}
    stand = [measures.grounded(text, [quote.text for quote in cited]) for text, cited in reply.sentences]
    found["grounded"] = (float(sum(there for there, _ in stand)), float(sum(count for _, count in stand)))
    if reply.cited:
        found["citation_precision"] = (reply.cited.precision, 1.0)
        found["citation_recall"] = (reply.cited.recall, 1.0)
    if case.gold and case.answerable:
        from_gold = sum(quote.passage in case.gold for quote in reply.quotes)
        found["citation_gold"] = (from_gold / max(1, len(reply.quotes)), 1.0)
    return found
