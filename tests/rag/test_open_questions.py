"""Which questions want a list, and of how many, and which want a story."""

from __future__ import annotations

import pytest

from rag.understanding.kinds import list_size, lists, tells_story

LISTS = [
    ("Which countries welcome Russian expertise?", True, None),
    ("which two cities does the pipeline join", True, 2),
    ("Between which two cities does the pipeline run?", True, 2),
    ("What cities does the pipeline join?", True, None),
    ("What are the names of the ministers?", True, None),
    ("What are the three goals of the visit?", True, 3),
    ("Name the cities that the pipeline joins.", True, None),
    ("Name three countries that use the vaccine.", True, 3),
    ("List all countries that use the vaccine.", True, None),
    ("list the drills", True, None),
    ("Give me all the dates of the talks.", True, None),
    ("What were the reasons for the delay?", True, None),
    ("Who were the ministers at the meeting?", True, None),
    ("Who are the people in the picture?", True, None),
    ("Which foreign ministers met in Islamabad?", True, None),
    ("Which joint military exercises were agreed?", True, None),
    ("In which countries is the vaccine used?", True, None),
    ("Which people signed the agreement?", True, None),
    ("What are the top 5 risks?", True, 5),
    ("Which cities?", True, None),
    ("Which attacks killed civilians?", True, None),
    ("Which country buys vaccines?", False, None),
    ("Who buys vaccines?", False, None),
    ("Who claimed the soldiers had left?", False, None),
    ("What sparked clashes?", False, None),
    ("What are of?", False, None),
    ("Identify two outlets that reported the visit.", True, 2),
    ("Which 12 countries signed?", True, 12),
    ("Which city hosts the talks?", False, None),
    ("Which vaccine will Pakistan purchase?", False, None),
    ("What is the name of the drill?", False, None),
    ("What was the crisis about?", False, None),
    ("What does the pipeline join?", False, None),
    ("What happens in Turkey?", False, None),
    ("What did Lavrov say about the troops?", False, None),
    ("How many cities does it join?", False, None),
    ("Who is the Russian foreign minister?", False, None),
    ("When do the troops leave?", False, None),
    ("What says the ministry?", False, None),
    ("What is the news on the two ministers?", False, None),
    ("Name the drill.", False, None),
    ("What is physics?", False, None),
    ("", False, None),
]

STORIES = [
    ("What happened in Islamabad?", True),
    ("what happened", True),
    ("So what happened when Lavrov arrived?", True),
    ("What's happening in Afghanistan?", True),
    ("What has happened since February 2020?", True),
    ("What is going on in Kabul?", True),
    ("What is this about?", True),
    ("What's the article about?", True),
    ("Summarise the visit.", True),
    ("Please summarize the article", True),
    ("Can you summarise Lavrov's trip?", True),
    ("Tell me about Lavrov's visit", True),
    ("Tell me more about the drill.", True),
    ("tell us what happened in Qatar", True),
    ("What's the latest on the withdrawal?", True),
    ("What’s new in Kabul?", True),
    ("latest on the talks", True),
    ("Give me an overview of the talks.", True),
    ("Give a short summary of the article.", True),
    ("What do we know about the pipeline?", True),
    ("Describe the visit.", True),
    ("What is the background of the visit?", True),
    ("Any news about the vaccine?", True),
    ("What did Lavrov say about the visit?", False),
    ("When did it happen?", False),
    ("Who summarised the talks?", False),
    ("What is the May 1 deadline?", False),
    ("What is it?", False),
    ("What is the latest version of the plan called?", False),
    ("What are the new features in the plan?", False),
    ("What are the latest developments in Kabul?", True),
    ("Did it happen in Qatar?", False),
    ("Who told the story?", False),
    ("Which newspaper broke the news?", False),
    ("How many people happened to be there?", False),
    ("What is the news agency called?", False),
    ("Tell me the price of gas.", False),
    ("Tell me who said so.", False),
    ("What is new about the vaccine's price?", True),
    ("", False),
]


@pytest.mark.parametrize(("question", "listed", "size"), LISTS, ids=[row[0] for row in LISTS])
def test_whether_a_question_wants_a_list_and_of_how_many(question: str, size: int | None, *, listed: bool) -> None:
    assert (lists(question), list_size(question)) == (listed, size)


@pytest.mark.parametrize(("question", "story"), STORIES, ids=[row[0] for row in STORIES])
def test_whether_a_question_wants_a_story(question: str, *, story: bool) -> None:
    assert tells_story(question) is story
