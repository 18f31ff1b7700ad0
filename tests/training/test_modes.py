"""The questions from which the forms of reply are learnt, and the classifier that ships."""

from __future__ import annotations

from collections import Counter

from embeddings import FormEncoder
from rag.models import weights
from rag.models.modes import KINDS, SURVEYS, Modes
from training import modes, sets


def test_each_form_of_reply_is_asked_for_in_many_wordings() -> None:
    labelled = modes.read()
    assert len({one.question for one in labelled}) == len(labelled)
    assert {one.mode for one in labelled} == set(KINDS)
    assert min(Counter(one.mode for one in labelled).values()) >= 110


def test_most_questions_are_read_as_they_are_labelled() -> None:
    """On the very questions: a figure for unseen ones is what `python -m training modes` prints."""
    classifier = Modes(FormEncoder(weights.find(sets.ENCODER, "encoder").path))
    labelled = modes.read()[::5]
    read = [(one.mode, classifier.of(one.question)) for one in labelled]
    assert sum(kind in (form.survey, form.mode or "none") for kind, form in read) > 0.75 * len(read)
    falsely = [form.survey for kind, form in read if kind not in SURVEYS and form.survey]
    assert len(falsely) < 0.02 * len(read)
