"""What a case adds to each measure.

A case without a result is wrong in every measure: a wrong answer, and the wrong choice between answering and refusing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval import measures
from eval.cases import ABSTAIN, DISPUTED, MODES, TRUSTWORTHY, Judged
from eval.figures import Share, harmonic, hit
from eval.questions import Gold, Query
from eval.replies import Reply

NO_RESULT = "no result"
LONG_TYPES = ("why", "how", "what-happened")
_RECALLED, _RANKED = (5, 10), 10

Scores = dict[str, Share]


def scores(case: Judged, reply: Reply | None) -> Scores:
    """What the case adds to each measure that it counts in."""
    found = by_class(MODES, case.mode, mode(reply)) if case.mode else _answer(case, reply)
    return found | _refusal(case, reply) | (_citations(case, reply) if reply else {})


def searched(query: Query, reply: Reply | None) -> Scores:
    """What a case over an archive adds: `scores`, how well its gold was found, and ROUGE-L where the answer is long."""
    found = scores(query, reply) | (_finding(query.gold, reply) if query.gold else {})
    if query.answers and query.type in LONG_TYPES:
        found["rouge_l"] = (measures.rouge_l(reply.text, query.answers) if reply and not reply.refused else 0.0, 1.0)
    return found


def right(case: Judged, reply: Reply | None) -> bool:
    """Whether the reply is right as a whole: it contains an answer, refuses where there is none, or is of the mode."""
    if reply is None:
        return False
    if case.mode:
        return mode(reply) == case.mode
    if not case.answers:
        return bool(reply.refused)
    return not reply.refused and bool(measures.contains(reply.text, case.answers))


def mode(reply: Reply | None) -> str:
    """The mode of a reply, as `modes.jsonl` names them."""
    if reply is None:
        return NO_RESULT
    if reply.disputed or reply.refused == DISPUTED:
        return DISPUTED
    return ABSTAIN if reply.refused else TRUSTWORTHY


def refuses(case: Judged, reply: Reply | None) -> bool:
    """Whether it says that there is no answer. That the passages disagree is a refusal only in a set without modes."""
    if reply is None:
        return case.answerable
    return mode(reply) == ABSTAIN if case.mode else bool(reply.refused)


def confidence(case: Judged, reply: Reply | None) -> float:
    """How sure it was that the passages answer; without a result, as wrong as can be."""
    return reply.confidence if reply else float(not case.answerable)


def as_squad(case: Judged, score: float, *, refused: bool) -> float:
    """The score as SQuAD 2.0 counts: where there is no answer, 1 for a refusal and 0 for any answer.

    Source: Rajpurkar, Jia and Liang, "Know what you don't know: unanswerable questions for SQuAD" (2018).
    """
    if not case.answers:
        return float(refused)
    return 0.0 if refused else score


def f1(case: Judged, reply: Reply | None, *, refused: bool) -> float:
    """F1 of the short answer, or of a refusal in its place."""
    return as_squad(case, measures.f1(reply.short, case.answers) if reply else 0.0, refused=refused)


def by_class(classes: Sequence[str], expected: str, given: str) -> Scores:
    """Precision, recall and F1 of each class against the rest."""
    found = {}
    for one in classes:
        if given == one:
            found[f"precision_{one}"] = hit(right=expected == one)
        if expected == one:
            found[f"recall_{one}"] = hit(right=given == one)
        found[f"f1_{one}"] = harmonic(expected=expected == one, given=given == one)
    return found


def _answer(case: Judged, reply: Reply | None) -> Scores:
    refused = refuses(case, reply)
    exact = measures.exact(reply.short, case.answers) if reply else 0.0
    found = {"em": (as_squad(case, exact, refused=refused), 1.0), "f1": (f1(case, reply, refused=refused), 1.0)}
    if case.answers:
        found["f1_answerable"] = found["f1"]
        found["contains"] = (measures.contains(reply.text, case.answers) if reply and not refused else 0.0, 1.0)
    return found


def _finding(gold: Sequence[Gold], reply: Reply | None) -> Scores:
    """Recall at 5 and 10, and the reciprocal rank within the first 10: of the sentences that answer, not of articles.

    A passage finds a sentence where it holds all of it; so one passage may find several. The reciprocal rank is that of
    the first passage that finds one (Voorhees, "The TREC-8 question answering track report", 1999), recall the share of
    the sentences that are found. Only passages that the question retrieved count, however many the setting allows.
    """
    ranks = ranks_found(gold, reply)
    found = {f"recall@{k}": (sum(rank <= k for rank in ranks) / len(ranks), 1.0) for k in _RECALLED}
    first = min(ranks)
    return found | {f"mrr@{_RANKED}": (1 / first if first <= _RANKED else 0.0, 1.0)}


def ranks_found(gold: Sequence[Gold], reply: Reply | None) -> list[float]:
    """Of each sentence that answers, the place of the first passage that holds it; infinite where none does."""
    return [_rank(one, reply) for one in gold]


def _rank(gold: Gold, reply: Reply | None) -> float:
    """The place of the first passage that holds the sentence, from 1; infinite where none does."""
    for rank, passage in enumerate(reply.passages if reply else (), start=1):
        if passage.article_id == gold.article_id and passage.start <= gold.start and gold.end <= passage.end:
            return rank
    return math.inf


def _refusal(case: Judged, reply: Reply | None) -> Scores:
    """Precision, recall and F1 of refusing, and the share of answerable cases that were refused."""
    right, refused = not case.answerable, refuses(case, reply)
    found = {"refusal_f1": harmonic(expected=right, given=refused)}
    found["refusal_recall" if right else "false_refusal"] = hit(right=refused)
    if refused:
        found["refusal_precision"] = hit(right=right)
    return found


def _citations(case: Judged, reply: Reply) -> Scores:
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
        from_gold = sum(case.is_gold(quote.place) for quote in reply.quotes)
        found["citation_gold"] = (from_gold / max(1, len(reply.quotes)), 1.0)
    return found
