"""Test sets of every format: read as they are, every fault told with its file and line, gold found in any archive."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Claim, Source, Span, locate, read_cases, read_claims, read_questions, sample
from rag import Article, Exchange, InputError, Question

PASSAGE = {"id": "p", "text": "The bridge opened."}
READING = {"id": "1", "question": "What opened?", "answers": ["The bridge"], "passages": [PASSAGE], "gold": ["p"]}
MODE = {"id": "1", "question": "What opened?", "expected": "abstain", "category": "x", "passages": [PASSAGE]}
CLAIM = {"id": "1", "claim": "A bridge opened.", "evidence": "The bridge opened.", "supported": True}
GOLD = {"article_id": "bridge.txt", "start": 0, "end": 7}
QUESTION = {"id": "1", "question": "What fell?", "answers": ["rain"]}
FULL = QUESTION | {
    "all": [["rain"], ["snow", "sleet"]],
    "wrong": ["hail"],
    "corrects": ["nothing fell"],
    "history": [{"question": "Where did it rain?", "answer": "In York. [1]"}, {"question": "Why?", "answer": ""}],
    "from": "2021-04-01",
    "to": "2021-04-30",
    "as_of": "2021-05-01",
    "sources": ["Post", "AP"],
    "languages": ["en"],
    "stories": ["a1"],
    "gold": [GOLD],
    "type": "follow-up",
    "held": True,
}
SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Bridges",
            "paragraphs": [
                {
                    "context": "The bridge opened.",
                    "qas": [
                        {"id": "a", "question": "What opened?", "answers": [{"text": "bridge"}, {"text": "bridge"}]},
                        {"id": "b", "question": "Who?", "is_impossible": True, "answers": [], "plausible_answers": []},
                    ],
                },
                {"context": "It rained.", "qas": [{"id": "c", "question": "What fell?", "answers": []}]},
            ],
        }
    ],
}


def put(path: Path, *rows: Any) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def an_article(name: str, text: str, origin: str) -> Article:
    return Article(name, "A title", text, "", origin=origin)


BRIDGE = an_article("bridge-1", "It rained. The\nbridge opened.", "/news/2021/bridge.txt")
ROW = an_article("17-2", "Rain fell.", "upload:rows.csv#17")


def asking(*gold: Span) -> Case:
    return Case("1", Question("What fell?"), ("rain",), gold=gold)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_or_its_file_is_read_packed_or_not(tmp_path: Path, *, packed: bool) -> None:
    passage = {**PASSAGE, "title": "Bridges", "source": None, "published": "2021-04-08"}
    history = [{"question": "Where?", "answer": "In York."}]
    row = {**READING, "passages": [passage, passage], "setting": 4, "type": "fact", "history": history}
    file = put(tmp_path / "reading.jsonl", row, "")
    if packed:
        file = tmp_path / "reading.jsonl.gz"
        file.write_bytes(gzip.compress((tmp_path / "reading.jsonl").read_bytes()))
        (tmp_path / "reading.jsonl").unlink()
    source = Source("p", "The bridge opened.", "Bridges", "", "2021-04-08")
    asked = Question("What opened?", history=(Exchange("Where?", "In York."),))

    assert read_cases(file) == read_cases(tmp_path)
    (case,) = read_cases(file)
    assert case == Case("1", asked, ("The bridge",), gold=(Span("p", 0, 18),), passages=(source,), type="fact")
    assert case.written["gold"] == ["p"]


def test_modes_say_what_is_right_instead_of_answers(tmp_path: Path) -> None:
    put(tmp_path / "modes.jsonl", MODE, {**MODE, "id": "2", "expected": "disputed"})
    (first, second) = read_cases(tmp_path)

    assert (first.mode, first.answerable) == ("abstain", False)
    assert (second.mode, second.answerable) == ("disputed", True)


def test_squad_is_read_as_it_is_published(tmp_path: Path) -> None:
    one, two, three = read_cases(put(tmp_path / "dev-v2.0.json", SQUAD))

    assert (one.id, one.asked.text, one.answers) == ("a", "What opened?", ("bridge",))
    assert one.passages == two.passages == (Source("Bridges-1", "The bridge opened.", "Bridges"),)
    assert (two.answers, two.answerable) == ((), False)
    assert three.passages == (Source("Bridges-2", "It rained.", "Bridges"),)


def test_claims_are_read_and_a_lone_surrogate_is_replaced(tmp_path: Path) -> None:
    put(tmp_path / "claims.jsonl", CLAIM, {**CLAIM, "id": "2", "evidence": "Rain \ud83d fell."})
    first, second = read_claims(tmp_path)

    assert first == Claim("1", "A bridge opened.", "The bridge opened.", supported=True)
    assert second.evidence == "Rain ? fell."


def test_a_question_is_read_with_its_filters_history_and_all_that_is_right_and_wrong(tmp_path: Path) -> None:
    put(tmp_path / "questions.jsonl", FULL, QUESTION | {"id": "2", "answers": []})
    first, second = read_questions(tmp_path)

    assert first.asked == Question(
        "What fell?",
        published_from=date(2021, 4, 1),
        published_to=date(2021, 4, 30),
        sources=("Post", "AP"),
        languages=("en",),
        stories=("a1",),
        as_of=date(2021, 5, 1),
        history=(Exchange("Where did it rain?", "In York. [1]"), Exchange("Why?", "")),
    )
    assert (first.parts, first.wrong, first.corrects) == ((("rain",), ("snow", "sleet")), ("hail",), ("nothing fell",))
    assert (first.gold, first.type, first.held) == ((Span("bridge.txt", 0, 7),), "follow-up", True)
    assert first.written == FULL | {"gold": [GOLD | {"text": ""}]}
    assert (second.asked, second.answerable, second.held) == (Question("What fell?"), False, False)
    assert second.written == QUESTION | {"id": "2", "answers": []}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (QUESTION | {"passages": []}, "line 2: unknown key `passages`"),
        ({"id": "1", "question": "What fell?"}, "line 2: `answers` is None"),
        (QUESTION | {"answers": "rain"}, "line 2: `answers` is 'rain'"),
        (QUESTION | {"question": None}, "line 2: `question` is None"),
        (QUESTION | {"from": "April 2021"}, "line 2: `from` is 'April 2021'"),
        (QUESTION | {"to": 2021}, "line 2: `to` is '2021'"),
        (QUESTION | {"sources": "Post"}, "line 2: `sources` is 'Post'"),
        (QUESTION | {"all": ["rain"]}, "line 2: `all` is 'rain'"),
        (QUESTION | {"held": 1}, "line 2: `held` is 1"),
        (QUESTION | {"history": ["Why?"]}, "line 2, earlier turn 1 is 'Why\\?'"),
        (QUESTION | {"history": [{"question": "Why?"}]}, "line 2, earlier turn 1: `answer` is None"),
        (QUESTION | {"history": [{"question": "?", "answer": "", "by": "me"}]}, "turn 1: unknown key `by`"),
        (QUESTION | {"gold": [GOLD, {"article_id": "a", "start": 0}]}, "line 2, gold span 2: `end` is None"),
        (QUESTION | {"gold": [GOLD | {"text": "It"}]}, "gold span 1: unknown key `text`"),
        (QUESTION | {"gold": [GOLD | {"quote": "It"}]}, "gold span 1: unknown key `start`"),
        (QUESTION | {"gold": [{"article_id": "a", "quote": " "}]}, "gold span 1: `quote` is empty"),
        (QUESTION | {"gold": [GOLD | {"start": -1}]}, "gold span 1: `start` is -1"),
        (QUESTION | {"gold": [GOLD | {"start": True}]}, "gold span 1: `start` is True"),
        (QUESTION | {"gold": [GOLD | {"start": 7}]}, "gold span 1 runs from 7 to 7"),
        (QUESTION | {"id": "0"}, "line 2: the id '0' is already used"),
    ],
)
def test_a_fault_in_a_question_is_one_clear_error(tmp_path: Path, row: dict[str, Any], fault: str) -> None:
    file = put(tmp_path / "questions.jsonl", QUESTION | {"id": "0"}, row)
    with pytest.raises(InputError, match=fault):
        read_questions(file)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([READING, "{"], "line 2 is not valid JSON"),
        ([READING, "[1]"], "line 2 is not a JSON object"),
        (["", READING, READING], "line 3: the id '1' is already used"),
        ([READING, {**MODE, "id": "2"}], "some cases have `expected`"),
        ([{"id": "1", "question": "What?", "passages": []}], "line 1 has neither `answers` nor `expected`"),
        ([{**MODE, "expected": "maybe"}], "line 1: `expected` is 'maybe'"),
        ([{**READING, "answers": [["bridge"]]}], "line 1: `answers` is"),
        ([{**READING, "passages": ["bridge"]}], "line 1, passage 1 is 'bridge'"),
        ([{**READING, "passages": [{"id": "p"}]}], "line 1, passage 1: `text` is None"),
        ([{**READING, "passages": [PASSAGE, {"id": "p", "text": "Rain."}]}], "line 1: two passages have the id 'p'"),
        ([{**READING, "history": [{"question": "Why?"}]}], "earlier turn 1: `answer` is None"),
        ([""], "contains no case"),
    ],
)
def test_a_fault_in_a_reading_case_is_one_clear_error(tmp_path: Path, rows: list[Any], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read_cases(put(tmp_path / "reading.jsonl", *rows))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[]", "is not a JSON object"),
        ('{"data": {}}', "`data` is {}"),
        ('{"data": [{"title": "T", "paragraphs": [{"qas": []}]}]}', "article 1, 'T', paragraph 1: `context` is None"),
        ('{"data": [{"title": "T", "paragraphs": [3]}]}', "paragraph 1 is 3"),
        ('{"data": []}', "contains no case"),
    ],
)
def test_a_fault_in_squad_is_placed(tmp_path: Path, content: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read_cases(put(tmp_path / "train.json", content))


@pytest.mark.parametrize("supported", [None, "true", 1])
def test_a_claim_is_supported_or_not(tmp_path: Path, supported: object) -> None:
    with pytest.raises(InputError, match="line 1: `supported` is"):
        read_claims(put(tmp_path / "claims.jsonl", {**CLAIM, "supported": supported}))


@pytest.mark.parametrize(("name", "content"), [("reading.jsonl.gz", b"no gzip"), ("reading.jsonl", b"\xff\xfe\xff")])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name} cannot be read"):
        read_cases(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    reads: list[Callable[[Path], object]] = [read_cases, read_claims, read_questions]
    with pytest.raises(InputError, match=r"contains no reading\.jsonl or modes\.jsonl"):
        read_cases(tmp_path)
    for read in reads:
        with pytest.raises(InputError, match="gone does not exist"):
            read(tmp_path / "gone")


def test_a_sample_keeps_the_order_and_is_the_same_for_the_same_seed() -> None:
    cases = list("abcdefghij")
    drawn = sample(cases, 4, 1)

    assert drawn == sample(cases, 4, 1)
    assert list(drawn) == sorted(drawn)
    assert len(set(drawn)) == 4
    assert len({sample(cases, 4, seed) for seed in range(9)}) > 1
    assert sample(cases, 10, 1) == sample(cases, None, 1) == tuple(cases)


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("bridge-1", BRIDGE),
        ("bridge.txt", BRIDGE),
        ("2021/bridge.txt", BRIDGE),
        ("17", ROW),
        ("rows.csv#17", ROW),
        ("rows.csv#1", ROW),
    ],
)
def test_a_gold_article_is_named_by_its_id_by_the_end_of_its_origin_or_by_its_row(name: str, article: Article) -> None:
    (case,) = locate([asking(Span(name, 0, 7))], [BRIDGE, ROW], {"rows.csv#1": "17-2"})

    assert case.gold == (Span(article.id, 0, 7, article.text[:7]),)


def test_an_id_goes_before_the_end_of_another_origin() -> None:
    (case,) = locate([asking(Span("17", 0, 7))], [ROW, an_article("17", "Nothing fell.", "/news/seventeen.txt")], {})

    assert case.gold[0].text == "Nothing"


def test_a_quote_is_found_whatever_its_white_space() -> None:
    (case,) = locate([asking(Span("bridge.txt", text="The bridge  opened."))], [BRIDGE], {})

    assert case.gold == (Span("bridge-1", 11, 29, "The\nbridge opened."),)


@pytest.mark.parametrize(
    ("gold", "articles", "fault"),
    [
        (Span("ridge.txt", 0, 7), [BRIDGE, ROW], "'1': the gold article 'ridge.txt' is not in the archive"),
        (Span("bridge.txt", 0, 7), [BRIDGE, an_article("bridge-9", "", "/old/bridge.txt")], "bridge-1 or bridge-9"),
        (Span("bridge.txt", 4, 40), [BRIDGE], "has 29 characters, and the span ends at 40"),
        (Span("bridge.txt", text="It snowed."), [BRIDGE], "contains 'It snowed.' 0 times, not once"),
        (Span("bridge.txt", text="ed."), [BRIDGE], "contains 'ed.' 2 times, not once"),
    ],
)
def test_gold_that_the_archive_does_not_have_is_named(gold: Span, articles: list[Article], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        locate([asking(gold)], articles, {})


@pytest.mark.parametrize(
    ("start", "end", "name", "overlaps"),
    [(0, 5, "a", False), (0, 6, "a", True), (8, 9, "a", True), (10, 12, "a", False), (5, 10, "b", False)],
)
def test_spans_overlap_where_they_share_a_character(start: int, end: int, name: str, *, overlaps: bool) -> None:
    assert Span("a", 5, 10).overlaps(Span(name, start, end)) == overlaps
