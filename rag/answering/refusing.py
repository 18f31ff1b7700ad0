"""Say why there is no answer, so that a person understands it and knows what to try."""

from __future__ import annotations

from rag.answering.evidence import Choice
from rag.reading import language
from rag.types import Hit, Question, Refusal
from rag.understanding import kinds

# The share of the question's words in one passage, or how surely one answers, from which the topic is there.
_ON_TOPIC, _ANSWERS_A_LITTLE = 0.34, 0.05
_NAMES = {
    "money": "amount of money",
    "length": "length of time or space",
    "number": "number",
    "date": "date",
    "name": "name",
    "place": "place",
}


def refusal(question: Question, hits: tuple[Hit, ...], choice: Choice, outside: str) -> Refusal:
    """The reason for refusing `question`, given what was found for it; `outside`: why no article is in its filters."""
    if choice.evidence:
        return Refusal("stopped", "Stopped before a sentence was checked.")
    if not hits and outside:
        return Refusal("outside_filter", outside)
    if language.foreign(question.text):
        return Refusal("language", "The question does not read as English, the only language the judge was trained on.")
    if choice.withheld:
        quote = " ".join(choice.withheld.text.split())
        return Refusal("withheld", f"The archive says itself that this was not told: “{quote}”")
    if choice.absent:
        names = " or ".join(f"“{name}”" for name in choice.absent)
        return Refusal("name_absent", f"None of the articles found mentions {names}{_inside(question)}.")
    if choice.topic < _ON_TOPIC and choice.confidence < _ANSWERS_A_LITTLE:
        return Refusal("off_topic", f"The archive has nothing on this topic{_inside(question)}.")
    lacking = _lacking(question.text, choice)
    told = f"states no {lacking} that answers" if lacking else "does not state the answer"
    return Refusal("not_stated", f"The archive touches on this topic, but {told}{_inside(question)}.")


def _inside(question: Question) -> str:
    """That not the whole archive was read; the answer's notes tell what was."""
    return " inside the filters" if question.narrowed else ""


def _lacking(question: str, choice: Choice) -> str:
    """What the question asks for and none of the nearest sentences has; '' where that is not the trouble."""
    lacked = [kinds.lacking(question, item.text) for item in choice.nearest]
    return next((_NAMES[kind] for kind in kinds.wanted(question) if all(kind in some for some in lacked)), "")
