"""What of a page no reader sees: by the style of its elements, and by the page's own rules for a tag, a class, an id or
an attribute.

Style sheets elsewhere, scripts and combined selectors are not read, so this finds what is plainly hidden and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Style = dict[str, str]
# By selector and property: how specific the selector is, the place of its last rule, and the value.
Rules = dict[str, dict[str, tuple[int, int, str]]]

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"[.#]?[\w-]+|\[[\w-]+(?:=[^\]]*)?\]")
# How specific a selector is, by its first character; that of a tag is none of these.
_RANKS = {".": 1, "[": 1, "#": 2}
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE)
_TAKEN_OVER = ("inherit", "unset", "initial", "revert", "revert-layer")
_COLOUR = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])([0-9a-f]?)")
_UNSEEN_COLOUR = re.compile(r"transparent|#[0-9a-f]{6}00|(?:rgb|hsl)a?\(.*[,/]\s*0*\.?0*%?\s*\)")
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))\s*([a-z%]*)")
_TRANSPARENT = re.compile(r"0*\.?0*[0-4]?%|0*\.?0+[0-4]?")
_CLIPPED = re.compile(
    r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%.*|circle\(\s*0(?:px|%)?[\s)].*"
)
_MOVED_AWAY = re.compile(r"scale(?:3d|x|y)?\(\s*0*\.?0+\s*[,)]|translate(?:3d|x|y)?\([^)]*-\d{4}")
# Sizes of a common screen and font, where a unit depends on them.
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "rem": 16, "em": 16, "ex": 8, "ch": 8, "vw": 13, "vh": 8, "%": 13}
_FONT_PIXELS, _MIN_FONT_PIXELS = 16.0, 1.5
_OFF_SCREEN_PIXELS = 900.0
# Longer values hide nothing, and would keep the patterns busy.
_MAX_STYLE_CHARS, _MAX_VALUE_CHARS = 1_000_000, 100
_SIDES, _SIZES = ("left", "right", "top", "bottom"), ("width", "height", "max-width", "max-height")
_MARGINS, _OVERFLOWS = ("margin-left", "margin-top"), ("overflow", "overflow-x", "overflow-y")
_PROPERTIES = frozenset(
    "display content-visibility opacity visibility font-size text-indent clip clip-path transform position "
    "color background background-color background-clip -webkit-background-clip".split()
).union(_SIDES, _SIZES, _MARGINS, _OVERFLOWS)


class _Text(NamedTuple):
    """What text inherits; an element inside may set it anew."""

    font_pixels: float = _FONT_PIXELS
    indent_pixels: float = 0.0
    hidden: bool = False
    colourless: bool = False

    def within(self, style: Style) -> _Text:
        """Return what the text of an element with this style has."""
        font, indent, visibility = (style.get(name, "inherit") for name in ("font-size", "text-indent", "visibility"))
        return _Text(
            self.font_pixels if font == "inherit" else self._font(font),
            self.indent_pixels if indent == "inherit" else _pixels(indent),
            self.hidden if visibility == "inherit" else visibility in ("hidden", "collapse"),
            self.colourless if style.get("color", "inherit") in _TAKEN_OVER else _is_colourless(style),
        )

    def _font(self, size: str) -> float:
        found = _NUMBER.fullmatch(size)
        if not found:
            return _FONT_PIXELS
        relative = {"em": self.font_pixels, "%": self.font_pixels / 100}
        return float(found[1]) * relative.get(found[2], _PIXELS.get(found[2], _FONT_PIXELS))

    @property
    def unseen(self) -> bool:
        return (
            self.hidden
            or self.colourless
            or self.font_pixels < _MIN_FONT_PIXELS
            or self.indent_pixels < -_OFF_SCREEN_PIXELS
        )


def without_hidden(tree: HtmlElement) -> HtmlElement:
    """Return a copy of a page without the elements and texts that no reader sees.

    Scripts fade in whole pages and articles, or take away an attribute (`[x-cloak]`) that hides them: what is hidden in
    these ways but holds most of the paragraphs stays.
    """
    copy = deepcopy(tree)
    rules = _rules(copy)
    most = _paragraph_chars(copy) / 2
    pending = [(copy, _Text())]
    while pending:
        node, above = pending.pop()
        style = _style(node, rules)
        if style and _is_shown_later(node, style, rules) and _paragraph_chars(node) > most:
            style = {}
        if node.tag == "template" or (style and _is_hidden(style)):
            # Emptied, not removed: joining the texts around many removed elements takes time quadratic in their number.
            node.text, node[:] = None, []
            continue
        text, children = above.within(style) if style else above, list(node)
        if text.unseen:
            node.text = None
            for child in children:
                child.tail = None
        pending += [(child, text) for child in children]
    return copy


def _paragraph_chars(node: HtmlElement) -> int:
    return sum(len(str(paragraph.text_content())) for paragraph in node.iter("p"))


def _is_shown_later(node: HtmlElement, style: Style, rules: Rules) -> bool:
    by_attribute = _is_hidden(style) and not _is_hidden(_style(node, rules, with_attributes=False))
    return by_attribute or _is_transparent(style)


def _is_transparent(style: Style) -> bool:
    return style.get("visibility") == "hidden" or bool(_TRANSPARENT.fullmatch(style.get("opacity", "")))


def _is_hidden(style: Style) -> bool:
    """Return whether an element is invisible with all that is in it."""
    if style.get("display") == "none" or style.get("content-visibility") == "hidden":
        return True
    if _TRANSPARENT.fullmatch(style.get("opacity", "")):
        return True
    if _CLIPPED.fullmatch(style.get("clip", "")) or _CLIPPED.fullmatch(style.get("clip-path", "")):
        return True
    if _MOVED_AWAY.search(style.get("transform", "")):
        return True
    sides = _MARGINS + _SIDES * (style.get("position") in ("absolute", "fixed"))
    if any(_pixels(style.get(side, "")) < -_OFF_SCREEN_PIXELS for side in sides):
        return True
    is_cut = any(style.get(name) in ("hidden", "clip") for name in _OVERFLOWS)
    sizes = (style.get(name, "auto") for name in _SIZES if is_cut)
    return any(_NUMBER.fullmatch(size) and _pixels(size) <= 1 for size in sizes)


def _is_colourless(style: Style) -> bool:
    """Return whether text has no colour, or that which the same element gives its background."""
    if "text" in (style.get("background-clip"), style.get("-webkit-background-clip")):
        # The background shows in the shape of the letters.
        return False
    colour = _colour(style.get("color", ""))
    behind = style.get("background-color", style.get("background", ""))
    return bool(_UNSEEN_COLOUR.fullmatch(colour)) or colour == _colour(behind)


def _colour(value: str) -> str:
    """Write a colour of three or four hexadecimal digits with two for each part."""
    value = {"white": "#fff", "black": "#000"}.get(value, value)
    return (
        _COLOUR.sub(lambda found: "#" + "".join(2 * part for part in found.groups()), value)
        if len(value) < 6
        else value
    )


def _pixels(length: str) -> float:
    """Return a length in pixels; 0 for what is not one."""
    found = _NUMBER.fullmatch(length)
    return float(found[1]) * _PIXELS.get(found[2], 0.0) if found else 0.0


def _style(node: HtmlElement, rules: Rules, *, with_attributes: bool = True) -> Style:
    """Return the declarations for an element: the last of the most specific rules, then its own."""
    found: dict[str, tuple[int, int, str]] = {}
    items = node.items() if with_attributes else ()
    attributes = [name for key, value in items for name in (f"[{key}]", f"[{key}={value}]")]
    for name in (node.tag, f"#{node.get('id')}", *(f".{one}" for one in node.get("class", "").split()), *attributes):
        for declared, ranked in rules.get(name, {}).items():
            found[declared] = max(ranked, found.get(declared, ranked))
    return {declared: value for declared, (_, _, value) in found.items()} | _declarations(node.get("style", ""))


def _rules(tree: HtmlElement) -> Rules:
    """Read the simple selectors of the page's style sheets."""
    rules: Rules = {}
    sheets = "".join(str(node.text or "") for node in tree.iter("style"))[:_MAX_STYLE_CHARS]
    for place, (selector, body) in enumerate(_blocks(_COMMENT.sub("", sheets))):
        if declared := _declarations(body):
            names = (re.sub("[\"']", "", _unescape(one)).strip() for one in selector.split(","))
            for name in filter(_SIMPLE.fullmatch, names):
                ranked = {one: (_RANKS.get(name[0], 0), place, value) for one, value in declared.items()}
                rules.setdefault(name, {}).update(ranked)
    return rules


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and the body of every rule that holds on all screens."""
    # The heads that are open, each with whether it holds: what is around it decides.
    around: list[tuple[str, bool]] = []
    for block in sheet.split("}"):
        *opened, body = block.split("{")
        for head in opened:
            outer, holds = around[-1] if around else ("@media", True)
            around.append((head.rpartition(";")[2], holds and _holds_on_screens(outer)))
        if opened and around[-1][1]:
            yield around[-1][0], body
        del around[-1:]


def _holds_on_screens(head: str) -> bool:
    """Return whether a head is `@media` with a condition that holds on all screens."""
    before, media, condition = " ".join(head.lower().split()).partition("@media")
    queries = (one.strip().removeprefix("only ") for one in condition.split(","))
    return bool(media) and not before and any(one in ("", "all", "screen") for one in queries)


def _declarations(body: str) -> Style:
    """Return those declarations that can hide something."""
    if not body:
        return {}
    pairs = (_unescape(part).lower().partition(":") for part in _COMMENT.sub("", body).split(";"))
    declared = {name.strip(): value.partition("!")[0].strip() for name, _, value in pairs}
    return {name: value for name, value in declared.items() if name in _PROPERTIES and len(value) <= _MAX_VALUE_CHARS}


def _unescape(text: str) -> str:
    """Resolve the escapes of CSS: `dis\\70 lay` is `display`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2], text)
