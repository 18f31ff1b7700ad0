"""Make training examples from questions and their paragraphs: answers, texts that only look like one, disputes."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from embeddings.judge import Pair, joined
from rag.search import chunking
from rag.search.words import content, stems
from rag.types import Span
from training.sets import Case

# Words of a window: the product's passages have 60, and a passage that is judged whole may have more.
WINDOW_WORDS = (60, 60, 90, 140)
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
NAME = re.compile(r"\b[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*")
# Not at the start of a sentence, where any word has a capital.
NAME_INSIDE = re.compile(rf"(?<!^)(?<![.?!] ){NAME.pattern}")
_TITLED, _DISPUTED, _FOLLOWS = 0.6, 0.2, 0.12
_SMALL_WORDS = re.compile(r"\b(?:is|are|was|were|do|does|did|has|have|had|it|been|the|a|an|there)\b ?", re.IGNORECASE)
_LAST_PHRASE = re.compile(
    r"(?<=\w) (?:by|in|of|from|during|at|on|for|to|with) (?:(?!by |in |of |from |at |on |for )[^?])+(?=\??$)"
)
_MIN_TYPO_LETTERS = 5
# Subject, object, possessive.
_PRONOUNS = (("he", "him", "his"), ("she", "her", "her"), ("it", "it", "its"), ("they", "them", "their"))
_BEFORE_SUBJECT = re.compile(r"\b(?:did|does|do|has|have|had|will|would|can|could|is|are|was|were) $")


class Example(NamedTuple):
    """A pair with its labels; a label that is None is unknown.

    `span` is the answer in the pair's text; None with `answers` True: the text has an answer at an unknown place.
    `teacher_heads` are the heads of the network for which only a teacher gives the target.
    `kind` tells how a contrast pair was made.
    """

    pair: Pair
    answers: bool | None = None
    span: Span | None = None
    supports: bool | None = None
    disputes: bool | None = None
    silent: bool | None = None
    teacher_heads: tuple[int, ...] = ()
    kind: str = ""


class AnswerExamples:
    """Make the examples of each epoch. Each case has a random generator of its own, so their order does not matter."""

    def __init__(self, cases: Sequence[Case], near: Mapping[str, Sequence[str]], seed: int) -> None:
        """`near`: by the id of each case, windows of other paragraphs that are close to its question."""
        self._near = near
        self._seed = seed
        self._windows = [window for case in cases for window in case.windows(60)]
        self._names = sorted({name for case in cases for name in NAME_INSIDE.findall(case.text)})
        self._asked = defaultdict[str, list[str]](list)
        for case in cases:
            self._asked[case.text].append(case.question)

    def make(self, case: Case, epoch: int) -> Iterator[Example]:
        rng = random.Random(f"{self._seed}/{epoch}/{case.id}")
        for example in self._alone(case, rng):
            yield as_follow_up(example, self._asked[case.text], rng)

    def _alone(self, case: Case, rng: random.Random) -> Iterator[Example]:
        spans = chunking.split(case.text, rng.choice(WINDOW_WORDS))
        if not case.answers:
            ranked = sorted(spans, key=lambda span: -_overlap(case.question, case.cut(span)))
            for span in ranked[: rng.choice((1, 2))]:
                yield _negative(case, case.question, case.cut(span), rng)
            return
        answer = locate_answer(case, rng)
        window = window_around(answer, spans)
        if window is None:
            return
        yield _positive(case, retyped(case.question, rng), window, answer, rng)
        for text in self._lookalikes(case, spans, answer, rng):
            yield _negative(case, case.question, text, rng)
        if rng.random() < 0.2 and (question := self._with_other_name(case.question, case.text, rng)):
            yield _negative(case, question, case.cut(window), rng)
        if rng.random() < 0.2 and (question := question_on_other_topic(case, answer, rng)):
            yield _negative(case, question, case.cut(window), rng)

    def _lookalikes(self, case: Case, spans: Sequence[Span], answer: Span, rng: random.Random) -> Iterator[str]:
        """Yield up to two texts on the topic that do not answer: one next to the answer, one from elsewhere.

        The caller draws from `rng` between them.
        """
        others = [text for span in spans if not contains_answer(text := case.cut(span), case.answers)]
        remainder = _without_answer(case, answer)
        near = [text for text in self._near.get(case.id, ()) if not contains_answer(text, case.answers)]
        if others:
            yield rng.choice(others)
        roll = rng.random()
        if roll < 0.3 and remainder:
            yield remainder
        elif roll < 0.9 and near:
            yield rng.choice(near)
        else:
            text = rng.choice(self._windows)
            if not contains_answer(text, case.answers):
                yield text

    def _with_other_name(self, question: str, text: str, rng: random.Random) -> str:
        """Replace a name or a number of the question by one that is not in the text; '' if it has none."""
        names = [match for match in NAME_INSIDE.finditer(question) if match.group() in text]
        numbers = [match for match in NUMBER.finditer(question) if match.group() in text]
        if not names and not numbers:
            return ""
        match = rng.choice(names + numbers)
        old = match.group()
        if old[0].isdigit():
            new = old[0] + "".join(rng.choice("0123456789") if char.isdigit() else char for char in old[1:])
            new = new if new != old else str(rng.randint(3, 99))
        else:
            new = rng.choice(self._names)
        return "" if new in text else question[: match.start()] + new + question[match.end() :]


def labelled_disputes(rows: Sequence[dict[str, Any]]) -> list[Example]:
    """Make examples of texts labelled as disputed, silent or neither; and of single ones whether they answer."""
    examples = []
    for row in rows:
        texts = [passage["text"] for passage in row["passages"]]
        label = row["expected"]
        pair = Pair(row["question"], joined(texts))
        examples.append(Example(pair, disputes=label == "disputed", silent=label == "abstain"))
        if label == "abstain":
            examples += [Example(Pair(row["question"], text), answers=False) for text in texts]
        elif label == "trustworthy" and len(texts) == 1 and row["category"] == "trustworthy_direct":
            examples.append(Example(Pair(row["question"], texts[0]), answers=True))
    return examples


def made_disputes(case: Case, near: Mapping[str, Sequence[str]], seed: int, epoch: int) -> Iterator[Example]:
    """Join the answer with a contradicting copy, the answer with another text, and two texts without the answer."""
    rng = random.Random(f"{seed}/{epoch}/dispute/{case.id}")
    if not case.answers or rng.random() > _DISPUTED:
        return
    answer = locate_answer(case)
    window = window_around(answer, chunking.split(case.text, 60))
    others = [text for text in near.get(case.id, ()) if not contains_answer(text, case.answers)]
    wrong = alternative(case.cut(answer), case.text, rng)
    if window is None or not others or not wrong:
        return
    text = case.cut(window)
    changed = case.text[window.start : answer.start] + wrong + case.text[answer.end : window.end]
    for texts, disputes, silent in (
        ([text, changed], True, False),
        ([text, rng.choice(others)], False, False),
        (rng.sample(others, min(2, len(others))), False, True),
    ):
        rng.shuffle(texts)
        yield Example(Pair(case.question, joined(texts)), disputes=disputes, silent=silent)


def locate_answer(case: Case, rng: random.Random | None = None) -> Span:
    """Find an answer in the paragraph: the occurrence in the sentence that has most of the question's words.

    With an `rng`, one of several answers is drawn; without, it is the shortest.
    """
    answer = rng.choice(case.answers) if rng else min(case.answers, key=len)
    sentences = chunking.sentences(case.text)
    best, best_score = Span(case.text.index(answer), case.text.index(answer) + len(answer)), -1.0
    for match in re.finditer(re.escape(answer), case.text):
        sentence = next((s for s in sentences if s.start <= match.start() < s.end), None)
        score = _overlap(case.question, case.cut(sentence)) if sentence else 0.0
        whole_words = not re.match(r"\w", case.text[match.end() :]) and not re.search(
            r"\w$", case.text[: match.start()]
        )
        if score + whole_words > best_score:
            best, best_score = Span(match.start(), match.end()), score + whole_words
    return best


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Tell whether any answer occurs in the text, ignoring case."""
    folded = text.casefold()
    return any(answer.casefold() in folded for answer in answers)


