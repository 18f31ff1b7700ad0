"""JSON out and back: a stored answer is shown as it was, whatever became of the articles it cites."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import (
    Answer,
    Article,
    Assistant,
    Citation,
    Evidence,
    Exchange,
    Hit,
    InputError,
    Passage,
    PublishedDate,
    Question,
    Refusal,
    Testimony,
    Trace,
    Verdict,
    answer_json,
    parse_answer,
    settings,
)
from rag.contract import question_json
from rag.models.reader import LlamaReader
from rag.stored import Held, parse_question
from rag.types import Span
from tests.conftest import SEEDS
from tests.rag.chatting import FRANCE, PIPELINE, answer_of, chatted

NARROWED = Question(
    "Who \ud800 spoke?\0",
    published_from=date(2021, 4, 1),
    published_to=date(2021, 4, 30),
    sources=("DAWN", "AP"),
    languages=("en", "UR"),
    stories=("rain-1",),
    as_of=date(2021, 5, 1),
    passages=7,
    history=(Exchange("Where?", "In York. [1]"), Exchange("Why?", "")),
    mode="history",
)


RAIN = Article(
    id="rain-1",
    title="Rain",
    text="Rain. It rained in York.",
    content_hash="0a4a",
    source="DAWN",
    published=PublishedDate(2021, 4, 8),
    url="https://news.example/rain",
    author="the newsroom",
    language="en",
    origin="rain.txt",
    told_by=(("source", "JSON-LD"), ("title", "the first line")),
    edited=(("source", "tarnpost.example"),),
    candidate="York",
)


# No real answer has all of this at once.
WHOLE = Answer(
    question=NARROWED,
    text="DAWN, 2021-04-08, corrected since: “It rained in York.” [1]",
    verdicts=(
        Verdict("It rained in York.", (1,), supported=True, quoted=True, lead="DAWN, 2021-04-08", corrected_by="b"),
    ),
    citations=(Citation(1, Evidence(RAIN, 7, 6, 24, "It rained in York.", 0.75, Span(19, 23)), ("AP", "DAWN")),),
    hits=(Hit(Passage(7, "rain-1", 1, 6, 24, "It rained in York."), RAIN, 0.5, 2, 3, ("AP", "DAWN")),),
    refusal=Refusal("unsure", "No passage answers this."),
    trace=Trace(
        encoder="an encoder",
        judge="a judge",
        reader="a reader",
        retrieve_seconds=0.25,
        first_token_seconds=0.5,
        total_seconds=1.5,
        prompt_tokens=300,
        written_tokens=9,
        judged_pairs=12,
        draft="It rained",
        unknown_markers=(4,),
        stopped=True,
    ),
    asked="Where did it rain?",
    short="York",
    confidence=0.75,
    notes=("Only articles by DAWN or AP were read.",),
    disputed=True,
    nearest=(Evidence(RAIN, 7, 6, 24, "It rained in York.", 0.75, Span(19, 23)),),
    mode="list",
    kind="one value",
    testimonies=(
        Testimony(
            Evidence(RAIN, 7, 6, 24, "It rained in York.", 0.75, Span(19, 23)),
            value="York",
            unit="town",
            outlets=("AP", "DAWN"),
            agreeing=("rain-2",),
            corrected_by="rain-3",
        ),
    ),
)


RAINING = Held((RAIN,), frozenset({"AP", "DAWN"}))


@pytest.fixture
def archive(tmp_path: Path, encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader) -> Iterator[Assistant]:
    """A real assistant over copies of the sample articles."""
    for seed in SEEDS.glob("*.txt"):
        (tmp_path / seed.name).write_bytes(seed.read_bytes())
    with Assistant(settings.load_settings({"home": tmp_path / "home"}), encoder, judge, reader) as assistant:
        assistant.ingest(sorted(tmp_path.glob("*.txt")))
        yield assistant


def without_draft(answer: Answer) -> Answer:
    """The answer as a chat stores it: without the draft."""
    return replace(answer, trace=replace(answer.trace, draft=""))


def parts(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield name (`Answer.text`), value and default of every field, recursively."""
    if is_dataclass(value):
        defaults = {one.name: one.default for one in fields(value)}
    elif hasattr(value, "_fields"):
        defaults = {name: value._field_defaults.get(name) for name in value._fields}
    else:
        for inner in value if isinstance(value, tuple) else ():
            yield from parts(inner)
        return
    for name, default in defaults.items():
        part = getattr(value, name)
        yield f"{type(value).__name__}.{name}", part, default
        yield from parts(part)


