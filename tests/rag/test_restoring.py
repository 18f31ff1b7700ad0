"""An answer that was kept is shown again as it was, whatever became of the articles that it cites."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Answer, Article, Assistant, Exchange, InputError, Question, answer_json, parse_answer, settings
from rag.contract import question_json
from rag.llm import LlamaReader
from rag.restoring import parse_question
from tests.conftest import SEEDS
from tests.rag.chatting import FRANCE, PIPELINE, answer_of, chatted

NARROWED = Question(
    "Who \ud800 spoke?\0",
    published_from=date(2021, 4, 1),
    published_to=date(2021, 4, 30),
    sources=("DAWN", "AP"),
    passages=7,
    history=(Exchange("Where?", "In York. [1]"), Exchange("Why?", "")),
)


@pytest.fixture
def archive(tmp_path: Path, encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader) -> Iterator[Assistant]:
    """The real assistant over copies of the sample articles, which a test may change."""
    for seed in SEEDS.glob("*.txt"):
        (tmp_path / seed.name).write_bytes(seed.read_bytes())
    with Assistant(settings.load({"home": tmp_path / "home"}), encoder, judge, reader) as assistant:
        assistant.ingest(sorted(tmp_path.glob("*.txt")))
        yield assistant


def kept(answer: Answer) -> Answer:
    """The answer as a chat has it: without the draft, which was never shown."""
    return replace(answer, trace=replace(answer.trace, draft=""))


@pytest.fixture(scope="module")
def told(seeds: Assistant) -> Any:
    """An answer as JSON."""
    return json.loads(json.dumps(answer_json(seeds.ask(Question(PIPELINE)))))


@pytest.mark.parametrize(
    "text", [PIPELINE, FRANCE, "Did Lavrov visit India before Pakistan?", "When did Lavrov arrive?"]
)
def test_an_answer_and_a_refusal_come_back_whole(seeds: Assistant, text: str) -> None:
    question = replace(NARROWED, text=text, published_from=None, published_to=None, sources=())
    answer = seeds.ask(question)
    articles = {(article.id, article.content_hash): article for article in seeds.articles()}
    read = parse_answer(json.loads(json.dumps(answer_json(answer))), lambda *key: articles.get(key))
    assert read == kept(answer)
    assert read.hits


def test_every_part_of_a_question_comes_back() -> None:
    plain = Question("")
    same = [one.name for one in fields(Question) if getattr(NARROWED, one.name) == getattr(plain, one.name)]
    assert not same, "a new field of Question: let question_json and parse_question carry it, and set it above"
    assert parse_question(json.loads(json.dumps(question_json(NARROWED)))) == NARROWED


def test_a_chat_survives_the_removal_of_what_it_cites(archive: Assistant) -> None:
    before = answer_of(chatted(archive, PIPELINE))
    (chat,) = archive.chats.find()
    assert answer_of(archive.chats.read(chat.id).turns[0]) == before
    for article in archive.articles():
        archive.remove(article.id)
    after = answer_of(archive.chats.read(chat.id).turns[0])
    assert answer_json(after) | {"citations": []} == answer_json(before) | {"citations": []}
    for was, now in zip(before.citations, after.citations, strict=True):
        assert (
            now.evidence.text == was.evidence.text == was.evidence.article.text[was.evidence.start : was.evidence.end]
        )
        assert (now.evidence.start, now.evidence.end) == (was.evidence.start, was.evidence.end)
        assert now.evidence.article == replace(was.evidence.article, text="")
        assert now.evidence.short == ""
    assert [hit.passage for hit in after.hits] == [hit.passage for hit in before.hits]


def test_a_chat_keeps_the_text_that_it_cites_when_the_article_is_edited(archive: Assistant, tmp_path: Path) -> None:
    before = answer_of(chatted(archive, PIPELINE))
    (cited,) = {citation.evidence.article.id for citation in before.citations}
    path = Path(archive.article(cited).origin)
    path.write_text(path.read_text(encoding="utf-8") + "\n\nCorrected on Friday.\n", encoding="utf-8")
    assert archive.ingest([path]).updated == (cited,)
    (chat,) = archive.chats.find()
    after = answer_of(archive.chats.read(chat.id).turns[0])
    assert after.citations[0].evidence.article.text != archive.article(cited).text
    assert after == before


def test_a_stopped_answer_keeps_what_was_checked(archive: Assistant) -> None:
    turn = archive.chats.begin(Question(PIPELINE))
    (*_, stopped) = archive.stream(turn.question, stopped=lambda: True)
    assert isinstance(stopped, Answer)
    after = archive.chats.finish(turn.id, stopped)
    assert answer_of(after) == kept(stopped)
    assert answer_of(after).trace.stopped


def test_what_was_replaced_meanwhile_keeps_its_mark_and_its_answer_but_is_not_found(archive: Assistant) -> None:
    chats = archive.chats
    turn = chats.begin(Question(PIPELINE))
    chats.mark(turn.id, good=False)
    chats.replace(turn.id, Question(FRANCE))
    chats.finish(turn.id, archive.ask(turn.question))
    assert chats.find("karachi") == ()
    assert [answer_of(one).refusal for one in chats.marked(good=False)] == [None]


def test_a_chat_survives_a_restart_and_is_the_history_of_what_comes_next(archive: Assistant) -> None:
    turn = chatted(archive, PIPELINE, FRANCE)
    with Assistant(archive.settings) as again:
        transcript = again.chats.read(turn.chat_id)
        assert transcript == archive.chats.read(turn.chat_id)
        assert transcript.turns[1] == turn
        assert transcript.history == (
            Exchange(PIPELINE, answer_of(transcript.turns[0]).text),
            Exchange(FRANCE, ""),
        )
        assert [chat.id for chat in again.chats.find("karachi capital")] == [turn.chat_id], "answers are searched, too"


@pytest.mark.parametrize(
    "broken",
    [
        lambda one: {},
        lambda one: one | {"articles": []},
        lambda one: one | {"articles": None},
        lambda one: one | {"citations": [1]},
        lambda one: one | {"filters": {"from": "yesterday", "to": None, "sources": [], "passages": None}},
        lambda one: one | {"models": {"reader": "x"}},
        lambda one: one | {"articles": [article | {"published": "2021-13"} for article in one["articles"]]},
    ],
)
def test_what_is_no_answer_is_refused(told: Any, broken: Any) -> None:
    with pytest.raises(InputError, match="no answer that can be read back"):
        parse_answer(broken(told))


def test_an_article_is_asked_for_by_its_hash(seeds: Assistant, told: Any) -> None:
    asked: list[tuple[str, str]] = []

    def none(article_id: str, content_hash: str) -> Article | None:
        asked.append((article_id, content_hash))
        return None

    parse_answer(told, none)
    assert sorted(asked) == sorted((one.id, one.content_hash) for one in seeds.articles())
