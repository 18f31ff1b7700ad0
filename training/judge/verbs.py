"""The verbs of questions: which words are verbs, and the forms they take in a statement."""

from __future__ import annotations

import re

BE = frozenset("is are was were am".split())
DO = frozenset("do does did".split())
HAVE = frozenset("has have had".split())
MODAL = frozenset("can could will would should may might must shall".split())
AUXILIARIES = BE | DO | HAVE | MODAL
# Base, past, and the participle where it is another word.
_IRREGULAR = [
    tuple(forms.split(":"))
    for forms in """arise:arose:arisen bear:bore:borne beat:beat:beaten become:became:become begin:began:begun
    bid:bid bind:bound bite:bit:bitten bleed:bled blow:blew:blown break:broke:broken bring:brought
    build:built burn:burned buy:bought cast:cast catch:caught choose:chose:chosen come:came:come cost:cost
    cut:cut deal:dealt dig:dug do:did:done draw:drew:drawn drink:drank:drunk drive:drove:driven eat:ate:eaten
    fall:fell:fallen feed:fed feel:felt fight:fought find:found flee:fled fly:flew:flown forbid:forbade:forbidden
    forecast:forecast forget:forgot:forgotten forgive:forgave:forgiven freeze:froze:frozen get:got:got
    give:gave:given go:went:gone grow:grew:grown hang:hung have:had hear:heard hide:hid:hidden hit:hit hold:held
    hurt:hurt keep:kept know:knew:known lay:laid lead:led leave:left lend:lent let:let lie:lay:lain lose:lost
    make:made mean:meant meet:met oversee:oversaw:overseen overthrow:overthrew:overthrown pay:paid put:put quit:quit
    read:read ride:rode:ridden rise:rose:risen run:ran:run say:said see:saw:seen seek:sought sell:sold send:sent
    set:set shake:shook:shaken shed:shed shoot:shot show:showed:shown shrink:shrank:shrunk shut:shut sing:sang:sung
    sink:sank:sunk sit:sat sleep:slept speak:spoke:spoken spend:spent split:split spread:spread stand:stood
    steal:stole:stolen stick:stuck strike:struck swear:swore:sworn sweep:swept swim:swam:swum take:took:taken
    teach:taught tear:tore:torn tell:told think:thought throw:threw:thrown undergo:underwent:undergone
    understand:understood wake:woke:woken wear:wore:worn win:won withdraw:withdrew:withdrawn
    withhold:withheld write:wrote:written""".split()
]
_PAST = {forms[0]: forms[1] for forms in _IRREGULAR}
_PARTICIPLES = frozenset(forms[-1] for forms in _IRREGULAR) | {"been", "born"}
_REGULAR = frozenset(
    """abandon abolish accept accompany accuse achieve acknowledge acquire act add address admit adopt advise affect
    agree aim allow alter analyse announce answer apologise apologize appeal appear apply appoint approach approve
    argue arm arrest arrive ask assassinate assault assess assign assist assume attack attend attract authorise
    authorize avoid ban base believe belong benefit blame blast block bomb boost boycott call calm cancel capture
    carry cause celebrate challenge change charge claim clash close collapse collect collide combat comment commit
    compare compensate compete complain complete complicate conclude condemn conduct confirm confront congratulate
    connect consider construct contain contest continue contribute control convict cooperate cover crash create
    criminalise cripple criticise criticize cross damage dare debate decide declare decline decrease deepen defeat
    defend delay deliver demand deny depart deploy describe deserve destroy detain deter develop die differ disagree
    disappear disclose discover discuss dismiss diversify dominate donate double drop earn ease elect eliminate
    emerge emit emphasise employ encourage end endorse enforce ensure enter escape establish estimate evacuate
    exceed exchange exclude execute exercise exist expand expect expel explain explode exploit export express extend
    extradite face fail favor favour fear fill finance finish fire fix fly focus follow force forecast form foster found
    fuel fund gain gather grant guarantee handle happen hate head help hijack hint hope host identify ignore impact
    implement imply impose improve include increase indicate influence inform inject injure insist inspect inspire
    instruct integrate intend interrupt interview introduce invade invest investigate invite involve issue join jump
    justify kick kidnap kill lack launch learn legalise legalize lift limit link live load lobby locate lock look
    love lower maintain manage mandate march mark marry match matter mediate mention merge miss monitor mount mourn
    move name need negotiate nominate note notice obtain occupy occur offer open operate oppose order organise
    organize outperform override overturn own participate pass penalise perform permit plan play plead pledge plunge
    point pose postpone praise predict prefer prepare present preserve prevent prioritise prioritize privatise
    produce profit prohibit promise promote prompt propose prosecute protect protest prove provide provoke publish
    pull punish purchase push qualify question quote raid raise rally rape rate ratify reach react reassure rebel
    rebuild receive recognise recognize recommend record recover reduce refer refuse regret regulate reject relate
    release rely remain remember remind remove renew reopen repair repeat replace reply report represent request
    require rescue resign resist resolve resort respond restore restrict result resume retain retire retreat return
    reunite reveal reverse review ruin rule sack sail sanction save score seal search secure seem seize serve settle
    share shift sign signal smuggle solve spark specialise speculate speed stabilise stage start starve state stay
    stop store strengthen stress stretch struggle study stun submit subsidise substitute succeed sue suffer suggest
    supply support suppose surge surprise surrender survive suspect suspend swap switch tackle talk target tax
    testify thank threaten tie tolerate torture touch track trade train transfer transport travel treat trigger
    trust try turn undermine unravel unveil upgrade urge use vaccinate veto violate visit volunteer vote vow wait
    walk want warm warn waste watch weaken welcome widen wield wish witness wonder work worry wound yield""".split()
)
_BASES = _REGULAR | _PAST.keys() | {"be"}


