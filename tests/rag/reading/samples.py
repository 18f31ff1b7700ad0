"""Small pages, documents and archives, made in code."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import docx
import odfdo

from rag import reading
from rag.reading import Upload, html
from rag.reading.draft import Draft
from rag.types import Article, Rejection

BODY = "The bridge over the Tarn opened on Monday. It took nine years to build, and it is long."
SPINE = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
) + "]>"  # fmt: skip


def read(content: bytes | str, name: str) -> tuple[list[Article], list[str]]:
    """The articles of an upload, and its rejections as the report prints them."""
    item = Upload(name, content if isinstance(content, bytes) else content.encode())
    return split_results(reading.read(item), f"upload:{name}")


def read_file(path: Path) -> tuple[list[Article], list[str]]:
    return split_results(reading.read(path), str(path))


def split_results(found: Iterator[Article | Rejection], origin: str) -> tuple[list[Article], list[str]]:
    everything = list(found)
    lines = [
        f"{one.path.removeprefix(origin)}: {one.reason}".removeprefix(origin.removeprefix("upload:"))
        for one in everything
        if isinstance(one, Rejection)
    ]
    return [one for one in everything if isinstance(one, Article)], lines


def pdf(*pages: Sequence[str], info: Mapping[str, str] | None = None, kids: str = "") -> bytes:
    """A PDF that shows those lines; `kids` replaces the references to its pages."""
    numbers = [4 + 2 * at for at in range(len(pages))]
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{kids or ' '.join(f'{n} 0 R' for n in numbers)}] >>".encode(),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    for number, lines in zip(numbers, pages, strict=True):
        shown = " ".join(f"({line}) Tj T*" for line in lines).encode("cp1252")
        stream = b"BT /F1 11 Tf 14 TL 50 750 Td " + shown + b" ET"
        bodies[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        bodies[number + 1] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream)
    about = max(bodies) + 1
    bodies[about] = f"<< {' '.join(f'/{key} ({value})' for key, value in (info or {}).items())} >>".encode()
    return _numbered(bodies, about)


def _numbered(bodies: Mapping[int, bytes], info: int) -> bytes:
    content, places = b"%PDF-1.4\n", []
    for number, body in sorted(bodies.items()):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(places) + 1, table)
    trailer = b"<< /Size %d /Root 1 0 R /Info %d 0 R >>" % (len(places) + 1, info)
    return content + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def word(*paragraphs: str, title: str = "", author: str = "", rows: Sequence[Sequence[str]] = ()) -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = author
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for at, row in enumerate(rows):
            for cell, text in zip(table.rows[at].cells, row, strict=True):
                cell.text = text
        document.add_paragraph("After the table.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def odt(*paragraphs: str, title: str = "", author: str = "") -> bytes:
    document = odfdo.Document("text")
    document.body.clear()
    for paragraph in paragraphs:
        document.body.append(odfdo.Paragraph(paragraph))
    document.meta.title = title
    document.meta.initial_creator = author
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def epub(chapters: Mapping[str, str], metadata: str = "", prolog: str = "") -> bytes:
    items = "".join(f'<item id="i{n}" href="{h}" media-type="application/xhtml+xml"/>' for n, h in enumerate(chapters))
    refs = "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    package = f"""<?xml version="1.0"?>{prolog}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:title>Tarn Post</dc:title>
{metadata}</metadata><manifest>{items}</manifest><spine>{refs}</spine></package>"""
    pages = {f"OEBPS/{href}": page for href, page in chapters.items()}
    return zipped({"META-INF/container.xml": SPINE, "OEBPS/book.opf": package, **pages})


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(archive: bytes, member: str, change: tuple[str, str]) -> bytes:
    """The same zip with a piece of one member's text replaced."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    assert change[0].encode() in members[member]
    members[member] = members[member].replace(change[0].encode(), change[1].encode(), 1)
    return zipped(members)


def tarred(members: Mapping[str, str | bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            body = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


SENTENCES = [
    "The bridge over the river opened on Monday after two years of work, the mayor said.",
    "Some four thousand cars are expected to cross it every day, twice as many as the ferry took.",
    "“We have waited long enough,” said one of the first drivers, who had come at dawn.",
]
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
ADDRESS = "https://www.tarnpost.example/news/bridge"


def page(
    head: str = "", body: str = f"<article><h1>The bridge opens</h1>{PARAGRAPHS}</article>", html: str = "<html>"
) -> str:
    return f"<!doctype html>{html}<head>{head}</head><body>{body}</body></html>"


def parse_html(head: str = "", address: str | None = None, body: str | None = None) -> Draft:
    return html.parse((page(head) if body is None else page(head, body)).encode(), address)


def json_ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'