def window_around(answer: Span, windows: Sequence[Span]) -> Span | None:
    return next((window for window in windows if window.start <= answer.start and answer.end <= window.end), None)


def alternative(answer: str, text: str, rng: random.Random) -> str:
    """Return another phrase that could stand in the answer's place: a number for a number, a name for a name.

    It is from the text, but for random numbers; '' if there is none.
    """
    if re.search(r"\d", answer):
        number = NUMBER.search(answer)
        numbers = [*NUMBER.findall(text), str(rng.randint(2, 2000))]
        phrases = [answer.replace(number.group(), other) for other in numbers if number and other != number.group()]
    elif answer[:1].isupper():
        phrases = NAME.findall(text)
    else:
        words = text.split()
        count = len(answer.split())
        at = rng.randrange(max(1, len(words) - count))
        phrases = [" ".join(words[at : at + count]).strip(".,;")]
    phrases = [phrase for phrase in phrases if phrase and phrase not in answer and answer not in phrase]
    return rng.choice(phrases) if phrases else ""


def question_on_other_topic(case: Case, answer: Span, rng: random.Random) -> str:
    """Change the question so that the answer's sentence does not answer it; '' if no word can be swapped."""
    spans = chunking.sentences(case.text)
    sentence = next((case.cut(s) for s in spans if s.start <= answer.start < s.end), "")
    return swap_word(case.question, sentence, case.text, rng)


