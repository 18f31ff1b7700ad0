"""A claim must not say what its evidence denies, nor deny what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.english.polarity import opposed

AGREE = [
    ("The minister signed the deal.", "The minister signed the deal."),
    ("The minister did not sign the deal.", "The minister didn't sign the deal."),
    ("The minister did not sign the deal.", "The minister refused to sign the deal."),
    ("He never signed the deal.", "He failed to sign the deal."),
    ("The minister denied taking bribes.", "The minister denied that he had taken bribes."),
    ("He was not happy with the result.", "He was unhappy with the result."),
    ("The ministry did not comment.", "The ministry declined to comment."),
    ("The minister signed the deal.", "The minister signed the deal, but the king did not sign it."),
    ("The minister signed the deal.", "The king did not speak. The minister signed the deal."),
    ("Not only the minister signed the deal.", "The minister signed the deal."),
    ("The minister signed the deal.", "Not only did the minister sign the deal."),
    ("It doesn't just hurt the victim.", "It hurts the victim."),
    ("The share is no more than 5 percent.", "The share is 5 percent."),
    ("Smith played the role in Hamlet.", "That does not mean that Hamlet bored them: Smith played the role."),
    ("No. 10 was sold.", "Number 10 was sold."),
    ("No doubt the minister signed the deal.", "The minister signed the deal."),
    ("He did not deny that he did not pay.", "He did not deny that he did not pay."),
    ("It fell last week.", "It first fell a week ago."),
    ("When did a minister last visited Tarn?", "It is the first time in nine years that a minister visited Tarn."),
    ("The last such visit was in May.", "The first such visit in years was in May."),
    ("Prices rose 5 percent.", "Prices rose 5 percent after they fell in May."),
    ("Prices rose more than 5 percent.", "Prices increased by more than 5 percent."),
    ("Dr van't Hoff signed the paper.", "Van't Hoff signed the paper."),
    ("Women used the drug.", "Women who used the drug were ill more often than those who never used it."),
    ("She sang the song with friends.", "She sang the song Don't Stop with friends."),
    ("", "Nothing."),
    ("Never.", ""),
]
DISAGREE = [
    ("The minister signed the deal.", "The minister did not sign the deal.", "signed"),
    ("The minister signed the deal.", "The minister never signed the deal.", "signed"),
    ("The minister signed the deal.", "The minister refused to sign the deal.", "signed"),
    ("The minister signed the deal.", "The minister hasn’t signed the deal.", "signed"),
    ("The minister did not sign the deal.", "The minister signed the deal.", "not"),
    ("The minister didn't sign the deal.", "The minister signed the deal. The king did not.", "didn't"),
    ("The minister denied taking bribes.", "The minister admitted taking bribes.", "denied"),
    ("The minister did not go to Rome.", "The minister went to Rome, and the king never left.", "not"),
    ("The minister went to Rome.", "The minister did not go to Rome.", "went"),
    (
        "The court did not hear the case because the judge was ill and there was no other judge.",
        "The court heard the case because the judge was ill and there was no other judge.",
        "not",
    ),
    ("The law was passed, but no money was found for it.", "The law was not passed, but no money was found.", "passed"),
    ("Troops entered without permission.", "Troops entered with permission.", "without"),
    ("No passengers survived.", "All passengers survived.", "No"),
    ("Prices rose 5 percent.", "Prices fell 5 percent.", "rose"),
    ("Profits increased in 2020.", "Profits decreased in 2020.", "increased"),
    ("The rate went up.", "The rate went down.", "up"),
    ("More than 50 people died.", "Less than 50 people died.", "More"),
    ("He spoke before the vote.", "He spoke after the vote.", "before"),
    ("It stood above 5 percent.", "It stood below 5 percent.", "above"),
    ("Arsenal won the match.", "Arsenal lost the match.", "won"),
    ("He was the first to speak.", "He was the last to speak.", "first"),
]


@pytest.mark.parametrize(("claim", "evidence"), AGREE)
def test_they_agree(claim: str, evidence: str) -> None:
    assert opposed(claim, evidence) == ()


@pytest.mark.parametrize(("claim", "evidence", "word"), DISAGREE)
def test_they_disagree(claim: str, evidence: str, word: str) -> None:
    assert [claim[span.start : span.end] for span in opposed(claim, evidence)] == [word]


@given(st.text())
def test_no_text_denies_itself(text: str) -> None:
    assert opposed(text, text) == ()
