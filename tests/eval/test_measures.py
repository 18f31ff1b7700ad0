"""The measures of one reply against fractions worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from eval.measures import Cited, cited, contains, exact, f1, grounded, normalise, rouge_l


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The  Bridge, an old one!", ("bridge", "old", "one")),
        ("U.S. $5-million", ("us", "5million")),
        ("a an the", ()),
        ("Theatre", ("theatre",)),
    ],
)
def test_answers_are_compared_without_case_points_and_articles(text: str, words: tuple[str, ...]) -> None:
    assert normalise(text) == words


@pytest.mark.parametrize(
    ("said", "right", "same", "overlap"),
    [
        ("the bridge", ["Bridge"], 1, Fraction(1)),
        # 2 of 3 words are right, 2 of 4 are found: 2 * 2 / (3 + 4)
        ("old stone bridge", ["the old bridge of Lancaster"], 0, Fraction(4, 7)),
        ("old old bridge", ["old bridge bridge"], 0, Fraction(2 * 2, 6)),
        ("bridge", ["river", "stone bridge"], 0, Fraction(2, 3)),
        ("bridge", ["river"], 0, Fraction(0)),
        ("", ["river"], 0, Fraction(0)),
        # A right answer that normalising leaves nothing of does not count, unless there is no other.
        ("", ["the"], 1, Fraction(1)),
        ("the", ["the", "river"], 0, Fraction(0)),
    ],
)
def test_short_answers_are_scored_as_squad_does(said: str, right: list[str], same: int, overlap: Fraction) -> None:
    assert exact(said, right) == same
    assert f1(said, right) == pytest.approx(float(overlap))


@pytest.mark.parametrize(
    ("text", "answers", "there"),
    [
        ("It cost 5 million euros.", ["5 million"], 1),
        ("It cost $1.5m, the mayor said.", ["Mayor", "nobody"], 1),
        ("Nobody knows.", ["no"], 0),
        ("Ann, the Archer, won.", ["Ann Archer"], 1),
        ("Ann and Tom Archer won.", ["Ann Archer"], 0),
        ("Anything", ["?"], 0),
        ("", ["river"], 0),
    ],
)
def test_an_answer_is_contained_by_whole_words(text: str, answers: list[str], there: int) -> None:
    assert contains(text, answers) == there


@pytest.mark.parametrize(
    ("said", "answers", "score"),
    [
        # The example of Lin (2004), section 3.1: "police the gunman" is common, then only two words are.
        ("Police kill the gunman.", ["police killed the gunman"], Fraction(3, 4)),
        ("The gunman kill police.", ["police killed the gunman"], Fraction(2, 4)),
        # Of 6 words 2 are common with 2: 2 * 2 / (6 + 2); the best of the answers counts.
        ("It rained, and the bridge opened.", ["a river", "bridge opened"], Fraction(4, 8)),
        # Each word counts once.
        ("rain rain", ["rain"], Fraction(2, 3)),
        ("", ["rain"], Fraction(0)),
        ("rain", ["?"], Fraction(0)),
        ("rain", [], Fraction(0)),
    ],
)
def test_a_long_answer_is_scored_by_its_longest_common_subsequence(
    said: str, answers: list[str], score: Fraction
) -> None:
    assert rouge_l(said, answers) == pytest.approx(float(score))


@pytest.mark.parametrize(
    ("sentence", "evidence", "count"),
    [
        ("The mayor paid 5,000 euros in 2021.", "5000 2021", 2),
        ("Lavrov met Qureshi’s aide in May.", "Qureshi May", 2),
        ("NATO's troops left at 5:30.", "NATO 5:30", 2),
        ("Nothing was said.", "", 0),
    ],
)
def test_numbers_and_names_are_what_must_not_be_invented(sentence: str, evidence: str, count: int) -> None:
    assert grounded(sentence, [evidence]) == (count, count)
    assert grounded(sentence, [""]) == (0, count)


def test_a_sentence_is_grounded_as_far_as_its_numbers_and_names_stand_in_what_it_cites() -> None:
    assert grounded("In May Lavrov sold 5000 doses to Pakistan.", ["Lavrov: 5,000 sold.", "The month of May."]) == (
        3,
        4,
    )
    assert grounded("Officials of Washington met.", ["A Washington-Taliban deal."]) == (1, 1)
    assert grounded("The 50 left.", ["The 150 left."]) == (0, 1)
    assert grounded("Nobody left.", []) == (0, 0)


def supports(claim: str, evidence: str) -> bool:
    """All its words are there."""
    return set(claim.split()) <= set(evidence.split())


@pytest.mark.parametrize(
    ("sentences", "recall", "precision"),
    [
        ([("a b", ["a b c"])], 1, Fraction(1)),
        # Each is needed for the whole.
        ([("a b", ["a", "b"])], 1, Fraction(1)),
        # The second says nothing of it, and is not needed.
        ([("a b", ["a b", "c"])], 1, Fraction(1, 2)),
        # Either would do.
        ([("a b", ["a b", "b a"])], 1, Fraction(1)),
        ([("a b", ["a b"]), ("c", [])], Fraction(1, 2), Fraction(1)),
        # Where together they do not support it, none is of use.
        ([("a b", ["a b"]), ("c", ["d", "e"])], Fraction(1, 2), Fraction(1, 3)),
        ([("a", [])], 0, Fraction(0)),
        ([], 0, Fraction(0)),
    ],
)
def test_citations_are_judged_as_alce_does(
    sentences: list[tuple[str, list[str]]], recall: float, precision: Fraction
) -> None:
    assert cited(sentences, supports) == pytest.approx(Cited(float(recall), float(precision)))
