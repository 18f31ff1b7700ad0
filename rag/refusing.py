"""Say why there is no answer, so that a person understands it and knows what to try."""

from __future__ import annotations

from rag.evidence import Choice
from rag.types import Hit, Question, Refusal

# Below this cosine-and-words score of the best sentence, not even the topic is there.
_ON_TOPIC = 0.08


def refusal(question: Question, hits: tuple[Hit, ...], choice: Choice) -> Refusal:
    """The reason for refusing `question`, given what was found for it."""
    if not hits and question.narrowed:
        return Refusal("outside_filter", "No article in the archive is inside the dates or sources asked for.")
    if choice.withheld:
        quote = " ".join(choice.withheld.text.split())
        return Refusal("withheld", f"The archive says itself that this was not told: “{quote}”")
    if not choice.nearest or choice.nearest[0].score < _ON_TOPIC:
        return Refusal("off_topic", "The archive has nothing on this topic.")
    where = " inside the dates or sources asked for" if question.narrowed else ""
    return Refusal("not_stated", f"The archive touches on this topic, but does not state the answer{where}.")


def stopped() -> Refusal:
    """The reason when the reader was stopped before any sentence stood."""
    return Refusal("stopped", "Stopped before an answer was written.")
