"""What a number counts, where that is money or a percentage."""

from __future__ import annotations

import re

from rag.types import Span

_PERCENT = re.compile(r"\s?%|[\s-]?(?:per\s?cent|pct|percentage\spoints?)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"((?<![a-z])(?:us|a|au|c|ca|nz|hk|s|r)\$|[$€£¥₹₩₽₪]|(?<![a-z])(?:usd|eur|gbp|jpy|inr|rs)(?=[\s.\d]|$))\.?\s?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s-]?((?:(?:us|u\.s\.|american|australian|canadian)\s)?(?:dollar|euro|pound|yen|rupee|yuan|rou?ble)s?"
    r"|usd|eur|gbp|jpy|inr)\b|\s?([€£¥₹])",
    re.IGNORECASE,
)
_CURRENCIES = {
    name: code
    for code, names in {
        # Of any country.
        "$": ("$", "dollar"),
        "USD": ("us$", "usd", "us dollar", "u.s. dollar", "american dollar"),
        "AUD": ("a$", "au$", "australian dollar"),
        "CAD": ("c$", "ca$", "canadian dollar"),
        "NZD": ("nz$",),
        "HKD": ("hk$",),
        "SGD": ("s$",),
        "BRL": ("r$",),
        "EUR": ("€", "euro", "eur"),
        "GBP": ("£", "pound", "gbp"),
        "JPY": ("¥", "yen", "jpy"),
        "CNY": ("yuan",),
        "INR": ("₹", "rs", "inr", "rupee"),
        "KRW": ("₩",),
        "RUB": ("₽", "rouble", "ruble"),
        "ILS": ("₪",),
    }.items()
    for name in names
}
_DOLLARS = frozenset(("$", "USD", "AUD", "CAD", "NZD", "HKD", "SGD"))
MONEY = frozenset(_CURRENCIES.values())


def unit(text: str, number: Span) -> str:
    """ "%", a currency by its code ("$" for any dollar), or "" for the number at that place of `text`."""
    if _PERCENT.match(text, number.end):
        return "%"
    if before := _BEFORE.search(text[max(0, number.start - 5) : number.start]):
        return _CURRENCIES[before.group(1).lower()]
    after = _AFTER.match(text, number.end)
    return _CURRENCIES[(after.group(1) or after.group(2)).lower().removesuffix("s")] if after else ""


def agree(one: str, other: str) -> bool:
    """Whether two numbers may count the same; money may go without its currency."""
    if one == other:
        return True
    if "$" in (one, other):
        return {one, other} <= _DOLLARS | {""}
    return "" in (one, other) and bool({one, other} & MONEY)