def swap_word(question: str, sentence: str, text: str, rng: random.Random) -> str:
    """Swap a word that the question shares with the sentence for one of the text that the sentence lacks.

    "Who is the foreign minister?" becomes "Who is the prime minister?"; '' if no word can be swapped.
    """
    in_sentence, in_question = stems(sentence), stems(question)
    shared = [word for word in content(question) if word.stem in in_sentence and word.start and not word.numeric]
    others = [
        word
        for word in content(text)
        if word.stem not in in_sentence | in_question and not word.numeric and len(word.text) > 3
    ]
    if not shared or not others:
        return ""
    old = rng.choice(shared)
    same_case = [word for word in others if word.capitalised == old.capitalised]
    same_form = [word for word in same_case if word.text[-2:] == old.text[-2:]]
    new = rng.choice(same_form or same_case or others)
    return question[: old.start] + new.text + question[old.end :]


def retyped(question: str, rng: random.Random) -> str:
    """Return the question as a user might type it: mostly as it is, or clipped, with a typo, or in lower case."""
    roll = rng.random()
    if roll < 0.08:
        return clipped(question, rng)
    if roll < 0.14:
        return with_typo(question, rng)
    if roll < 0.20:
        return question.lower().rstrip("?")
    return question


def as_follow_up(example: Example, earlier: Sequence[str], rng: random.Random) -> Example:
    """Return the example, or at times with its question after one of the `earlier` ones, which it does not answer.

    The product reads both joined (`rag.answer.question.readings`). A name that both have mostly becomes a pronoun in
    the second, of any gender: nothing here knows which.
    """
    pair = example.pair
    before = [question for question in earlier if question != pair.asked]
    if not before or rng.random() > _FOLLOWS:
        return example
    first, second = rng.choice(before), pair.asked
    if rng.random() < 0.7:
        for found in NAME_INSIDE.findall(second):
            if (name := re.sub(r"['’]s$", "", found)) in first:
                second = _with_pronoun(second, name, rng)
    return example._replace(pair=pair._replace(asked=f"{first} {second}"))


def interrupted(example: Example, strange: str, rng: random.Random) -> Example:
    """Return the example with a strange line after a sentence of its text, as an advertisement stands in an article.

    What the text answers stays the same.
    """
    pair, span = example.pair, example.span
    starts = [at + pair.start for at, _ in chunking.sentences(pair.text[pair.start :])]
    places = [at for at in (*starts[1:], len(pair.text)) if span is None or not span.start < at < span.end]
    at = rng.choice(places)
    line = f"\n\n{strange}\n\n" if rng.random() < 0.7 else f" {strange} "
    text = pair.text[:at].rstrip() + line + pair.text[at:]
    if span and span.start >= at:
        moved = len(text) - len(pair.text)
        span = Span(span.start + moved, span.end + moved)
    return example._replace(pair=pair._replace(text=text), span=span)


def _with_pronoun(question: str, name: str, rng: random.Random) -> str:
    subject, other, possessive = rng.choice(_PRONOUNS)

    def pronoun(match: re.Match[str]) -> str:
        if match.group(1):
            return possessive
        return subject if _BEFORE_SUBJECT.search(question[: match.start()]) else other

    return re.sub(rf"(?:\bthe )?\b{re.escape(name)}(['’]s\b)?", pronoun, question)


def clipped(question: str, rng: random.Random) -> str:
    """Drop the small words or the last phrase: "How long had it been since the last visit?"."""
    if rng.random() < 0.5 and (bare := _SMALL_WORDS.sub("", question)) != question:
        return bare[:1].upper() + bare[1:]
    cut = _LAST_PHRASE.sub("", question)
    return cut if len(content(cut)) >= 2 else question


def with_typo(question: str, rng: random.Random) -> str:
    """Swap two letters of a longer word, or drop one."""
    words = [match for match in re.finditer(r"[^\W\d_]+", question) if len(match.group()) >= _MIN_TYPO_LETTERS]
    if not words:
        return question
    word = rng.choice(words)
    at = word.start() + rng.randrange(1, len(word.group()) - 1)
    if rng.random() < 0.5:
        return question[:at] + question[at + 1 :]
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def _positive(case: Case, question: str, window: Span, answer: Span, rng: random.Random) -> Example:
    pair = _titled_pair(case, question, case.cut(window), rng)
    start = pair.start + answer.start - window.start
    return Example(pair, answers=True, span=Span(start, start + answer.end - answer.start))


def _negative(case: Case, question: str, text: str, rng: random.Random) -> Example:
    return Example(_titled_pair(case, question, text, rng), answers=False)


def _titled_pair(case: Case, question: str, text: str, rng: random.Random) -> Pair:
    heading = f"{case.title}\n" if case.title and rng.random() < _TITLED else ""
    return Pair(question, heading + text, len(heading))


def _without_answer(case: Case, answer: Span) -> str:
    """Return the paragraph without the answer's sentence; '' if the rest still has an answer or is too short."""
    sentences = chunking.sentences(case.text)
    rest = " ".join(case.cut(s) for s in sentences if not (s.start < answer.end and answer.start < s.end))
    return "" if contains_answer(rest, case.answers) or len(rest.split()) < 20 else rest


def _overlap(question: str, text: str) -> float:
    asked = stems(question)
    return len(asked & stems(text)) / max(1, len(asked))
