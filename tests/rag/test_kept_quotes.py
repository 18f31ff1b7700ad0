"""What a chat shows is compared with the articles: an altered answer, article or offset is marked, never quoted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Answer, Assistant, Turn, Upload, answer_json, parse_answer, share_answer, share_chat
from rag.doctor import diagnose
from rag.share import FORMS
from rag.stored import Held
from tests.rag.archive.test_stories import WIRE
from tests.rag.chatting import answer_of, chatted
from tests.rag.making import assistant
from tests.rag.test_contract import RAIN, WHOLE

COST = "What did the bridge over the river cost?"
QUOTE = "The bridge over the river cost 15 million euros."
FALSE, GONE = (
    "Do not use this: the article in the archive does not confirm it.",
    "the article is no longer in the archive",
)


def bridge(text: str = QUOTE, **metadata: str) -> Upload:
    known = {"title": "The cost", "source": "Herald", "date": "2021-05-01"} | metadata
    head = "".join(f"{name}: {value}\n" for name, value in known.items())
    return Upload("bridge.md", f"---\n{head}---\n{text}".encode(), replaces=True)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    """Two articles that answer, and a chat with the answer."""
    with assistant(tmp_path) as opened:
        opened.ingest([bridge(), Upload("river.txt", b"River\n\nIt cost 15 million euros, the bridge over the river.")])
        chatted(opened, COST)
        yield opened


def kept(archive: Assistant) -> Turn:
    """The only question of the only chat, as it is read today."""
    (chat,) = archive.chats.find()
    return archive.chats.read(chat.id).turns[0]


def alter(archive: Assistant, change: Callable[[Any], None]) -> Answer:
    """Change the stored answer behind the archive's back, and read it."""
    database = archive._store.database
    ((text,),) = database.rows("SELECT answer FROM turns")
    data = json.loads(text)
    change(data)
    database.rows("UPDATE turns SET answer = ?", json.dumps(data))
    return answer_of(kept(archive))


def health(archive: Assistant) -> dict[str, str]:
    return {one.name: one.state for one in diagnose(archive.settings)}


def assert_marked(archive: Assistant) -> None:
    turn = kept(archive)
    assert answer_of(turn).doubtful
    transcript = archive.chats.read(turn.chat_id)
    for form in FORMS[:3]:
        assert FALSE in share_answer(answer_of(turn), form)
        assert FALSE in share_chat(transcript, form)
    (told,) = json.loads(share_chat(transcript, "json"))["turns"]
    answer = told["answer"]
    assert False in [one["confirmed"] for part in ("sentences", "citations", "nearest") for one in answer[part]]
    assert health(archive)["chats"] == "needs attention"


def test_an_answer_as_it_was_is_confirmed(archive: Assistant) -> None:
    answer = answer_of(kept(archive))
    assert answer.verdicts[0].text == QUOTE
    assert not answer.doubtful
    for parts in (answer.verdicts, answer.hits, answer.nearest):
        assert [one.confirmed for one in parts] == [True] * len(parts)
    assert not any(text in share_chat(archive.chats.read(kept(archive).chat_id), "plain") for text in (FALSE, GONE))
    assert health(archive)["chats"] == "good"


def everywhere(data: Any) -> None:
    altered = json.loads(json.dumps(data).replace("15 million", "95 million"))
    data.update(altered)


def in_citation(data: Any) -> None:
    data["citations"][0]["quote"] = data["citations"][0]["quote"].replace("15", "95")


def in_sentence(data: Any) -> None:
    data["sentences"][0]["text"] = data["sentences"][0]["text"].replace("15", "95")


def offsets(data: Any) -> None:
    data["citations"][0]["start"] += 1


def uncited(data: Any) -> None:
    data["sentences"].append({**data["sentences"][0], "text": "The mayor took it.", "citations": []})


def cited_wrongly(data: Any) -> None:
    data["sentences"].append({**data["sentences"][0], "text": "The mayor took it.", "citations": [1, 99]})


def refused(data: Any) -> None:
    data["nearest"][0]["quote"] = "The mayor took it."
    data.update(sentences=[], citations=[], refused=True, reason="The archive does not say.", reason_kind="not_stated")


@pytest.mark.parametrize("change", [everywhere, in_citation, in_sentence, offsets, uncited, cited_wrongly, refused])
def test_words_that_the_article_does_not_have_are_marked(archive: Assistant, change: Callable[[Any], None]) -> None:
    alter(archive, change)
    assert_marked(archive)


