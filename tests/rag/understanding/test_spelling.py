"""Which words of a question are mended by the articles found for it, and which must stay as they are."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.types import Article
from rag.understanding.spelling import mended


def article(name: str, text: str, title: str = "") -> Article:
    return Article(name, title, text, "h")


TRADE = article(
    "trade",
    "Pakistan's foreign minister, Shah Mahmood Qureshi, met Sergei Lavrov in Islamabad. The two countries agreed on a "
    "gas pipeline from Karachi to Lahore. Russia will sell five million doses of the Sputnik V vaccine. The United "
    "States set a deadline for foreign troops to leave Afghanistan, and the Taliban want a conference in Qatar. The "
    "government of the country arrived late. The Foreign Minister of Turkey stayed in Moscow.",
)
NAMES = article(
    "names",
    "Boris Johnson spoke to Angela Merkel in Iran. Anna Kristen and Peter Smith live in Georgia, near the bank of the "
    "West Bank settlers; Per Hoffman and Olga Karelin do not. The witness Jan Andersen saw three people in Jordan. "
    "Paris, Austria and Slovenia sent Nikolai Aleksander. The dessert was served on a quiet trip to the desert by a "
    "counterterrorist who had starters, airstrips and a specialised organization. They met Mitch McConnell in Niger. "
    "Asian soldiers carried notes of the Marlin Fisher Company. A fisher saw Romanov and Kadyrov in Mali.",
)
MEND = [
    ("Who is the foriegn ministr of Pakistn?", "Who is the foreign minister of Pakistan?"),
    ("wen is the deadlin for trops to leav Afganistan?", "when is the deadline for troops to leave Afghanistan?"),
    ("Wich contry did Lavrof arive from?", "Which country did Lavrov arrive from?"),
    ("gas pipline from karatchi to Lahore?", "gas pipeline from Karachi to Lahore?"),
    ("gas from Lahore to were?", "gas from Lahore to where?"),
    ("Were is the pipeline?", "Where is the pipeline?"),
    ("from were does the pipeline start", "from where does the pipeline start"),
    ("How many dosis of Sputnk V wil Pakistan buy?", "How many doses of Sputnik V will Pakistan buy?"),
    ("Waht did the goverment say abuot it?", "What did the government say about it?"),
    ("What about Afganistan's troops?", "What about Afghanistan's troops?"),
    ("What about Afganistan’s troops?", "What about Afghanistan’s troops?"),
    ("Who Is The Foriegn Ministr?", "Who Is The Foreign Minister?"),
    ("what does the talban want", "what does the Taliban want"),
    ("Is the confrence in Qatr?", "Is the conference in Qatar?"),
    ("Is Rusia in Afghenistan?", "Is Russia in Afghanistan?"),
    ("Who met Lavrvo in Isalmabad?", "Who met Lavrov in Islamabad?"),
    ("Who is the ministre?", "Who is the minister?"),
    ("In wich country?", "In which country?"),
    ("Wen?", "When?"),
    ("wat is a pipeline", "what is a pipeline"),
    ("Who is the ofreign minister?", "Who is the foreign minister?"),
]
KEEP = [
    "When were can openers sold?",
    "Which were must-haves?",
    "Were would-be troops in Qatar?",
    "Were May's troops in Qatar?",
    "Were the troops in Qatar?",
    "Were doses had by all?",
    "How many troops were?",
    # Other names, whether the dictionary has them or not.
    "Is it about Iraq?",
    "Is it about Irak?",
    "What did Johnsen say?",
    "what did johnsen say",
    "What did Jonson say?",
    "What did Johnston say?",
    "Who is Peter Smyth?",
    "Who is Anna Kirsten?",
    "What did Giorgia say?",
    "Did Merkle resign?",
    "Did Markel resign?",
    "Who is Per Hofmann?",
    "Who is Per Hoffmann?",
    "Who is Jan Anderson?",
    "Who is Jan Andersson?",
    "Who is Olga Karlin?",
    "What did Nikolai Aleksandr say?",
    "What did Marvin Fischer say?",
    "Who is Mr Banck?",
    "Who is Jordaan?",
    "Who is Parris?",
    "Is it about Slovakia or Australia?",
    "Is it about Nigeria, Malawi or Malta?",
    "what did mcconell say",
    "Who is Romanova?",
    "Who is Kadyrova?",
    "Who is Quereshi?",
    "Thein Sein said what?",
    "Wen is the premier of which country?",
    "Wen Jiabao said what?",
    "who is starmer",
    "Does ASEAN or NATO or BHP want it?",
    "does asean or nato want it",
    "Who runs eBay or vBSN?",
    # Other words, and other forms of a word.
    "Is it about counterterrorism?",
    "Were there airstrikes?",
    "Is it about the Pakistanis and the Talibans?",
    "Which organisation specialized in colour and defence?",
    "Where is the desert?",
    "What did the witch want?",
    "Is it wyld?",
    "thre of them?",
    "whos is it?",
    # No word near, or no word at all.
    "Who is the mayor of Norvik?",
    "qqqq zzzz?",
    "Qu'est-ce que c'est?",
    "Quel est le ministre des affaires étrangères du Pakistan?",
    "Wer ist der Ministr von Pakistan und wann kam er aus Moskau?",
    "???",
    "",
]


@pytest.mark.parametrize(("typed", "meant"), MEND, ids=[row[0] for row in MEND])
def test_misspelt(typed: str, meant: str) -> None:
    assert mended(typed, [TRADE]) == meant


@pytest.mark.parametrize("typed", [*KEEP, *(meant for _, meant in MEND)])
def test_left_as_it_is(typed: str) -> None:
    assert mended(typed, [TRADE, NAMES]) == typed


@pytest.mark.parametrize("typed", [typed for typed, _ in MEND])
def test_only_articles_tell_what_is_meant(typed: str) -> None:
    small = {"wen": "when", "Wen": "When", "wich": "which", "Wich": "Which", "wil": "will", "abuot": "about"}
    small |= {"Waht": "What", "wat": "what", "Wen?": "When?", "Were": "Where", "were": "where", "were?": "where?"}

    assert mended(typed, []) == " ".join(small.get(word, word) for word in typed.split())


def test_a_word_that_an_article_has_is_right() -> None:
    assert mended("Who is Lavrof?", [TRADE, article("b", "Ivan Lavrof is a cook.")]) == "Who is Lavrof?"


def test_of_two_words_as_near_neither_is_meant() -> None:
    contest, content = article("a", "It was a contest."), article("b", "It was the content.")

    assert mended("what was the contet", [contest, content]) == "what was the contet"
    assert mended("what was the contet", [content]) == "what was the content"
    assert mended("what was the cnotent", [contest, content]) == "what was the content"


def test_of_two_words_the_likelier_slip_tells() -> None:
    assert mended("which trops", [article("a", "The trips of the troops.")]) == "which troops"


def test_a_name_in_the_title_alone_is_mended() -> None:
    assert mended("Is it in Afganistan?", [article("a", "It is.", "In Afghanistan")]) == "Is it in Afghanistan?"


WORDS = """who what wen wich is are the of in Lavrof Lavrov Johnsen foriegn ministr minister Pakistn Iraq Iran dosis
trops wil abuot thre qqq Afganistan
Afganisten NATO eBay 5 U.S. don't ’s ? , “ ” é ß""".split()
TYPED = st.one_of(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.text(max_size=60))


