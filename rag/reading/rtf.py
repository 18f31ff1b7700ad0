"""Rich text: what is left of it without its commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from rag.errors import ArticleUnreadable
from rag.reading import properties
from rag.reading.draft import Draft

_PROPERTY = r"\{\\info\b.{0,5000}?\{\\NAME\b ?((?:[^{}\\]|\\'[0-9a-f]{2}|\\u-?\d+ ?\??|\\[{}\\]){1,500})\}"


def parse(file: BinaryIO) -> Iterator[Draft]:
    """Yield the one article of a rich text. Raises: ArticleUnreadable."""
    from striprtf.striprtf import rtf_to_text

    shown: Callable[[str, str, str], str] = rtf_to_text

    content = file.read().decode("cp1252", "replace")
    if not content.lstrip("\ufeff\r\n ").startswith("{\\rtf"):
        raise ArticleUnreadable("it is no rich text, whatever its name")

    def told(name: str) -> str | None:
        found = re.search(_PROPERTY.replace("NAME", name), content, re.DOTALL)
        return shown(f"{{\\rtf1 {found[1]}}}", "cp1252", "replace") if found else None

    try:
        text = shown(content, "cp1252", "replace")
        title, author = told("title"), told("author")
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ArticleUnreadable(f"it is damaged rich text: {' '.join(str(error).split())[:200]}") from error
    text = "\n\n".join(line.strip(" |\t").replace("|", " | ") for line in text.split("\n") if line.strip(" |\t"))
    if not text:
        raise ArticleUnreadable("there is no text in it")
    yield properties.draft(text, title, author)
