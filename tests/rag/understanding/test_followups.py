"""What a follow-up stands for, after the exchange before it; a question that stands alone stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering import refusing
from rag.answering.evidence import Choice
from rag.types import Exchange, Question
from rag.understanding.followups import MAX_CHARS, standalone

DOSES = Exchange(
    "How many doses of Sputnik V will Pakistan purchase?",
    "Qureshi also said Pakistan will purchase 5 million doses of the Russian Sputnik V vaccine. [1]",
)
VACCINE = Exchange(
    "Which vaccine will Pakistan purchase?",
    "Qureshi also said Pakistan will purchase 5 million doses of the Russian Sputnik V vaccine. [1]",
)
MINISTER = Exchange(
    "Who is the Russian foreign minister?",
    "Visiting Russian Foreign Minister Sergei Lavrov said in Islamabad on April 7 that Russia will help. [1]",
)
DEADLINE = Exchange(
    "What did Lavrov say about the withdrawal deadline?",
    "The archive touches on this topic, but does not state the answer.",
)
INDIA = Exchange("Did Lavrov visit India?", "Lavrov arrived in Pakistan on Tuesday from India. [1]")
PIPELINE = Exchange(
    "Which cities does the gas pipeline join?",
    "Russia is helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore. [1]",
)
SIGNED = Exchange(
    "When was the Taliban agreement signed?",
    "Washington signed an agreement with the Afghan Taliban in Qatar in February 2020. [1]",
)
WHERE = Exchange("Where was the agreement signed?", "It was signed in Qatar. [1]")
DRILL = Exchange(
    "What is the name of the maritime drill?",
    "An agreement was reached on additional exercises such as the Arabian Monsoon maritime drill. [1]",
)
TROOPS = Exchange("When do the troops have to leave Afghanistan?", "A May 1 deadline is approaching. [1]")
BIDEN = Exchange(
    "what did biden say about the deadline",
    "U.S. President Joe Biden has warned that the May withdrawal deadline will be difficult to meet. [1]",
)
KILLED = Exchange("How many people were killed in Kabul in 2019?", "In Kabul, 34 people were killed in 2019. [1]")
WON = Exchange("Who won the election?", "Ann Berg won the election on Sunday. [1]")
TALKS = Exchange("Where will the talks be held?", "The talks will be held in Turkey later this month. [1]")
ARRIVED = Exchange("When did Lavrov arrive in Pakistan?", "Lavrov arrived in Pakistan on Tuesday from India. [1]")
HELPING = Exchange("Is Russia helping to build a pipeline?", "Russia is also helping to construct a gas pipeline. [1]")
SOLD = Exchange("In which countries will the vaccine be sold?", "It will be sold in Turkey. [1]")
HURT = Exchange("About how many people were hurt in Kabul?", "Some 40 people were hurt in Kabul. [1]")
RAISED = Exchange("By how many percent will wages rise?", "The rise will be 6 percent. [1]")
USING = Exchange("How many countries use the vaccine?", "It is being used in dozens of countries. [1]")

IN_USE = Exchange("In how many countries is Sputnik V being used?", "It is being used in dozens of countries. [1]")

MAYOR = Exchange("Who is the mayor of Norvik?", "Norvik's mayor, Karin Holt, opened the tram line on Monday. [1]")
JOBS = Exchange("How many jobs will Siemens cut in Berlin?", "Siemens will cut 1,200 jobs in Berlin, it said. [1]")
FINED = Exchange("Was the bank fined by the regulator?", "The regulator fined the bank $40 million in March 2019. [1]")

FOLLOWED = [
    (KILLED, "Which people were those?", "Which people were killed in Kabul in 2019?"),
    (USING, "and which ones are they", "Which countries use the vaccine?"),
    (IN_USE, "Which countries are those?", "In which countries is Sputnik V being used?"),
    (IN_USE, "Which ones?", "In which countries is Sputnik V being used?"),
    (SOLD, "How many doses?", "How many doses will the vaccine be sold?"),
    (HURT, "Which ones?", "Which people were hurt in Kabul?"),
    (RAISED, "Which ones are they?", "By which percent will wages rise?"),
    (IN_USE, "which", "In which countries is Sputnik V being used?"),
    (IN_USE, "What doses are those?", "What doses are those?"),
    (DOSES, "and who said so?", "Who said that Pakistan will purchase 5 million doses of Sputnik V?"),
    (DOSES, "Who said that?", "Who said that Pakistan will purchase 5 million doses of Sputnik V?"),
    (DOSES, "according to whom", "Who said that Pakistan will purchase 5 million doses of Sputnik V?"),
    (DOSES, "When?", "How many doses of Sputnik V will Pakistan purchase, and when?"),
    (DOSES, "why", "How many doses of Sputnik V will Pakistan purchase, and why?"),
    (DOSES, "what about india?", "How many doses of Sputnik V will India purchase?"),
    (DOSES, "is it safe?", "Is Sputnik V safe?"),
    (DOSES, "how much does it cost", "How much does Sputnik V cost?"),
    (DOSES, "And in 2022?", "How many doses of Sputnik V will Pakistan purchase in 2022?"),
    (
        DOSES,
        "the other article?",
        "According to the other article, how many doses of Sputnik V will Pakistan purchase?",
    ),
    (VACCINE, "And how many doses?", "How many doses of the vaccine will Pakistan purchase?"),
    (VACCINE, "how many dosis will they buy", "How many dosis will Pakistan buy?"),
    (VACCINE, "who said so", "Who said which vaccine Pakistan will purchase?"),
    (VACCINE, "Is it approved in the EU?", "Is the Russian Sputnik V vaccine approved in the EU?"),
    (VACCINE, "And Turkey?", "Which vaccine will Turkey purchase?"),
    (MINISTER, "When did he arrive?", "When did Sergei Lavrov arrive?"),
    (MINISTER, "when did he arive", "When did Sergei Lavrov arive?"),
    (MINISTER, "How long was his visit?", "How long was Sergei Lavrov's visit?"),
    (MINISTER, "what did he say about his visit?", "What did Sergei Lavrov say about his visit?"),
    (MINISTER, "what's his age?", "What is Sergei Lavrov's age?"),
    (MINISTER, "who met him?", "Who met Sergei Lavrov?"),
    (MINISTER, "did he go there", "Did Sergei Lavrov go to Islamabad?"),
    (MINISTER, "when did he arrive there", "When did Sergei Lavrov arrive in Islamabad?"),
    (DEADLINE, "What about Biden?", "What did Biden say about the withdrawal deadline?"),
    (DEADLINE, "and qureshi", "What did Qureshi say about the withdrawal deadline?"),
    (DEADLINE, "what about the pipeline?", "What did Lavrov say about the pipeline?"),
    (DEADLINE, "What else?", "What else did Lavrov say about the withdrawal deadline?"),
    (DEADLINE, "When did he say so?", "What did Lavrov say about the withdrawal deadline, and when?"),
    (DEADLINE, "What did Biden say about it?", "What did Biden say about the withdrawal deadline?"),
    (DEADLINE, "is it realistic", "Is the withdrawal deadline realistic?"),
    (INDIA, "Why?", "Why did Lavrov visit India?"),
    (INDIA, "when", "When did Lavrov visit India?"),
    (INDIA, "When was that?", "When did Lavrov visit India?"),
    (INDIA, "how come?", "How come Lavrov visited India?"),
    (INDIA, "who says so?", "Who said that Lavrov visited India?"),
    (INDIA, "And Pakistan?", "Did Lavrov visit Pakistan?"),
    (INDIA, "and biden?", "Did Biden visit India?"),
    (INDIA, "what did he do there?", "What did Lavrov do in India?"),
    (INDIA, "how many times?", "How many times did Lavrov visit India?"),
    (INDIA, "why did he do that", "Why did Lavrov visit India?"),
    (INDIA, "is that true?", "Is it true that Lavrov visited India?"),
    (PIPELINE, "How much does it cost?", "How much does the gas pipeline cost?"),
    (PIPELINE, "who is building it?", "Who is building the gas pipeline?"),
    (PIPELINE, "whats its length", "What is the gas pipeline's length?"),
    (PIPELINE, "how many?", "How many cities does the gas pipeline join?"),
    (PIPELINE, "What did Biden say about it?", "What did Biden say about the gas pipeline?"),
    (PIPELINE, "how far apart are they?", "How far apart are Karachi and Lahore?"),
    (SIGNED, "Where?", "Where was the Taliban agreement signed?"),
    (SIGNED, "and where", "Where was the Taliban agreement signed?"),
    (SIGNED, "In which country?", "In which country was the Taliban agreement signed?"),
    (SIGNED, "by whom?", "By whom was the Taliban agreement signed?"),
    (SIGNED, "Who was president then?", "Who was president in February 2020?"),
    (SIGNED, "what has happened since then?", "What has happened since February 2020?"),
    (SIGNED, "who signed it?", "Who signed the Taliban agreement?"),
    (WHERE, "In which country?", "In which country was the agreement signed?"),
    (WHERE, "What else happened there?", "What else happened in Qatar?"),
    (WHERE, "How so?", "How was the agreement signed?"),
    (DRILL, "When does it start?", "When does the maritime drill start?"),
    (DRILL, "who takes part in it?", "Who takes part in the maritime drill?"),
    (TROOPS, "Why?", "Why do the troops have to leave Afghanistan?"),
    (TROOPS, "how many are they?", "How many are the troops?"),
    (TROOPS, "Where will they go?", "Where will the troops go?"),
    (TROOPS, "who says so?", "Who said when the troops have to leave Afghanistan?"),
    (BIDEN, "When did he say that?", "What did Biden say about the deadline, and when?"),
    (BIDEN, "and lavrov?", "What did Lavrov say about the deadline?"),
    (BIDEN, "where does he live?", "Where does Biden live?"),
    (KILLED, "and in 2020?", "How many people were killed in Kabul in 2020?"),
    (KILLED, "In Herat?", "How many people were killed in Herat in 2019?"),
    (KILLED, "And 2021?", "How many people were killed in Kabul in 2021?"),
    (KILLED, "by whom?", "How many people were killed in Kabul in 2019, and by whom?"),
    (WON, "when?", "Who won the election, and when?"),
    (WON, "What did she promise?", "What did Ann Berg promise?"),
    (WON, "says who?", "Who said who won the election?"),
    (WON, "is her husband a politician?", "Is Ann Berg's husband a politician?"),
    (TALKS, "when will they end?", "When will the talks end?"),
    (TALKS, "and who will go there?", "Who will go to Turkey?"),
    (TALKS, "why there?", "Why will the talks be held in Turkey?"),
    (ARRIVED, "where from?", "Where did Lavrov arrive in Pakistan from?"),
    (ARRIVED, "From where?", "From where did Lavrov arrive in Pakistan?"),
    (ARRIVED, "from which country?", "From which country did Lavrov arrive in Pakistan?"),
    (ARRIVED, "What did Qureshi tell him?", "What did Qureshi tell Lavrov?"),
    (HELPING, "since when?", "Since when is Russia helping to build a pipeline?"),
    (HELPING, "who said so?", "Who said that Russia is helping to build a pipeline?"),
    (HELPING, "How long will it be?", "How long will the pipeline be?"),
    (HELPING, "when did that happen?", "When is Russia helping to build a pipeline?"),
    (WON, "Where did it happen?", "Who won the election, and where?"),
    (MAYOR, "when was she elected", "When was Karin Holt elected?"),
    (MAYOR, "how old is she?", "How old is Karin Holt?"),
    (JOBS, "who said this?", "Who said that Siemens will cut 1,200 jobs in Berlin?"),
    (JOBS, "and in Munich?", "How many jobs will Siemens cut in Munich?"),
    (JOBS, "how many people work there?", "How many people work in Berlin?"),
    (FINED, "how much?", "How much was the bank fined by the regulator?"),
    (FINED, "and the auditor?", "Was the auditor fined by the regulator?"),
    (USING, "Which ones?", "Which countries use the vaccine?"),
    (USING, "who made it?", "Who made the vaccine?"),
]

ALONE = [
    "What is the capital of France?",
    "Who won the 2022 World Cup?",
    "Is it true that Lavrov visited India?",
    "is it raining in Kabul",
    "Did it rain in Kabul?",
    "How long does it take to fly to Moscow?",
    "Did Biden warn that the deadline will be missed?",
    "What is the vaccine that Pakistan buys?",
    "Are there talks in Qatar?",
    "Is there a deadline?",
    "What did Biden say about his own plan?",
    "Did Russia say when it will deliver the vaccine?",
    "Where will the troops go when they leave?",
    "What is the gas pipeline and how much does it cost?",
    "why did the Taliban leave their base",
    "Which countries welcome Russian expertise on rail?",
    "And what is the capital of France?",
    "Tell me about Lavrov's visit",
    "What happened in Turkey?",
    "Was it Lavrov who said so?",
    "What did Qureshi say about that deadline in Turkey?",
    "who is the president of the u.s.",
    "What time is it in Moscow?",
    "Why is it that Moscow helps Pakistan?",
    "what is this about",
    "Who inherits the money on Monday?",
    "Who apologized to his teammates and fans?",
    "who said he was sorry",
    "who stars in the movie",
    "what enabled his killer to get into the museum?",
    "How long will it take for the bridge to open?",
    "when Rick Berg born?",
    "Which agency asks for their release?",
    "what does Joe Berg want the judge to give him",
    "What about the deal was controversial?",
    "what's the capital of France",
    "And Lavrov arrived?",
    "thanks",
    "Summarise the article.",
    "",
    "?",
    "and",
    "  How many doses of Sputnik V will Pakistan purchase ?  ",
]


@pytest.mark.parametrize(("last", "typed", "asked"), FOLLOWED, ids=[f"{row[0].question} {row[1]}" for row in FOLLOWED])
def test_a_follow_up_becomes_a_question_that_stands_alone(last: Exchange, typed: str, asked: str) -> None:
    assert standalone(typed, [last]) == asked


@pytest.mark.parametrize("text", ALONE)
@pytest.mark.parametrize("last", [DOSES, MINISTER, PIPELINE, BIDEN], ids=lambda last: last.question)
def test_a_question_that_stands_alone_stays_as_it_is(text: str, last: Exchange) -> None:
    assert standalone(text, [last]) == text


@pytest.mark.parametrize("typed", sorted({row[1] for row in FOLLOWED}))
def test_without_history_nothing_is_added(typed: str) -> None:
    assert standalone(typed, []) == typed


@pytest.mark.parametrize(
    ("history", "typed", "asked"),
    [
        ([MINISTER, DRILL], "When did he arrive?", "When did Sergei Lavrov arrive?"),
        ([DOSES, MINISTER], "is it safe?", "Is Sputnik V safe?"),
        ([MINISTER, WON], "When did she win?", "When did Ann Berg win?"),
        ([SIGNED, PIPELINE], "Who is building it?", "Who is building the gas pipeline?"),
        ([DEADLINE, WHERE], "What did he say about it?", "What did Lavrov say about the agreement?"),
        ([INDIA, SIGNED], "Why?", "Why was the Taliban agreement signed?"),
    ],
)
def test_a_pronoun_goes_back_to_the_last_exchange_that_names_what_fits(
    history: list[Exchange], typed: str, asked: str
) -> None:
    assert standalone(typed, history) == asked


def refusals() -> list[str]:
    question = Question("How many doses will Sergei Lavrov purchase?")
    narrowed = replace(question, sources=("Daily Mirror",))
    nothing = Choice(evidence=(), nearest=(), topic=0.0)
    choices = [nothing, replace(nothing, topic=1.0), replace(nothing, absent=("Ann Berg",))]
    return [refusing.refusal(asked, (), choice, "").message for asked in (question, narrowed) for choice in choices]


@pytest.mark.parametrize(
    "message", [*refusals(), "The archive says itself that this was not told: “Ann Berg left.”", ""]
)
def test_a_refusal_names_nobody(message: str) -> None:
    assert standalone("When did she arrive?", [Exchange("How much is the bridge?", message)]) == "When did she arrive?"
    assert standalone("When did he arrive?", [Exchange(MINISTER.question, message)]) == (
        "When did the Russian foreign minister arrive?"
    )
    assert standalone("Why?", [Exchange(INDIA.question, message)]) == "Why did Lavrov visit India?"


@pytest.mark.parametrize("words", [30, 38, 60, 500])
def test_what_would_grow_too_long_stays_as_it_is(words: int) -> None:
    last = Exchange(f"Did Lavrov visit {'Northern ' * words}India?", "")

    for typed in ("Why?", "who said so?", "And Pakistan?", "the other article?", "when did he arrive?"):
        asked = standalone(typed, [last])
        assert asked == typed or len(asked) <= MAX_CHARS


def test_a_long_name_is_not_put_in_the_place_of_a_pronoun() -> None:
    last = Exchange("Did Lavrov visit India?", "")
    typed = f"Why did he {'really ' * 45}go?"

    assert len(typed) > MAX_CHARS
    assert standalone(typed, [last]) == typed
