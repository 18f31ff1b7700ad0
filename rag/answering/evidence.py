"""Choose the sentences that answer a question, or find that none does.

The judge reads the question with each passage and says how well it answers, and where. Rules that can be read by hand
turn away what it cannot know: names that an article never mentions, and what a sentence says was not told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from embeddings import Judge, Judgement, Pair, joined
from rag.answering import attributing, beginnings, cutting, disputing, orders, redating, since, timing, withholding
from rag.answering.firsts import first_of_each
from rag.english import naming, offices, polarity
from rag.search import chunking
from rag.search.words import stems
from rag.types import Article, Evidence, Hit, Span
from rag.understanding import asking, kinds

# The question's words in the sentence say what the judge overlooks, most of all for long questions; both numbers are
# fitted on titles that the judge was not trained on.
_COVERED, _USUALLY_COVERED = 1.5, 0.45
# What the log-odds lose where the sentence says the opposite of what is asked, as of "fell" where "rise" is asked: of
# 162 such sentences of SQuAD's held-back titles 10 answer. (Of the right ones on NewsQA 1 in 100 is one.)
_OPPOSED = 2.5
# The best of several sentences is less often right than its own log-odds say. With these, the score is how often its
# answer shares half of its words with the right one, on two halves of SQuAD's held-back titles and on NewsQA alike.
_SCALE, _BIAS = 0.75, -0.5
# What the log-odds lose where an article has none of the question's names.
_ABSENT = 2.25
# From here on the judge is believed where a sentence seems not to have what is asked for: "How much is it? It is free."
_SURE = 0.4
# The judge's log-odds that passages read together are silent, below which they answer, though no sentence does by
# itself, at caution 0 and 1. Only questions that ask for no number, day, name or place: of those the rest is wrong.
_NOT_SILENT, _SURELY_NOT_SILENT = 1.0, -4.0
_READ_TOGETHER = 4
# More than this share of a question's words must be in them, where it may ask for the cause of what never was.
_BEARING = 0.5
_CAUSE = re.compile(r"\W*(?:why|how)\b", re.IGNORECASE)
# A longer run of text is no sentence, and is not read for what it denies.
_MOST_CHARS = 2_000
_MAX_EVIDENCE = 3
# Sentences whose log-odds come this near to the best one's answer as well as it does.
_NEAR_BEST = 0.5
_MOST_OF_A_LIST, _NEAR_BEST_OF_A_LIST = 5, 1.0
# In another article a sentence may be further off, where it gives the same answer.
_NEAR_BEST_ELSEWHERE = 1.9


Manner = Literal["plain", "disputed", "perhaps disputed", "gathered", "story", "undecided", "Yes", "No"]


@dataclass(frozen=True, slots=True)
class Choice:
    """`evidence` answers, best first. Where it is empty, the rest says why.

    `withheld`: a sentence that says itself that this was not told; `absent`: names of the question that none of
    the articles mentions; `nearest`: the best sentences, though not good enough; `topic`: the share of the question's
    words that some passage has, 0 to 1, and 1 where one has a name of it; `manner` is how the evidence answers
    (`disputed`: it is what articles that disagree say, `perhaps disputed`: as the judge alone finds; `gathered`: only
    together; `undecided`: neither yes nor no);
    `unanswered`: parts of the question that it does not answer.
    """

    evidence: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]
    topic: float
    withheld: Evidence | None = None
    absent: tuple[str, ...] = ()
    manner: Manner = "plain"
    unanswered: tuple[str, ...] = ()

    @property
    def disputed(self) -> bool:
        return self.manner in ("disputed", "perhaps disputed")

    @property
    def confidence(self) -> float:
        """How surely the best sentence answers, 0 to 1."""
        return self.nearest[0].score if self.nearest else 0.0


def choose(question: str, hits: Sequence[Hit], judge: Judge, caution: float) -> Choice:
    """Find the best sentence of each of `hits`; keep the best of all, with those of like worth, up to three.

    `caution` sets the probability that counts as an answer (see `threshold`). Order: best first, ties by id.
    """
    ranked = sorted(candidates(question, hits, judge), key=_order)
    ranked = list(first_of_each(ranked, lambda item: (item.article.id, item.start)))
    if not ranked:
        return Choice((), (), 0.0)
    withheld = withholding.withheld(question, hits)
    articles = {hit.article.id: hit.article for hit in hits}
    absent = {article_id: naming.absent(question, article) for article_id, article in articles.items()}
    # A number may be told in other words, and a year by the article's date.
    never = {name for name in set.intersection(*(set(names) for names in absent.values())) if not name[0].isdigit()}
    ranked = sorted((_discounted(item, absent, question) for item in ranked), key=_order)
    nearest = tuple(ranked[:_MAX_EVIDENCE])
    # A question for a number, a date, a name is hardly answered by a sentence that has none.
    fit = [item for item in ranked if item.article.id not in withheld and _fits(question, item)]
    likely = [item for item in fit if item.score >= threshold(0.0)]
    if likely and not never:
        # It reads long texts, and seldom decides.
        together = partial(_together, question, hits, judge)
        if likely[0].score >= threshold(caution):
            if sides := disputing.sides(question, likely, together):
                return Choice(sides.evidence, nearest, 1.0, manner="disputed" if sides.sure else "perhaps disputed")
            return Choice(tuple(_with_corroboration(fit, several=kinds.lists(question))), nearest, 1.0)
        most = _NOT_SILENT + (_SURELY_NOT_SILENT - _NOT_SILENT) * caution
        bearing = tuple(replace(item, answer=None) for item in likely[:_MAX_EVIDENCE])
        open_ended = not withheld and not kinds.wanted(question) and _bears(question, bearing)
        if open_ended and together(ranked).silent <= most:
            return Choice(bearing, nearest, 1.0, manner="gathered")
    return Choice((), nearest, _topic(question, hits), next(iter(withheld.values()), None), tuple(sorted(never)))


def threshold(caution: float) -> float:
    """The least probability that counts as an answer: 0.08 at caution 0, 0.27 at 0.5, 0.60 at 1."""
    return _sigmoid(-2.4 + 2.8 * caution)


def candidates(question: str, hits: Sequence[Hit], judge: Judge) -> Iterator[Evidence]:
    """Yield for each hit the sentences around what the judge points at, with the probability that they answer."""
    asked = [(text, hit) for hit in hits for text in _wordings(question, hit)]
    pairs = [_pair(text, hit) for text, hit in asked]
    # "No" answers, too.
    open_ended = asking.statement(question) is None
    for (worded, hit), pair, judged in zip(asked, pairs, judge.judge(pairs), strict=True):
        if judged.start == judged.end:
            continue
        shift = hit.passage.start - pair.start
        answer = Span(judged.start + shift, judged.end + shift)
        around = _sentences(hit.article, Span(hit.passage.start, hit.passage.end), answer)
        text = hit.article.text[around.start : around.end]
        # What a long sentence says before its passage begins may be that the rest is not so.
        if cutting.hedges(beginnings.before(hit.article.text, around.start)) - cutting.hedges(text):
            continue
        meant = _meant(question, worded, hit.article, around, answer)
        if meant is None:
            continue
        odds = judged.answers + _COVERED * (_covered(worded, text) - _USUALLY_COVERED)
        odds -= _OPPOSED * (open_ended and _opposite(worded, text))
        score = _sigmoid(_SCALE * odds + _BIAS)
        yield Evidence(hit.article, hit.passage.id, around.start, around.end, text, score, meant)


def _wordings(question: str, hit: Hit) -> Iterator[str]:
    """The question, and then as it is in the words of the passage."""
    yield from redating.wordings(question, hit.passage.text, hit.article.published)
    # By an article's own date a time that it tells without its year has one.
    if hit.article.published and (when := timing.wording(question)):
        yield when
    if "first" in hit.passage.text.lower() and (first := since.wording(question)):
        yield first


def _meant(question: str, worded: str, article: Article, around: Span, answer: Span) -> Span | None:
    """The answer to the question, where what it was worded as has one; None where the sentence does not give it."""
    text = article.text[around.start : around.end]
    if worded in (question, timing.wording(question)):
        return answer
    if worded == since.wording(question):
        found = since.elapsed(question, text, Span(answer.start - around.start, answer.end - around.start))
        return Span(around.start + found.start, around.start + found.end) if found else None
    # In the article's words the question has lost its date: the sentence must tell it.
    return answer if redating.told(question, text, article.published) else None


def _opposite(question: str, text: str) -> bool:
    """Whether the sentence says the opposite of what is asked."""
    if len(text) > _MOST_CHARS:
        return False
    opposed = {question[span.start : span.end].lower() for span in polarity.opposed(question, text)}
    # "Took over" is not the opposite of "under".
    return bool(opposed - {"over", "under"})


def _fits(question: str, item: Evidence) -> bool:
    """Whether a sentence has what is asked for, of the office and out of the mouth that the question names."""
    return not (
        (item.score < _SURE and kinds.lacking(question, item.text))
        or (item.answer and kinds.counts_things(question, item.text, _within(item, item.answer)))
        or offices.another(question, item.text)
        or attributing.by_another(question, item)
    )


def _bears(question: str, evidence: Sequence[Evidence]) -> bool:
    """Whether sentences have some of what is asked about, names apart, and most of what is asked why or how it was.

    What she said is no answer to why she was arrested.
    """
    asked = stems(question) - {name.stem for name in naming.named(question)}
    told = {stem for item in evidence for stem in stems(item.text)}
    return len(asked & told) > (_BEARING * len(asked) if _CAUSE.match(question) else 0)


def _within(item: Evidence, span: Span) -> Span:
    """A span of the article as one of the sentence."""
    return Span(span.start - item.start, span.end - item.start)


def _together(question: str, hits: Sequence[Hit], judge: Judge, found: Sequence[Evidence]) -> Judgement:
    """What the judge makes of the best passage of each of the best articles of `found`, read as one text."""
    texts = {hit.passage.id: orders.blanked(hit) for hit in hits}
    best = first_of_each(found, lambda item: item.article.id)[:_READ_TOGETHER]
    (judged,) = judge.judge([Pair(question, joined([texts[item.passage_id] for item in best]))])
    return judged


def _order(item: Evidence) -> tuple[float, str, int]:
    return -item.score, item.article.id, item.start


def _discounted(item: Evidence, absent: Mapping[str, Sequence[str]], question: str) -> Evidence:
    """The evidence with a lower score, where its article does not have all the names of the question."""
    told = redating.told(question, item.text, item.article.published)
    missing = sum(name not in told for name in absent[item.article.id]) / max(1, len(naming.named(question)))
    return replace(item, score=_sigmoid(_log_odds(item.score) - _ABSENT * missing)) if missing else item


def _pair(question: str, hit: Hit) -> Pair:
    heading = chunking.heading(hit.article.title, hit.article.text)
    before = f"{heading}\n" if heading else ""
    return Pair(question, before + orders.blanked(hit), len(before))


def _sentences(article: Article, passage: Span, answer: Span) -> Span:
    """The sentence of the passage that holds the answer, or the sentences that it runs through."""
    spans = chunking.sentences(article.text[passage.start : passage.end], article.language)
    held = [
        span for span in spans if passage.start + span.end > answer.start and passage.start + span.start < answer.end
    ]
    return Span(passage.start + held[0].start, passage.start + held[-1].end) if held else answer


def _with_corroboration(fit: Sequence[Evidence], *, several: bool) -> Iterator[Evidence]:
    """The best, those that are nearly as good and say more, and those of other articles that answer the same.

    Where `several` things are asked for, more of them, and less good ones.
    """
    most, near = (_MOST_OF_A_LIST, _NEAR_BEST_OF_A_LIST) if several else (_MAX_EVIDENCE, _NEAR_BEST)
    chosen = [fit[0]]
    yield fit[0]
    for item in fit[1:]:
        behind = _log_odds(fit[0].score) - _log_odds(item.score)
        again = any(disputing.same(item, other) for other in chosen)
        elsewhere = item.article.id not in {other.article.id for other in chosen}
        wanted = (behind <= near and not again) or (elsewhere and again and behind <= _NEAR_BEST_ELSEWHERE)
        if wanted and len(chosen) < most:
            chosen.append(item)
            yield item


def _topic(question: str, hits: Sequence[Hit]) -> float:
    names = {name.stem for name in naming.named(question)}
    texts = [f"{hit.article.title}\n{hit.passage.text}" for hit in hits]
    if any(names & stems(text) for text in texts):
        return 1.0
    return max((_covered(question, text) for text in texts), default=0.0)


def _covered(question: str, text: str) -> float:
    """The share of the question's words that the text has."""
    asked = stems(question)
    return len(asked & stems(text)) / max(1, len(asked))


def _sigmoid(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))
