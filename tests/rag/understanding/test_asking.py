"""The statement that a yes/no question asks to confirm."""

from __future__ import annotations

import pytest

from rag.understanding.asking import statement

STATED = [
    ("Did Lavrov visit India?", "Lavrov visited India."),
    ("did lavrov visit india", "Lavrov visited india."),
    ("Is Russia helping to build a pipeline?", "Russia is helping to build a pipeline."),
    (
        "Has Biden warned that the deadline will be difficult to meet?",
        "Biden has warned that the deadline will be difficult to meet.",
    ),
    ("Will Pakistan buy vaccines?", "Pakistan will buy vaccines."),
    ("Was the agreement signed in Qatar?", "The agreement was signed in Qatar."),
    ("Was the agreement in Qatar signed by Washington?", "The agreement in Qatar was signed by Washington."),
    ("Do the troops have to leave by May 1?", "The troops have to leave by May 1."),
    ("Isn't it true that Lavrov came from India?", "Lavrov came from India."),
    ("is it true lavrov came from india", "Lavrov came from india."),
    ("Is it correct to say that Moscow hosted talks?", "Moscow hosted talks."),
    ("Can Pakistan defeat terrorism?", "Pakistan can defeat terrorism."),
    ("Could the entire agreement unravel?", "The entire agreement could unravel."),
    ("Should the United States leave Afghanistan?", "The United States should leave Afghanistan."),
    ("Does the gas pipeline join Karachi and Lahore?", "The gas pipeline joins Karachi and Lahore."),
    ("Did Russia and Pakistan hold joint exercises?", "Russia and Pakistan held joint exercises."),
    ("Didn't the Taliban sign an agreement?", "The Taliban signed an agreement."),
    ("Did Lavrov not visit India?", "Lavrov did not visit India."),
    ("Has Lavrov ever visited India?", "Lavrov has visited India."),
    ("Are there talks in Qatar?", "There are talks in Qatar."),
    ("Is there a deadline for the troops?", "There is a deadline for the troops."),
    ("Did anyone die in the attack?", "Someone died in the attack."),
    ("Did Russia give any details?", "Russia gave some details."),
    ("Is the May deadline difficult to meet?", "The May deadline is difficult to meet."),
    ("Is Lavrov the foreign minister of Russia?", "Lavrov is the foreign minister of Russia."),
    ("Is Sergei Lavrov foreign minister?", "Sergei Lavrov is foreign minister."),
    ("Is the deadline May 1?", "The deadline is May 1."),
    ("Did he arrive on Tuesday?", "He arrived on Tuesday."),
    ("Have the troops left Afghanistan yet?", "The troops have left Afghanistan."),
    ("Did the bomb attack kill civilians?", "The bomb attack killed civilians."),
    ("Did the talks in Moscow end?", "The talks in Moscow ended."),
    ("Did Russia help build the pipeline?", "Russia helped build the pipeline."),
    ("Lavrov came from India, didn't he?", "Lavrov came from India."),
    ("Moscow hosted the talks, right?", "Moscow hosted the talks."),
    ("Did Lavrov visit India or not?", "Lavrov visited India."),
    ("Was the last visit nine years ago or more?", "The last visit was nine years ago or more."),
    ("And did Qureshi announce it?", "Qureshi announced it."),
    ("Won't the deadline be met?", "The deadline will be met."),
    ("Are Russian-Pakistani relations warming?", "Russian-Pakistani relations are warming."),
    ("Did Xanthippe Grelb flomp the pipeline?", "Xanthippe Grelb flomped the pipeline."),
    ("Is it Karachi or Lahore?", None),
    ("Did Lavrov visit India or Pakistan first?", None),
    ("Is quantum computing a threat?", "Quantum computing is a threat."),
    ("Is organic farming more reliable than before?", "Organic farming is more reliable than before."),
    ("Are the new ferries more dangerous in fog?", "The new ferries are more dangerous in fog."),
    ("Was the deal signed, and who signed it?", None),
    ("Did Lavrov visit India and did he sign a deal?", None),
    ("Can employers legally monitor their staff?", "Employers can legally monitor their staff."),
    ("Who visited India?", None),
    ("When did Lavrov visit India?", None),
    ("In which city did they meet?", None),
    ("Do you know when Lavrov arrived?", None),
    ("Can you summarise the article?", None),
    ("Is", None),
    ("", None),
    ("Lavrov's visit to India", None),
    ("Has Lavrov", None),
    ("What did Qureshi say, right?", None),
]


@pytest.mark.parametrize(("question", "stated"), STATED, ids=[row[0] for row in STATED])
def test_what_a_yes_no_question_asks_to_confirm(question: str, stated: str | None) -> None:
    assert statement(question) == stated
