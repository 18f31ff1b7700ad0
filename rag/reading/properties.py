"""What a document's properties say of its article, and which of it is junk that a program left there."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.reading import plain
from rag.reading.draft import Draft

_JUNK_TITLE = re.compile(
    r"""(?:microsoft\s(?:word|powerpoint|excel)|word\sdocument|untitled|no\stitle|title|pdf|text|(?:slide|page|document|doc)\s*\d*
    |print|layout\s*\d*|new\s(?:document|article))\b.{0,3}$
    |microsoft\s(?:word|powerpoint|excel)\s-
    |.*\.(?:docx?|odt|rtf|txt|pdf|html?|indd|qxp|qxd|pages|tex|dvi|ps|pmd?|fm|eps|tiff?|jpe?g|png)$
    |(?:[a-z]:\\|\\\\|/|~/|file:|https?:)""",
    re.IGNORECASE | re.VERBOSE,
)
_JUNK_AUTHOR = re.compile(
    r"""(?:anonymous|admin(?:istrator)?|user|owner|root|unknown|author|guest|scanner|default|python-docx
    |(?:microsoft|ms)(?:\soffice)?(?:\suser)?|.*\.(?:com|exe|org)|[a-z]:\\.*)$""",
    re.IGNORECASE | re.VERBOSE,
)


def draft(text: str, title: str | None, author: str | None, language: str | None = None) -> Draft:
    """The article of a document's text. Properties win over the first lines; the date is the text's alone.

    A document's own dates tell when the file was made, and nothing of the publication.
    """
    named, written_by = _title(title), _author(author)
    told = plain.parse(text)
    if named and _bare(named) != _bare(told.title):
        told = plain.parse(text, titled=True)
    kept = {
        "title": "the document's properties" if named else "the first line" if told.title else "",
        "author": "the document's properties" if written_by else "the byline" if told.author else "",
        "published": "the text" if told.published else "",
        "source": "the text" if told.source else "",
    }
    code = re.fullmatch(r"([a-z]{2})(?:[-_].*)?", (language or "").strip().lower())
    return replace(
        told,
        title=named or told.title,
        # Where a date line or a byline was taken out, two gaps became one.
        text=re.sub(r"\n{3,}", "\n\n", told.text),
        author=written_by or told.author,
        language=code[1] if code else None,
        told_by={field: how for field, how in kept.items() if how}
        | ({"language": "the document's properties"} if code else {}),
    )


def _title(told: str | None) -> str | None:
    title = _clean(told)
    # A name such as `scan_0012` or `press-release-final` is a file's.
    named = " " in title or not re.search(r"[_\d]|\w-\w", title)
    return title if len(title) > 2 and named and not _JUNK_TITLE.match(title) else None


def _author(told: str | None) -> str | None:
    author = _clean(told)
    # `jholm` is a login.
    named = " " in author or not author.islower()
    return author if len(author) > 1 and named and not _JUNK_AUTHOR.match(author) else None


def _clean(told: str | None) -> str:
    return " ".join((told or "").replace("\0", "").split())


def _bare(title: str) -> str:
    return re.sub(r"\W+", "", title).lower()
