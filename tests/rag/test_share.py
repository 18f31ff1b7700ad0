"""Shared answers and chats: complete, and nothing of an article or a model is active in them."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag import (
    Answer,
    Article,
    Assistant,
    Citation,
    Evidence,
    Feedback,
    Hit,
    Passage,
    Problem,
    Question,
    Refusal,
    Transcript,
    Turn,
    Verdict,
    answer_json,
    parse_answer,
    share_answer,
    share_chat,
)
from rag.share import FORMS, Form, escape_markdown, is_safe_link, told
from rag.stored import Held
from rag.turns import Chat
from rag.types import Span, Testimony, Trace
from tests.rag.chatting import PIPELINE, START

HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/a.png" onerror=x>',
    "![x](http://evil.example/b.png) [click](javascript:alert(1)) <http://evil.example> https://evil.example/c",
    "www.evil.example me@evil.example &lt;b&gt; `code` *bold* _it_ ~~no~~ | a | b |",
    "[ref]: http://evil.example/d 'x'",
    "# head",
    "1. one",
    "2) two",
    "- item",
    "+ item",
    "> quote",
    "===",
    "---",
    "```",
    "\u202egnp.exe \u200f half \ud800 nul \0",
    "$x$ ^y^ ==z== :smile: \\",
    "</title></style><b>",
)
URLS = ("javascript:alert(1)", "http://evil.example/>\"'<b>", "https://a.example/b) ![x](http://evil.example/e)")


def answered(text: str, url: str | None = None) -> Answer:
    """An answer with `text` in every field."""
    article = Article("a-1", text, f"{text} and more", "ab" * 32, source=text, url=url, author=text)
    evidence = Evidence(article, 1, 0, len(text), text, 0.5)
    hit = Hit(Passage(1, "a-1", 0, 0, len(text), text), article, 0.5, 1, None, (text, text))
    verdicts = (Verdict(text, (1,), supported=True, quoted=False, lead=text),)
    citations = (Citation(1, evidence, (text, text)),)
    trace = Trace(text, text, text)
    whole = verdicts[0].cited
    return Answer(Question(text), whole, verdicts, citations, (hit,), None, trace, asked=f"{text}?", notes=(text,))


def refused(text: str) -> Answer:
    return replace(answered(text), verdicts=(), citations=(), refusal=Refusal("off-topic", text))


def transcript(text: str, url: str | None = None) -> Transcript:
    question = Question(text)
    turns = (
        Turn(1, "c", question, START, answer=answered(text, url), feedback=Feedback(good=False, note=text, at=START)),
        Turn(2, "c", question, START, answer=refused(text)),
        Turn(3, "c", question, START, problem=Problem(text, text)),
        Turn(4, "c", question, START),
    )
    return Transcript(Chat("c", text, START, START, 4), turns)


class Tags(HTMLParser):
    """The tags, the addresses and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name not in ("class", "rel", "lang", "charset")]

    def handle_data(self, text: str) -> None:
        self.texts.append(text)


OURS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "blockquote", "bdi", "sup"}


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_is_active_in_html(text: str) -> None:
    for page in (share_chat(transcript(text), "html"), share_answer(answered(text), "html")):
        page.encode()
        found = Tags(page)
        assert found.tags <= OURS
        assert not [one for one in found.addresses if "evil" in one]
        assert "\0" not in page
        assert "\u202e" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_is_active_in_markdown(text: str) -> None:
    for page in (share_chat(transcript(text), "markdown"), share_answer(answered(text), "markdown")):
        page.encode()
        kinds = {
            inner.type
            for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
            for inner in (block, *(block.children or ()))
        }
        blocks = {
            f"{name}_{end}"
            for name in ("paragraph", "heading", "blockquote", "em", "strong")
            for end in ("open", "close")
        }
        assert kinds <= {*blocks, "inline", "text", "text_special"}
        assert not [word for word in page.split() if word.startswith(("http:", "https:", "www."))]