@settings(max_examples=200, deadline=None)
@given(typed=TYPED)
def test_what_is_mended_needs_no_mending_and_has_as_many_words(typed: str) -> None:
    found = mended(typed, [TRADE, NAMES])

    assert mended(found, [TRADE, NAMES]) == found
    assert len(found.split()) == len(typed.split())


def test_a_question_without_slips_loads_no_dictionary() -> None:
    program = (
        "import sys\nfrom rag.types import Article\nfrom rag.understanding.spelling import mended\n"
        "asked = 'How many troops leave Afghanistan, and when?'\n"
        f"assert mended(asked, [Article('a', '', {TRADE.text!r}, 'h')]) == asked\n"
        "assert 'spellchecker' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_name_gets_its_accents() -> None:
    film = article("film", "Zoë Łukasik, who was born in Łódź, met Lavrov. He sent her résumé.")

    assert mended("Who is Zoe Lukasik?", [film]) == "Who is Zoë Łukasik?"
    assert mended("what did lukasik say?", [film]) == "what did Łukasik say?"
    for kept in ("Did she resume work?", "Resume work?"):
        assert mended(kept, [film]) == kept
    assert mended("Who is Zoe Lukasik?", [film, TRADE, article("b", "Zoe Lukasik sang.")]) == "Who is Zoe Lukasik?"
