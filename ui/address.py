"""The address of a survey: its kind, its question, its filters. A reload or a bookmark shows the same."""

from __future__ import annotations

from datetime import date
from typing import get_args

import streamlit as st

from rag import Question, Survey, SurveyKind, parse_day

KINDS: tuple[SurveyKind, ...] = get_args(SurveyKind)


def kind() -> SurveyKind | None:
    """Return the kind of survey that the address names; None for a chat."""
    return next((kind for kind in KINDS if st.query_params.get(kind)), None)


def survey() -> Survey | None:
    """Read a survey from the address; None for a chat. Raises: QuestionInvalid, for an invalid date."""
    address, named = st.query_params, kind()
    if not named:
        return None
    question = Question(
        address[named],
        published_from=_day("from"),
        published_to=_day("to"),
        as_of=_day("as_of"),
        sources=tuple(address.get_all("source")),
        languages=tuple(address.get_all("language")),
        stories=tuple(address.get_all("story")),
    )
    return Survey(named, question)


def _day(name: str) -> date | None:
    text = st.query_params.get(name)
    return parse_day(text) if text else None


def go(to: Survey) -> None:
    """Name a survey in the address, for the next run of the page. A chat that stands there stays, to go back to."""
    question = to.question
    days = {"from": question.published_from, "to": question.published_to, "as_of": question.as_of}
    names = {"source": question.sources, "language": question.languages, "story": question.stories}
    address: dict[str, str | list[str]] = {to.kind: question.text}
    address |= {name: day.isoformat() for name, day in days.items() if day}
    address |= {name: list(several) for name, several in names.items() if several}
    address |= chat()
    st.query_params.from_dict(address)


def leave() -> None:
    """Go back to the chat in the address, or to a new one."""
    st.query_params.from_dict(chat())


def chat() -> dict[str, str]:
    """Return the chat that a survey was reached from, as a part of the address."""
    name = st.query_params.get("chat")
    return {"chat": name} if name else {}
