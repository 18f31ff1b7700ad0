"""The marks that only nutgraf may set: “ ” around a quote, [n] after it, and · within a byline.

Text of an article stands between them and beside them. What looks like them there is replaced, so that no article can
end its own quote and speak on in nutgraf's name. For display: JSON has the exact text, as has the terminal where a
quote stands indented, without marks.
"""

from __future__ import annotations

import re

_DOUBLE = str.maketrans({"“": "‘", "”": "’"} | dict.fromkeys('"„‟″‴‶‷⁗ʺ˝˵˶ˮ״❝❞❠〃〝〞〟⹂⹉＂🙶🙷🙸ᐥ𑑚', "'"))
# Two single marks look like a double one, also with characters between them that have no width.
_SINGLES = "['`´‘’‚‛′‵ʹʻʼʽˈˊˋ՚׳ߴߵ❛❜❟＇]"
_PAIR = re.compile(
    rf"({_SINGLES})(?:[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*{_SINGLES})+"
)
_OPENING, _CLOSING = "[⁅❲⟦⟬⦋⦍⦏⦗⹕⹗【〔〖〘〚﹇﹝［", "]⁆❳⟧⟭⦌⦎⦐⦘⹖⹘】〕〗〙〛﹈﹞］"
_BRACKETED = re.compile("[{0}]([^{0}{1}]{{1,20}})[{1}]".format(re.escape(_OPENING), re.escape(_CLOSING)))
# Inside a word (Catalan, Japanese) a dot separates nothing that a byline has.
_DOT = "[·•‣‧∙⋅◦⸱・･ᐧ]"
_SEPARATOR = re.compile(rf"\s*(?:(?<!\w){_DOT}|{_DOT}(?!\w))\s*")


def without_marks(text: str) -> str:
    """Make every double quotation mark single, and set bracketed numbers apart: `[1]` becomes `(1)`."""
    return _BRACKETED.sub(_set_apart, _PAIR.sub(r"\1", text.translate(_DOUBLE)))


def quoted(text: str) -> str:
    """Return a text in quotation marks."""
    return f"“{without_marks(text)}”"


def byline_part(text: str) -> str:
    """Return a title, an outlet or an author as it may stand between the dots of a byline."""
    return _SEPARATOR.sub(" - ", without_marks(text)).strip()


def _set_apart(found: re.Match[str]) -> str:
    is_number = any(map(str.isnumeric, found[1])) and not any(map(str.isalpha, found[1]))
    return f"({found[1]})" if is_number else found[0]