@pytest.fixture(scope="module")
def data(seeds: Assistant) -> Any:
    """An answer as JSON."""
    return json.loads(json.dumps(answer_json(seeds.ask(Question(PIPELINE)))))


@pytest.mark.parametrize(
    "text", [PIPELINE, FRANCE, "Did Lavrov visit India before Pakistan?", "When did Lavrov arrive?"]
)
def test_answers_and_refusals_round_trip(seeds: Assistant, text: str) -> None:
    question = Question(text, languages=("EN",), passages=7, history=NARROWED.history)
    answer = seeds.ask(question)
    held = {article.id: Held((article,)) for article in seeds.articles()}
    read = parse_answer(json.loads(json.dumps(answer_json(answer))), held.get)
    assert read == without_draft(answer)
    assert read.hits


def test_every_field_round_trips() -> None:
    # What is compared when it is read is not read.
    named = {name for name, _, _ in parts(WHOLE) if not name.endswith(".confirmed")}
    filled = {name for name, part, default in parts(WHOLE) if part and part != default}
    assert named == filled, "a new field: serialise and parse it in contract, and set it in WHOLE"
    assert {name.partition(".")[0] for name in named} >= {"Question", "Trace", "Span", "PublishedDate", "Exchange"}
    assert parse_question(json.loads(json.dumps(question_json(NARROWED)))) == NARROWED
    data = json.loads(json.dumps(answer_json(WHOLE)))
    assert parse_answer(data, lambda _: RAINING) == without_draft(WHOLE)
    assert parse_answer(data).hits[0].article == replace(RAIN, text="")


def test_an_answer_stored_by_the_first_version_can_be_read() -> None:
    """Stored chats lack the fields that were added to answers later."""
    data = json.loads((Path(__file__).parent / "kept_answer.json").read_text(encoding="utf-8"))
    read = parse_answer(data, lambda _: RAINING)
    text = WHOLE.text.replace(", corrected since", "")
    assert (read.question, read.text, read.citations) == (replace(NARROWED, mode=None), text, WHOLE.citations)
    assert parse_answer(json.loads(json.dumps(answer_json(read))), lambda _: RAINING) == read


def test_a_chat_survives_the_removal_of_cited_articles(archive: Assistant) -> None:
    before = answer_of(chatted(archive, PIPELINE))
    (chat,) = archive.chats.find()
    assert answer_of(archive.chats.read(chat.id).turns[0]) == before
    for article in archive.articles():
        archive.remove(article.id)
    after = answer_of(archive.chats.read(chat.id).turns[0])
    compared: dict[str, Any] = {"citations": [], "nearest": [], "sentences": [], "hits": [], "testimonies": []}
    assert answer_json(after) | compared == answer_json(before) | compared
    assert after.verdicts == tuple(replace(verdict, confirmed=None) for verdict in before.verdicts)
    for was, now in zip(before.citations, after.citations, strict=True):
        assert (
            now.evidence.text == was.evidence.text == was.evidence.article.text[was.evidence.start : was.evidence.end]
        )
        assert (now.evidence.start, now.evidence.end) == (was.evidence.start, was.evidence.end)
        assert now.evidence.article == replace(was.evidence.article, text="")
        assert (now.evidence.short, now.evidence.confirmed) == ("", None)
    assert [hit.passage for hit in after.hits] == [hit.passage for hit in before.hits]


def test_a_chat_keeps_the_cited_version_of_an_edited_article(archive: Assistant, tmp_path: Path) -> None:
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
    assert answer_of(after) == without_draft(stopped)
    assert answer_of(after).trace.stopped


def test_a_rated_turn_replaced_while_answering_keeps_its_answer_but_is_not_searchable(archive: Assistant) -> None:
    chats = archive.chats
    turn = chats.begin(Question(PIPELINE))
    chats.mark(turn.id, good=False)
    chats.replace(turn.id, Question(FRANCE))
    chats.finish(turn.id, archive.ask(turn.question))
    assert chats.find("karachi") == ()
    assert [answer_of(one).refusal for one in chats.marked(good=False)] == [None]


def test_a_chat_survives_a_restart_and_gives_the_history(archive: Assistant) -> None:
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
        lambda one: one | {"filters": one["filters"] | {"from": "yesterday"}},
        lambda one: one | {"models": {"reader": "x"}},
        lambda one: one | {"articles": [article | {"published": "2021-13"} for article in one["articles"]]},
    ],
)
def test_anything_else_is_refused(data: Any, broken: Any) -> None:
    with pytest.raises(InputError, match="not a stored answer"):
        parse_answer(broken(data))
