"""What a case adds to each measure, given the reply.

A case without a result is wrong in every measure: a wrong answer, and the wrong choice between answering and refusing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eval import measures
from eval.cases import ABSTAIN, DISPUTED, MODES, TRUSTWORTHY, Case, Span
from eval.measures import Check, Cited
from eval.statistics import Share, f1_share, hit
from rag import Answer, answer_json

NO_RESULT = "no result"
RECALLED, RANKED = (5, 10), 10
THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
# Answers that a short answer cannot give: these types, and any of so many words, are also scored by ROUGE-L.
_LONG_TYPES, MIN_LONG_WORDS = ("why", "how", "what-happened"), 12
_YES_NO = re.compile(r"\W*(yes|no)\s*(?:[,.:;!]|$)", re.IGNORECASE)
_DAY = re.compile(r"\b\d{4}-\d\d(-\d\d)?\b")

Scores = dict[str, Share]


class Quote(NamedTuple):
    """A citation; `valid` if its words are found at its place in the article."""

    span: Span
    valid: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or a refusal of the kind `refused`. `text` has no markers; each sentence comes with its quotes.

    `leads` are what was put before quotes; `passages` are those a search found, best first; `cited` is None in a
    refusal.
    """

    text: str
    short: str = ""
    refused: str = ""
    disputed: bool = False
    confidence: float = 0.0
    sentences: tuple[tuple[str, tuple[Quote, ...]], ...] = ()
    leads: tuple[str, ...] = ()
    cited: Cited | None = None
    passages: tuple[Span, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """Everything cited, once each."""
        return tuple(dict.fromkeys(quote for _, quotes in self.sentences for quote in quotes))


def written(answer: Answer, check: Check, *, searched: bool) -> dict[str, Any]:
    """The answer as `cases.jsonl` keeps it, its citations judged by `check`, with the passages that were found."""
    texts = {citation.marker: citation.evidence.text for citation in answer.citations}
    sentences = [(one.text, [texts[marker] for marker in one.markers]) for one in answer.verdicts]
    found = [
        {
            **Span(hit.article.id, hit.passage.start, hit.passage.end, hit.passage.text)._asdict(),
            "title": hit.article.title,
            "byline": hit.article.byline,
        }
        for hit in answer.hits
    ]
    return {
        **answer_json(answer),
        "alce": None if answer.refusal else measures.cited(sentences, check)._asdict(),
        **({"passages": found, "draft": answer.trace.draft} if searched else {}),
    }


def parse_reply(said: Mapping[str, Any] | None, texts: Mapping[str, str]) -> Reply | None:
    """Read back what `written` returned; `texts` are the articles by id. None if there is no result."""
    if not said:
        return None
    quotes = {}
    for one in said["citations"]:
        span = Span(one["article_id"], one["start"], one["end"], one["quote"])
        there = texts.get(span.article_id, "")[span.start : span.end]
        quotes[one["marker"]] = Quote(span, bool(there) and there == span.text)
    unknown = Quote(Span(""), valid=False)
    return Reply(
        text=re.sub(r"\[(\d+)\]", lambda found: "" if int(found[1]) in quotes else found[0], said["text"]),
        short=said["short"],
        refused=said["reason_kind"] if said["refused"] else "",
        disputed=said["disputed"],
        confidence=said["confidence"],
        sentences=tuple(
            (one["text"], tuple(quotes.get(marker, unknown) for marker in one["citations"]))
            for one in said["sentences"]
        ),
        leads=tuple(one.get("lead", "") for one in said["sentences"]),
        cited=Cited(**said["alce"]) if said["alce"] else None,
        passages=tuple(Span(one["article_id"], one["start"], one["end"]) for one in said.get("passages", ())),
    )


def score(case: Case, reply: Reply | None) -> Scores:
    """What the case adds to each measure that it counts in."""
    found: Scores = {"right": hit(right=is_right(case, reply))}
    found |= by_class(MODES, case.mode, mode(reply)) if case.mode else _answer(case, reply)
    found |= _refusal(case, reply)
    if case.wrong:
        found["misled"] = hit(right=is_misled(case, reply))
    if reply and not reply.refused:
        found |= _citations(case, reply)
    return found


def score_search(case: Case, reply: Reply | None) -> Scores:
    """Recall at 5 and 10 of the sentences that answer, and the reciprocal rank within the first 10.

    A passage finds a sentence if it contains all of it. The reciprocal rank is that of the first passage that finds
    one (Voorhees, "The TREC-8 question answering track report", 1999).
    """
    if not case.gold:
        return {}
    ranks = ranks_found(case.gold, reply)
    first = min(ranks)
    found = {f"recall@{k}": (sum(rank <= k for rank in ranks) / len(ranks), 1.0) for k in RECALLED}
    return {**found, f"mrr@{RANKED}": (1 / first if first <= RANKED else 0.0, 1.0)}


def is_right(case: Case, reply: Reply | None) -> bool:
    """Whether the reply is right: it gives every part of the answer, refuses or corrects where it should."""
    if reply is None:
        return False
    if case.mode:
        return mode(reply) == case.mode
    return _gives(case, reply) if case.answerable else declines(case, reply)


def is_misled(case: Case, reply: Reply | None) -> bool:
    """Whether the short answer or a lead gives a wrong wording, and the short answer no right one.

    The days of leads do not count: a lead may name the outlet and its day. "Yes" and "No" count wherever they open the
    text. Without a result nothing wrong was said.
    """
    if not reply or reply.refused or (case.answers and measures.contains(reply.short, case.answers)):
        return False
    opening = _YES_NO.match(reply.text)
    told = (reply.short, *(_DAY.sub("", lead) for lead in reply.leads), opening[1] if opening else "")
    return any(measures.contains(text, case.wrong) for text in told)


def declines(case: Case, reply: Reply | None) -> bool:
    """Whether it says that there is no answer, or, where that is as right, corrects the premise.

    In a set with modes, "the passages disagree" is no refusal. Without a result, the wrong choice was made.
    """
    if reply is None:
        return case.answerable
    if case.mode:
        return mode(reply) == ABSTAIN
    return bool(reply.refused) or (not case.answerable and measures.contains(_all_text(reply), case.corrects))


def mode(reply: Reply | None) -> str:
    """The mode of a reply, as `modes.jsonl` names them."""
    if reply is None:
        return NO_RESULT
    if reply.disputed or reply.refused == DISPUTED:
        return DISPUTED
    return ABSTAIN if reply.refused else TRUSTWORTHY


def confidence(case: Case, reply: Reply | None) -> float:
    """The reply's confidence; without a result, as wrong as can be."""
    return reply.confidence if reply else float(not case.answerable)


def by_class(classes: Sequence[str], expected: str, given: str) -> Scores:
    """Precision, recall and F1 of each class against the rest."""
    found: Scores = {}
    for one in classes:
        if given == one:
            found[f"precision_{one}"] = hit(right=expected == one)
        if expected == one:
            found[f"recall_{one}"] = hit(right=given == one)
        found[f"f1_{one}"] = f1_share(expected=expected == one, given=given == one)
    return found


def ranks_found(gold: Sequence[Span], reply: Reply | None) -> list[float]:
    """The rank of the first passage that contains each span, from 1; infinite if none does."""
    passages = reply.passages if reply else ()
    return [
        next((float(rank) for rank, one in enumerate(passages, start=1) if one.contains(span)), math.inf)
        for span in gold
    ]


def tradeoff(pairs: Sequence[tuple[Case, Reply | None]]) -> list[dict[str, float | None]]:
    """What refusing below a confidence would gain and cost, for each threshold.

    What was refused stays refused, so only a run with caution 0 shows nearly all of the curve.
    """
    return [_point(pairs, threshold) for threshold in THRESHOLDS]


def reliability(pairs: Sequence[tuple[Case, Reply | None]]) -> list[dict[str, float]]:
    """How often answers are right beside the confidence that they gave, both means, by tenths of it; `n` answers.

    Refusals have no place here: what they would have answered is not known to be right or wrong.
    """
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for case, reply in pairs:
        if reply and not declines(case, reply):
            tenths[min(9, int(reply.confidence * 10))].append((reply.confidence, is_right(case, reply)))
    return [
        {"confidence": math.fsum(one for one, _ in some) / len(some), "right": sum(one for _, one in some) / len(some)}
        | {"n": len(some)}
        for _, some in sorted(tenths.items())
    ]


def _point(pairs: Sequence[tuple[Case, Reply | None]], threshold: float) -> dict[str, float | None]:
    kinds: dict[bool, list[float]] = {False: [], True: []}
    scored = []
    for case, reply in pairs:
        refused = declines(case, reply) or bool(reply and reply.confidence < threshold)
        kinds[case.answerable].append(refused)
        if not case.mode:
            scored.append(_as_squad(case, measures.f1(reply.short, case.answers) if reply else 0.0, refused=refused))
    return {
        "threshold": threshold,
        "refused_unanswerable": _mean(kinds[False]),
        "refused_answerable": _mean(kinds[True]),
        "f1": _mean(scored),
    }


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _as_squad(case: Case, score: float, *, refused: bool) -> float:
    """As SQuAD 2.0 counts: where there is no answer, 1 for a refusal and 0 for any answer (Rajpurkar et al., 2018)."""
    if not case.answerable:
        return float(refused)
    return 0.0 if refused else score


def _all_text(reply: Reply) -> str:
    """The text and all quotes: a quote that the text only points to is on the screen as well."""
    return " ".join((reply.text, *(quote.span.text for quote in reply.quotes)))


def _gives(case: Case, reply: Reply) -> bool:
    text = _all_text(reply)
    return not reply.refused and all(measures.contains(text, part) for part in case.parts or (case.answers,))


def _answer(case: Case, reply: Reply | None) -> Scores:
    refused = declines(case, reply)
    exact, overlap = (
        _as_squad(case, measure(reply.short, case.answers) if reply else 0.0, refused=refused)
        for measure in (measures.exact, measures.f1)
    )
    found: Scores = {"em": (exact, 1.0), "f1": (overlap, 1.0)}
    if case.answerable:
        given = reply.text if reply and not refused else ""
        found["f1_answerable"] = found["f1"]
        found["contains"] = hit(right=bool(given) and measures.contains(given, case.answers))
        if case.type in _LONG_TYPES or all(len(answer.split()) >= MIN_LONG_WORDS for answer in case.answers):
            found["rouge_l"] = (measures.rouge_l(given, case.answers), 1.0)
    return found


def _refusal(case: Case, reply: Reply | None) -> Scores:
    """Precision, recall and F1 of refusing, and the share of answerable cases that were refused."""
    right, refused = not case.answerable, declines(case, reply)
    found: Scores = {"refusal_f1": f1_share(expected=right, given=refused)}
    found["refusal_recall" if right else "false_refusal"] = hit(right=refused)
    if refused:
        found["refusal_precision"] = hit(right=right)
    return found


def _citations(case: Case, reply: Reply) -> Scores:
    """Shares of all sentences, of all their numbers and names, and of the citations of each case."""
    uncited = sum(not quotes or not all(quote.valid for quote in quotes) for _, quotes in reply.sentences)
    counts = [measures.grounded(text, [quote.span.text for quote in quotes]) for text, quotes in reply.sentences]
    there, wanted = (float(sum(column)) for column in zip(*counts, strict=True)) if counts else (0.0, 0.0)
    found: Scores = {"uncited": (float(uncited), float(len(reply.sentences))), "grounded": (there, wanted)}
    if reply.cited:
        found["citation_precision"] = (reply.cited.precision, 1.0)
        found["citation_recall"] = (reply.cited.recall, 1.0)
    if case.gold and case.answerable:
        from_gold = sum(any(quote.span.overlaps(span) for span in case.gold) for quote in reply.quotes)
        found["gold_cited"] = hit(right=from_gold > 0)
        found["citation_gold"] = (from_gold / max(1, len(reply.quotes)), 1.0)
    return found
