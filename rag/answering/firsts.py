"""Keep the first of whatever has the same key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")


def first_of_each(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> tuple[_Item, ...]:
    """The first item of each key, in the order of `items`."""
    found: dict[Hashable, _Item] = {}
    for item in items:
        found.setdefault(key(item), item)
    return tuple(found.values())
