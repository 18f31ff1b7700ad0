"""What a question asks for, and whether a sentence has such a thing."""

from __future__ import annotations

import pytest

from rag.search.words import stem
from rag.types import Span
from rag.understanding.kinds import counts_things, states, targets, wanted

WANTED = [
    ("How many doses will Pakistan purchase?", ("number",)),
    ("How old is the bridge?", ("number",)),
    ("What percentage voted?", ("number",)),
    ("How often does the ferry run?", ("number",)),
    ("How much does the pipeline cost?", ("money",)),
    ("How much is the pipeline?", ("money",)),
    ("How much the pipeline costs", ("money",)),
    ("What is the price of gas?", ("money",)),
    ("How many dollars were paid?", ("number",)),
    ("How long was the visit?", ("length",)),
    ("How many years ago was it signed?", ("length",)),
    ("When was it signed?", ("date",)),
    ("In which year was it signed?", ("date",)),
    ("On which weekday was it signed?", ("date",)),
    ("When and where was it signed?", ("date", "place")),
    ("When was the agreement signed, and where?", ("date", "place")),
    ("How many doses of Sputnik V and who said so?", ("number", "name")),
    ("Who said so?", ("name",)),
    ("Whose plan is it?", ("name",)),
    ("Which minister resigned?", ("name",)),
    ("Where did Lavrov come from?", ("place",)),
    ("Which cities does the pipeline join?", ("place",)),
    ("Between which two cities does it run?", ("place",)),
    ("WHEN DID IT END?", ("date",)),
    ("What happened when the troops left?", ()),
    ("What did he say about the place where they met?", ()),
    ("What did Qureshi say about rail?", ()),
    ("Tell me about the drill.", ()),
    ("", ()),
]


@pytest.mark.parametrize(("question", "kinds"), WANTED, ids=[row[0] for row in WANTED])
def test_what_a_question_wants(question: str, kinds: tuple[str, ...]) -> None:
    assert wanted(question) == kinds


STATES = [
    # kind, sentence, words of the question, whether it states one
    ("money", "It cost 40 million crowns.", "", True),
    ("money", "It cost $5.", "", True),
    ("money", "It cost five dollars.", "", True),
    ("money", "It cost a lot of dollars.", "", False),
    ("money", "It cost 40 lives.", "", False),
    ("money", "Both paid 5 dollars.", "5", False),
    ("length", "The first visit in nine years.", "", True),
    ("length", "Nearly a decade has passed.", "", True),
    ("length", "It lasted since May.", "", True),
    ("length", "It was long.", "", False),
    ("number", "Pakistan buys 5 million doses.", "", True),
    ("number", "It takes 1,800 gallons.", "", True),
    ("number", "It was in 1800.", "", False),
    ("date", "It takes 1,800 gallons.", "", False),
    ("number", "Dozens came.", "", True),
    ("number", "Twelve came.", "", True),
    ("number", "Both came.", "", True),
    ("number", "It was signed on May 1.", "", False),
    ("number", "It was signed in 2020.", "", False),
    ("number", "Sputnik 5 is a vaccine.", "5", False),
    ("number", "Many came.", "", False),
    ("date", "It was signed in February.", "", True),
    ("date", "It was signed in 2020.", "", True),
    ("date", "He arrived on Tuesday.", "", True),
    ("date", "It was signed last month.", "", True),
    ("date", "Three years ago it closed.", "", True),
    ("date", "In the 1990s it closed.", "", True),
    ("date", "He may march in.", "", False),
    ("date", "It was signed by 5 men.", "", False),
    ("name", "Lavrov arrived.", "", True),
    ("name", "Lavrov arrived.", "lavrov", False),
    ("name", "The minister arrived.", "", False),
    ("name", "On Tuesday he came.", "", False),
    ("place", "It joins Karachi and Lahore.", "", True),
    ("place", "It joins two cities.", "", False),
    ("place", "He came from India in May.", "india", False),
]


@pytest.mark.parametrize(("kind", "sentence", "asked", "stated"), STATES, ids=[f"{r[0]}: {r[1]}" for r in STATES])
def test_what_a_sentence_states(kind: str, sentence: str, asked: str, *, stated: bool) -> None:
    assert states(kind, sentence, {stem(word) for word in asked.split()}) is stated


TARGETS = [
    ("What exactly is the military equipment?", "military equipment"),
    ("What is the military equipment exactly?", "military equipment"),
    ("What's the military equipment?", "military equipment"),
    ("What’s the equipment?", "equipment"),
    ("What kind of military equipment will Russia provide?", "kind military equipment"),
    ("Which weapons were sold?", "weapons"),
    ("What equipment?", "equipment"),
    ("Describe the equipment.", "equipment"),
    ("Please specify the equipment.", "equipment"),
    ("What did Lavrov say?", ""),
    ("What is it?", ""),
    ("Who sold the weapons?", ""),
    ("When was the equipment sold?", ""),
    ("How much is the equipment?", ""),
    ("Tell me about the equipment.", ""),
    ("", ""),
]


@pytest.mark.parametrize(("question", "named"), TARGETS, ids=[row[0] for row in TARGETS])
def test_what_a_question_wants_identified(question: str, named: str) -> None:
    assert targets(question) - {stem("specify")} == {stem(word) for word in named.split()}


@pytest.mark.parametrize(
    ("question", "sentence", "short", "counts"),
    [
        ("How much will Pakistan pay for the doses?", "Pakistan will purchase 5 million doses.", "5 million", True),
        ("How much will the vaccine cost?", "Pakistan will purchase five million doses.", "five million doses", True),
        ("How much did the fans pay?", "The hall sold 300 tickets.", "300", True),
        ("How much will the vaccine cost?", "The doses cost 5 million dollars.", "5 million", False),
        ("How much will the vaccine cost?", "The vaccine is free.", "free", False),
        ("How much did wheat cost in 1770?", "It cost twice as much as in 1720.", "twice as much as in 1720", False),
        ("How much of the wheat did they pay tax on?", "They paid tax on 300 bushels.", "300 bushels", False),
        ("How much of a wage is spent on rent?", "Rent takes 40% of it.", "40%", False),
        ("How many doses will Pakistan buy?", "Pakistan will purchase 5 million doses.", "5 million", False),
        # Currencies that nobody listed, and none at all.
        ("How much must Carriere pay?", "He must pay 3 million to his victims, it ruled.", "3 million", False),
        ("How much did the repairs cost?", "It opened after repairs that cost USD 4 million.", "USD 4 million", False),
        ("How much will the line cost?", "The line will cost 900 million CHF.", "900 million", False),
        ("How much did the museum pay?", "The museum paid 250,000 rand.", "250,000", False),
        ("How much did the strike cost?", "The strike cost it Rs 500,000 a day.", "500,000", False),
        ("How much did it cost?", "It cost 45 million, the mayor said.", "45 million", False),
        ("How much time did he spend in custody?", "He had spent 14 months in custody.", "14 months", False),
        ("How much did he spend?", "He spent 20 per cent more, or 4 times what was planned.", "4 times", False),
    ],
)
def test_a_number_of_things_is_no_price(question: str, sentence: str, short: str, *, counts: bool) -> None:
    start = sentence.index(short)

    assert counts_things(question, sentence, Span(start, start + len(short))) == counts