@pytest.mark.parametrize("with_hash", [True, False])
def test_outlets_days_and_titles_are_those_of_the_archive(archive: Assistant, *, with_hash: bool) -> None:
    before = answer_of(kept(archive))

    def change(data: Any) -> None:
        for one in (*data["articles"], *data["citations"]):
            one.update(title="Mayor resigns", source="Times", published="1999", url="https://times.example/a")
            one["content_hash"] = one["content_hash"] if with_hash else "0" * 64
        for one in (*data["citations"], *data["hits"]):
            one["outlets"] = ["Herald", "Times"]
        for one in data["sentences"]:
            one["lead"] = "Times, 1999" if one["lead"] else ""
        data["text"], data["short"] = "Yes, the mayor did.", "Yes"

    after = alter(archive, change)
    assert before.verdicts[0].lead == "Herald, 2021-05-01"
    assert after == Answer(**{name: getattr(before, name) for name in Answer.__slots__} | {"short": ""})


def test_a_quote_of_an_article_that_is_not_there_is_not_called_checked(archive: Assistant) -> None:
    def forge(data: Any) -> None:
        everywhere(data)
        data.update(json.loads(json.dumps(data).replace(data["citations"][0]["article_id"], "nobody-0123456789ab")))

    answer = alter(archive, forge)
    assert (answer.verdicts[0].confirmed, answer.citations[0].evidence.confirmed) == (None, None)
    for form in FORMS[:3]:
        assert GONE in share_answer(answer, form)


def test_what_a_reader_wrote_is_said_not_to_be_compared(archive: Assistant) -> None:
    def write(data: Any) -> None:
        data["sentences"][0].update(quoted=False, text="The mayor took it.")

    (written, *_) = alter(archive, write).verdicts
    assert written.warning == "Not compared with its article."


def test_an_article_altered_in_the_database_confirms_nothing(archive: Assistant) -> None:
    archive._store.database.rows("UPDATE articles SET text = replace(text, '15', '95')")
    assert_marked(archive)
    alter(archive, everywhere)
    assert_marked(archive)
    archive._store.database.rows("UPDATE articles SET published = '20x2'")
    assert answer_of(kept(archive)).doubtful


def test_a_change_of_the_article_leaves_the_quote_confirmed(archive: Assistant) -> None:
    before = answer_of(kept(archive))
    archive.ingest([bridge(author="A. Writer")])
    after = answer_of(kept(archive))
    assert not after.doubtful
    assert after.citations[0].evidence.article.author == "A. Writer"
    archive.ingest([bridge("The bridge was never built.", author="A. Writer")])
    after = answer_of(kept(archive))
    assert not after.doubtful
    assert after.text == before.text


def test_a_removed_article_that_comes_back_with_another_text_confirms_nothing(archive: Assistant) -> None:
    (article_id,) = (one.id for one in archive.articles() if one.source)
    archive.remove(article_id)
    assert not answer_of(kept(archive)).doubtful
    archive.ingest([bridge("The bridge was never built.")])
    assert_marked(archive)


def test_only_outlets_that_still_run_the_story_are_named(tmp_path: Path) -> None:
    def copy(name: str) -> Upload:
        return Upload(f"{name}.md", f"---\ntitle: Flood {name}\nsource: {name}\n---\n{WIRE}".encode())

    with assistant(tmp_path) as archive:
        archive.ingest([copy("Post"), copy("Herald"), copy("Times")])
        chatted(archive, WIRE.split(".")[0])
        hit = answer_of(kept(archive)).hits[0]
        assert hit.outlets == ("Herald", "Post", "Times")
        (other,) = (one.id for one in archive.articles() if one.source == "Times" and one.id != hit.article.id)
        archive.remove(other)
        after = alter(archive, lambda data: data["hits"][0].update(outlets=["Herald", "Mirror", "Post", "Times"]))
        assert after.hits[0].outlets == ("Herald", "Post")


def test_a_damaged_chat_is_found_by_the_doctor(archive: Assistant) -> None:
    archive._store.database.rows("UPDATE turns SET answer = '{}'")
    assert health(archive)["chats"] == "needs attention"


@given(st.integers(-30, 30), st.integers(-30, 30), st.one_of(st.none(), st.text(max_size=5)))
def test_a_quote_is_confirmed_where_it_stands_and_nowhere_else(start: int, end: int, text: str | None) -> None:
    data = json.loads(json.dumps(answer_json(WHOLE)))
    quote = RAIN.text[start:end] if text is None else text
    data["citations"][0].update(start=start, end=end, quote=quote, answer=None)
    evidence = parse_answer(data, lambda _: Held((RAIN,))).citations[0].evidence
    assert evidence.confirmed == (0 <= start < end <= len(RAIN.text) and RAIN.text[start:end] == quote)
