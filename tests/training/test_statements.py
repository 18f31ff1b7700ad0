from __future__ import annotations

import pytest

from training import statements


@pytest.mark.parametrize(
    ("question", "answer", "statement"),
    [
        ("Who crossed the sea in 1066?", "William", "William crossed the sea in 1066."),
        ("When did Lenin die?", "January 1924", "Lenin died in January 1924."),
        ("When was the caliphate abolished?", "1924", "The caliphate was abolished in 1924."),
        ("Where is Normandy located?", "France", "Normandy is located in France."),
        ("How many doses will Pakistan purchase?", "5 million", "Pakistan will purchase 5 million doses."),
        ("How many arguments did they explore?", "14", "They explored 14 arguments."),
        ("In what country is Merthyr Tydfil located?", "Wales", "Merthyr Tydfil is located in Wales."),
        ("Which company built the bridge?", "Holm and Sons", "Holm and Sons built the bridge."),
        ("What does the drill protect?", "the trade routes", "The drill protects the trade routes."),
        ("The process is called what?", "osmosis", "The process is called osmosis."),
        ("What is the capital of Tarn?", "Norvik", "The capital of Tarn is Norvik."),
        ("Why did the ferry stop?", "too few people use it", "The ferry stopped because too few people use it."),
        ("Who did the council not admit?", "Berg", "The council did not admit Berg."),
        ("Who did the guards carry?", "the king", "The guards carried the king."),
    ],
)
def test_the_natural_statement_is_a_candidate(question: str, answer: str, statement: str) -> None:
    assert statement in statements.candidates(question, answer)


@pytest.mark.parametrize(("question", "answer"), [("", "x"), ("Who?", ""), ("Is it raining?", "yes"), ("x " * 50, "y")])
def test_without_a_rule_there_is_no_statement(question: str, answer: str) -> None:
    assert [text for text in statements.candidates(question, answer) if len(text) > len(answer) + 2] == []