def base(word: str) -> bool:
    """Whether it is a verb as it stands after `did`."""
    return word in _BASES


def base_of(word: str) -> str | None:
    """The base form of a simple past or of what stands after he, she or it; None where the word is neither."""
    return _FINITE.get(word)


def participle(word: str) -> bool:
    """Whether it may stand after `has` or `was`: signed, taken."""
    return word in _PARTICIPLES or bool(re.fullmatch(r"[a-z]{2,}ed", word) and word not in _NO_PARTICIPLES)


def gerund_like(word: str) -> bool:
    """Whether it may be the verb after `is`: helping, not king."""
    return bool(re.fullmatch(r"[a-z]*[aeiouy][a-z]*ing", word)) and word not in _NO_GERUNDS


def past(verb: str) -> str:
    """The simple past of a base form."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{_doubled(verb)}ed"


def third(verb: str) -> str:
    """What a base form becomes after he, she or it."""
    if verb in ("have", "be"):
        return "has" if verb == "have" else "is"
    if re.search(r"(s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


def predicate(auxiliary: str, after: list[str]) -> str | None:
    """The verb and what follows it, as a statement has them after the subject; None without a verb."""
    if auxiliary not in DO:
        return f"{auxiliary} {' '.join(after)}".strip()
    if not after or not after[0].isalpha():
        return None
    if after[0].lower() == "not":
        return f"{auxiliary} {' '.join(after)}"
    verb = after[0].lower()
    said = past(verb) if auxiliary == "did" else third(verb) if auxiliary == "does" else verb
    return " ".join([said, *after[1:]])


def _doubled(verb: str) -> str:
    """With its last letter twice where the short vowel before it asks for that: stop, plan, admit."""
    short = re.fullmatch(r"[^aeiou]*(qu)?[aeiou][^aeiouwxy]", verb) or verb in _STRESSED_AT_THE_END
    return f"{verb}{verb[-1]}" if short else verb


_STRESSED_AT_THE_END = frozenset(
    """admit begin cancel commit compel control expel forbid forget occur permit prefer rebel refer regret submit
    transfer travel""".split()
)
_NO_PARTICIPLES = frozenset("need speed seed weed feed deed bed red shed indeed exceed proceed succeed hundred".split())
_NO_GERUNDS = frozenset(
    """king thing something anything nothing everything during ring string spring wing ceiling morning evening banking
    computing engineering farming fasting gambling gaming housing marketing parenting programming""".split()
)
# No verb's past or third person is another verb's, but for "found" and "lay", which are rarely what they look like.
_FINITE = {form: verb for verb in sorted(_BASES - {"be", "found", "lie"}) for form in (past(verb), third(verb))}
