"""Who is asked about, and who says it, in questions and in sentences of news."""

from __future__ import annotations

import pytest

from rag.english.speaking import speaker, speaker_asked, speech_of

ASKED = [
    ("Who said Pakistan will purchase 5 million doses?", True),
    ("who said so", True),
    ("Who says that the deadline will be missed?", True),
    ("Who announced the joint exercises?", True),
    ("Who has warned that the deadline is difficult to meet?", True),
    ("Which minister said Islamabad welcomes Russian expertise?", True),
    ("Which foreign minister announced the purchase?", True),
    ("According to whom will Pakistan buy vaccines?", True),
    ("According to who is the deadline difficult?", True),
    ("How many doses of Sputnik V, and who said so?", True),
    ("Who was quoted on rail?", True),
    ("Whose words are these?", True),
    ("Says who?", True),
    ("Who first reported the deal?", True),
    ("Who else said so?", True),
    ("Who claimed the attack?", True),
    ("By whom was it announced?", True),
    ("What did Lavrov say?", False),
    ("Who is the Russian foreign minister?", False),
    ("Who visited Pakistan?", False),
    ("Who did Lavrov meet?", False),
    ("Who was told to change course?", False),
    ("Who wrote the novel?", False),
    ("A letter, which is also mentioned there, is which one?", False),
    ("Between which two points does it run?", False),
    ("Who signed the agreement in Qatar?", False),
    ("Which cities does the pipeline join?", False),
    ("Did Biden warn the Taliban?", False),
    ("Who is said to be close to the Taliban?", False),
    ("When did he say so?", False),
    ("According to the article, who visited Pakistan?", False),
    ("", False),
]

SPEECHES = [
    ("What did Qureshi say about rail?", "Qureshi"),
    ("what did qureshi say about rail", "qureshi"),
    ("What has Biden warned about?", "Biden"),
    ("What did U.S. President Joe Biden say?", "U.S. President Joe Biden"),
    ("What did the Russian foreign minister announce?", "the Russian foreign minister"),
    ("What does the ministry say about the drill?", "the ministry"),
    ("What did Lavrov tell reporters in Islamabad?", "Lavrov"),
    ("What exactly did Lavrov say?", "Lavrov"),
    ("And what did Biden say?", "Biden"),
    ("How did Moscow explain the visit?", "Moscow"),
    ("Why did Qureshi say he was grateful?", "Qureshi"),
    ("What did Shah Mahmood Qureshi promise Russia?", "Shah Mahmood Qureshi"),
    ("What is Biden's view on the deadline?", "Biden"),
    ("What was the Taliban's reaction to the talks?", "the Taliban"),
    ("What’s Lavrov’s position on Afghanistan?", "Lavrov"),
    ("What was said by Lavrov about terrorism?", "Lavrov"),
    ("What is Qureshi saying about energy?", "Qureshi"),
    ("Which progress did Qureshi acknowledge?", "Qureshi"),
    ("What did they say about it?", None),
    ("Who said so?", None),
    ("What did Lavrov do in India?", None),
    ("When did Lavrov say so?", None),
    ("Which cities does the gas pipeline join?", None),
    ("What is the May 1 deadline?", None),
    ("What happened in Qatar?", None),
    ("What do you say?", None),
    ("", None),
]

SPEAKERS = [
    ("“We stand ready,” Lavrov said, without going into detail about the equipment.", "Lavrov"),
    ('"We stand ready to strengthen Pakistan," Lavrov said.', "Lavrov"),
    ("Qureshi also said Pakistan will purchase 5 million doses of the Russian vaccine.", "Qureshi"),
    ("The attack killed 12 people, according to AP.", "AP"),
    ("According to the ministry, the drill starts in May.", "the ministry"),
    ("The ministry announced new exercises.", "The ministry"),
    ("Foreign Minister Shah Mahmood Qureshi said Pakistan had looked at our cooperation.", "Shah Mahmood Qureshi"),
    ("Visiting Russian Foreign Minister Sergei Lavrov said in Islamabad that Russia will help.", "Sergei Lavrov"),
    ("U.S. President Joe Biden has warned that the deadline will be difficult to meet.", "Joe Biden"),
    (
        "ISLAMABAD, Apr 7: Russia's foreign minister on Wednesday said Moscow would boost ties.",
        "Russia's foreign minister",
    ),
    ("KABUL (AP) — The ministry said on Monday that 12 people died.", "The ministry"),
    ("(CNN) -- Ann Berg told reporters that the bridge is closed.", "Ann Berg"),
    ("Joe Biden, the U.S. president, said the deadline stands.", "Joe Biden"),
    ("“It is over,” said Foreign Minister Ann Berg.", "Ann Berg"),
    ('"It is over," said Berg, who left early.', "Berg"),
    ("A spokesman for the ministry said that nobody was hurt.", "A spokesman for the ministry"),
    ("In Moscow, Lavrov said the talks would go on.", "Lavrov"),
    ("Five were taken to the Medical Center, where one died, said Ann Berg, its director.", "Ann Berg"),
    ("He planned to do it again, the Justice Department said.", "the Justice Department"),
    ("An officer opened the door for the man police say was his killer.", None),
    ("Chris Roberts of the county sheriff's department said so on Sunday.", "Chris Roberts"),
    ("Police later said the driver had fled.", "Police"),
    ("Officials say the ferry will run again.", "Officials"),
    ("Berg denied that she had lied.", "Berg"),
    ("The company has repeatedly denied the claims.", "The company"),
    ("The two sides agreed, Qureshi told reporters on Tuesday.", "Qureshi"),
    ("In a statement on Tuesday, the Taliban warned Washington.", "the Taliban"),
    ("The White House said Washington would leave.", "The White House"),
    ("With reporting by AP and dpa", None),
    ("By Ann Berg, Daily Mirror, who reported from Kabul", None),
    ("Reporting by Ann Berg; editing by Tom Holm", None),
    ("He added that an agreement was also reached.", None),
    ("Russia and Pakistan will also conduct joint exercises, he said.", None),
    ("It is said to wield leverage over the group.", None),
    ("Lavrov arrived in Pakistan on Tuesday from India.", None),
    ("“Berg said so,” the paper wrote.", "the paper"),
    ("", None),
]


@pytest.mark.parametrize(("question", "asked"), ASKED, ids=[row[0] for row in ASKED])
def test_whether_a_question_asks_who_said_it(question: str, *, asked: bool) -> None:
    assert speaker_asked(question) is asked


@pytest.mark.parametrize(("question", "who"), SPEECHES, ids=[row[0] for row in SPEECHES])
def test_whose_words_a_question_asks_for(question: str, who: str | None) -> None:
    assert speech_of(question) == who


@pytest.mark.parametrize(("sentence", "who"), SPEAKERS, ids=[row[0] for row in SPEAKERS])
def test_who_says_it_in_a_sentence(sentence: str, who: str | None) -> None:
    assert speaker(sentence) == who
