"""The names in a text, and whether each is a person's, a place's, a date's or a thing's."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.english import verbs
from rag.search.words import Word, words

MONTHS = "january february march april may june july august september october november december".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
SAYING = frozenset(
    """accuse acknowledge add admit allege announce argue assert believe boast claim comment complain concede
    conclude confirm contend declare demand deny disclose emphasise emphasize estimate explain forecast hint imply
    indicate insist maintain mention note pledge point predict promise propose reply report reveal say state stress
    suggest suspect swear tell testify think threaten tweet urge vow warn write""".split()
)
SAID = frozenset(form for verb in SAYING for form in (verbs.past(verb), verbs.third(verb)))
_PLACES = frozenset(
    place.strip()
    for place in """afghanistan, africa, albania, algeria, america, angola, ankara, argentina, armenia, asia, athens,
    australia, austria, azerbaijan, baghdad, bahrain, bangkok, bangladesh, beijing, beirut, belarus, belgium, berlin,
    bolivia, bosnia, brazil, britain, brussels, bulgaria, burma, cairo, california, cambodia, cameroon, canada, chad,
    chicago, chile, china, colombia, congo, crimea, croatia, cuba, cyprus, damascus, darfur, delhi, denmark, doha,
    dubai, ecuador, egypt, england, eritrea, estonia, ethiopia, eu, europe, european union, finland, florida, france,
    gaza, geneva, georgia, germany, ghana, greece, guatemala, haiti, hamburg, hanoi, havana, helsinki, herat, honduras,
    hong kong, hungary, iceland, india, indonesia, iran, iraq, ireland, islamabad, israel, istanbul, italy, ivory coast,
    jakarta, japan, jerusalem, jordan, kabul, kandahar, karachi, kazakhstan, kenya, kiev, kyiv, kosovo, kuwait, lahore,
    laos, latvia, lebanon, liberia, libya, lithuania, london, los angeles, madrid, malaysia, mali, mexico, moldova,
    mongolia, morocco, moscow, mumbai, myanmar, nairobi, nato, nepal, netherlands, new delhi, new york, new zealand,
    nicaragua, niger, nigeria, north korea, norway, oman, oslo, pakistan, palestine, panama, paraguay, paris, peru,
    peshawar, philippines, poland, portugal, qatar, riyadh, romania, rome, russia, rwanda, saudi arabia, scotland,
    senegal, seoul, serbia, shanghai, singapore, slovakia, slovenia, somalia, south africa, south korea, south sudan,
    soviet union, spain, sri lanka, stockholm, sudan, sweden, switzerland, sydney, syria, taiwan, tajikistan, tanzania,
    tehran, texas, thailand, tibet, tokyo, tripoli, tunisia, turkey, turkmenistan, u.k., u.n., u.s., u.s.a., uganda, uk,
    ukraine, un, united arab emirates, united kingdom, united nations, united states, uruguay, us, usa, uzbekistan,
    venezuela, vienna, vietnam, wales, warsaw, washington, yemen, zambia, zimbabwe""".split(",")
)
_PEOPLES = frozenset(
    """afghan african american armenian australian austrian bangladeshi belgian bosnian brazilian british bulgarian
    burmese canadian chechen chinese colombian croatian cuban czech danish dutch egyptian english european finnish
    french georgian german greek hungarian indian indonesian iranian iraqi irish israeli italian japanese jewish kenyan
    korean kurdish lebanese libyan malaysian mexican nigerian norwegian pakistani palestinian polish portuguese romanian
    russian saudi scottish serbian somali spanish sudanese swedish swiss syrian thai turkish ukrainian uzbek vietnamese
    western yemeni zimbabwean""".split()
)
_TITLES = frozenset(
    """admiral ambassador archbishop bishop capt captain chairman chairwoman chancellor chief colonel commissioner
    congressman director dr emperor general gov governor judge justice king lady leader lieutenant lord major
    mayor minister mr mrs ms officer official pope premier president prime prince princess prof professor queen
    rep secretary sen senator sergeant sheikh sheriff sir spokesman spokesperson spokeswoman sultan counterpart
    attorney foreign vice deputy former visiting commander""".split()
)
ROLES = _TITLES - {"foreign", "prime", "vice", "deputy", "former", "visiting"} | frozenset(
    "author boy candidate driver girl head man mother father player prisoner teacher victim wife husband woman".split()
)
_THINGS = frozenset(
    """agency army association bank bill board committee commission company conference congress corporation council
    court day democrats department forum front games government group guard house institute league ministry movement
    museum news office organisation organization parliament party police post prize republicans school senate services
    society street taliban times treaty tribunal union university war""".split()
)
_JOINS = frozenset("al bin de del der el ibn la van von".split())
_NO_NAMES = frozenset(
    """according asked earlier later last meanwhile next since today tomorrow yesterday""".split()
) | frozenset("tell name list describe explain summarise summarize give show how".split())


class Name(NamedTuple):
    """A name where it stands. `kind`: person, place, date, people (Russian) or thing; `title` is what leads it."""

    text: str
    kind: str
    start: int
    end: int
    title: str = ""


def names(text: str) -> tuple[Name, ...]:
    """Every name of `text` in order, titles and possessive endings left out."""
    found = words(text)
    runs: list[list[Word]] = []
    for at, word in enumerate(found):
        if not _names(word, text, first=at == 0):
            continue
        joined = runs and _joined(text, runs[-1][-1], word)
        if joined:
            runs[-1].append(word)
        else:
            runs.append([word])
    return tuple(name for run in runs if (name := _named(text, run)) is not None)


def place(text: str) -> bool:
    """Whether it is a well-known place, in whatever case."""
    return text.lower().removeprefix("the ") in _PLACES


def people(text: str) -> bool:
    """Whether it is the adjective of a country, in whatever case."""
    return text.lower() in _PEOPLES


def on(time: str) -> str:
    """A date with the preposition that it takes: in 2020, on May 1."""
    if re.match(r"(last|this|yesterday|today)\b", time, re.IGNORECASE):
        return time
    day = re.match(rf"\d{{1,2}} |\S+ \d{{1,2}}\b(?!\d)|({'|'.join(DAYS)})", time, re.IGNORECASE)
    return f"{'on' if day else 'in'} {time}"


def dated(text: str) -> bool:
    """Whether it is a year, a month or a day, with or without the rest of its date."""
    return bool(_DATE.fullmatch(text.strip()))


_MONTH = rf"(?:{'|'.join(MONTHS)}|{'|'.join(month[:3] for month in MONTHS if month != 'may')}|sept)\.?"
DATE = (
    rf"(?:{_MONTH} \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH}(?: \d{{4}})?|(?:1[5-9]|20)\d\d"
    rf"|{'|'.join(DAYS)}|yesterday|today|last (?:year|month|week)|this (?:year|month|week))"
)
_DATE = re.compile(rf"(?:the )?{DATE}", re.IGNORECASE)


def _names(word: Word, text: str, *, first: bool) -> bool:
    if not word.capitalised and not re.fullmatch(r"\d{1,4}", word.text):
        return False
    if word.function or word.text.lower() in _NO_NAMES:
        return False
    starts = first or re.search(r"[.!?:”\"]\s*[“\"]?$", text[: word.start]) is not None
    return not (starts and word.text.lower().endswith(("ly", "ing"))) or word.text.lower() in ("beijing", "visiting")


def _joined(text: str, before: Word, word: Word) -> bool:
    if before.text.endswith(("'s", "’s")) or before.numeric or word.numeric:
        return before.text.lower() in MONTHS and word.numeric
    between = text[before.end : word.start]
    if between == ". ":
        return len(before.text) == 1 or before.text.lower() in _TITLES
    return between == " " or between.strip() in _JOINS


def _named(text: str, run: list[Word]) -> Name | None:
    if run[0].numeric and len(run[0].text) < 4:
        return None
    last_title = max((at for at, word in enumerate(run) if word.text.lower() in _TITLES), default=-1)
    own = run[last_title + 1 :]
    while len(own) > 1 and own[0].text.lower() in _PEOPLES and not place(text[own[0].start : own[-1].end]):
        own = own[1:]
    if not own:
        return None
    start, end = own[0].start, own[-1].end
    if text[end - 2 : end] in ("'s", "’s"):
        end -= 2
    title = text[run[0].start : start].strip()
    said = text[start:end]
    return Name(said, _kind(text, said, own, title, titled=last_title >= 0), start, end, title)


def _kind(text: str, said: str, own: list[Word], title: str, *, titled: bool) -> str:
    lowered = said.lower()
    if dated(said) or own[0].text.lower() in (*MONTHS, *DAYS) or said.isdigit():
        return "date"
    if place(said):
        return "place"
    if set(re.split(r"\W", lowered)) <= _PEOPLES:
        return "people"
    if titled and not set(lowered.split()) & _THINGS:
        return "person"
    before = text[: own[0].start].split()[-1:]
    odd = any(len(word.text) == 1 or word.text.isupper() or word.numeric for word in own)
    if before in (["in"], ["at"], ["near"]) and not odd and not text[own[-1].end - 2 :].startswith(("'s", "’s")):
        return "place"
    thing = odd or bool(set(lowered.split()) & _THINGS) or before in (["the"], ["The"], ["a"]) or bool(title)
    return "thing" if thing or len(own) > 4 else "person"