@given(st.one_of(st.text(), st.text(alphabet="*_`[]()<>#!\\&;:/.-+=~|1 aw@\n\t")))
def test_markdown_shows_the_text_and_nothing_else(text: str) -> None:
    flat = " ".join(text.replace("\0", "").split())
    page = MarkdownIt("commonmark").parse(escape_markdown(flat))
    assert [token.type for token in page] == (["paragraph_open", "inline", "paragraph_close"] if flat else [])
    shown = "".join(one.content for token in page for one in token.children or ())
    assert shown == flat


@pytest.mark.parametrize("url", URLS)
def test_an_unsafe_address_is_no_link(url: str) -> None:
    assert not is_safe_link(url)
    assert "a" not in Tags(share_chat(transcript("Text", url), "html")).tags
    tokens = MarkdownIt("commonmark").parse(share_chat(transcript("Text", url), "markdown"))
    assert not {one.type for token in tokens for one in token.children or ()} & {"link_open", "image", "html_inline"}


@pytest.mark.parametrize("url", ["https://news.example/a?b=c&d=%20#e", "http://news.example:8080/x_y"])
def test_the_address_of_a_cited_article_is_a_link(url: str) -> None:
    assert url in Tags(share_chat(transcript("Text", url), "html")).addresses
    tokens = MarkdownIt("commonmark").parse(share_chat(transcript("Text", url), "markdown"))
    links = [one for token in tokens for one in token.children or () if one.type == "link_open"]
    assert {one.attrs["href"] for one in links} == {url}


@pytest.mark.parametrize(
    "address", ["", "https://", "//x.example", "https://[v1.[x]", "ftp://x.example", "file:///etc"]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert not is_safe_link(address)


@pytest.mark.parametrize("form", FORMS)
def test_every_quote_has_its_source_and_offsets(seeds: Assistant, form: Form) -> None:
    answer = seeds.ask(Question(PIPELINE))
    chat = Transcript(Chat("c", "Pipes", START, START, 1), (Turn(1, "c", answer.question, START, answer=answer),))
    for text in (share_answer(answer, form), share_chat(chat, form)):
        bare = "".join(Tags(text).texts) if form == "html" else text.replace("\\", "")
        for citation in answer.citations:
            evidence = citation.evidence
            assert " ".join(evidence.text.split()) in " ".join(bare.split())
            assert str(evidence.start) in bare
            assert str(evidence.end) in bare
            assert evidence.article.content_hash in bare
            assert evidence.article.title in bare


def test_the_json_of_a_chat_can_be_parsed() -> None:
    parsed = json.loads(share_chat(transcript(HOSTILE[13]), "json"))
    assert parsed.keys() == {"id", "title", "created_at", "changed_at", "turns"}
    assert [turn.keys() for turn in parsed["turns"]] == [
        {"id", "asked_at", "question", "answer", "problem", "feedback"}
    ] * 4
    article = answered(HOSTILE[13]).hits[0].article
    held = {"a-1": Held((article,), frozenset({HOSTILE[13]}))}
    assert parse_answer(parsed["turns"][0]["answer"], held.get) == answered(HOSTILE[13])
    assert parsed["turns"][1]["answer"] == json.loads(json.dumps(answer_json(refused(HOSTILE[13]))))
    assert parsed["turns"][0]["feedback"] == {"good": False, "note": HOSTILE[13], "at": START.isoformat()}


def test_a_chat_in_plain_text() -> None:
    parsed = share_chat(transcript("Rain."), "plain").splitlines()
    assert parsed[0] == "Rain."
    assert "Rain.: Rain. [1]" in parsed
    assert "[1] “Rain.”" in parsed
    assert "Not answered. Rain." in parsed
    assert "No answer. Rain." in parsed
    assert "The answer is not finished." in parsed
    assert "Marked bad: Rain." in parsed


def test_a_bare_amount_has_the_unit_that_another_article_gives() -> None:
    whole = answered("It burned 5,450 hectares.")
    given = tuple(
        Testimony(replace(whole.citations[0].evidence, answer=span), "5450", "hectares")
        for span in (Span(10, 15), Span(10, 24))
    )

    both = told(replace(whole, kind="over time", testimonies=given))
    assert [row.value for row in both] == ["“5,450” hectares", "“5,450 hectares”"]
    alone = told(replace(whole, kind="one value", testimonies=given[:1]))
    assert [row.value for row in alone] == ["“5,450”"]
